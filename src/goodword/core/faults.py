"""Where a test may pull the plug: named points at which this desk kills itself.

Nothing happens at a point unless GOODWORD_FAULT names it, as `outbox.after_250`, or
`tick.between:2` for its second passing. `tests/faults/` goes through all of them.
"""

import os
import signal
from itertools import count

POINTS = {
    "intake.after_take": "a mail is kept, and its sender does not know it yet",
    "intake.after_read": "a mail was read by a child, and nothing of that is written",
    "intake.before_commit": "everything about a mail is written, and nothing is committed",
    "intake.after_commit": "a mail has its place, and the next one of the batch waits",
    "outbox.after_claim": "copies are leased, and none has left",
    "outbox.after_250": "their server has taken a copy, and we have not written that down",
    "outbox.after_commit": "a copy is noted as sent, and the next one of the batch waits",
    "tick.between": "one promise is judged, and others are due",
    "reply.before_commit": "an answer is written, and nothing is committed",
    "reply.after_commit": "an answer is committed, and its writer does not know it yet",
}
_NAME, _, _TIMES = os.environ.get("GOODWORD_FAULT", "").partition(":")
_passed = count(1)
_parent: int | None = None


def belongs_to(parent: int) -> None:
    """The plug is pulled of the whole desk: of this parent, with which all its children die."""
    global _parent
    _parent = parent


def point(name: str) -> None:
    """Kill this desk here, as kill -9 does, where GOODWORD_FAULT asks for it."""
    if name == _NAME and next(_passed) == int(_TIMES or 1):
        if _parent is not None:
            os.kill(_parent, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
