"""Salesforce: change events through EventBridge, outbound messages over HTTP, records and tasks over its REST API."""

import re
from collections.abc import Mapping
from typing import Any

from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.outbound import Limit, OAuth
from hub.signatures import PATH_TOKEN

# A plain 200 counts as a failure and is retried for a day; only this envelope stops the retries.
ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
_SESSION_ID = re.compile(rb"(<(?:\w+:)?SessionId(?:\s[^<>]*)?>)[^<]+")


def without_session_id(body: bytes) -> bytes:
    """The message with an empty SessionId, as all should have been since February 2026 but old set-ups may not."""
    return _SESSION_ID.sub(rb"\1", body)


def acknowledge(_request: Request, _connection: Connection) -> Response:
    """The Ack envelope of an outbound message."""
    return Response(200, ACK, "text/xml; charset=utf-8")


def of_another_organization(answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """A sentence where a token's identity URL (`…/id/<organization>/<user>`) names another organization."""
    from connectors.salesforce.ids import same_organization

    parts = str(answer.get("id") or "").split("/")
    own = str(settings.get("organization_id") or "")
    if not own or len(parts) < 3 or same_organization(parts[-2], own):
        return ""
    return "the key is for another organization than the connection's organization_id"


CONNECTOR = Connector(
    name="salesforce",
    title="Salesforce",
    kinds=frozenset({"crm"}),
    signature="none: a secret as the last segment of the URL, and the organization's id in the message",
    verify=PATH_TOKEN.verify,
    sign=PATH_TOKEN.sign,
    token_in_path=True,
    mapping="connectors.salesforce.webhook",
    client="connectors.salesforce.client",
    documents=(
        "https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/",
        "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
    ),
    quality="gold",
    acknowledge=acknowledge,
    without_credentials=without_session_id,
    effects={
        "CreateRecord": "A",
        "UpdateRecord": "A",
        "LogCall": "A",
        "LogMessage": "A",
        "AddNote": "A",
        "CreateTask": "A",
    },
    hosts=("*.salesforce.com",),
    secret_names=("private_key",),
    required_settings=("organization_id",),
    event_source_prefix="aws.partner/salesforce.com/",
    deadline_s=10.0,
    retries="outbound messages: 24 hours, exponential, at most 2 hours apart; change events: by EventBridge",
    identity="per record: the change event's transactionKey and sequenceNumber, or the outbound notification's Id",
    emits=(
        *("company.changed", "contact.changed", "contact.deleted", "record.touched", "deal.changed", "deal.deleted"),
        *("ticket.changed", "ticket.deleted", "activity.logged", "account.notice"),
    ),
    sources=frozenset({"webhook", "eventbridge"}),
    # The smallest that a paid organization has; each answer says how much of the day's is used. At the same time 25
    # requests of 20 s and more may run, 5 in a developer's organization: ours end after 10 s.
    limits=(
        Limit("day", 100_000, 86_400.0, setting="requests_per_day", remaining="sforce-limit-info"),
        Limit("at once", 25, 0, setting="requests_at_once"),
    ),
    oauth=OAuth(
        token_url="{login_url}/services/oauth2/token",  # noqa: S106 - an address
        authorize_url="{login_url}/services/oauth2/authorize",
        flows=("jwt_bearer", "client_credentials", "authorization_code"),
        ask={"scope": "api refresh_token"},
        # Not said in the answer: the organization's session timeout, 2 hours unless changed.
        lasts_s=2700,
        instance="instance_url",
        defaults={"login_url": "https://login.salesforce.com"},
        audience="{login_url}",
        pkce=True,
        complaint=of_another_organization,
    ),
)
