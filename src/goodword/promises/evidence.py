"""Which evidence keeps which promise (P2): the table is in kinds.py, the refusals are here."""

from typing import TYPE_CHECKING

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.promises.kinds import BY_A_LINE, KEPT_BY, Evidence, Kind

if TYPE_CHECKING:
    from goodword.cases.models import Message
    from goodword.promises.models import Promise

_WHAT_WOULD: dict[str, "str | LazyText"] = {
    Kind.ACKNOWLEDGE: _("Only an answer keeps this. Write to them, or call."),
    Kind.REPLY: _("Only an answer keeps this. Write to them, or call."),
    Kind.NEXT_UPDATE: _("Only a word to them keeps this. Write to them, or call."),
    Kind.CALLBACK: _("Only a call keeps this. Call them and note it."),
    Kind.ARRIVAL_WINDOW: _("Only being there keeps this. Say on the promise who was, and when."),
    Kind.REFUND_PAID: _("Only the payment keeps this. Note its reference on the promise."),
    Kind.CUSTODY_RETURN: _("Only the return keeps this. Say on the promise who signed for it."),
    Kind.CHECK_IN: _("Only asking them keeps this. Write to them, or call."),
    Kind.CONSENT_ANSWER: _("Only our yes or no keeps this. Answer what they remember."),
}


def evidence_for(
    promise: "Promise", message: "Message | None", line: str, *, answers: bool = False
) -> Evidence:
    """What is shown for it, or Refused with what would keep it instead."""
    shown = _of_message(message, answers=answers) if message is not None else _of_line(promise)
    if shown is None or not (shown in KEPT_BY[promise.kind] or _is_next_contact(promise, shown)):
        sentence = _WHAT_WOULD.get(promise.kind, _("Say in a line what was done."))
        raise Refused("NO_EVIDENCE", sentence)
    if message is None:
        _must_say_something(shown, line)
    elif message.case_id != promise.case_id:
        raise Refused("NO_EVIDENCE", _("That was said in another case."))
    return shown


def _is_next_contact(promise: "Promise", shown: Evidence) -> bool:
    """“You hear from me first thing in the morning” (R05) is kept by a call and by a word."""
    if promise.kind != Kind.CALLBACK or promise.said_in is None:
        return False
    return promise.said_in.purpose == "three_part" and shown in KEPT_BY[Kind.NEXT_UPDATE]


def _of_message(message: "Message", *, answers: bool) -> Evidence | None:
    if message.direction == "call":
        return Evidence.CALL
    if not message.is_from_a_person:
        return None
    return Evidence.ANSWER if answers else Evidence.MESSAGE


def _of_line(promise: "Promise") -> Evidence | None:
    return None if promise.asks_by_policy else BY_A_LINE.get(promise.kind)


def _must_say_something(shown: Evidence, line: str) -> None:
    if not line.strip():
        raise Refused("NO_EVIDENCE", _("Say in a line what was done, and how we know."), 422)
    if shown == Evidence.PAYMENT and not any(letter.isdigit() for letter in line):
        sentence = _("Write the reference of the payment, so that it can be found.")
        raise Refused("NO_EVIDENCE", sentence, 422)
