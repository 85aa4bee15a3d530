"""Custom fields by the Tooling API, and who is allowed to see them.

https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_customfield.htm
(read November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable

from infra.local.standins.salesforce_account import Organization
from infra.local.standins.salesforce_schema import refuse
from infra.local.standins.server import Answer, Call

_FULL_NAME = re.compile(r"(?:Activity|Contact|Lead|Account)\.\w+__c")
_TEXT = {"type", "label", "length", "externalId", "unique", "caseSensitive", "description"}


def create_field(organization: Organization, call: Call) -> Answer:
    """A text field; 400 where it is there already or the body is not as documented."""
    body = call.json()
    named, metadata = str(body.get("FullName")), body.get("Metadata")
    if not _FULL_NAME.fullmatch(named) or not isinstance(metadata, dict) or metadata.keys() - _TEXT:
        raise refuse(400, "INVALID_FIELD", "FullName and Metadata of a text field were expected")
    if metadata.get("type") != "Text" or not 1 <= metadata.get("length", 0) <= 255 or not metadata.get("label"):
        raise refuse(400, "FIELD_INTEGRITY_EXCEPTION", "a text field needs type Text, a label and a length")
    owner, _, name = named.partition(".")
    if name in organization.rows.schema.objects["Task" if owner == "Activity" else owner]:
        raise refuse(400, "DUPLICATE_DEVELOPER_NAME", "There is already a field with this name")
    organization.rows.schema.create(named, metadata)
    return Answer(201, {"id": "00NRK0000000001AAA", "success": True, "errors": []})


def allow_field(organization: Organization, call: Call) -> Answer:
    """A field permission of a permission set; 400 for one that is not there."""
    body = call.json()
    wanted = {"ParentId", "SobjectType", "Field", "PermissionsRead", "PermissionsEdit"}
    if not isinstance(body, dict) or body.keys() != wanted:
        raise refuse(400, "REQUIRED_FIELD_MISSING", "Required fields are missing", *sorted(wanted))
    if organization.rows.find("PermissionSet", body["ParentId"]) is None:
        raise refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "ParentId")
    if body["PermissionsRead"] is True and body["PermissionsEdit"] is True:
        organization.rows.schema.hidden.discard(body["Field"])
    return Answer(201, {"id": "01kRK0000000001AAA", "success": True, "errors": []})


SET_UP_ROUTES: tuple[tuple[str, str, Callable[[Organization, Call], Answer]], ...] = (
    ("POST", "/tooling/sobjects/CustomField", create_field),
    ("POST", "/sobjects/FieldPermissions", allow_field),
)
