"""Messages that were written for later: each goes out at its time, or is held."""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError

from goodword.cases.models import Scheduled
from goodword.cases.models.scheduled import Stand
from goodword.core.time import now
from goodword.core.work import LeaseLost, claim

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
AT_ONCE = 20


def go_out() -> int:
    """Send what is due; how many were looked at. Safe in any number of workers."""
    waiting = Scheduled.objects.filter(stand=Stand.WAITING).select_related("case", "member")
    rows = claim(waiting, limit=AT_ONCE, lease=LEASE, now=now())
    for row in rows:
        try:
            row.go()
        except (OperationalError, InterfaceError):
            raise
        except LeaseLost:
            continue
        except Exception as error:
            # One that breaks something must not keep the others from leaving.
            log.exception("message %s for later could not go out", row.pk)
            row.hold(str(error))
    return len(rows)
