"""A tick as a process of its own: `python -m tests.worker.ticking INSTANT`, until nothing is due.

`TICKING_DATABASE` is the database of the test that started it, as JSON.
"""

import json
import os
import sys
from datetime import datetime

import django
from django.conf import settings


def main(instant: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "goodword.config.settings"
    settings.DATABASES["default"] |= json.loads(os.environ["TICKING_DATABASE"])
    django.setup()
    from goodword.core.time import clock
    from goodword.worker import tick as ticks

    clock.fix(datetime.fromisoformat(instant))
    # Many kills want many pieces of work to fall into.
    ticks.TOGETHER = int(os.environ.get("TICKING_TOGETHER") or ticks.TOGETHER)
    print("ticking", flush=True)
    while any(ticks.tick().values()):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
