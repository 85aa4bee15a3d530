"""The HTTP API that platforms, people and programs call: throttled, with a log line per request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import alarms
from infra.function import Function, retention
from infra.parameters import Parameters

# Requests per second and burst for each route; the account's own limit stands behind them.
THROTTLE = gateway.ThrottleSettings(rate_limit=500, burst_limit=1000)

# No path and no query: they can hold a token. No address: a person's address is personal.
LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.messageString",
    "integration_error": "$context.integrationErrorMessage",
    "authorizer_error": "$context.authorizer.error",
}


class Edge(Construct):
    """The API without routes; stages add theirs."""

    def __init__(self, scope: Construct, construct_id: str, parameters: Parameters) -> None:
        super().__init__(scope, construct_id)
        self.parameters = parameters
        self.api = gateway.HttpApi(self, "Api", api_name=parameters.stack, create_default_stage=False)
        log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/{parameters.stack}/requests",
            retention=retention(parameters.log_days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=THROTTLE,
        )
        _log_requests(self.stage, log)
        alarms.api(self, self.stage)

    @property
    def api_url(self) -> str:
        """Where the API answers, without a trailing slash."""
        if self.parameters.local:
            return f"{self.parameters.local_endpoint}/_aws/execute-api/{self.api.api_id}/$default"
        return self.api.api_endpoint

    @property
    def public_url(self) -> str:
        """What platforms call, and sign."""
        return self.parameters.public_url.rstrip("/") or self.api_url

    def route(
        self,
        paths: Sequence[str],
        methods: list[gateway.HttpMethod],
        function: Function,
        authorizer: gateway.IHttpRouteAuthorizer | None = None,
    ) -> None:
        """Sends the paths to the function."""
        integration = integrations.HttpLambdaIntegration(
            function.node.id,
            function.function,
            scope_permission_to_route=False,
        )
        for path in paths:
            self.api.add_routes(path=path, methods=methods, integration=integration, authorizer=authorizer)


def _log_requests(stage: gateway.HttpStage, log: logs.LogGroup) -> None:
    resource = cast(gateway.CfnStage, stage.node.default_child)
    resource.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
        destination_arn=log.log_group_arn, format=json.dumps(LOGGED)
    )
