"""The Store on DynamoDB.

Attributes: `pk`, `sk`; `version` N; `body` S (JSON); `ipk`, `isk` for the secondary index `index`; `expires` N (TTL);
`n` N on tallies, because only a number attribute can be added to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.aws_errors import PASSING, Call, Refused
from hub.errors import Conflict, Reject, Retry
from hub.ports import Item, Page
from hub.publishing import encode

INDEX = "index"
MAX_TRANSACTION = 25
FAILED_CONDITION = "ConditionalCheckFailed"
Attributes = Mapping[str, Mapping[str, Any]]
_READ = json.JSONDecoder().raw_decode  # of our own text, with nothing before or after it


class DynamoStore:
    """One table; every write is conditional on the version that was read."""

    def __init__(self, call: Call, table: str) -> None:
        self._call = call
        self._table = table

    def get(self, pk: str, sk: str) -> Item | None:
        """The item as last written (a consistent read), or None."""
        parameters = {"TableName": self._table, "Key": _key(pk, sk), "ConsistentRead": True}
        found = self._call("GetItem", parameters).get("Item")
        return item_of(found) if found else None

    def put(self, item: Item) -> None:
        """Writes the item as version + 1; Conflict where the stored one is not at `item.version`.

        Also Conflict when the write succeeded but its answer was lost and the SDK sent it again: read again.
        """
        try:
            self._call("PutItem", self._write_of(item))
        except Refused as error:
            if error.code == "ConditionalCheckFailedException":
                raise Conflict("not at the version that was read") from error
            raise

    def put_all(self, items: Sequence[Item]) -> None:
        """All or none; one item alone is a plain write, at half the price."""
        if len(items) > MAX_TRANSACTION:
            raise Reject("more than 25 items in one transaction")
        if len(items) == 1:
            self.put(items[0])
        elif items:
            self._transact([{"Put": self._write_of(item)} for item in items])

    def query(
        self, pk: str, *, prefix: str = "", limit: int = 100, start: str | None = None, newest_first: bool = False
    ) -> Page:
        """Items of the partition in the order of their sort keys (a consistent read)."""
        values = {":pk": {"S": pk}} | ({":sk": {"S": prefix}} if prefix else {})
        condition = "pk = :pk AND begins_with(sk, :sk)" if prefix else "pk = :pk"
        parameters = self._query(condition, values, limit, newest_first) | {"ConsistentRead": True}
        if start is not None:
            parameters["ExclusiveStartKey"] = _key(pk, start)
        return self._page(parameters, limit, lambda item: item.sk)

    def query_index(
        self,
        partition: str,
        *,
        limit: int = 100,
        start: str | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """Items placed in that partition of the index, within the bounds, in the order of their places; may lag."""
        if between and between[0] > between[1]:
            return Page(())  # DynamoDB refuses bounds in this order
        condition, values = _index_condition(partition, between)
        parameters = self._query(condition, values, limit, newest_first) | {"IndexName": INDEX}
        if start is not None:
            parameters["ExclusiveStartKey"] = _index_key(partition, start)
        return self._page(parameters, limit, _index_start)

    def delete(self, pk: str, sk: str) -> None:
        """Removes the item if it is there."""
        self._call("DeleteItem", {"TableName": self._table, "Key": _key(pk, sk)})

    def count(self, pk: str, sk: str, add: int, last: Mapping[str, Any], expires_at: int | None = None) -> None:
        """Adds to `n` and keeps `last` beside it, creating the item."""
        sets = ["#body = :last"] + (["#expires = :expires"] if expires_at is not None else [])
        names = {"#n": "n", "#version": "version", "#body": "body"}
        values = {":add": {"N": str(add)}, ":one": {"N": "1"}, ":last": {"S": encode(last)}}
        if expires_at is not None:
            names["#expires"] = "expires"
            values[":expires"] = {"N": str(expires_at)}
        update = f"SET {', '.join(sets)} ADD #n :add, #version :one"
        parameters = {"TableName": self._table, "Key": _key(pk, sk), "UpdateExpression": update}
        self._call(
            "UpdateItem",
            {**parameters, "ExpressionAttributeNames": names, "ExpressionAttributeValues": values},
        )

    def _write_of(self, item: Item) -> dict[str, Any]:
        parameters: dict[str, Any] = {"TableName": self._table, "Item": attributes_of(item)}
        if item.version == 0:
            return {**parameters, "ConditionExpression": "attribute_not_exists(pk)"}
        return {
            **parameters,
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(item.version)}},
        }

    def _transact(self, actions: list[dict[str, Any]]) -> None:
        """Needs no client token: a repetition meets the conditions and is a Conflict."""
        try:
            self._call("TransactWriteItems", {"TransactItems": actions})
        except Refused as error:
            raise _cancelled(error) from error

    def _query(self, condition: str, values: Mapping[str, Any], limit: int, newest_first: bool) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": dict(values),
            "ScanIndexForward": not newest_first,
            "Limit": limit + 1,  # one more tells whether there is a next page
        }

    def _page(self, parameters: Mapping[str, Any], limit: int, start_after: Any) -> Page:
        answer = self._call("Query", parameters)
        items = [item_of(found) for found in answer.get("Items", ())]
        more = len(items) > limit or "LastEvaluatedKey" in answer
        return Page(tuple(items[:limit]), start_after(items[:limit][-1]) if more and items else None)


def attributes_of(item: Item) -> dict[str, dict[str, Any]]:
    """The item as DynamoDB holds it after this write."""
    attributes: dict[str, dict[str, Any]] = {
        **_key(item.pk, item.sk),
        "version": {"N": str(item.version + 1)},
        "body": {"S": encode(item.body)},
    }
    if item.index:
        attributes |= {"ipk": {"S": item.index[0]}, "isk": {"S": item.index[1]}}
    if item.expires_at is not None:
        attributes["expires"] = {"N": str(item.expires_at)}
    return attributes


def item_of(attributes: Attributes) -> Item:
    """The inverse, also for the images of a stream."""
    body, _ = _READ(attributes["body"]["S"])
    if "n" in attributes:
        body["n"] = int(attributes["n"]["N"])
    return Item(
        pk=attributes["pk"]["S"],
        sk=attributes["sk"]["S"],
        body=body,
        version=int(attributes["version"]["N"]),
        index=(attributes["ipk"]["S"], attributes["isk"]["S"]) if "ipk" in attributes else None,
        expires_at=int(attributes["expires"]["N"]) if "expires" in attributes else None,
    )


def _cancelled(error: Refused) -> Exception:
    """What a cancelled transaction means, by its items: hopeless before lost before crowded."""
    causes = {reason for reason in error.reasons if reason != "None"}
    if error.code != "TransactionCanceledException" or causes - PASSING - {FAILED_CONDITION}:
        return error
    if FAILED_CONDITION in causes:
        return Conflict("not at the version that was read")
    return Retry("the transaction met another")


def _key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _index_condition(partition: str, between: tuple[str, str] | None) -> tuple[str, dict[str, dict[str, str]]]:
    if between is None:
        return "ipk = :pk", {":pk": {"S": partition}}
    bounds = {":low": {"S": between[0]}, ":high": {"S": between[1]}}
    return "ipk = :pk AND isk BETWEEN :low AND :high", {":pk": {"S": partition}, **bounds}


def _index_start(item: Item) -> str:
    return json.dumps([item.index[1] if item.index else "", item.pk, item.sk])


def _index_key(partition: str, start: str) -> dict[str, dict[str, str]]:
    try:
        isk, pk, sk = json.loads(start)
    except ValueError as error:
        raise Reject("no place to go on from") from error
    return {**_key(str(pk), str(sk)), "ipk": {"S": partition}, "isk": {"S": str(isk)}}
