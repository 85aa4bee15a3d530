"""The person of the story: made up, a new one for each telling."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

FAMILIES = (("佐々木", "sasaki"), ("山本", "yamamoto"), ("松田", "matsuda"), ("石井", "ishii"), ("小川", "ogawa"))
GIVEN = (("陽子", "yoko"), ("美咲", "misaki"), ("恵", "megumi"), ("直美", "naomi"))
TITLES = ("店長", "営業部長", "購買担当", "広報マネージャー")


@dataclass(frozen=True, slots=True)
class Person:
    """Who she is on each platform; `number` tells one telling from another, `minute` 0 is when it began (Unix ms)."""

    number: int
    began_at_ms: int

    @property
    def family(self) -> str:
        """Family name in kanji."""
        return FAMILIES[self.number % len(FAMILIES)][0]

    @property
    def given(self) -> str:
        """Given name in kanji."""
        return GIVEN[self.number % len(GIVEN)][0]

    @property
    def phone_as_typed(self) -> str:
        """As people write it in Tokyo."""
        return f"090-1234-{(5678 + self.number) % 10_000:04d}"

    @property
    def phone(self) -> str:
        """The same in E.164."""
        return "+81" + self.phone_as_typed.replace("-", "")[1:]

    @property
    def email(self) -> str:
        """Her address."""
        family, given = FAMILIES[self.number % len(FAMILIES)][1], GIVEN[self.number % len(GIVEN)][1]
        return f"{given}.{family}.{self.number}@example.com"

    @property
    def whatsapp_user_id(self) -> str:
        """Her business-scoped user id."""
        return f"JP.{int(self.token('bsuid'), 16) % 10**17:017d}"

    @property
    def username(self) -> str:
        """The WhatsApp username that she takes between two messages."""
        return self.email.partition("@")[0]

    @property
    def old_title(self) -> str:
        """What Salesforce has as her title before the story."""
        return "主任"

    @property
    def new_title(self) -> str:
        """What Salesforce changes it to."""
        return TITLES[self.number % len(TITLES)]

    def token(self, purpose: str) -> str:
        """32 hex digits for an id of a platform's, the same whenever asked."""
        return hashlib.sha256(f"{purpose} {self.number} {self.began_at_ms}".encode()).hexdigest()[:32]

    def at_ms(self, minute: float) -> int:
        """Unix milliseconds of a minute of the story."""
        return self.began_at_ms + round(minute * 60_000)
