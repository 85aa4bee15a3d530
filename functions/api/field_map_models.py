"""The shapes of field maps in requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.connection_models import Closed
from hub.field_overrides import MOST_LINES
from hub.field_rules import Rule, Word
from hub.field_versions import Version

Name = Annotated[str, Field(max_length=256)]
Text = Annotated[str, Field(max_length=1000)]
WordText = Annotated[str, Field(max_length=256)] | int | bool
Words = Annotated[dict[Name, WordText | list[WordText]], Field(max_length=500)]
Why = Annotated[str, Field(max_length=1000, description="For those who come after.")]


class Line(Closed):
    """A line of a field map, as in a connector's `fields.toml`; what is left out is as it is there."""

    theirs: Name
    codec: Name = "text"
    direction: Literal["in", "out", "both"] = "both"
    required: bool = False
    policy: Name = ""
    words: Words | None = Field(
        default=None, description="Of a picklist: our words, each with one or several of theirs."
    )
    note: Text = ""
    lossy: Text = Field(
        default="", description="What the platform does to what is written, where it is not kept as it is."
    )
    currency: Name = Field(default="", description="Of money: their field with the currency.")
    separator: Name = Field(default="", description="Of a list that they keep in one text.")
    kind: Name = Field(default="company", description="Of a reference: what it refers to.")
    number: bool = Field(default=False, description="Whether their ids are whole numbers.")


class MapDraft(Closed):
    """Lines over those of the connector: by our field, the name of theirs or a whole line; null drops the connector's.

    A field of your own is called `x_<name>`.
    """

    lines: Annotated[dict[Name, Name | Line | None], Field(max_length=MOST_LINES)]
    why: Why = ""

    def said(self) -> dict[str, Any]:
        """The lines as they are kept: what nobody said is left out."""
        return {
            ours: line.model_dump(exclude_unset=True) if isinstance(line, Line) else line
            for ours, line in self.lines.items()
        }


class Activation(Closed):
    """Which version is to be in force; 0: the connector's lines alone."""

    version: Annotated[int, Field(ge=0)]
    why: Why = ""


class Trial(Closed):
    """A version to be tried on a real record, by the platform's id; null: the latest saved."""

    record: Annotated[str, Field(min_length=1, max_length=256)]
    version: Annotated[int, Field(ge=0)] | None = None


class LineView(BaseModel):
    """A line in force; `origin` says whether it is the connector's or the connection's own."""

    field: str
    origin: Literal["connector", "connection"]
    theirs: str
    codec: str
    direction: str
    required: bool
    policy: str
    words: dict[str, list[str | int | bool]]
    note: str
    lossy: str
    currency: str
    separator: str
    kind: str
    number: bool


class MapView(BaseModel):
    """The map of one object. `version` is the connection's own in force, 0 for none; `latest` the last that was saved.

    `fits` is false where that version no longer fits the connector, whose map then stands alone.
    """

    native_object: str
    object: str
    version: int
    latest: int
    fits: bool
    lines: list[LineView]


class MapList(BaseModel):
    """The maps of a connection, by the platform's objects."""

    maps: list[MapView]


class OptionView(BaseModel):
    """A value of a picklist, and how the platform shows it."""

    value: str
    label: str


class NativeFieldView(BaseModel):
    """A field as the platform describes it; `mapped_to` is ours, null where no line in force names it."""

    name: str
    label: str
    type: str
    writable: bool
    required: bool
    unique: bool
    custom: bool
    options: list[OptionView]
    mapped_to: str | None


class NativeFields(BaseModel):
    """The platform's fields, custom ones too, from its own metadata."""

    fields: list[NativeFieldView]


class Said(BaseModel):
    """Who did it, when and why."""

    by: str
    at: str
    why: str


class VersionView(BaseModel):
    """A saved version; `activated` is when it was put in force, the last time last."""

    version: int
    in_force: bool
    lines: dict[str, Any]
    saved: Said
    activated: list[Said]


class VersionList(BaseModel):
    """The versions of a connection's own lines, the latest first."""

    versions: list[VersionView]


class ReadField(BaseModel):
    """A field as it is read now, and as it would be."""

    field: str
    before: str | None
    after: str | None


class WrittenField(BaseModel):
    """A field in which the record differs from the customer: `held` there, `wanted` here.

    `row` is what would be sent, {} where nothing is: `why` then says why not.
    """

    field: str
    held: str | None
    wanted: str | None
    row: dict[str, Any]
    why: str | None


class MapPreview(BaseModel):
    """What a version would do with one record; nothing was sent.

    `read` are the fields that would be read, `written` what would be written to make the record say what the customer
    says, `customer` whose record it is, null where nobody knows. `sends` is false where the connection only reads.
    """

    version: int
    record: str
    customer: str | None
    sends: bool
    read: list[ReadField]
    written: list[WrittenField]


def line(ours: str, rule: Rule, own: Mapping[str, Any]) -> LineView:
    """A line as it is shown."""
    words: Mapping[str, list[Word]] = {name: list(several) for name, several in rule.words.items()}
    plain = {name: getattr(rule, name) for name in _PLAIN}
    return LineView(field=ours, origin="connection" if ours in own else "connector", words=dict(words), **plain)


_PLAIN = (
    *("theirs", "codec", "direction", "required", "policy", "note", "lossy", "currency", "separator", "kind", "number"),
)


def version(found: Version, in_force: int) -> VersionView:
    """A version as it is shown."""
    return VersionView(
        version=found.number,
        in_force=found.number == in_force,
        lines=dict(found.lines),
        saved=Said(**found.saved),
        activated=[Said(**one) for one in found.activated],
    )
