"""A worker as a process of its own: `python -m tests.server.errand_worker NAME LEASE PAUSE`.

It does errands until none is open, noting each in the transaction that finishes it. It says
`claimed` after its first claim, and `lost` for each row that was no longer its own.
"""

import sys
import time
from datetime import timedelta

from tests.server.small_settings import configure

configure()

from django.db import transaction  # noqa: E402

from goodword.core.time import now  # noqa: E402
from goodword.core.work import LeaseLost, claim  # noqa: E402
from tests.server.workapp.models import Doing, Errand  # noqa: E402


def do(errand: Errand, worker: str) -> None:
    try:
        with transaction.atomic():
            Doing.objects.create(errand=errand.pk, worker=worker)
            errand.finish(done_by=worker)
    except LeaseLost:
        print("lost", flush=True)


def main(worker: str, lease: float, pause: float) -> None:
    while Errand.objects.filter(done_at=None).exists():
        rows = claim(Errand.objects.all(), limit=5, lease=timedelta(seconds=lease), now=now())
        if rows:
            print("claimed", flush=True)
        time.sleep(pause)
        for errand in rows:
            do(errand, worker)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
