"""Waiting for the customer (C5): work rests meanwhile where we say so, and they may end it.

A pause needs a question that they can read and a next update that comes all the same; it ends
with their answer, with “don’t wait”, with our next word, or when that update is broken.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.models import Case, CustomerAct, Message
from goodword.cases.models.acts import must_be_an_act
from goodword.cases.replying import Then
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.promises import pausing
from goodword.promises.models import Promise
from goodword.staff.models import Member


@transaction.atomic
def ask_and_pause(
    promise: Promise, question: str, *, by: Member, words: str = "", seen: int | None = None
) -> Message | None:
    """Ask what the work waits for, and let its clock stand until they answer.

    The question goes out by mail with `words` before it. None where the case waits for that
    very question already: then only the clock stops.
    """
    case, question = promise.case, " ".join(question.split())[:500]
    message = None
    if case.waiting_since is None or question not in ("", case.question):
        if not question:
            raise Refused("NO_QUESTION", _("Write the question that we wait for."), 422)
        text = f"{words.strip()}\n\n{question}".strip()
        message = case.reply(by=by, text=text, then=Then.WAIT, question=question, seen=seen)
    pausing.pause(promise, by=by)
    return message


def dont_wait(case: Case, act: CustomerAct) -> bool:
    """“Don’t wait”: the customer ends our waiting, and every clock that it stopped goes on."""
    must_be_an_act(act)
    act.must_be_for(case)
    with case.held() as held:
        if not change(held, {"waiting_since__isnull": False}, {"waiting_since": None}):
            return False
        change(held, {}, {"question": ""})
        pausing.lift_all(held, by=act.customer)
        record(held, "wait_refused", by=act.customer)
    return True
