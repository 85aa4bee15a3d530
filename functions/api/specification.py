"""The OpenAPI document, served from the code that answers."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from api.resource import Resource

router = Resource()


@router.get("/openapi.json", summary="This document", tags=["specification"], include_in_schema=True)
def read_specification() -> Response[str]:
    """The OpenAPI document of this API."""
    from api.openapi import document  # it describes the app of which this is a part

    return Response(status_code=200, content_type="application/json", body=document())
