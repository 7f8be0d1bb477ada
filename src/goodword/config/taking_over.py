"""What an audit found, taken over: our past answers, and the promises that are still open."""

from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from goodword.audit.findings import Word
from goodword.audit.letters import Letter, Ours
from goodword.audit.run import read_letters
from goodword.audit.sources import Files
from goodword.cases.giving_word import GivenWords
from goodword.cases.models import Case, FoundPromise, Message
from goodword.cases.models.message import Direction, Purpose
from goodword.channels.mail.models import Mailbox
from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.meeting import customer_of
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Member


def take_over(words: Iterable[Word], *, with_broken: bool = False) -> int:
    """Make what is still open in the case of its thread; how many were made.

    A promise past its time is taken only `with_broken`: the next tick says that it is broken, and
    a desk that begins with sixty of them helps nobody. Twice makes nothing twice.
    """
    wanted = ("still open", "nothing") if with_broken else ("still open",)
    return sum(_made(word) for word in words if word.state in wanted)


def take_in_answers(said: Iterable[Letter]) -> int:
    """Put what we wrote into the cases of its threads, so that who was answered is not asked for.

    Returns how many were put there; each once, however often it is called. It keeps nothing and
    is not sent: it is what happened before this desk was here.
    """
    return sum(_taken_in(letter) for letter in said)


def sent_by_us(paths: Iterable[Path]) -> list[Letter]:
    """What a person of this desk wrote to somebody outside, of the mail in these files.

    A member who writes to one of our mailboxes asks us something, as any customer does.
    """
    boxes = {address.lower() for address in Mailbox.objects.values_list("address", flat=True)}
    members = Member.objects.get_queryset().values_list("email", flat=True)
    ours = Ours.of([*boxes, *members])
    letters = read_letters(Files(tuple(paths)), lambda: None)
    return [
        each
        for each in letters
        if ours.has(each.sender)
        and not ours.wrote_by_machine(each)
        and (each.sender in boxes or not boxes.intersection(each.recipients))
    ]


@transaction.atomic
def _taken_in(letter: Letter) -> bool:
    ids = letter.parents
    found = Message.objects.filter(message_id__in=ids).order_by("-at").first()
    if found is None or Message.objects.filter(message_id=letter.message_id).exists():
        return False
    case, member = found.case, Member.objects.filter(email__iexact=letter.sender).first()
    message = Message.objects.create(
        case=case,
        direction=Direction.OUT,
        purpose=Purpose.ANSWER,
        member=member,
        at=letter.at,
        dated=letter.at,
        subject=letter.subject[:500],
        text=letter.text,
        from_address=letter.sender[:320],
        message_id=letter.message_id[:500],
    )
    facts = {"message": message.pk, "purpose": message.purpose}
    record(case, "sent", by=member or "system", at=letter.at, words=message, facts=facts)
    GivenWords(case, message.text, at=letter.at).offer(message)
    if message.at >= case.last_at:
        change(case, {}, {**Case.last_words(message), "is_unread": False})
    return True


@transaction.atomic
def _made(word: Word) -> bool:
    found = word.found
    text = " ".join(found.text.split())[:300]
    if found.due is None or Promise.objects.filter(text=text, due=found.due).exists():
        return False
    case = _case_of(word) or _case_for(word)
    if case is None:
        return False
    promise = Promise.make(
        case,
        found.kind if found.kind in Kind.values else Kind.NEXT_UPDATE,
        text,
        by="system",
        form=found.form or "",
        due=found.due,
        opens=found.opens,
        at=word.letter.at,
    )
    said = FoundPromise.objects.offered().filter(message__message_id=word.letter.message_id)
    taken = {"state": FoundPromise.State.CONFIRMED, "promise": promise, "decided_at": now()}
    said.filter(start=found.start, end=found.end).update(**taken)
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
