"""Promises that an audit found, made in the cases that the same mail became."""

from collections.abc import Iterable

from django.db import transaction

from goodword.audit.findings import Word
from goodword.cases.models import Case, Message
from goodword.people.meeting import customer_of
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise


def take_over(words: Iterable[Word], *, with_broken: bool = False) -> int:
    """Make what is still open in the case of its thread; how many were made.

    A promise past its time is taken only `with_broken`: the next tick says that it is broken, and
    a desk that begins with sixty of them helps nobody. Twice makes nothing twice.
    """
    wanted = ("still open", "nothing") if with_broken else ("still open",)
    return sum(_made(word) for word in words if word.state in wanted)


@transaction.atomic
def _made(word: Word) -> bool:
    found = word.found
    text = " ".join(found.text.split())[:300]
    if found.due is None or Promise.objects.filter(text=text, due=found.due).exists():
        return False
    case = _case_of(word) or _case_for(word)
    if case is None:
        return False
    Promise.make(
        case,
        found.kind if found.kind in Kind.values else Kind.NEXT_UPDATE,
        text,
        by="system",
        form=found.form or "",
        due=found.due,
        opens=found.opens,
        at=word.letter.at,
    )
    return True


def _case_of(word: Word) -> Case | None:
    ids = (word.letter.message_id, *word.letter.parents)
    message = Message.objects.filter(message_id__in=ids).order_by("-at").first()
    return message.case if message else None


def _case_for(word: Word) -> Case | None:
    """We wrote first, so no mail of theirs has made a case yet."""
    letter = word.letter
    if not letter.recipients:
        return None
    customer = customer_of(letter.recipients[0])
    return Case.open(customer, title=letter.subject, by="system", at=letter.at)
