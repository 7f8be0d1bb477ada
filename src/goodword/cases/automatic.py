"""What the desk writes by itself: receipt, reminder and mirror. A machine states facts.

At most two automatic mails per case and sender a day (RFC 3834), and none that has no answer:
every one carries the customer's link and a reply path.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import formats, translation
from django.utils.translation import gettext as _

from goodword.cases.models.message import AUTOMATIC, Channel, Direction, Message, Purpose
from goodword.cases.readers import queue_copy
from goodword.cases.replying import new_header_id
from goodword.cases.wording import RECEIPT, REMINDER, text_of
from goodword.core.compare import change
from goodword.core.dates import full_day
from goodword.core.prepared import first, prepared
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise

if TYPE_CHECKING:
    from goodword.cases.models.acts import CustomerAct
    from goodword.cases.models.case import Case
    from goodword.cases.models.merge import Merge

# A reminder's entry is written by the verb that asked for it.
_KINDS: dict[str, str] = {
    Purpose.RECEIPT: "receipt_sent",
    Purpose.MIRROR: "mirrored",
    Purpose.MERGED: "merge_told",
    Purpose.MAYDAY: "mayday_told",
}
A_DAY = timedelta(hours=24)
AUTOMATIC_A_DAY = 2
ONE_QUESTION_IN = timedelta(days=6)  # a check-in every seven days must still fit


@transaction.atomic(savepoint=False)
def send_receipt(case: Case, heard: Message) -> Message | None:
    """A truthful receipt, when a person's first word is not due the same day (R03).

    None where it is due the same day, or where the limits say that nothing goes out.
    """
    if heard.customer is None or heard.is_unconfirmed:
        return None
    first_word = first(_first_word_owed(case=case.pk, customer=case.customer_id))
    if first_word is None:
        return None
    zone_name, due = first_word
    zone = ZoneInfo(zone_name)
    if due.astimezone(zone).date() == heard.at.astimezone(zone).date():
        return None
    sent = _receipts_and_others(to=heard.customer.pk, since=now() - A_DAY)
    here = sum(of == case.pk for of, _purpose in sent)
    if _had_a_receipt(sent, case) or (
        here >= AUTOMATIC_A_DAY and _is_over_limit(case, heard.customer)
    ):
        return None
    language = heard.customer.reads()
    with translation.override(language):
        facts = {
            "name": heard.customer.given,
            "received": _instant(heard.at, zone),
            "due": _instant(due, zone),
            "owner": case.owner.name,
        }
    text = text_of(RECEIPT, language, facts)
    return _send(case, Purpose.RECEIPT, text, heard.customer)


@transaction.atomic
def remind(case: Case) -> Message | None:
    """Ask once more whether it is settled. None where the contact budget is spent."""
    asked_lately = Message.objects.filter(
        case__customer=case.customer, purpose=Purpose.REMINDER, at__gt=now() - ONE_QUESTION_IN
    )
    if asked_lately.exists() or _is_over_limit(case, case.customer):
        return None
    facts = {"name": case.customer.given, "title": case.title, "owner": case.owner.name}
    text = text_of(REMINDER, case.customer.reads(), facts)
    return _send(case, Purpose.REMINDER, text, case.customer)


@transaction.atomic
def mirror(case: Case, act: CustomerAct, meaning: str) -> Message | None:
    """Tell the customer how their words were understood, with a way to take it back.

    Words that a member marked count because they are mirrored (domain.md, “Actors”). None
    where the limits hold it back; their page and the next mail show it then.
    """
    if act.message is None or _is_over_limit(case, case.customer):
        return None
    said = act.message.direction == Direction.CALL
    with translation.override(case.customer.reads()):
        heard = _("You said “%(words)s”.") if said else _("You wrote “%(words)s”.")
        text = "\n\n".join(
            (
                f"{heard} " % {"words": act.sentence}
                + _("%(name)s took it to mean: %(meaning)s.")
                % {"name": act.marked_by.name if act.marked_by else "", "meaning": meaning},
                _("If that is not what you said, say so on your page, or answer this mail."),
            )
        )
    return _send(case, Purpose.MIRROR, text, case.customer)


@transaction.atomic
def tell_merged(case: Case, merge: Merge) -> Message | None:
    """That two of their cases are one now, where no message of ours is due that would say so.

    None where the limits hold it back; their page and the next mail show it then.
    """
    if _is_over_limit(case, case.customer):
        return None
    with translation.override(case.customer.reads()):
        text = "\n\n".join((words_of_merge(merge), _("Nothing is lost, and nothing is closed.")))
    message = _send(case, Purpose.MERGED, text, case.customer)
    if message is not None:
        change(merge, {"told_in": None}, {"told_in": message})
    return message


def words_of_merge(merge: Merge) -> str:
    """Both references, as a customer is told of them; in the language that is in force."""
    facts = {
        "one": merge.case.title,
        "this": merge.case.reference,
        "two": merge.into.title,
        "other": merge.into.reference,
    }
    if merge.stands:
        said = _(
            "“%(one)s” (%(this)s) and “%(two)s” (%(other)s) go on as one, as %(other)s. "
            "An answer to a mail about either of them reaches us."
        )
    else:
        said = _(
            "“%(one)s” (%(this)s) and “%(two)s” (%(other)s) go on by themselves again, each "
            "with a page of its own."
        )
    return said % facts


def send_word(case: Case, purpose: str, text: str, to: Customer) -> Message | None:
    """What cannot wait for tomorrow's share of automatic mail; whoever calls it counts."""
    return _send(case, purpose, text, to)


def _send(case: Case, purpose: str, text: str, to: Customer) -> Message | None:
    point = to.mail_point()
    if point is None:
        return None
    message = new(
        Message,
        case=case,
        direction=Direction.OUT,
        channel=Channel.MAIL,
        purpose=purpose,
        member=case.owner,
        at=now(),
        text=text,
        subject=case.title,
        message_id=new_header_id(),
    )
    put(message)
    queue_copy(message, point, "to")
    kind = _KINDS.get(purpose)
    if kind:
        record(case, kind, by="system", words=message, facts={"message": message.pk})
    return message


def _sent_today(to: Customer, purposes: tuple[str, ...]) -> QuerySet[Message]:
    of_today = Message.objects.filter(purpose__in=purposes, at__gt=now() - A_DAY)
    return of_today.filter(copies__point__customer=to)


@prepared
def _receipts_and_others(*, to: int, since: datetime) -> QuerySet[Message, tuple[int, str]]:
    sent = Message.objects.filter(purpose__in=AUTOMATIC, at__gt=since, copies__point__customer=to)
    return sent.values_list("case_id", "purpose")


@prepared
def _first_word_owed(*, case: int, customer: int) -> QuerySet[Promise, tuple[str, datetime]]:
    owed = Promise.objects.open().filter(kind=Kind.ACKNOWLEDGE, case=case, customer=customer)
    return owed.order_by("due", "pk").values_list("zone", "due")[:1]


def _had_a_receipt(sent: list[tuple[int, str]], case: Case) -> bool:
    """One a case, and two in all: a machine that opens a case by every answer stops there."""
    cases = [of for of, purpose in sent if purpose == Purpose.RECEIPT]
    return case.pk in cases or len(cases) >= AUTOMATIC_A_DAY


def _is_over_limit(case: Case, to: Customer) -> bool:
    if _sent_today(to, AUTOMATIC).filter(case=case).count() < AUTOMATIC_A_DAY:
        return False
    noted = case.entries.filter(kind="limit_reached", at__gt=now() - A_DAY).exists()
    if not noted:
        record(case, "limit_reached", by="system")
    return True


def _instant(at: datetime, zone: ZoneInfo) -> str:
    """A day and a time as people of this language write them, in the business's own zone."""
    local = at.astimezone(zone)
    return f"{full_day(local)}, {formats.date_format(local, 'H:i')}"
