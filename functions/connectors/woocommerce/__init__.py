"""WooCommerce: webhooks of a shop, signed with each webhook's own secret, and its customers and orders over REST."""

import re
from collections.abc import Mapping

from hub.connector import Connector
from hub.delivery import Request, Response
from hub.outbound import Limit
from hub.schemes_hmac import WOOCOMMERCE

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_OF_A_DELIVERY = ("x-wc-webhook-topic", "x-wc-webhook-signature")


def greet(request: Request, _secrets: Mapping[str, str]) -> Response | None:
    """200 for the ping of a new webhook, which nobody signs and nobody stores; None for everything else.

    The ping is this one form field and no more, with none of a delivery's headers; the answer is empty and the same for
    everybody, so that a stranger who sends one learns and changes nothing.
    """
    if any(name in request.headers for name in _OF_A_DELIVERY) or request.method != "POST":
        return None
    return Response(200) if _PING.fullmatch(request.body) else None


CONNECTOR = Connector(
    name="woocommerce",
    title="WooCommerce",
    kinds=frozenset({"crm"}),
    signature="X-WC-Webhook-Signature: base64 of HMAC-SHA256 with the webhook's secret over the raw body",
    verify=WOOCOMMERCE.verify,
    sign=WOOCOMMERCE.sign,
    mapping="connectors.woocommerce.webhook",
    client="connectors.woocommerce.client",
    quality="gold",
    effects={"CreateRecord": "B", "UpdateRecord": "A"},
    hosts=("{site_url}",),
    secret_names=("consumer_key", "consumer_secret"),
    limits=(Limit("at_once", 4, 0, setting="requests_at_once"),),
    documents=(
        "https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks (read 2026-11)",
        "https://woocommerce.github.io/woocommerce-rest-api-docs/#customers (read 2026-11)",
        "https://woocommerce.com/document/webhooks/ (read 2026-11)",
        "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php (read 2026-11)",
    ),
    handshake=greet,
    keep_headers=frozenset({"x-wc-webhook-topic", "x-wc-webhook-source", "x-wc-webhook-delivery-id"}),
    required_settings=("site_url",),
    deadline_s=5.0,
    retries="none; more than five failures in a row disable the webhook",
    identity="topic, record, its status and X-WC-Webhook-Delivery-ID are the same",
    emits=("contact.changed", "contact.deleted", "order.changed", "order.deleted", "record.touched"),
)
