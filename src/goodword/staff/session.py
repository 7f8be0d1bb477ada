"""Sessions that know whose they are: listed by their member, and ended at once.

A session ends after `SESSION_IDLE` without a page, and `SESSION_COOKIE_AGE` after signing in
whatever happens; both by the machine's clock, as Django's own sessions do.
"""

import hashlib
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from goodword.core.prepared import prepared
from goodword.core.room import noted_if_it_can_be
from goodword.core.time import now

if TYPE_CHECKING:
    from goodword.staff.models import Member

SEEN_EVERY = timedelta(minutes=5)
_ABOUT = "about_session"
# Whether this member still has to set up the second factor that their role asks for.
OWES = "owes_second"


class Session(AbstractBaseSession):
    """One browser: signed in as a member, or nobody's yet."""

    member = models.ForeignKey(
        "staff.Member", models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    device = models.CharField(max_length=120, blank=True)
    network = models.CharField(max_length=45, blank=True)
    how = models.CharField(max_length=12, blank=True)  # password, code, passkey, sso
    begun_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.device} ({self.network})"

    @property
    def digest(self) -> str:
        """Names the session where its key, which lets in, must not stand."""
        return digest_of(self.session_key)

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore

    @classmethod
    def standing(cls) -> "models.QuerySet[Session]":
        return cls.objects.filter(expire_date__gt=timezone.now())

    @classmethod
    def end(cls, rows: "Iterable[Session]") -> list[str]:
        """End these; their digests, for whoever has to tell open streams."""
        ended = list(rows)
        cls.objects.filter(pk__in=[each.pk for each in ended]).delete()
        return [each.digest for each in ended]


class SessionStore(InDatabase):
    """Keeps beside the contents whose session it is."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        """As Django's, with whose it is in the same question: every page asks for both."""
        standing = _standing(key=self.session_key or "", at=timezone.now())
        self.row = standing[0] if standing else None
        if self.row is None:
            self._session_key = None
        _came_with.set(self.row.member if self.row else None)
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        about = data.get(_ABOUT, {})
        row.member_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.device, row.network = about.get("device", ""), about.get("network", "")
        row.how = about.get("how", "")
        row.begun_at = datetime.fromisoformat(about["at"]) if about else now()
        row.expire_date = _expiry(about)
        return row


@prepared
def _standing(*, key: str, at: datetime) -> models.QuerySet[Session]:
    return Session.objects.select_related("member__role").filter(
        session_key=key, expire_date__gt=at
    )


_came_with: "ContextVar[Member | None]" = ContextVar("came_with", default=None)


def came_with_session(pk: object) -> "Member | None":
    """The member whom the session that was just read names; once, so that nobody is kept."""
    member = _came_with.get()
    _came_with.set(None)
    return member if member is not None and str(member.pk) == str(pk) else None


def begin(request: HttpRequest, how: str) -> None:
    """Note, right after signing in, where and how this session began."""
    request.session[_ABOUT] = {
        "device": device(request.META.get("HTTP_USER_AGENT", "")),
        "network": network(request),
        "how": how,
        "at": now().isoformat(),
        "began": timezone.now().timestamp(),
    }


def seen(request: HttpRequest) -> None:
    """Note that the session is in use; writes once in five minutes."""
    row = getattr(request.session, "row", None)
    if row is None or row.member_id is None or now() - row.seen_at < SEEN_EVERY:
        return
    to = {"seen_at": now(), "network": network(request)}
    to["expire_date"] = _expiry(request.session.get(_ABOUT, {}))
    with noted_if_it_can_be():
        Session.objects.filter(pk=row.pk).update(**to)


def _expiry(about: dict[str, Any]) -> datetime:
    idle = timezone.now() + timedelta(seconds=settings.SESSION_IDLE)
    if "began" not in about:
        return idle
    began = datetime.fromtimestamp(about["began"], UTC)
    return min(idle, began + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def digest_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


def network(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def device(agent: str) -> str:
    """A browser and a system, as a person names them; "" where it says neither."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


# Each of them names those after it as well.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
