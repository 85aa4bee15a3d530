"""DynamoDB's documented limits in front of moto, which accepts what the service refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

MAX_ITEM = 400 * 1024
MAX_KEY = {"pk": 2048, "sk": 1024, "ipk": 2048, "isk": 1024}
MAX_ACTIONS = 100
MAX_TRANSACTION = 4 * 1024 * 1024
MAX_DIGITS = 38


def enforce(client: Any) -> None:
    """Refuses from now on what the service would, with its own error."""
    client.meta.events.register("provide-client-params.dynamodb", _check)


def _check(params: Mapping[str, Any], model: Any, **_: Any) -> None:
    actions = params.get("TransactItems", ())
    _require(len(actions) <= MAX_ACTIONS, model, "more than 100 actions")
    puts = [action["Put"] for action in actions if "Put" in action]
    keys = [json.dumps([put["TableName"], put["Item"]["pk"], put["Item"]["sk"]]) for put in puts]
    _require(len(keys) == len(set(keys)), model, "one item twice in a transaction")
    items = [put["Item"] for put in puts] + ([params["Item"]] if "Item" in params else [])
    for item in items:
        _check_item(item, model)
    _require(sum(size_of(item) for item in items) <= MAX_TRANSACTION, model, "transaction over 4 MB")
    _check_key(params.get("Key", {}), model)


def _check_item(item: Mapping[str, Any], model: Any) -> None:
    _check_key(item, model)
    _require(size_of(item) <= MAX_ITEM, model, "item over 400 KB")
    for value in item.values():
        digits = str(value.get("N", "0")).lstrip("-")
        _require(digits.isdecimal() and len(digits) <= MAX_DIGITS, model, "number over 38 digits")


def _check_key(attributes: Mapping[str, Any], model: Any) -> None:
    for name, most in MAX_KEY.items():
        if name in attributes:
            _require(1 <= len(attributes[name]["S"].encode()) <= most, model, f"size of {name}")


def size_of(item: Mapping[str, Any]) -> int:
    """Bytes of the item as DynamoDB counts them: names and values in UTF-8, numbers by two digits a byte."""
    return sum(len(name.encode()) + _size_of_value(value) for name, value in item.items())


def _size_of_value(value: Mapping[str, Any]) -> int:
    return len(value["S"].encode()) if "S" in value else len(str(value.get("N", ""))) // 2 + 2


def _require(holds: bool, model: Any, message: str) -> None:
    if not holds:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, model.name)
