"""Stage 1: the webhook routes and the functions that verify, store and answer."""

from __future__ import annotations

from aws_cdk import aws_apigatewayv2 as gateway
from constructs import Construct

from infra import access
from infra.edge import Edge
from infra.function import Function, House
from infra.queues import Queue
from infra.state import State

PATHS = ("/webhooks/{kind}/{{connection}}", "/webhooks/{kind}/{{connection}}/{{token}}")
METHODS = [gateway.HttpMethod.GET, gateway.HttpMethod.POST]  # GET for handshakes and platforms that call so


class Ingest(Construct):
    """`ingest_<kind>` behind its routes, before its queue `inbound-<kind>`; no authorizer: the signature is the proof."""

    def __init__(
        self, scope: Construct, construct_id: str, house: House, state: State, edge: Edge, inbound: dict[str, Queue]
    ) -> None:
        super().__init__(scope, construct_id)
        for kind, queue in inbound.items():
            ingest = Function(
                self,
                f"ingest_{kind}",
                house,
                may=_may(house, state, queue),
                reserved_concurrency=house.parameters.ingest_concurrency,
            )
            edge.route([path.format(kind=kind) for path in PATHS], METHODS, ingest)


def inbound_queues(scope: Construct, house: House, state: State) -> dict[str, Queue]:
    """One queue for each kind, sized for the function that maps it."""
    return {
        kind: Queue(
            scope,
            f"inbound-{kind}",
            stack_name=house.parameters.stack,
            key=state.delivery_key,
            timeout_s=house.timeout_s(f"map_{kind}"),
        )
        for kind in ("crm", "whatsapp", "telephony")
    }


def _may(house: House, state: State, queue: Queue) -> list[access.Statement]:
    return [
        access.table(state.connections, "dynamodb:GetItem"),
        access.table(state.connections, "dynamodb:UpdateItem", keys=["REFUSED"]),
        access.use_tables(state),
        access.connection_secrets(house.parameters.stack),
        *access.send(state.delivery_key, queue.queue),
        *access.blobs(state, write=["large"]),
    ]
