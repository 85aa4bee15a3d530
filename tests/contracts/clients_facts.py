"""What the platforms document and the client suite counts by: batch sizes, what is refused, where our activities are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MANY = 120


@dataclass(frozen=True)
class Requests:
    """At most `once` requests, `per` for each `size` records, and `each` for every record."""

    size: int = 0
    per: int = 1
    each: int = 0
    once: int = 0

    def most(self, records: int) -> int:
        """For that many records."""
        return self.once + self.each * records + (self.per * -(-records // self.size) if self.size else 0)


# What a request reads or writes at most; `once` are lists of users and the like. The sources stand in each connector's
# README: no batch form at all (Pipedrive 2, Intercom, Freshsales), one that tells no outcome in its answer (Zendesk's
# jobs), one that counts each operation as a request (Dataverse's $batch), one that would undo an unsubscribing
# (Mailchimp).
READ: Mapping[str, Requests] = {
    "hubspot": Requests(size=50, once=2),
    "salesforce": Requests(size=200, once=2),
    "dynamics365": Requests(size=100, once=1),
    "pipedrive": Requests(size=100, once=1),
    "zoho": Requests(size=100, once=1),
    "zendesk": Requests(size=100),
    "intercom": Requests(each=1, once=1),
    "freshsales": Requests(each=1, once=1),
    "shopify": Requests(size=100),
    "woocommerce": Requests(size=100),
    "mailchimp": Requests(each=1),
}
WRITTEN: Mapping[str, Requests] = {
    "hubspot": Requests(size=100, once=1),
    "salesforce": Requests(size=200),
    "dynamics365": Requests(each=1),
    "pipedrive": Requests(each=2, once=1),
    "zoho": Requests(size=100, once=1),
    "zendesk": Requests(each=1, size=100),
    "intercom": Requests(each=2, once=1),
    "freshsales": Requests(each=2, once=1),
    "shopify": Requests(size=20, once=2),
    "woocommerce": Requests(size=100, per=2),
    "mailchimp": Requests(each=2),
}

TOO_LONG = "x" * 300
NO_ADDRESS = {"email": "not an address"}
# A change that the platform never takes, for each connector and kind that has one.
BROKEN: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("dynamics365", "company"): {"name": TOO_LONG},
    ("dynamics365", "contact"): {"first_name": TOO_LONG},
    ("dynamics365", "lead"): {"first_name": TOO_LONG},
    ("freshsales", "contact"): NO_ADDRESS,
    ("hubspot", "contact"): NO_ADDRESS,
    ("intercom", "contact"): NO_ADDRESS,
    ("pipedrive", "company"): {"name": TOO_LONG},
    ("pipedrive", "contact"): {"name": TOO_LONG},
    ("salesforce", "contact"): NO_ADDRESS,
    ("salesforce", "lead"): NO_ADDRESS,
    ("shopify", "contact"): NO_ADDRESS,
    ("woocommerce", "contact"): NO_ADDRESS,
    ("zendesk", "contact"): NO_ADDRESS,
    ("zoho", "contact"): NO_ADDRESS,
    ("zoho", "lead"): NO_ADDRESS,
}
# Platforms that answer without naming what they refuse.
NAMELESS = frozenset({"dynamics365"})
# Platforms where no two contacts have one e-mail address.
ADDRESS_ONCE = frozenset({"freshsales", "hubspot", "intercom", "mailchimp", "shopify", "woocommerce", "zendesk"})
