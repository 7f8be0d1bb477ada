"""A form on facts that somebody else may change while it is open.

It carries what it showed of each field as `was_NAME`. Only what was typed is written: the rest of
an old form would take back what others wrote meanwhile. And nothing is written over their words
before whoever does it has seen them.
"""

from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused


class FactsForm:
    """`now` is each field as the form would show it at this moment, a text; empty for nothing."""

    def __init__(self, posted: QueryDict, now: Mapping[str, str]) -> None:
        self._posted, self._now = posted, now

    def is_typed(self, name: str) -> bool:
        """Whether it differs from what the form showed; by whoever sends no such form, from now."""
        return self._posted.get(name, "") != self._was(name)

    def shown(self) -> dict[str, str]:
        """For the form that is given back: what was typed, and else what is there now."""
        return {
            name: self._posted.get(name, "") if self.is_typed(name) else value
            for name, value in self._now.items()
        }

    def refuse_to_overwrite(
        self, labels: Mapping[str, object], words: Callable[[str, str], str]
    ) -> None:
        """Refused (409), with their words, where somebody else changed what was changed here.

        `words` says a field's value as people read it: a language's name for its code.
        """
        for name, label in labels.items():
            there = self._now[name]
            if self.is_typed(name) and there not in (self._was(name), self._posted.get(name, "")):
                sentence = _(
                    "Somebody else changed “%(field)s” while you wrote; it says now: %(there)s. "
                    "What you typed stands in the form: keep it to put it in place of theirs."
                )
                theirs = f"“{words(name, there)}”" if there else _("nothing")
                raise Refused("COLLISION", sentence % {"field": label, "there": theirs})

    def _was(self, name: str) -> str:
        return self._posted.get(f"was_{name}", self._now[name])
