"""The accounts that the local run has on the stand-in platforms: made new for each run, known to both sides."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.standins.salesforce_records import full_id


@dataclass(frozen=True, slots=True)
class Accounts:
    """Secrets and ids, all of them worth nothing outside this run."""

    oidc_audience: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_key: str
    hubspot_portal_id: int
    hubspot_app_id: int
    hubspot_client_secret: str
    hubspot_token: str
    salesforce_organization_id: str
    salesforce_client_id: str
    salesforce_username: str
    salesforce_key: str
    salesforce_url_token: str
    meta_app_secret: str
    meta_verify_token: str
    meta_token: str
    meta_business_account_id: str
    meta_phone_number_id: str
    meta_phone_number: str
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_number: str

    def write(self, path: Path) -> None:
        """Writes the accounts where only this user can read them."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> Accounts:
        """The inverse of `write`."""
        return cls(**json.loads(path.read_text()))


def new_accounts() -> Accounts:
    """Accounts with fresh secrets."""
    return Accounts(
        oidc_audience="renkei-local",
        oidc_client_id="renkei-local-operator",
        oidc_client_secret=secrets.token_urlsafe(24),
        oidc_key=_private_key(),
        hubspot_portal_id=48_000_117,
        hubspot_app_id=7_100_042,
        hubspot_client_secret=secrets.token_hex(18),
        hubspot_token=f"pat-local-{secrets.token_hex(16)}",
        salesforce_organization_id=full_id("00DRK0000000001"),
        salesforce_client_id=f"3MVG9{secrets.token_urlsafe(40)}",
        salesforce_username="integration@renkei.example.com",
        salesforce_key=_private_key(),
        salesforce_url_token=secrets.token_urlsafe(24),
        meta_app_secret=secrets.token_hex(16),
        meta_verify_token=secrets.token_urlsafe(18),
        meta_token=f"EAAlocal{secrets.token_hex(24)}",
        meta_business_account_id="300000000000117",
        meta_phone_number_id="400000000000117",
        meta_phone_number="12025550117",
        twilio_account_sid=f"AC{secrets.token_hex(16)}",
        twilio_auth_token=secrets.token_hex(16),
        twilio_number="+12025550143",
    )


def public_key(private_key: str) -> str:
    """The public half of a private key, both as PEM."""
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()
