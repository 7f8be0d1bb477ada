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
CONTACT = (*KEPT_BY_AN_ANSWER, Kind.NEXT_UPDATE, Kind.CALLBACK)


class State(models.TextChoices):
    OPEN = "open", _("Open")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    KEPT_LATE = "kept_late", _("Kept late")
    MOVED = "moved", _("Moved, agreed")
    RELEASED = "released", _("Released")
    VOID = "void", _("Fell away")


OUTSTANDING = (State.OPEN, State.BROKEN)
