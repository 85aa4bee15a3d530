"""Zoho CRM: notifications of a channel, with the channel's token in the body."""

from hub.connector import Connector
from hub.schemes_body import JsonToken

TOKEN = JsonToken(("token",))

CONNECTOR = Connector(
    name="zoho",
    title="Zoho CRM",
    kinds=frozenset({"crm"}),
    signature="none: the channel's token in the body (`token`), taken out before the delivery is stored",
    verify=TOKEN.verify,
    sign=TOKEN.sign,
    sign_request=TOKEN.sign_request,
    without_credentials=TOKEN.without,
    mapping="connectors.zoho.webhook",
    documents=(
        "https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html (read 2026-11)",
        "https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html (read 2026-11)",
    ),
    required_settings=("channel_ids",),
    deadline_s=10.0,
    retries="not documented; a channel ends after at most a week and must be renewed before",
    identity="module, operation, server_time and record id are the same",
    emits=(
        "contact.changed",
        "contact.deleted",
        "company.changed",
        "company.deleted",
        "deal.changed",
        "deal.deleted",
        "ticket.changed",
        "ticket.deleted",
        "activity.logged",
        "record.touched",
    ),
)
