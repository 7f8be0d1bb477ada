"""What stands on the page of the closing sweep: lines, choices of a time, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise as LazyText

from goodword.cases.acknowledging import Next, PartsMissing
from goodword.cases.models import Case, Message
from goodword.cases.replying import SomebodyAnswered
from goodword.core.refusals import Refused

FIELDS = ("received", "working", "next", "due", "reason")


@dataclass
class Line:
    """One customer on the sweep, and what this member has typed for them."""

    case: Case
    quote: str
    more: int
    typed: dict[str, str]
    seen: int
    is_late: bool = False  # five minutes or less: the three parts are no longer insisted on
    refusal: str = ""
    code: str = ""
    codes: Sequence[str] = ()
    newer: Sequence[Message] = ()
    error: Refused | None = None
    is_in_composer: bool = False  # the words wait there, since they have heard meanwhile

    @property
    def pk(self) -> int:
        return int(self.case.pk)

    @property
    def next(self) -> str:
        return self.typed.get("next", Next.FIRST_THING)

    @property
    def is_written(self) -> bool:
        return any(self.typed.get(name, "").strip() for name in ("received", "working"))

    @property
    def asks_reason(self) -> bool:
        return bool(self.codes) or bool(self.typed.get("reason", "").strip())

    def refuse(self, error: Refused) -> None:
        """Show why it did not go out, beside what was typed."""
        self.error, self.refusal, self.code = error, str(error.sentence), error.code
        if isinstance(error, PartsMissing):
            self.codes = error.codes
        if isinstance(error, SomebodyAnswered):
            self.newer = error.newer
            # Both texts stand on the page now: sending again is meant.
            self.seen = max(self.seen, *(message.pk for message in error.newer))


@dataclass(frozen=True)
class Choice:
    value: str
    label: str | LazyText
    when: str


@dataclass(frozen=True)
class Sent:
    """A first word of this sweep: what it promised, and whether a part was left out."""

    message: Message  # with `opens` and `due` of what it promised
    went_without: int
    seconds_left: int  # to take it back; 0 for what left, or is a colleague's


def flat(fields: dict[str, object]) -> dict[str, str]:
    """The fields of a draft, whether they were kept as a form's lists or as plain words."""
    found = {}
    for name in FIELDS:
        value = fields.get(name)
        found[name] = str(value[0] if isinstance(value, list) and value else value or "")
    return found
