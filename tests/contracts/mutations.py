"""Bodies that are almost right: every part removed or replaced, one at a time, in JSON, forms and XML alike."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

Path = tuple[str | int, ...]
_DEEP: Any = {"a": [{"b": [{"c": [{"d": None}, 7, "x"]}]}], "": {"": []}}

JUNK: dict[str, Any] = {
    "null": None,
    "true": True,
    "number": 7,
    "negative": -1,
    "fraction": 1.5,
    "huge number": 10**30,
    "text": "x",
    "empty text": "",
    "huge text": "9" * 20_000,
    "odd text": "\ud800\x00\u202e{{7*7}}<x>&",
    "empty list": [],
    "empty object": {},
    "nested": _DEEP,
}

BAD_BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "number": b"5",
    "text": b'"x"',
    "list": b"[]",
    "object": b"{}",
    "list of junk": b'[null,5,"x",[],{}]',
    "two documents": b"{}{}",
    "trailing": b"{} x",
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "NaN": b'{"a":NaN}',
    "infinite": b'{"a":1e999}',
    "long number": b'{"a":' + b"9" * 5_000 + b"}",
    "key twice": b'{"a":1,"a":2}',
    "not UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "surrogate": b'{"a":"\\ud800"}',
    "entities": b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    "external entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
    "markup": b"<a><b></a>",
    "form": b"a=1&b=%ff&&=&;",
    "many fields": b"&".join(b"f%d=1" % number for number in range(2_000)),
}


class Codec:
    """A body as a tree of lists and objects, and back, whatever was done to the tree."""

    def __init__(self, tree: Any, write: Callable[[Any], bytes]) -> None:
        self.tree = tree
        self.write = write
        self.is_json = write is _write_json


def codec_of(body: bytes) -> Codec | None:
    """JSON, XML or a form, by what the body is; None for a body that is none of them."""
    for read, write in ((json.loads, _write_json), (_read_xml, _write_xml), (_read_form, _write_form)):
        try:
            return Codec(read(body), write)
        except (ValueError, ElementTree.ParseError):
            continue
    return None


def _write_json(tree: Any) -> bytes:
    return json.dumps(tree, separators=(",", ":")).encode("ascii")


def _read_form(body: bytes) -> list[list[str]]:
    return [list(pair) for pair in parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True)]


def _write_form(tree: Any) -> bytes:
    pairs = [pair for pair in tree if isinstance(pair, list) and len(pair) == 2] if isinstance(tree, list) else []
    return urlencode([(_text(name), _text(value)) for name, value in pairs]).encode("ascii")


def _read_xml(body: bytes) -> dict[str, Any]:
    return _from_element(ElementTree.fromstring(body))


def _from_element(element: ElementTree.Element) -> dict[str, Any]:
    return {
        "tag": element.tag,
        "text": (element.text or "").strip(),
        "attributes": dict(element.attrib),
        "children": [_from_element(child) for child in element],
    }


def _write_xml(tree: Any) -> bytes:
    return bytes(ElementTree.tostring(_to_element(tree), encoding="utf-8", xml_declaration=True))


def _to_element(tree: Any) -> ElementTree.Element:
    node = tree if isinstance(tree, dict) else {"text": tree}
    attributes, children = node.get("attributes"), node.get("children")
    element = ElementTree.Element(_text(node.get("tag", "x")) or "x")
    for name, value in attributes.items() if isinstance(attributes, dict) else ():
        element.set(_text(name), _text(value))
    element.text = _text(node.get("text", ""))
    element.extend(_to_element(child) for child in (children if isinstance(children, list) else ()))
    return element


def _text(value: Any) -> str:
    written = value if isinstance(value, str) else json.dumps(value)
    return written.encode("utf-8", "replace").decode("utf-8")


def paths(tree: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in the tree, the root first."""
    yield here
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, child in children:
        yield from paths(child, (*here, step))


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """A copy of the tree with another value at that place."""
    if not path:
        return value
    step, *rest = path
    changed = copy.copy(tree)
    changed[step] = replaced(tree[step], tuple(rest), value)
    return changed


def at(tree: Any, path: Path) -> Any:
    """What lies at that place."""
    for step in path:
        tree = tree[step]
    return tree


def removed(tree: Any, path: Path) -> Any:
    """A copy of the tree without that place."""
    step, *rest = path
    changed = copy.copy(tree)
    if rest:
        changed[step] = removed(tree[step], tuple(rest))
    else:
        del changed[step]
    return changed


def mutants(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Every place removed and replaced by each kind of junk: (what was done, the body)."""
    codec = codec_of(body)
    if codec is None:
        return
    for path in paths(codec.tree):
        if path:
            yield f"{path} removed", codec.write(removed(codec.tree, path))
        for name, junk in JUNK.items():
            yield f"{path} = {name}", codec.write(replaced(codec.tree, path, junk))
