"""What the screens must remember by themselves: which forms were sent already."""

import uuid
from datetime import timedelta

from django.db import IntegrityError, models, transaction

from goodword.core.time import now
from goodword.staff.models import Member


class AlreadySent(Exception):
    """This very form was sent before: a double click, or a page that was sent again."""


class SentForm(models.Model):
    """The token of a form that was sent, so that sending it twice does one thing once."""

    token = models.UUIDField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="sent_form_at")]

    LASTS = timedelta(days=7)

    @classmethod
    def claim(cls, token: str, member: Member) -> None:
        """Take the token, in the transaction of what the form does. AlreadySent if it is gone.

        A form without a readable token is never refused for that; it is only not protected.
        """
        if (key := _read(token)) is None:
            return
        cls.objects.filter(at__lt=now() - cls.LASTS).delete()
        try:
            with transaction.atomic():
                cls.objects.create(token=key, member=member)
        except IntegrityError as error:
            raise AlreadySent from error

    @classmethod
    def was_sent(cls, token: str) -> bool:
        key = _read(token)
        return key is not None and cls.objects.filter(token=key).exists()


def new_token() -> str:
    return str(uuid.uuid4())


def _read(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(token)
    except ValueError:
        return None
