"""Requests to one organization's REST API: rows by id, queries, collections of up to 200 records.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/ (read November 2026)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from connectors.salesforce.ids import canonical
from connectors.salesforce.session import Refusal, Session
from hub.errors import Retry
from hub.parsing import dict_at, list_at, text_at

MOST_RECORDS = 200
# A query's id list stands in the URL, of which Salesforce takes 16,384 characters.
MOST_IN_QUERY = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a query; `done` False says that Salesforce holds more of the same answer. `total` are all of them."""

    rows: list[dict[str, Any]]
    done: bool
    total: int


@dataclass(frozen=True, slots=True)
class Api:
    """The requests; raises what `Session.request` raises."""

    session: Session

    def rows(self, entity: str, ids: Sequence[str], fields: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The rows by their 18-character id; those that are gone are not among them."""
        found: dict[str, dict[str, Any]] = {}
        for some in chunks(ids, MOST_RECORDS):
            body = {"ids": some, "fields": list(fields)}
            answer = self.session.request("POST", f"/composite/sobjects/{entity}", body).json()
            found |= {row_id: row for row in list_at(answer) if (row_id := canonical(text_at(row, "Id")))}
        return found

    def query(self, soql: str, *, everything: bool = False) -> Page:
        """The first rows of a query; `everything` with the deleted ones that are still in the recycle bin."""
        path = "/queryAll" if everything else "/query"
        body = dict_at(self.session.request("GET", f"{path}?{urlencode({'q': soql})}").json())
        rows = [row for row in list_at(body, "records") if isinstance(row, dict)]
        total = body.get("totalSize")
        return Page(rows, body.get("done") is not False, total if isinstance(total, int) else len(rows))

    def search(self, sosl: str) -> list[dict[str, Any]]:
        """The rows that a search finds; a change of the last minutes may not be found yet."""
        body = self.session.request("GET", f"/search?{urlencode({'q': sosl})}").json()
        return [row for row in list_at(body, "searchRecords") if isinstance(row, dict)]

    def update(self, entity: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Changes up to 200 records by their `id`; one result each, in order."""
        return self._collection("", entity, records)

    def upsert(self, entity: str, external: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Changes or creates up to 200 records by the external id that is among their fields; one result each."""
        return self._collection(f"/{entity}/{quote(external, '')}", entity, records)

    def _collection(self, path: str, entity: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        typed = [{"attributes": {"type": entity}, **record} for record in records]
        body = {"allOrNone": False, "records": typed}
        results = list_at(self.session.request("PATCH", f"/composite/sobjects{path}", body).json())
        if len(results) != len(records) or not all(isinstance(one, dict) for one in results):
            raise Retry("Salesforce did not say what became of each record")
        return results

    def delete(self, entity: str, record_id: str) -> None:
        """Deletes a record; one that is gone already is as good."""
        try:
            self.session.request("DELETE", f"/sobjects/{entity}/{quote(record_id, '')}")
        except Refusal as refusal:
            if refusal.code not in ("NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"):
                raise


def chunks(ids: Sequence[Any], most: int) -> Iterator[list[Any]]:
    """The sequence in parts of at most so many."""
    for start in range(0, len(ids), most):
        yield list(ids[start : start + most])
