"""Internet domains of companies in the one form in which they are compared: small letters, ASCII, without `www.`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hub.domain.parties import Identifier

# Hosts of many companies: a page or a mailbox there says nothing of who they are.
SHARED_HOSTS = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com"),
        *("yahoo.com", "yahoo.co.jp", "aol.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "qq.com", "163.com"),
        *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "proton.me", "protonmail.com", "zoho.com"),
        *("facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com", "tiktok.com"),
        *("wixsite.com", "wordpress.com", "blogspot.com", "myshopify.com", "github.io", "notion.site", "linktr.ee"),
        *("google.com", "sites.google.com", "ameblo.jp", "note.com", "jimdo.com", "weebly.com", "square.site"),
    ]
)
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def domain_identifier(text: str | None) -> Identifier | None:
    """The domain of a company's web address or domain as typed; None for none, or for one that many share."""
    host = _host((text or "").strip())
    if host is None or any(host == one or host.endswith(f".{one}") for one in SHARED_HOSTS):
        return None
    return Identifier(kind="domain", value=host)


def _host(text: str) -> str | None:
    if not text or len(text) > 2_000 or any(letter.isspace() for letter in text):
        return None
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return None
    host = host.removeprefix("www.")
    return host if _HOST.fullmatch(host) else None
