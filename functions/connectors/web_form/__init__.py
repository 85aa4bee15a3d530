"""Web forms: any HTML form or form builder, behind a token in the URL or in a field of the form."""

from collections.abc import Mapping
from typing import Any

from connectors.web_form.token import verify, without_token
from hub.connector import Connector
from hub.delivery import Connection, Request, Response
from hub.signatures import PATH_TOKEN


def acknowledge(_request: Request, connection: Connection) -> Response:
    """An empty 200; for a form that a browser sends itself, the way to the page that says thank you."""
    page = connection.settings.get("thanks_url")
    return Response(303, headers={"location": str(page)}) if page else Response(200)


def check_settings(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the field map and the page, each as `place: sentence`."""
    from connectors.web_form.declaration import declared

    return declared(values)[1]


CONNECTOR = Connector(
    name="web_form",
    title="Web form (any form or form builder)",
    kinds=frozenset({"crm"}),
    signature="none: a secret as the last segment of the URL, or in the form's field renkei_token, taken out before storing",
    verify=verify,
    sign=PATH_TOKEN.sign,
    token_in_path=True,
    without_credentials=without_token,
    acknowledge=acknowledge,
    mapping="connectors.web_form.webhook",
    documents=(
        "https://html.spec.whatwg.org/multipage/form-control-infrastructure.html (read 2026-11)",
        "https://www.rfc-editor.org/rfc/rfc7578 (read 2026-11)",
    ),
    required_settings=("fields",),
    check_settings=check_settings,
    deadline_s=10.0,
    retries="a browser never; form builders as they do",
    identity="the submission's id where `submission_id` names one, else the bytes of the body",
    emits=("contact.changed", "form.submitted"),
)
