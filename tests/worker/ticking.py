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
    from goodword.worker.tick import tick

    clock.fix(datetime.fromisoformat(instant))
    print("ticking", flush=True)
    while any(tick().values()):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
