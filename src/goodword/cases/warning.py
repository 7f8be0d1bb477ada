"""Telling the customer before its due that a promise will be missed (P6)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases.replying import Then
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.promises.kinds import State
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Member


@transaction.atomic
def forewarn(
    promise: Promise,
    words: str,
    *,
    by: Member,
    called: bool = False,
    to: datetime | None = None,
    seen: int | None = None,
) -> MoveRequest | None:
    """Tell them in `words`, by mail or in a call that was made, and note that they know.

    With `to`, ask for that time instead; the request is returned. The promise still breaks
    when its due comes, unless they agree to the other time before.
    """
    if promise.state != State.OPEN or now() > promise.breaks_at:
        raise Refused("ALREADY_DUE", _("Its time has passed: it is broken. Tell them so."))
    if called:
        message = promise.case.log_call(words, by=by, answers=False)
    else:
        message = promise.case.reply(by=by, text=words, then=Then.PROMISE, seen=seen)
    promise.refresh_from_db(fields=["state", "breaks_at", "paused_at"])
    # A promised update is kept by these very words, and there is nothing left to warn of.
    warned = promise.forewarn(message, by=by)
    why = " ".join(words.split())
    return MoveRequest.ask(promise, to, by=by, reason=why) if warned and to else None
