"""The one way to change a setting: checked, compared with what was shown, recorded, undoable."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.settings.models import SettingChange
from goodword.staff.models import Business, Member

Values = dict[str, Any]


class Subject(ABC):
    """Something that has settings: the business, a team, a mailbox, a rule.

    Its values are plain JSON that names other rows as people do (an address, a slug), so that
    the same values stand in the file of settings, in the record of a change, and in its undo.
    """

    kind: ClassVar[str]
    # Fields that hold no words about people; the journal says what they were and are.
    public: ClassVar[frozenset[str]] = frozenset()
    # What a new one has where nothing is said
    defaults: ClassVar[Values] = {}

    def __init__(self, key: str = "") -> None:
        self.key = key

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind

    @abstractmethod
    def values(self) -> Values | None:
        """How it stands now; None where it is not there."""

    @abstractmethod
    def put(self, to: Values | None, *, by: Member | str) -> None:
        """Check and write whole values; None takes it away. Refused where that cannot be."""

    def normal(self, to: Values) -> Values:
        """Whole values as they would be kept, so that the same said otherwise is no change."""
        return to

    def fields(self) -> list[str]:
        """The names of its values, for the file of settings."""
        return list(self.values() or self.defaults)

    def is_public(self, field: str) -> bool:
        return field in self.public


class Edited(Refused):
    """Somebody else changed it after the form was shown; `there` is how it stands now."""

    def __init__(self, there: Values | None) -> None:
        sentence = _(
            "Somebody changed this while you were at it. Nothing of yours or theirs is lost."
        )
        super().__init__("EDITED", sentence, 409)
        self.there = there


def mark(values: Values | None) -> str:
    """What a form carries, to say what it was shown."""
    said = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


@transaction.atomic
def save(
    subject: Subject,
    to: Values | None,
    *,
    by: Member | str,
    seen: str | None = None,
    undoes: SettingChange | None = None,
) -> SettingChange | None:
    """Change the fields in `to` (None: take the subject away); None where nothing changed.

    `seen` is the mark of what the form was shown. Raises Edited where it stands otherwise now.
    """
    one_after_the_other()
    there = subject.values()
    if seen is not None and seen != mark(there):
        raise Edited(there)
    whole = None if to is None else subject.normal({**(there or {}), **to})
    if whole == there:
        return None
    subject.put(whole, by=by)
    return _noted(subject, there, subject.values(), by=by, undoes=undoes)


def one_after_the_other() -> None:
    """Changes of settings wait for each other: a check may look at all of them."""
    Business.objects.select_for_update().order_by("pk").first()


def _noted(
    subject: Subject,
    there: Values | None,
    after: Values | None,
    *,
    by: Member | str,
    undoes: SettingChange | None,
) -> SettingChange | None:
    changed = _changed(there, after)
    if not changed:
        return None
    change = SettingChange.objects.create(
        subject=subject.name,
        before=there and {name: there[name] for name in changed if name in there},
        after=after and {name: after[name] for name in changed if name in after},
        by=by if isinstance(by, Member) else None,
        undoes=undoes,
    )
    record(None, "setting_changed", by=by, words=change, facts=_facts(subject, change))
    return change


def _changed(there: Values | None, after: Values | None) -> list[str]:
    names = sorted({*(there or {}), *(after or {})})
    if there is None or after is None:
        return names
    return [name for name in names if there.get(name) != after.get(name)]


def _facts(subject: Subject, change: SettingChange) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "setting": subject.kind,
        "change": change.pk,
        "fields": change.fields,
        "is_new": change.before is None,
        "is_gone": change.after is None,
    }
    public = [name for name in change.fields if subject.is_public(name)]
    if public and change.before is not None and change.after is not None:
        facts["from"] = {name: change.before.get(name) for name in public}
        facts["to"] = {name: change.after.get(name) for name in public}
    return facts


def undo(
    change: SettingChange, subject_of: Callable[[str], Subject], *, by: Member
) -> SettingChange | None:
    """Put back what this change changed. Refused where somebody has changed it since."""
    with transaction.atomic():
        one_after_the_other()
        if SettingChange.objects.filter(undoes=change).exists():
            return None
        subject = subject_of(change.subject)
        there = subject.values()
        if not _stands(change.after, there):
            sentence = _("It was changed again since, so this cannot be undone by itself any more.")
            raise Refused("CHANGED_SINCE", sentence)
        return save(subject, change.before, by=by, undoes=change)


def _stands(after: Values | None, there: Values | None) -> bool:
    if after is None or there is None:
        return after == there
    return all(there.get(name) == value for name, value in after.items())
