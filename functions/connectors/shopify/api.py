"""Shopify's GraphQL Admin API: one request, and what its refusals mean.

https://shopify.dev/docs/api/usage/limits and https://shopify.dev/docs/api/admin-graphql (read November 2026)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.delivery import Connection
from hub.errors import Busy, Reject, Retry
from hub.parsing import at, dict_at, list_at, text_at
from hub.ports import Http, HttpResponse

HOSTS = ("*.myshopify.com",)
VERSION = "2026-10"
OPERATOR_S = 900
PASSING_S = 10
RESTORED_A_SECOND = 100  # points, on the smallest plan
_SHOP = re.compile(r"\A[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com\Z", re.ASCII)
_VERSION = re.compile(r"\A20[0-9]{2}-(?:01|04|07|10)\Z", re.ASCII)
_CODE = re.compile(r"\A[A-Za-z_]{1,60}\Z", re.ASCII)
_ADVICE = {
    "ACCESS_DENIED": "the app lacks a scope, or access to protected customer data",
    "SHOP_INACTIVE": "the shop is closed or has not paid",
    "NOT_FOUND": "our metafield is not defined in the shop: call the connection's set-up",
    "MAX_COST_EXCEEDED": "the request asks for more than one may",
}
_STATUSES = {
    402: "the shop has not paid",
    403: "the app may not do this in this shop",
    404: "there is no such shop, or no such version of the API: look at shop_domain and api_version",
}


@dataclass(frozen=True, slots=True)
class Api:
    """One shop's API; every request here is safe to repeat. Without a token `http` adds one."""

    http: Http
    token: str
    url: str

    @classmethod
    def of(cls, connection: Connection, secrets: Mapping[str, Any], http: Http) -> Api:
        """The API of a connection; Reject where its shop_domain or api_version is none."""
        settings, token = connection.settings, text_at(dict(secrets), "access_token") or ""
        version, shop = str(settings.get("api_version") or VERSION), str(settings.get("shop_domain") or "").lower()
        if not _VERSION.match(version):
            raise Reject("the setting api_version must be one of Shopify's, such as 2026-10")
        base = str(settings.get("base_url") or "").rstrip("/")
        if not base and not _SHOP.match(shop):
            raise Reject("the setting shop_domain must be the shop's own, <name>.myshopify.com")
        return cls(http, token, f"{base or f'https://{shop}'}/admin/api/{version}/graphql.json")

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's data; Retry with the wait that Shopify's budget of points asks for."""
        headers = {"x-shopify-access-token": self.token} if self.token else {}
        body = {"query": document, "variables": dict(variables or {})}
        try:
            answer = self.http.request("POST", self.url, hosts=HOSTS, headers=headers, json=body)
        except Busy as error:
            raise Retry(f"Shopify answered {error.status}: it is asked again later", error.after_s) from error
        return self._data(self._checked(answer))

    def _checked(self, answer: HttpResponse) -> dict[str, Any]:
        if answer.status == 200:
            return dict_at(answer.json())
        if answer.status == 401:
            raise Retry("Shopify refuses the token: store a new access_token, or connect the shop again", OPERATOR_S)
        advice = _STATUSES.get(answer.status, "the request was not understood")
        raise Reject(f"Shopify answered {answer.status}: {advice}")

    def _data(self, body: Mapping[str, Any]) -> dict[str, Any]:
        codes = [_code(error) for error in list_at(dict(body), "errors")]
        if "THROTTLED" in codes:
            raise Retry("Shopify's points for now are used up", _wait_s(body))
        if "INTERNAL_SERVER_ERROR" in codes:
            raise Retry("Shopify had a fault of its own", PASSING_S)
        if codes:
            advice = _ADVICE.get(codes[0], f"it does not fit version {self.url.split('/')[-2]} of the API")
            raise Reject(f"Shopify refused the request, {codes[0]}: {advice}")
        return dict_at(dict(body), "data")


def _wait_s(body: Mapping[str, Any]) -> int:
    """Until there are as many points as the request may cost."""
    cost = dict_at(dict(body), "extensions", "cost")
    wanted, there = at(cost, "requestedQueryCost"), at(cost, "throttleStatus", "currentlyAvailable")
    restored = at(cost, "throttleStatus", "restoreRate") or RESTORED_A_SECOND
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (wanted, there, restored))
    return max(1, math.ceil((wanted - there) / restored)) if numbers else 1


def _code(error: Any) -> str:
    """The error's fixed word. Its message is never used: it may repeat values."""
    code = text_at(error, "extensions", "code") or ""
    return code if _CODE.match(code) else "unknown"
