"""Keys that let a member in once: a code by mail, an invitation, a new password.

What is sent is derived from the row and the installation's secret, so that nothing in the
database lets anybody in.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.time import now

_SIGNATURE_BYTES = 16  # 128 bits
MOST_TRIES = 5


def new_salt() -> str:
    return secrets.token_hex(8)


class Key(models.Model):
    class Purpose(models.TextChoices):
        CODE = "code", _("Code by mail")
        INVITE = "invite", _("Invitation")
        RESET = "reset", _("New password")

    LASTS: ClassVar[dict[str, timedelta]] = {
        Purpose.CODE: timedelta(minutes=15),
        Purpose.INVITE: timedelta(days=7),
        Purpose.RESET: timedelta(days=1),
    }

    # Nobody's, where a code was asked for at an address that is no member's.
    member = models.ForeignKey("staff.Member", models.CASCADE, null=True, related_name="keys")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    salt = models.CharField(max_length=16, default=new_salt)
    made_at = models.DateTimeField(default=now)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "purpose"], name="key_member_purpose")]

    @classmethod
    def make(cls, member: models.Model | None, purpose: str) -> "Key":
        """A new key; earlier ones of this purpose stop working."""
        earlier = cls.objects.filter(member=member, purpose=purpose, used_at=None)
        if member is not None:
            earlier.update(used_at=now())
        return cls.objects.create(member=member, purpose=purpose)

    @property
    def ends_at(self) -> datetime:
        return self.made_at + self.LASTS[Key.Purpose(self.purpose)]

    @property
    def is_good(self) -> bool:
        return self.used_at is None and now() < self.ends_at

    @property
    def code(self) -> str:
        """Eight digits, for a person to type."""
        return f"{int.from_bytes(self._signature(), 'big') % 10**8:08}"

    @property
    def token(self) -> str:
        number = (self.pk or 0).to_bytes(6, "big")
        return base64.urlsafe_b64encode(number + self._signature()).decode().rstrip("=")

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}/join/{self.token}/"

    @classmethod
    def by_token(cls, token: str) -> "Key | None":
        """The key of a link that still works; None for one that is forged, used or too old."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(raw) != 6 + _SIGNATURE_BYTES:
            return None
        links = cls.objects.exclude(purpose=cls.Purpose.CODE).select_related("member__role")
        key = links.filter(pk=int.from_bytes(raw[:6], "big")).first()
        if key is None or not hmac.compare_digest(raw[6:], key._signature()):
            return None
        return key if key.is_good and key.member_id else None

    def opens_with(self, typed: str) -> bool:
        """Whether this is the code. Each try counts, and it opens once."""
        tried = Key.objects.filter(pk=self.pk, used_at=None, tries__lt=MOST_TRIES)
        if not (self.is_good and tried.update(tries=F("tries") + 1)):
            return False
        digits = "".join(letter for letter in typed if letter.isascii() and letter.isdigit())
        if not hmac.compare_digest(digits, self.code):
            return False
        return self.use() and self.member_id is not None

    def use(self) -> bool:
        """Take it; False where somebody took it a moment ago."""
        return change(self, {"used_at": None}, {"used_at": now()})

    def _signature(self) -> bytes:
        said = f"{self.pk}:{self.purpose}:{self.salt}"
        signed = salted_hmac("goodword.sign-in-key", said, algorithm="sha256")
        return signed.digest()[:_SIGNATURE_BYTES]
