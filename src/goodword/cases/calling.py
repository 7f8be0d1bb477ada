"""“Ring me back”: a customer asks for a call, and a callback is promised at once."""

from django.db import transaction
from django.utils.translation import gettext as _

from goodword.cases.models import Case
from goodword.cases.models.message import Channel
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise


@transaction.atomic
def ask_for_call(
    case: Case,
    customer: Customer,
    *,
    number: str,
    when: str = "",
    is_confirmed: bool = True,
    channel: str = Channel.PAGE,
) -> Promise:
    """Hear it as their words and promise them the call by the clock of a first word (R01).

    A second request while the first is open changes the words, not the promise; the very same
    one, sent twice by an impatient thumb, changes nothing. `is_confirmed` as in Hearing.
    """
    asked = _("Please call me on %(number)s. %(when)s") % {"number": number, "when": when}
    said = asked.strip()
    theirs = case.locked().promises.open().filter(customer=customer)
    there = theirs.filter(kind=Kind.CALLBACK, made_by=None).first()
    newest = case.messages.filter(customer=customer).order_by("-id").first()
    if there is not None and newest is not None and newest.text == said:
        return there
    message = case.hear(customer, said, channel=channel, is_confirmed=is_confirmed)
    record(case, "call_asked", by=customer, facts={"message": message.pk})
    if there is not None:
        return there
    text = _("We call you on %(number)s") % {"number": number}
    promise = Promise.make(
        case, Kind.CALLBACK, text, by="system", form="acknowledge", customer=customer
    )
    case.reckon()
    return promise
