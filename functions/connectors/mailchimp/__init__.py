"""Mailchimp: an audience's webhooks, forms behind a token in the URL, and its members over the Marketing API."""

from collections.abc import Mapping

from hub.connector import Connector
from hub.delivery import Request, Response
from hub.outbound import Limit, OAuth
from hub.signatures import PATH_TOKEN


def handshake(request: Request, _secrets: Mapping[str, str]) -> Response | None:
    """Mailchimp asks with a GET whether the URL is there, and again from time to time; it says nothing of anybody."""
    return Response(200) if request.method == "GET" else None


CONNECTOR = Connector(
    name="mailchimp",
    title="Mailchimp",
    kinds=frozenset({"crm"}),
    signature="none: a secret as the last segment of the URL, and the audience's id in the delivery",
    verify=PATH_TOKEN.verify,
    sign=PATH_TOKEN.sign,
    token_in_path=True,
    handshake=handshake,
    methods=frozenset({"GET", "POST"}),
    mapping="connectors.mailchimp.webhook",
    client="connectors.mailchimp.client",
    quality="gold",
    effects={"CreateRecord": "A", "UpdateRecord": "A", "AddNote": "B"},
    hosts=("*.api.mailchimp.com",),
    secret_names=("api_key",),
    limits=(Limit("concurrent", 10, 0),),
    # Tokens without an end; which server has the account is asked for with the token:
    # https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/ (read 2026-11)
    oauth=OAuth(
        token_url="https://login.mailchimp.com/oauth2/token",  # noqa: S106 - an address
        authorize_url="https://login.mailchimp.com/oauth2/authorize",
        lasts_s=0,
        instance="api_endpoint",
        instance_from="https://login.mailchimp.com/oauth2/metadata",
    ),
    documents=(
        "https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/ (read 2026-11)",
        "https://mailchimp.com/developer/marketing/api/list-webhooks/ (read 2026-11)",
        "https://mailchimp.com/developer/marketing/api/list-members/ (read 2026-11)",
    ),
    required_settings=("list_ids",),
    deadline_s=10.0,
    retries="not documented in what was read",
    identity="type, fired_at, audience and member are the same",
    emits=("activity.logged", "consent.changed", "contact.changed", "contact.deleted"),
)
