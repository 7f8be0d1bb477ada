"""“You told me…”: the customer’s pen, and our answer, which they read whatever it is.

It is confirmed as a promise, or another time is offered and they say yes or no, or a person
says why not. Nothing makes it go away without a word to them.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.models import Case, CaseLink, CustomerAct, Message
from goodword.cases.models.acts import must_be_an_act
from goodword.cases.models.message import Channel
from goodword.cases.models.recollection import Recollection
from goodword.core.compare import change
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.promises.models import Promise
from goodword.staff.models import Member
from goodword.staff.rights import Right, must

ANSWER_BY = "end_of_nth_business_day:1"
MOST_WAITING = 5  # of one customer; whoever has more to say is better served by a call
MOST_A_DAY = 10
MOST_OFFERS = 2
FEWEST_WORDS = 5  # of a no; “we cannot” is none
State = Recollection.State


# The customer’s pen


@transaction.atomic
def recall(
    case: Case,
    act: CustomerAct,
    words: str,
    *,
    by_when: datetime | None = None,
    said_by: str = "",
    where: str = Recollection.Where.PHONE,
) -> Recollection:
    """Put what they were promised before us. The very same once more changes nothing."""
    must_be_an_act(act)
    act.must_be_for(case)
    words = " ".join(words.split())[:400]
    if not words:
        raise Refused("NO_TEXT", _("Write what you were told, in a line."), 422)
    if where not in Recollection.Where.values:
        raise Refused("NO_CHANNEL", _("Choose where it was said."), 422)
    with case.held() as held:
        theirs = Recollection.objects.filter(owed__customer=act.customer)
        if same := theirs.waiting().filter(words=words, owed__case=held).first():
            return same
        lately = theirs.filter(at__gt=now() - timedelta(days=1)).count()
        if theirs.waiting().count() >= MOST_WAITING or lately >= MOST_A_DAY:
            sentence = _("You have told us several things that wait for our word. Ring us: a "
                         "person goes through them with you.")  # fmt: skip
            raise Refused("TOO_MANY", sentence, 429)
        heard = held.hear(
            act.customer, _as_said(held, words, by_when, said_by), channel=Channel.PAGE
        )
        row = Recollection.objects.create(
            owed=_owe(held, words),
            heard_as=heard,
            words=words,
            by_when=by_when,
            said_by=said_by[:100],
            where=where,
        )
        facts = {"recollection": row.pk, "by_when": by_when, "message": heard.pk}
        record(held, "recalled", by=act.customer, words=row, facts=facts)
    return row


@transaction.atomic
def recall_elsewhere(case: Case, act: CustomerAct, words: str, **how: Any) -> CaseLink:
    """About something that has no case: it opens one, and their way into it is returned."""
    must_be_an_act(act)
    act.must_be_for(case)
    there = Recollection.objects.waiting().filter(owed__customer=act.customer)
    if same := there.filter(words=" ".join(words.split())[:400]).first():
        return CaseLink.for_customer(same.case, act.customer)
    new = Case.open(
        act.customer, title=words, by=act.customer, team=case.team, channel=Channel.PAGE
    )
    link = CaseLink.for_customer(new, act.customer)
    recall(new, CustomerAct.on_page(link), words, **how)
    return link


def _as_said(case: Case, words: str, by_when: datetime | None, said_by: str) -> str:
    parts = [_("You told me: “%(words)s”") % {"words": words}]
    if by_when is not None:
        parts.append(_("By: %(when)s") % {"when": _time(by_when, case)})
    if said_by:
        parts.append(_("Said by: %(name)s") % {"name": said_by})
    return "\n".join(parts)


def _time(at: datetime, case: Case) -> str:
    local = at.astimezone(ZoneInfo(case.schedule_in_force().zone))
    return f"{full_day(local)}, {local:%H:%M}"


def _owe(case: Case, words: str) -> Promise:
    with override(case.customer.reads()):
        text = _("We tell you yes or no: “%(words)s”") % {"words": words}
    return Promise.make(case, Kind.CONSENT_ANSWER, text[:500], by="system", form=ANSWER_BY)


def withdraw(row: Recollection, act: CustomerAct) -> bool:
    """They were mistaken: it waits no more, and stands in the list as they left it."""
    must_be_an_act(act)
    act.must_be_for(row.case)
    with row.case.held() as case:
        row.refresh_from_db(fields=["state"])
        if row.state not in (State.WAITING, State.OFFERED) and not row.is_waiting:
            return False
        row.owed.release(by=act.customer)
        change(row, {}, {"state": State.WITHDRAWN})
        facts = {"recollection": row.pk}
        record(case, "recollection_withdrawn", by=act.customer, facts=facts)
    return True


def take_time(row: Recollection, act: CustomerAct) -> Promise:
    """The other time suits them: from now on it is promised."""
    must_be_an_act(act)
    act.must_be_for(row.case)
    with row.case.held() as case:
        _must_be_offered(row, case)
        assert row.offered is not None
        if row.offered <= now():
            sentence = _("That time has passed meanwhile. Say no, and we answer you anew.")
            raise Refused("NO_TIME", sentence)
        by = row.answered_by or case.owner
        promise = Promise.make(
            case, Kind.TASK_DONE, row.words, by=by, due=row.offered, owner=by, said_in=row.answer
        )
        change(row, {}, {"state": State.CONFIRMED, "promise": promise})
        facts = {"recollection": row.pk, "promise": promise.pk}
        record(case, "recollection_confirmed", by=act.customer, facts=facts)
    return promise


def refuse_time(row: Recollection, act: CustomerAct) -> None:
    """The other time does not suit them: it waits for our word again, with a new clock."""
    must_be_an_act(act)
    act.must_be_for(row.case)
    with row.case.held() as case:
        _must_be_offered(row, case)
        change(row, {}, {"state": State.WAITING, "owed": _owe(case, row.words)})
        facts = {"recollection": row.pk, "promise": row.owed_id}
        record(case, "recollection_refused", by=act.customer, facts=facts)


def _must_be_offered(row: Recollection, case: Case) -> None:
    row.refresh_from_db(fields=["state", "offered", "owed"])
    row.owed.case = case
    if row.state != State.OFFERED or row.is_waiting:
        raise Refused("ANSWERED", _("This was already answered."))


# Our answer


def confirm(
    row: Recollection,
    *,
    by: Member,
    kind: str = Kind.TASK_DONE,
    due: datetime | None = None,
    words: str = "",
    seen: int | None = None,
) -> Promise:
    """Yes: it is a promise, by the time that they remember, even where that is past.

    Where no time was said, `due` names it. Another time than theirs is offered, not set.
    """
    if kind not in GIVEN_BY_HAND:
        raise Refused("NO_KIND", _("Choose what kind of promise this is."), 422)
    when = row.by_when or due
    if when is None:
        raise Refused("NO_TIME", _("No time was said. Say by when it is done."), 422)
    if row.by_when is None and when <= now():
        raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
    with row.case.held() as case:
        _must_wait(row, by, case)
        given: list[dict[str, Any]] = []
        # Where an earlier yes did not arrive, the promise that it gave stands.
        if row.promise is None or not row.promise.is_outstanding:
            given = [{"kind": kind, "text": row.words, "due": when, "is_remembered": True}]
        message = case.reply(
            by=by, text=words.strip() or _yes(row, when, by), then="promise", promises=given,
            seen=seen,
        )  # fmt: skip
        promise = message.vows.first() if given else row.promise
        assert promise is not None
        _answered(row, State.CONFIRMED, message, by, promise=promise)
        facts = {"recollection": row.pk, "promise": promise.pk, "message": message.pk}
        record(case, "recollection_confirmed", by=by, facts=facts)
    return promise


def _yes(row: Recollection, when: datetime, by: Member) -> str:
    with override(row.customer.reads()):
        if when <= now():
            said = _("You are right: “%(words)s”, by %(when)s. We missed that. It is in our "
                     "list now, and I see to it.")  # fmt: skip
        else:
            said = _("Yes: “%(words)s”. You have my word, by %(when)s.")
        return said % {"words": row.words, "when": _time(when, row.case)}


def offer(
    row: Recollection, due: datetime, *, by: Member, words: str, seen: int | None = None
) -> Message:
    """Not by the time that they remember, but by another: why, and they say yes or no."""
    _must_say_why(words)
    if due <= now():
        raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
    with row.case.held() as case:
        _must_wait(row, by, case)
        if row.offers >= MOST_OFFERS:
            sentence = _("Two times were offered and did not suit. Confirm theirs, or say why not.")
            raise Refused("OFFERED_TWICE", sentence)
        with override(row.customer.reads()):
            line = _("We can do it by %(when)s: on your page you say yes or no to that.")
            text = f"{words.strip()}\n\n{line % {'when': _time(due, case)}}"
        message = case.reply(by=by, text=text, then="promise", seen=seen)
        _answered(row, State.OFFERED, message, by, offered=due, offers=row.offers + 1)
        facts = {"recollection": row.pk, "to": due, "message": message.pk}
        record(case, "recollection_offered", by=by, facts=facts)
    return message


def decline(row: Recollection, *, by: Member, words: str, seen: int | None = None) -> Message:
    """No, and why, in words that they read: by mail and on their page."""
    _must_say_why(words)
    with row.case.held() as case:
        _must_wait(row, by, case)
        message = case.reply(by=by, text=words.strip(), then="promise", seen=seen)
        _answered(row, State.DECLINED, message, by)
        facts = {"recollection": row.pk, "message": message.pk}
        record(case, "recollection_declined", by=by, facts=facts)
    return message


def _must_say_why(words: str) -> None:
    if len(words.split()) < FEWEST_WORDS:
        sentence = _("Say why, in a whole sentence: it is what they read.")
        raise Refused("NO_REASON", sentence, 422)


def _must_wait(row: Recollection, by: Member, case: Case) -> None:
    if not isinstance(by, Member):
        raise Refused("MEMBERS_ONLY", _("Only a person of ours answers this."), 403)
    must(by, Right.ANSWER)
    row.refresh_from_db(fields=["state", "offers", "owed", "promise"])
    row.owed.case = case
    if not row.is_waiting:
        raise Refused("ANSWERED", _("This was already answered."))


def _answered(row: Recollection, state: str, message: Message, by: Member, **to: Any) -> None:
    answered = {"state": state, "answer": message, "answered_by": by, "answered_at": now()}
    change(row, {}, {**answered, **to})
    row.owed.keep(by=by, message=message, answers=True)
