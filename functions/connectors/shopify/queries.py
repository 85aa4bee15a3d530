"""What is asked of the GraphQL Admin API: documents, whose sizes keep each under 1,000 points of calculated cost.

An object costs a point, a connection two and what it holds, a mutation ten
(https://shopify.dev/docs/api/usage/limits, read November 2026).
"""

from __future__ import annotations

CUSTOMER = """
fragment customer on Customer {
  id firstName lastName locale tags createdAt updatedAt
  defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
  defaultPhoneNumber { phoneNumber marketingState marketingUpdatedAt }
  defaultAddress { company address1 city province zip countryCodeV2 }
}"""
ORDER = """
fragment order on Order {
  id name email phone tags createdAt updatedAt processedAt cancelledAt currencyCode
  displayFinancialStatus displayFulfillmentStatus
  totalPriceSet { shopMoney { amount } }
  subtotalPriceSet { shopMoney { amount } }
  totalTaxSet { shopMoney { amount } }
  totalDiscountsSet { shopMoney { amount } }
  totalShippingPriceSet { shopMoney { amount } }
  customer { id firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
  lineItems(first: 20) {
    nodes { id sku name quantity originalUnitPriceSet { shopMoney { amount } } }
    pageInfo { hasNextPage }
  }
}"""
FRAGMENTS = {"contact": CUSTOMER, "order": ORDER}
NAMES = {"contact": "customer", "order": "order"}
# How many are read, and listed, at once.
READ = {"contact": 100, "order": 10}
LISTED = {"contact": 100, "order": 10}
_SORTED = {"contact": "CustomerSortKeys", "order": "OrderSortKeys"}


def nodes(kind: str) -> str:
    """Records by their ids."""
    return f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...{NAMES[kind]} }} }}{FRAGMENTS[kind]}"


def page(kind: str) -> str:
    """A page of all records, or of those that a search finds."""
    name = NAMES[kind]
    return (
        f"query ($first: Int!, $after: String, $query: String, $sort: {_SORTED[kind]}) {{ "
        f"{name}s(first: $first, after: $after, query: $query, sortKey: $sort) {{ "
        f"nodes {{ ...{name} }} pageInfo {{ hasNextPage endCursor }} }} }}{FRAGMENTS[kind]}"
    )


def count(kind: str) -> str:
    """How many records there are; without the limit it stops at 10,000."""
    return f"query {{ {NAMES[kind]}sCount(limit: null) {{ count }} }}"


FIND = "query ($one: CustomerIdentifierInput!) { customerByIdentifier(identifier: $one) { id } }"
SET = (
    "mutation ($one: CustomerSetIdentifiers!, $input: CustomerSetInput!) { customerSet(identifier: $one, input: $input) "
    "{ customer { id updatedAt } userErrors { field message } } }"
)
DEFINITIONS = (
    "query { metafieldDefinitions(first: 1, ownerType: CUSTOMER, namespace: "
    '"renkei", key: "id") { nodes { id type { name } } } }'
)
DEFINE = (
    "mutation ($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) "
    "{ createdDefinition { id } userErrors { field message code } } }"
)
