"""Understanding the customer's own words: what a member marked counts, and is told back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.automatic import mirror
from goodword.cases.models.acts import CustomerAct
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import plain_time
from goodword.promises.models import Promise


@transaction.atomic
def agree_in_words(promise: Promise, act: CustomerAct, to: datetime | None) -> None:
    """The customer agreed to another time in a sentence that a member marked (P5).

    `to` is the instant read in their words; None where it is the one that we asked for.
    Refused without a time. The customer is told at once how they were understood.
    """
    if act.marked_by is None:
        raise Refused("NOT_THEIR_WORDS", _("Mark a sentence that the customer wrote."), 422)
    asked = promise.move_requests.filter(state="asked", by_member__isnull=False).first()
    if asked is not None and to in (None, asked.to):
        to = asked.to
        asked.agree(by=act.customer)
    elif to is None:
        raise Refused("NO_TIME", _("Write the time that they agree to."), 422)
    else:
        promise.move(to, by=act.customer, agreed_with=act.marked_by, reason=act.sentence[:300])
    with override(act.customer.reads()):
        said = {"promise": promise.text, "when": plain_time(to)}
        mirror(promise.case, act, _("“%(promise)s” moves to %(when)s") % said)
