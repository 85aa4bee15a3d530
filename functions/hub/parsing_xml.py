"""XML without DTD, entities or depth: imported only where a platform sends XML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from hub.errors import Quarantine

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 100_000
_DECLARED = re.compile(r"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")


class _BoundedBuilder(TreeBuilder):
    """Counts as it builds, so that depth is refused at its 51st element and nothing ever recurses."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._nodes = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._nodes += 1 + len(attrs)
        if self._depth > MAX_DEPTH:
            raise Quarantine("nested too deeply")
        if self._nodes > MAX_NODES:
            raise Quarantine("too many values")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse(text: str) -> Element:
    """See `hub.parsing.parse_xml`."""
    if len(text) > MAX_BYTES:
        raise Quarantine("more than 1 MB of XML")
    declared = _DECLARED.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8"):
        raise Quarantine("not UTF-8")
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Quarantine("not XML") from error
    return root
