"""The kinds of promises, and what may keep each (domain.md, “Promise”)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ACKNOWLEDGE = "acknowledge", _("First word")
    REPLY = "reply", _("Reply")
    NEXT_UPDATE = "next_update", _("Next update")
    CALLBACK = "callback", _("Callback")
    ARRIVAL_WINDOW = "arrival_window", _("Arrival window")
    TASK_DONE = "task_done", _("Work done")
    RESOLUTION = "resolution", _("Resolution")
    REMEDY_DELIVERED = "remedy_delivered", _("Remedy")
    REFUND_PAID = "refund_paid", _("Refund")
    CUSTODY_RETURN = "custody_return", _("Return")
    CHECK_IN = "check_in", _("Check-in")
    CONSENT_ANSWER = "consent_answer", _("A yes or no")


# What an agent may give by hand; the other kinds are made by a policy or an act.
GIVEN_BY_HAND = (
    Kind.CALLBACK,
    Kind.NEXT_UPDATE,
    Kind.ARRIVAL_WINDOW,
    Kind.TASK_DONE,
    Kind.RESOLUTION,
    Kind.REMEDY_DELIVERED,
    Kind.REFUND_PAID,
    Kind.CUSTODY_RETURN,
    Kind.CHECK_IN,
)
# Kept by an answer and by nothing else.
KEPT_BY_AN_ANSWER = (Kind.ACKNOWLEDGE, Kind.REPLY)
# That they hear from us: never paused, and a broken one climbs the ladder (clock.md, rule 4).
CONTACT = (*KEPT_BY_AN_ANSWER, Kind.NEXT_UPDATE, Kind.CALLBACK, Kind.CONSENT_ANSWER)
# Only work rests while we wait for the customer; a word about when they hear from us never does.
MAY_PAUSE = (Kind.RESOLUTION, Kind.TASK_DONE)


class Evidence(models.TextChoices):
    """How we know that a promise was kept."""

    MESSAGE = "message", _("A message of a person to them")
    CALL = "call", _("A call that reached them")
    ARRIVAL = "arrival", _("Somebody of ours was there")
    PAYMENT = "payment", _("A payment that was settled")
    RETURN = "return", _("Signed for by whoever took it back")
    DONE = "done", _("What was done")
    ANSWER = "answer", _("Our yes or no to what they remember")
    VERDICT = "verdict", _("Their own word that it is settled")


# What may keep each kind, and nothing else does (P2).
KEPT_BY: dict[str, tuple[Evidence, ...]] = {
    Kind.ACKNOWLEDGE: (Evidence.MESSAGE, Evidence.CALL),
    Kind.REPLY: (Evidence.MESSAGE, Evidence.CALL),
    Kind.NEXT_UPDATE: (Evidence.MESSAGE, Evidence.CALL),
    Kind.CALLBACK: (Evidence.CALL,),
    Kind.ARRIVAL_WINDOW: (Evidence.ARRIVAL,),
    Kind.TASK_DONE: (Evidence.MESSAGE, Evidence.CALL, Evidence.DONE),
    Kind.RESOLUTION: (Evidence.MESSAGE, Evidence.CALL, Evidence.DONE, Evidence.VERDICT),
    Kind.REMEDY_DELIVERED: (Evidence.MESSAGE, Evidence.CALL, Evidence.DONE),
    Kind.REFUND_PAID: (Evidence.PAYMENT,),
    Kind.CUSTODY_RETURN: (Evidence.RETURN,),
    Kind.CHECK_IN: (Evidence.MESSAGE, Evidence.CALL),
    Kind.CONSENT_ANSWER: (Evidence.ANSWER,),
}
# What a line written by hand is evidence of; where a kind is not here, no line keeps it.
BY_A_LINE: dict[str, Evidence] = {
    Kind.NEXT_UPDATE: Evidence.CALL,
    Kind.CALLBACK: Evidence.CALL,
    Kind.CHECK_IN: Evidence.CALL,
    Kind.ARRIVAL_WINDOW: Evidence.ARRIVAL,
    Kind.TASK_DONE: Evidence.DONE,
    Kind.RESOLUTION: Evidence.DONE,
    Kind.REMEDY_DELIVERED: Evidence.DONE,
    Kind.REFUND_PAID: Evidence.PAYMENT,
    Kind.CUSTODY_RETURN: Evidence.RETURN,
}


class State(models.TextChoices):
    OPEN = "open", _("Open")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    KEPT_LATE = "kept_late", _("Kept late")
    MOVED = "moved", _("Moved, agreed")
    RELEASED = "released", _("Released")
    VOID = "void", _("Fell away")


OUTSTANDING = (State.OPEN, State.BROKEN)
