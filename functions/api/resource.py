"""A resource's routes, with the hub they work on."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.api_gateway import Router

from hub.wiring import Hub


class Resource(Router):
    """A Powertools router that hands its routes the hub of the current request."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def hub(self) -> Hub:
        """The hub that the handler was given."""
        hub: Hub = self.context["hub"]
        return hub
