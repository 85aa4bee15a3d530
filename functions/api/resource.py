"""A resource's routes, with the hub they work on and the request in hand."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.api_gateway import Router

from api.exchange import Exchange, Work
from hub.wiring import Hub


class Resource(Router):
    """A Powertools router that hands its routes the hub and the exchange of the current request."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def hub(self) -> Hub:
        """The hub that the handler was given."""
        hub: Hub = self.context["hub"]
        return hub

    @property
    def exchange(self) -> Exchange:
        """The request in hand (see api.etags for its ETag)."""
        exchange: Exchange = self.context["exchange"]
        return exchange

    @property
    def work(self) -> Work:
        """Who asks for what, and when: in routes that write."""
        work = self.exchange.work
        if work is None:
            raise LookupError("only a write is work")
        return work
