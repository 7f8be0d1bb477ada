"""What an audit found, taken over: our past answers, and the promises that are still open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from goodword.audit.findings import Word
from goodword.audit.letters import Letter, Ours
from goodword.audit.run import read_letters
from goodword.audit.sources import Files
from goodword.cases.giving_word import GivenWords
from goodword.cases.models import Case, FoundPromise, Message, OutgoingMessage, Participant
from goodword.cases.models.message import Direction, Purpose
from goodword.channels.mail.addresses import domain_of, is_free_mail, is_no_reply
from goodword.channels.mail.models import Mailbox, ThreadId
from goodword.channels.mail.placing import rest_as_history
from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.meeting import customer_of
from goodword.people.models import Customer
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Member

# Who else is written to at once than so many is no reader of a case.
MOST_READERS = 20


def take_over(words: Iterable[Word], *, with_broken: bool = False) -> int:
    """Make what is still open in the case of its thread; how many were made.

    A promise past its time is taken only `with_broken`: the next tick says that it is broken, and
    a desk that begins with sixty of them helps nobody. Twice makes nothing twice.
    """
    wanted = ("still open", "nothing") if with_broken else ("still open",)
    return sum(_made(word) for word in words if word.state in wanted)


@dataclass(frozen=True)
class TakenIn:
    """How many of our mails stand in a case that was there, and how many began one."""

    answers: int
    begun: int


def take_in_answers(said: Iterable[Letter], box: Mailbox, ours: Ours) -> TakenIn:
    """Put what we wrote into the cases of its threads, so that who was answered is not asked for.

    What answers nothing begins a case of whoever it was written to. Each once, however often it
    is called. It keeps nothing and is not sent: it is what happened before this desk was here.
    """
    done = Counter(_taken_in(letter, box, ours) for letter in said)
    return TakenIn(done["answer"], done["begun"])


def ours_here() -> Ours:
    """The addresses from which this desk writes: its mailboxes' and its members'."""
    members = Member.objects.get_queryset().values_list("email", flat=True)
    return Ours.of([*Mailbox.objects.values_list("address", flat=True), *members])


def sent_by_us(paths: Iterable[Path], ours: Ours) -> list[Letter]:
    """What a person of this desk wrote to somebody outside, of the mail in these files.

    A member who writes to one of our mailboxes asks us something, as any customer does.
    """
    boxes = {address.lower() for address in Mailbox.objects.values_list("address", flat=True)}
    letters = read_letters(Files(tuple(paths)), lambda: None)
    return [
        each
        for each in letters
        if ours.has(each.sender)
        and not ours.wrote_by_machine(each)
        and (each.sender in boxes or not boxes.intersection(each.recipients))
    ]


@transaction.atomic
def _taken_in(letter: Letter, box: Mailbox, ours: Ours) -> str:
    if _is_here(letter):
        return ""
    member = Member.objects.filter(email__iexact=letter.sender).first()
    answered = Message.objects.filter(message_id__in=letter.parents).order_by("-at").first()
    case = answered.case if answered else _case_of_thread(letter, box)
    is_first = case is None
    case = case or _begun(letter, box, ours, by=member or "system")
    if case is None:
        return ""
    # Where mail counts from today, an answer still stands behind what it answers.
    at = max(letter.at, answered.at) if answered else letter.at
    message = _written_down(letter, case, member, at)
    _remember_thread(letter, case, box)
    if message.at >= case.last_at:
        change(case, {}, {**Case.last_words(message), "is_unread": False})
    if message.at < case.opened_at:
        change(case, {}, {"opened_at": message.at})
    if is_first:
        rest_as_history(case, at=letter.at)
    return "begun" if is_first else "answer"


def _is_here(letter: Letter) -> bool:
    """Brought in before, or sent by this very desk."""
    header = letter.message_id[:500]
    return (
        Message.everything.filter(message_id=header).exists()
        or OutgoingMessage.objects.filter(header_id=header).exists()
    )


def _case_of_thread(letter: Letter, box: Mailbox) -> Case | None:
    """Where somebody else referred to this mail, or to one that it refers to."""
    ids = [each[:500] for each in (letter.message_id, *letter.parents)]
    known = ThreadId.objects.filter(mailbox=box, header_id__in=ids).order_by("case_id")
    row = known.select_related("case").first()
    return row.case.survivor() if row else None


def _begun(letter: Letter, box: Mailbox, ours: Ours, *, by: Member | str) -> Case | None:
    """A case that we began: the first whom it was written to is its customer, the rest read along.

    None where it went to nobody outside, or only to where nobody reads.
    """
    written_to = [
        each for each in letter.recipients if not ours.has(each) and not is_no_reply(each)
    ][:MOST_READERS]
    if not written_to:
        return None
    people = [_person(letter, address, box) for address in written_to]
    case = Case.open(people[0], title=letter.subject, by=by, team=box.team, at=letter.at)
    for other in people[1:]:
        role = {"role": Participant.Role.COPY}
        Participant.objects.get_or_create(case=case, customer=other, defaults=role)
    return case


def _person(letter: Letter, address: str, box: Mailbox) -> Customer:
    domain = domain_of(address)
    is_internal = domain == domain_of(box.address) and not is_free_mail(domain)
    return customer_of(
        address,
        letter.name_of(address),
        account_domain="" if is_internal or is_free_mail(domain) else domain,
        is_internal=is_internal,
        at=letter.at,
        is_used=False,
    )


def _written_down(letter: Letter, case: Case, member: Member | None, at: datetime) -> Message:
    message = Message.objects.create(
        case=case,
        direction=Direction.OUT,
        purpose=Purpose.ANSWER,
        member=member,
        at=at,
        dated=letter.at,
        subject=letter.subject[:500],
        text=letter.text,
        from_address=letter.sender[:320],
        message_id=letter.message_id[:500],
    )
    facts = {"message": message.pk, "purpose": message.purpose}
    record(case, "sent", by=member or "system", at=at, words=message, facts=facts)
    GivenWords(case, message.text, at=letter.at).offer(message)
    return message


def _remember_thread(letter: Letter, case: Case, box: Mailbox) -> None:
    """So that an answer to it finds its case, and what we wrote after it too."""
    ids = dict.fromkeys(each[:500] for each in (*letter.parents, letter.message_id))
    rows = [
        ThreadId(mailbox=box, header_id=each, case=case, is_here=each == letter.message_id[:500])
        for each in ids
    ]
    ThreadId.objects.bulk_create(rows, ignore_conflicts=True)
    own = ThreadId.objects.filter(mailbox=box, header_id=letter.message_id[:500])
    own.update(is_here=True)


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
