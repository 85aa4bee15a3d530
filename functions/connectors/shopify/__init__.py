"""Shopify: webhooks and Events over HTTPS, webhooks over EventBridge, customers and orders over the GraphQL Admin API."""

from collections.abc import Mapping, Sequence

from hub.connector import Connector
from hub.delivery import Connection, Request
from hub.outbound import Limit, OAuth
from hub.schemes_hmac import SHOPIFY, SHOPIFY_EVENTS, Hmac

META = ("topic", "shop-domain", "triggered-at", "webhook-id", "event-id", "action", "resource-id", "sub-topic")


def _scheme(request: Request) -> Hmac:
    """Events name their headers `shopify-…`, webhooks `x-shopify-…`; both sign alike, so neither is weaker."""
    return SHOPIFY_EVENTS if "shopify-topic" in request.headers else SHOPIFY


def verify(request: Request, secrets: Sequence[bytes], connection: Connection, now: float) -> None:
    """Returns for a signature in the header that goes with the request's other headers; else Unauthorized."""
    _scheme(request).verify(request, secrets, connection, now)


def sign(request: Request, secret: bytes, now: float) -> Mapping[str, str]:
    """The header that goes with the request's other headers."""
    return _scheme(request).sign(request, secret, now)


CONNECTOR = Connector(
    name="shopify",
    title="Shopify",
    kinds=frozenset({"crm"}),
    signature="X-Shopify-Hmac-Sha256 (Events: shopify-hmac-sha256): base64 of HMAC-SHA256 with the app's client secret "
    "over the raw body",
    verify=verify,
    sign=sign,
    mapping="connectors.shopify.webhook",
    client="connectors.shopify.client",
    quality="gold",
    effects={"CreateRecord": "A", "UpdateRecord": "A"},
    hosts=("*.myshopify.com",),
    secret_names=("access_token",),
    # Requests differ in cost, which only their answers tell: one counts as what a page of customers costs in fact.
    limits=(Limit("points", 100, 1.0, cost=25, setting="points_per_second"),),
    documents=(
        "https://shopify.dev/docs/apps/build/webhooks/delivery-structure (read 2026-11)",
        "https://shopify.dev/docs/apps/build/events/delivery-structure (read 2026-11)",
        "https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance (read 2026-11)",
        "https://shopify.dev/docs/apps/webhooks/configuration/eventbridge (read 2026-11)",
        "https://shopify.dev/docs/api/admin-graphql (read 2026-11)",
        "https://shopify.dev/docs/api/usage/limits (read 2026-11)",
        "https://shopify.dev/docs/apps/build/metafields/working-with-custom-ids (read 2026-11)",
    ),
    keep_headers=frozenset(f"{prefix}shopify-{name}" for prefix in ("", "x-") for name in META),
    required_settings=("shop_domain",),
    event_source_prefix="aws.partner/shopify.com/",
    # An app of the shop's own organization by client credentials (a day), any other by the owner's consent with tokens
    # that end (an hour, the refresh token is replaced with each use):
    # https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens (read 2026-11)
    oauth=OAuth(
        token_url="https://{shop_domain}/admin/oauth/access_token",  # noqa: S106 - an address
        authorize_url="https://{shop_domain}/admin/oauth/authorize",
        flows=("client_credentials", "authorization_code"),
        ask={"scope": "read_customers,write_customers,read_orders"},
        extra={"expiring": "1"},
        header="X-Shopify-Access-Token",
        prefix="",
        lasts_s=86_400,
    ),
    deadline_s=5.0,
    retries="8 times in 4 hours after any answer but 2xx, then a subscription that was made by API is deleted",
    identity="topic, record and X-Shopify-Event-Id are the same, or X-Shopify-Webhook-Id where there is no event id",
    emits=(
        "contact.changed",
        "contact.deleted",
        "order.changed",
        "order.deleted",
        "consent.changed",
        "record.touched",
        "account.notice",
        "privacy.data_requested",
        "privacy.deletion_requested",
    ),
    sources=frozenset({"webhook", "eventbridge"}),
)
