"""Browsers that a member has signed in with before, so that a new one can be told of."""

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse

from goodword.core.time import now

if TYPE_CHECKING:
    from goodword.staff.models import Member

COOKIE = f"{settings.COOKIE_PREFIX}goodword_device"
_KEPT = 60 * 60 * 24 * 400  # the longest that browsers keep a cookie


class KnownDevice(models.Model):
    member = models.ForeignKey("staff.Member", models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    known_since = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "digest"], name="device_once")]


def is_new(request: HttpRequest, member: "Member") -> bool:
    """Whether this browser is new to a member who has others. It is known from now on."""
    secret = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(24)
    request.device_secret = secret  # type: ignore[attr-defined]
    digest = hashlib.sha256(secret.encode()).hexdigest()
    known = KnownDevice.objects.filter(member=member)
    has_others = known.exists()
    _row, made = KnownDevice.objects.get_or_create(member=member, digest=digest)
    return made and has_others


def remember(request: HttpRequest, response: HttpResponse) -> None:
    secret = getattr(request, "device_secret", "")
    if secret:
        response.set_cookie(
            COOKIE, secret, max_age=_KEPT, httponly=True, samesite="Lax",
            secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
