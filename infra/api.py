"""The API for agents, admins and programs, and who may sign in to it."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra import access
from infra.edge import Edge
from infra.function import Function, House
from infra.keys import OWN_KEYS
from infra.parameters import Parameters
from infra.queues import Queue
from infra.state import State

PATHS = ("/v1/{proxy+}", "/openapi.json")
# A browser comes here on its way from and to a platform, where no header can be sent along (functions/api/oauth_pages.py).
OPEN_PATHS = ("/oauth/start", "/oauth/callback")
SCOPES = ("agent", "admin")


class Api(Construct):
    """`api` behind a JWT authorizer: no route without a valid token, but the two that a platform sends a browser to.

    The function asks each for its scope, and those two for a ticket or state that is good once.
    """

    def __init__(
        self, scope: Construct, construct_id: str, house: House, state: State, edge: Edge, queues: Sequence[Queue]
    ) -> None:
        """`queues` are those that it sends to: deliveries to be mapped again, jobs."""
        super().__init__(scope, construct_id)
        function = Function(self, "api", house, may=_may(house, state, queues))
        parameters = house.parameters
        self.people = None if parameters.oidc_issuer else People(self, "People", parameters)
        authorizer = authorizers.HttpJwtAuthorizer(
            "Tokens",
            self.people.issuer if self.people else parameters.oidc_issuer,
            jwt_audience=self.people.audience if self.people else list(parameters.oidc_audience),
        )
        edge.route(PATHS, [gateway.HttpMethod.ANY], function, authorizer)
        edge.route(OPEN_PATHS, [gateway.HttpMethod.GET], function)


class People(Construct):
    """A user pool: nobody signs up by themselves, everybody has a second factor."""

    def __init__(self, scope: Construct, construct_id: str, parameters: Parameters) -> None:
        super().__init__(scope, construct_id)
        self.parameters = parameters
        self.pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=parameters.stack,
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
            password_policy=cognito.PasswordPolicy(
                min_length=12, require_lowercase=True, require_uppercase=True, require_digits=True, require_symbols=True
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            deletion_protection=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        self.domain = self.pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=_domain_prefix(parameters))
        )
        # The scope admin counts for a person in this group only (functions/api/access.py).
        self.pool.add_group("Admins", group_name="admin", description="May use the hub's scope admin")
        self.scopes = self._scopes()
        self.console = self._client("Console", code=True)
        self.machine = self._client("Machine", code=False) if parameters.machine_client else None

    def _scopes(self) -> list[cognito.OAuthScope]:
        scopes = [
            cognito.ResourceServerScope(scope_name=name, scope_description=f"Use the hub as {name}") for name in SCOPES
        ]
        server = self.pool.add_resource_server(
            "Server", identifier=self.parameters.scope_prefix.rstrip("/"), scopes=scopes
        )
        return [cognito.OAuthScope.resource_server(server, scope) for scope in scopes]

    def _client(self, name: str, *, code: bool) -> cognito.UserPoolClient:
        flows = cognito.OAuthFlows(authorization_code_grant=code, client_credentials=not code)
        scopes = [cognito.OAuthScope.OPENID, *self.scopes] if code else self.scopes
        return self.pool.add_client(
            name,
            generate_secret=not code,
            o_auth=cognito.OAuthSettings(
                flows=flows, scopes=scopes, callback_urls=list(self.parameters.callback_urls) if code else None
            ),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=cdk.Duration.minutes(15 if code else 60),
        )

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens."""
        return f"https://cognito-idp.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}/{self.pool.user_pool_id}"

    @property
    def audience(self) -> list[str]:
        """The clients whose tokens are taken."""
        return [client.user_pool_client_id for client in (self.console, self.machine) if client]

    @property
    def token_url(self) -> str:
        """Where a client fetches its token."""
        base = self.parameters.local_endpoint if self.parameters.local else self.domain.base_url()
        return f"{base}/oauth2/token"


def _domain_prefix(parameters: Parameters) -> str:
    """Sign-in domains are unique in a region for all of AWS: eight digits of the stack's own id make it so."""
    unique = cdk.Fn.select(0, cdk.Fn.split("-", cdk.Fn.select(2, cdk.Fn.split("/", cdk.Aws.STACK_ID))))
    return f"{parameters.stack}-{unique}"


def _may(house: House, state: State, queues: Sequence[Queue]) -> list[access.Statement]:
    return [
        access.table(state.table, *access.READ),
        access.table(state.table, *access.WRITE, keys=OWN_KEYS["api"]),
        access.index(state.table),
        access.table(state.connections, *access.READ, *access.WRITE, *access.ERASE),
        access.index(state.connections),
        access.use_tables(state),
        *access.hash_key(state),
        access.connection_secrets(house.parameters.stack, "GetSecretValue", "CreateSecret", "PutSecretValue"),
        *access.send(state.delivery_key, *(queue.queue for queue in queues)),
        *access.blobs(state, read=["raw", "large", "csv"], write=["large", "csv"]),
    ]
