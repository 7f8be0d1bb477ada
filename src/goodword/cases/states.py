"""Where a case stands, and whose move it is (domain.md, “Case”)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    RECEIVED = "received", _("Received")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    IN_PROGRESS = "in_progress", _("In progress")
    ASKED = "asked", _("Asked")
    SETTLED = "settled", _("Settled")
    LAPSED = "lapsed", _("Answered, no verdict")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REFERRED_OUT = "referred_out", _("Referred to somebody else")


ENDED = (State.SETTLED, State.LAPSED, State.WITHDRAWN, State.REFERRED_OUT)


class Move(models.TextChoices):
    """Whose move it is: the tabs of the inbox."""

    OURS = "ours", _("Ours to move")
    THEIRS = "theirs", _("Theirs")
    DECIDE = "decide", _("They decide")
    SETTLED = "settled", _("Settled")
    ASIDE = "aside", _("Not customers")
    MERGED = "merged", _("Merged into another")


class AsideReason(models.TextChoices):
    SPAM = "spam", _("Spam")
    PITCH = "pitch", _("Somebody selling to us")
    WRONG = "wrong", _("Wrong address or number")
    MACHINE = "machine", _("A machine wrote it")
