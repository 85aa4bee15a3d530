"""The shapes of connections in requests and answers. A secret goes in; of it, only its end comes out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, SecretStr

from hub.field_overrides import SETTING as FIELD_MAPS

MAX_DEPTH, MAX_TEXT = 8, 2048


def _plain(value: Any, depth: int = 0) -> Any:
    """Declared settings are texts, whole numbers, booleans, lists and objects: no table takes anything else."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    names = value if isinstance(value, dict) else ()
    if depth > MAX_DEPTH or isinstance(value, float) or any(not name or len(name) > MAX_TEXT for name in names):
        raise ValueError("A declared setting is nested too deeply, or holds a fraction or an empty name.")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(f"A text of a declared setting is longer than {MAX_TEXT} characters.")
    for one in inside:
        _plain(one, depth + 1)
    return value


def _settable(name: str) -> str:
    if name == FIELD_MAPS:
        raise ValueError("Field maps are not set here: they have addresses of their own, where they are checked.")
    return name


SettingName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$"), AfterValidator(_settable)]
Object = dict[str, JsonValue]
Declared = Annotated[Object | list[Object], AfterValidator(_plain)]  # a field map, a list of rules
SettingValue = (
    Annotated[str, Field(max_length=2048)] | bool | int | list[Annotated[str, Field(max_length=2048)]] | Declared
)
Secret = Annotated[SecretStr, Field(min_length=1, max_length=8192)]
Named = Annotated[dict[str, Secret], Field(max_length=20)]
ConnectionName = Annotated[str, Field(min_length=1, max_length=200)]

DAY_S = 86_400
MAX_OVERLAP_S = 30 * DAY_S


class Closed(BaseModel):
    """A request body: unknown fields are refused, values are taken as they are."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class ConnectionDraft(Closed):
    """A new connection; `secrets` holds `signing` and the platform's named secrets."""

    platform: Annotated[str, Field(max_length=64)]
    name: ConnectionName
    settings: Annotated[dict[SettingName, SettingValue], Field(max_length=100)] = {}
    secrets: Named = {}


class ConnectionChange(Closed):
    """What changes: a setting given as null is removed. With `version`, only if nobody changed it since."""

    name: ConnectionName | None = None
    settings: Annotated[dict[SettingName, SettingValue | None], Field(max_length=100)] = {}
    version: int | None = None


class SecretsChange(Closed):
    """A new signing secret, the ones before stay valid for `overlap_s`; `named` secrets are replaced at once."""

    signing: Secret | None = None
    overlap_s: Annotated[int, Field(ge=0, le=MAX_OVERLAP_S)] = DAY_S
    named: Named = {}


class SecretEnd(BaseModel):
    """The last four characters of a secret; none at all of a short one."""

    last_four: str


class SigningSecret(SecretEnd):
    """One of the signing secrets; `not_after` (RFC 3339) is null for the current one."""

    id: str
    not_after: str | None


class SecretsView(BaseModel):
    """Which secrets there are; `missing` are the named ones that the platform's full use needs."""

    signing: list[SigningSecret]
    named: dict[str, SecretEnd]
    missing: list[str]


class AuthView(BaseModel):
    """How the connection stands with its platform.

    `state` ok; refused: the platform refused its token lately; needs_reauth: nothing is done until a person acts.
    `sentence` says how to mend it. `flow` is how tokens are fetched, null where a person entered one. Times are RFC
    3339: `token_ends_at` of the access token, `refresh_ends_at` of the right to fetch another.
    """

    state: str
    sentence: str | None
    since: str | None
    flow: str | None
    token_ends_at: str | None
    refresh_ends_at: str | None


class ConnectionView(BaseModel):
    """A connection; `webhooks` are the URLs to enter on the platform, by kind; `auth` is null where nothing is written."""

    id: str
    platform: str
    name: str
    status: str
    settings: dict[str, Any]
    created_at: str
    version: int
    webhooks: dict[str, str]
    secrets: SecretsView
    auth: AuthView | None = None


class ConnectionList(BaseModel):
    """Connections by id; `next` is the cursor of the next page, null at the end."""

    connections: list[ConnectionView]
    next: str | None
