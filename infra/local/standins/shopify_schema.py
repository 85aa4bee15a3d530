"""The part of Shopify's GraphQL Admin schema (2026-10) that stands here, and what asking for it costs.

https://shopify.dev/docs/api/admin-graphql and https://shopify.dev/docs/api/usage/limits (read November 2026). The pages
were read in stored copies; Shopify gives its schema to shops only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.local.standins.graphql import Document, Field, Schema, arguments_of

LISTED = frozenset({"first", "after", "query", "sortKey", "reverse"})
MUTATION_COST, CONNECTION_COST, OBJECT_COST = 10, 2, 1
MOST_LISTED, MOST_COST = 250, 1000
NONE: frozenset[str] = frozenset()


def _scalars(*names: str) -> dict[str, tuple[str, frozenset[str]]]:
    return dict.fromkeys(names, ("", NONE))


def _objects(**named: str) -> dict[str, tuple[str, frozenset[str]]]:
    return {name: (type_name, NONE) for name, type_name in named.items()}


_MONEY = ("totalPriceSet", "subtotalPriceSet", "totalTaxSet", "totalDiscountsSet", "totalShippingPriceSet")
TYPES = {
    "QueryRoot": {
        "nodes": ("Node", frozenset({"ids"})),
        "customers": ("CustomerConnection", LISTED),
        "orders": ("OrderConnection", LISTED),
        "customersCount": ("Count", frozenset({"limit", "query"})),
        "ordersCount": ("Count", frozenset({"limit", "query"})),
        "customerByIdentifier": ("Customer", frozenset({"identifier"})),
        "metafieldDefinitions": ("MetafieldDefinitionConnection", LISTED | {"ownerType", "namespace", "key"}),
    },
    "Mutation": {
        "customerUpdate": ("CustomerPayload", frozenset({"input"})),
        "customerSet": ("CustomerPayload", frozenset({"input", "identifier"})),
        "tagsAdd": ("TagsAddPayload", frozenset({"id", "tags"})),
        "customerEmailMarketingConsentUpdate": ("CustomerPayload", frozenset({"input"})),
        "customerSmsMarketingConsentUpdate": ("CustomerPayload", frozenset({"input"})),
        "metafieldDefinitionCreate": ("DefinitionPayload", frozenset({"definition"})),
    },
    "Node": _scalars("id"),
    "Customer": {
        **_scalars("id", "firstName", "lastName", "locale", "tags", "note", "createdAt", "updatedAt", "numberOfOrders"),
        **_objects(defaultEmailAddress="CustomerEmailAddress", defaultPhoneNumber="CustomerPhoneNumber"),
        **_objects(defaultAddress="MailingAddress"),
        "metafield": ("Metafield", frozenset({"namespace", "key"})),
    },
    "CustomerEmailAddress": _scalars("emailAddress", "marketingState", "marketingUpdatedAt", "marketingOptInLevel"),
    "CustomerPhoneNumber": _scalars("phoneNumber", "marketingState", "marketingUpdatedAt", "marketingOptInLevel"),
    "MailingAddress": _scalars("company", "address1", "address2", "city", "province", "zip", "countryCodeV2", "phone"),
    "Metafield": _scalars("id", "namespace", "key", "value"),
    "Order": {
        **_scalars("id", "name", "email", "phone", "tags", "createdAt", "updatedAt", "processedAt", "cancelledAt"),
        **_scalars("currencyCode", "displayFinancialStatus", "displayFulfillmentStatus"),
        **_objects(**dict.fromkeys(_MONEY, "MoneyBag"), customer="Customer"),
        "lineItems": ("LineItemConnection", LISTED),
    },
    "LineItem": {**_scalars("id", "sku", "name", "quantity"), **_objects(originalUnitPriceSet="MoneyBag")},
    "MoneyBag": _objects(shopMoney="MoneyV2"),
    "MoneyV2": _scalars("amount", "currencyCode"),
    "Count": _scalars("count", "precision"),
    "PageInfo": _scalars("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"),
    "MetafieldDefinition": {**_scalars("id", "name", "namespace", "key"), **_objects(type="MetafieldType")},
    "MetafieldType": _scalars("name"),
    "UserError": _scalars("field", "message", "code"),
    "CustomerPayload": _objects(customer="Customer", userErrors="UserError"),
    "TagsAddPayload": _objects(node="Node", userErrors="UserError"),
    "DefinitionPayload": _objects(createdDefinition="MetafieldDefinition", userErrors="UserError"),
    **{
        f"{name}Connection": _objects(nodes=name, pageInfo="PageInfo")
        for name in ("Customer", "Order", "LineItem", "MetafieldDefinition")
    },
}
_WRITTEN = frozenset({"firstName", "lastName", "email", "phone", "note", "tags", "locale", "addresses", "taxExempt"})
_CONSENT = frozenset({"marketingState", "marketingOptInLevel", "consentUpdatedAt", "sourceLocationId"})
INPUTS = {
    "CustomerInput": _WRITTEN | {"id", "metafields"},
    "CustomerSetInput": _WRITTEN,
    "CustomerSetIdentifiers": frozenset({"id", "email", "phone", "customId"}),
    "CustomerIdentifierInput": frozenset({"id", "emailAddress", "phoneNumber", "customId"}),
    "CustomerEmailMarketingConsentUpdateInput": frozenset({"customerId", "emailMarketingConsent"}),
    "CustomerSmsMarketingConsentUpdateInput": frozenset({"customerId", "smsMarketingConsent"}),
    "MetafieldDefinitionInput": frozenset({"name", "namespace", "key", "type", "ownerType", "description", "access"}),
}
SCHEMA = Schema(TYPES, INPUTS, {"query": "QueryRoot", "mutation": "Mutation"})


def cost(document: Document, variables: Mapping[str, Any]) -> int:
    """The points that a document is asked for before it is carried out."""
    if document.kind == "mutation":
        return MUTATION_COST * len(document.selected)
    return sum(_cost(document, one, variables) for one in document.fields(document.selected))


def _cost(document: Document, one: Field, variables: Mapping[str, Any]) -> int:
    if not one.selected:
        return 0
    given = arguments_of(one, variables)
    inner = list(document.fields(one.selected))
    if "first" in given:
        held = [field for node in inner if node.name == "nodes" for field in document.fields(node.selected)]
        each = OBJECT_COST + sum(_cost(document, field, variables) for field in held)
        return CONNECTION_COST + int(given["first"]) * each
    times = len(given["ids"]) if "ids" in given else 1
    return times * (OBJECT_COST + sum(_cost(document, field, variables) for field in inner))
