"""What connectors declare of their tokens can be used: addresses fill in, lead to the platform, and name known flows."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from hub.connector import Connector, load, names
from hub.delivery import Connection
from hub.errors import Reject
from hub.memory import FakeClock, FakeHttp
from hub.oauth_grant import address, filled
from hub.oauth_requests import TokenEndpoint
from hub.outbound import OAuth

# What a connection of each platform may say, where an address needs it.
SETTINGS = {
    "client_id": "app",
    "environment_url": "https://example.crm4.dynamics.com",
    "tenant_id": "00000000-0000-4000-8000-000000000001",
    "shop_domain": "example.myshopify.com",
    "subdomain": "example",
}
DECLARED = {name: found.oauth for name in names() if (found := load(name)).oauth and found.client}
HOST_SETTINGS = ("environment_url", "shop_domain", "subdomain", "login_url", "data_centre")


def parts(name: str, **settings: str) -> tuple[Connector, OAuth, Connection]:
    oauth = DECLARED[name]
    assert oauth is not None
    return load(name), oauth, Connection("c1", name, settings={**SETTINGS, **settings})


def test_the_platforms_that_need_a_persons_yes_are_declared() -> None:
    known = {"hubspot", "salesforce", "dynamics365", "pipedrive", "zoho", "zendesk", "intercom", "shopify", "mailchimp"}
    assert known <= {name for name in names() if load(name).oauth}


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_address_fills_in_and_is_the_platforms(name: str) -> None:
    connector, oauth, connection = parts(name)
    for template in filter(None, (oauth.token_url, oauth.authorize_url, oauth.instance_from)):
        url, hosts = address(template, oauth, connection, connector.hosts)
        assert urlsplit(url).scheme == "https"
        assert hosts
    for scope in oauth.scopes:
        assert filled(scope, oauth, connection.settings)


@pytest.mark.parametrize("name", sorted(DECLARED))
@pytest.mark.parametrize("setting", HOST_SETTINGS)
def test_no_setting_leads_a_secret_elsewhere(name: str, setting: str) -> None:
    connector, oauth, connection = parts(name, **{setting: "https://evil.example.net"})
    for template in filter(None, (oauth.token_url, oauth.authorize_url)):
        if f"{{{setting}}}" in template:
            with pytest.raises(Reject):
                address(template, oauth, connection, connector.hosts)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_flows_are_known_and_have_what_they_need(name: str) -> None:
    _connector, oauth, _connection = parts(name)
    assert oauth.flows
    assert set(oauth.flows) <= {"authorization_code", "client_credentials", "jwt_bearer"}
    assert bool(oauth.authorize_url) == ("authorization_code" in oauth.flows)
    assert bool(oauth.audience) == ("jwt_bearer" in oauth.flows)
    assert oauth.client_auth in ("body", "basic")


@pytest.mark.parametrize("name", sorted(name for name, oauth in DECLARED.items() if oauth and oauth.authorize_url))
def test_a_person_is_led_to_the_platform_with_a_state(name: str) -> None:
    connector, oauth, connection = parts(name)
    endpoint = TokenEndpoint(FakeHttp(), FakeClock(), connection, connector, oauth)
    url = endpoint.authorize_url(
        {}, state="s-1", redirect_uri="https://hub.example.com/oauth/callback", verifier="v" * 43
    )
    assert "state=s-1" in url
    assert ("code_challenge=" in url) == oauth.pkce
