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
    case: Case, customer: Customer, *, number: str, when: str = "", is_confirmed: bool = True
) -> Promise:
    """Hear it as their words and promise them the call by the clock of a first word (R01).

    A second request while the first is open changes the words, not the promise.
    `is_confirmed` as in Hearing.
    """
    said = _("Please call me on %(number)s. %(when)s") % {"number": number, "when": when}
    message = case.hear(customer, said.strip(), channel=Channel.PAGE, is_confirmed=is_confirmed)
    record(case, "call_asked", by=customer, facts={"message": message.pk})
    theirs = case.promises.open().filter(customer=customer)
    open_calls = theirs.filter(kind=Kind.CALLBACK, made_by=None)
    if (there := open_calls.first()) is not None:
        return there
    text = _("We call you on %(number)s") % {"number": number}
    promise = Promise.make(
        case, Kind.CALLBACK, text, by="system", form="acknowledge", customer=customer
    )
    case.reckon()
    return promise
