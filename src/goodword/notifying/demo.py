"""The demo's notifications: what was told until an hour ago has been seen."""

from datetime import timedelta

from goodword.core.time import now
from goodword.notifying.models import Notification
from goodword.notifying.telling import catch_up


def tell_the_demo() -> None:
    catch_up()
    before = now() - timedelta(hours=1)
    Notification.objects.filter(entry__at__lt=before).update(seen_at=before)
