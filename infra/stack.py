"""The whole of renkei in one stack, in the order that a delivery takes."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import alarms, local_gaps
from infra.api import Api
from infra.edge import Edge
from infra.function import FUNCTIONS, House
from infra.ingest import Ingest, inbound_queues
from infra.jobs import Jobs
from infra.mapping import Mapping
from infra.parameters import Parameters
from infra.rules import Bus
from infra.sources import Sources
from infra.state import State
from infra.sync import Sync


class Renkei(cdk.Stack):
    """platform → edge → ingest → inbound queues → mapping → bus → sync → state → stream → bus; people → api."""

    def __init__(self, scope: Construct, construct_id: str, parameters: Parameters) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=parameters.stack,
            description="renkei: CRM, WhatsApp and telephone as one conversation per customer",
            synthesizer=local_gaps.synthesizer(local=parameters.local),
            termination_protection=not parameters.local,
        )
        self.parameters = parameters
        self.state = State(self, "State", parameters)
        self.edge = Edge(self, "Edge", parameters)
        self.bus = Bus(self, "Events", name=parameters.stack, key=self.state.delivery_key)
        house = House(parameters, self._environment(parameters))
        inbound = inbound_queues(self, house, self.state)
        Ingest(self, "Ingest", house, self.state, self.edge, inbound)
        Sources(self, "Sources", parameters, self.state, self.bus, inbound)
        Mapping(self, "Mapping", house, self.state, self.bus, inbound)
        Sync(self, "Sync", house, self.state, self.bus)
        jobs = Jobs(self, "Jobs", house, self.state, self.bus)
        self.api = Api(self, "Api", house, self.state, self.edge, [*inbound.values(), *jobs.queues])
        self._save_queries(parameters)
        self._outputs(parameters)
        if parameters.alarm_topic:
            alarms.notify(self, parameters.alarm_topic)
        if parameters.local:
            local_gaps.leave_out(self)

    def _environment(self, parameters: Parameters) -> dict[str, str]:
        """What `hub.settings` reads."""
        here = {"RENKEI_ALLOW_PRIVATE_HOSTS": "1", "AWS_ENDPOINT_URL": parameters.local_endpoint}
        return {
            "RENKEI_STACK": parameters.stack,
            "RENKEI_STATE_TABLE": self.state.table.table_name,
            "RENKEI_CONNECTIONS_TABLE": self.state.connections.table_name,
            "RENKEI_BUCKET": self.state.bucket.bucket_name,
            "RENKEI_BUS": self.bus.bus.event_bus_name,
            "RENKEI_QUEUE_PREFIX": self._queue_prefix(parameters),
            "RENKEI_PUBLIC_URL": self.edge.public_url,
            "RENKEI_SECRET_PREFIX": f"{parameters.stack}/connections/",
            "RENKEI_HASH_KEY_SECRET": self.state.hash_key.secret_arn,
            "RENKEI_SCOPE_PREFIX": parameters.scope_prefix,
            **(here if parameters.local else {}),
        }

    def _queue_prefix(self, parameters: Parameters) -> str:
        host = parameters.local_endpoint if parameters.local else f"https://sqs.{self.region}.{self.url_suffix}"
        return f"{host}/{self.account}/"

    def _save_queries(self, parameters: Parameters) -> None:
        """One saved query over the logs of all functions: what failed last."""
        logs.CfnQueryDefinition(
            self,
            "FailuresQuery",
            name=f"{parameters.stack}/failures",
            log_group_names=[f"/{parameters.stack}/{name}" for name in FUNCTIONS],
            query_string="fields @timestamp, @log, @message | filter @message like /(?i)error|failed|retry|reject/"
            " | sort @timestamp desc | limit 100",
        )

    def _outputs(self, parameters: Parameters) -> None:
        people = self.api.people
        webhooks = f"{self.edge.public_url}/webhooks"
        outputs = {
            "WebhookBaseUrl": webhooks,
            **{f"WebhookUrl{kind.title()}": f"{webhooks}/{kind}" for kind in ("crm", "whatsapp", "telephony")},
            "ApiUrl": self.edge.api_url,
            "StateTable": self.state.table.table_name,
            "ConnectionsTable": self.state.connections.table_name,
            "Bucket": self.state.bucket.bucket_name,
            "BusName": self.bus.bus.event_bus_name,
            "QueuePrefix": f"{self._queue_prefix(parameters)}{parameters.stack}-",
            "HashKeySecret": self.state.hash_key.secret_arn,
        }
        if people:
            outputs |= {
                "UserPoolId": people.pool.user_pool_id,
                "TokenUrl": people.token_url,
                "ConsoleClientId": people.console.user_pool_client_id,
            }
        if people and people.machine:
            outputs["MachineClientId"] = people.machine.user_pool_client_id
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)
