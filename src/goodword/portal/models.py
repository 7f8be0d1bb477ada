"""What the open pages must remember: how often somebody knocked, and which form came already."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import alone

TOO_MANY = 429


class Knock(models.Model):
    """One use of an open form, counted across processes. Who it was cannot be read from it."""

    key = models.CharField(max_length=60)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="knock_key_at")]

    WINDOW = timedelta(hours=1)
    # A whole office shares one address of the network; a mailbox is one person's.
    LIMITS = {
        "write:from": 20, "write:to": 5, "write:all": 400,
        "mayday:from": 6, "mayday:to": 3, "mayday:all": 40,
        "rate:from": 60, "rate:all": 3000,
    }  # fmt: skip

    @classmethod
    def count(cls, what: str, request: HttpRequest, *, to: str = "") -> None:
        """Refused (429) where there were too many within the hour; else one more is noted."""
        keys = {f"{what}:all": "", f"{what}:from": str(request.META.get("REMOTE_ADDR", ""))}
        keys |= {f"{what}:to": to} if to else {}
        named = {f"{name}:{_hidden(value)}": cls.LIMITS[name] for name, value in keys.items()}
        since = now() - cls.WINDOW
        with transaction.atomic():
            # Of any number at the same moment no more get through than the limit says.
            alone(f"knock:{what}")
            cls._note(named, since)

    @classmethod
    def _note(cls, named: dict[str, int], since: datetime) -> None:
        lately = cls.objects.filter(key__in=named, at__gt=since).values("key")
        counts = lately.annotate(n=models.Count("id")).order_by()
        if any(row["n"] >= named[row["key"]] for row in counts):
            sentence = _("That was a lot within an hour, so this form waits a while. "
                         "Ring us or write us a mail: a person reads it.")  # fmt: skip
            raise Refused("TOO_MANY", sentence, TOO_MANY)
        cls.objects.filter(at__lt=since).delete()
        Knock.objects.bulk_create([Knock(key=key) for key in named])


def _hidden(value: str) -> str:
    """An address of the network that nobody can read back, and that is another one tomorrow."""
    day = now().date().isoformat()
    return salted_hmac("goodword.knock", f"{day}:{value}", algorithm="sha256").hexdigest()[:32]


class ReceivedForm(models.Model):
    """The token of an open form that came in, and what became of it: sent twice, it is one case."""

    token = models.UUIDField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="received_form_at")]

    LASTS = timedelta(days=2)

    @classmethod
    def case_of(cls, token: str) -> int | None:
        key = _read(token)
        return cls.objects.filter(token=key).values_list("case_id", flat=True).first()

    @classmethod
    def note(cls, token: str, case_id: int) -> None:
        key = _read(token)
        if key is not None:
            cls.objects.filter(at__lt=now() - cls.LASTS).delete()
            cls.objects.create(token=key, case_id=case_id)


def _read(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(token)
    except ValueError:
        return None
