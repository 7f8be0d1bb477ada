"""Nudges: what each new row tells the pages that are open, and who may hear it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from goodword.cases.models import Case, Watch
from goodword.channels.mail.models import IncomingMail
from goodword.core.live import Nudge
from goodword.core.prepared import first, prepared
from goodword.core.time import now
from goodword.journal.models import Entry
from goodword.notifying.models import Notification
from goodword.staff.models import Member, Presence
from goodword.staff.rights import Right
from goodword.staff.session import SessionStore, digest_of

AT_ONCE = 2000
LATE = 100
Seen = tuple[int, int, bool]
_MAIL_KINDS = ("mailbox_trouble", "mailbox_well", "mailbox_changed")


@dataclass(frozen=True)
class Audience:
    """Who may see a case: the members of these teams, these members, and every leader."""

    teams: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseNudge(Nudge):
    """A nudge about a case, for those who may see it."""

    audience: Audience = field(default_factory=Audience)


@dataclass(frozen=True, slots=True)
class MemberNudge(Nudge):
    """A nudge for one member."""

    member: int = 0


@dataclass(frozen=True)
class Cursor:
    """How far was read: entry, mail, who has which case open and writes, and who was told."""

    entry: int
    mail: int
    present: frozenset[Seen]
    read: frozenset[int] = frozenset()
    told: int = 0


def read_since(cursor: Cursor | None) -> tuple[Cursor, Sequence[Nudge]]:
    """The nudges of everything that is newer than `cursor`, each once; for the Broadcaster."""
    if cursor is None:
        return _end(), []
    # On PostgreSQL a transaction that took a lower id may commit after one with a higher.
    entries = _later(since=cursor.entry - LATE, read=list(cursor.read))
    newest_mail = first(_newest_mail(after=cursor.mail)) or cursor.mail
    present = _present()
    moved = {case for case, _member, _writes in present ^ cursor.present}
    audiences = _audiences(entries, moved)
    told, news = _told_since(cursor.told)
    nudges = [*_of_entries(entries, audiences), *_of_presence(moved, audiences), *news]
    if newest_mail != cursor.mail or any(entry.kind in _MAIL_KINDS for entry in entries):
        nudges.append(Nudge("operating", "operating"))
    ids = cursor.read | {entry.pk for entry in entries}
    last = max(ids, default=cursor.entry)
    read = frozenset(pk for pk in ids if pk > last - LATE)
    return Cursor(last, newest_mail, present, read, told), _each_once(nudges)


def _each_once(nudges: Iterable[Nudge]) -> list[Nudge]:
    told = {(each.name, each.topic, getattr(each, "audience", None)): each for each in nudges}
    return list(told.values())


def _end() -> Cursor:
    entries = list(Entry.objects.order_by("-pk").values_list("pk", flat=True)[:LATE])
    mail = IncomingMail.objects.order_by("-pk").values_list("pk", flat=True).first()
    told = Notification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return Cursor(entries[0] if entries else 0, mail or 0, _present(), frozenset(entries), told)


def _told_since(told: int) -> tuple[int, list[Nudge]]:
    """One nudge for each member who was told; one turn at a time writes them, in order."""
    news = _told_after(told=told)
    members = sorted({member for _pk, member in news})
    nudges: list[Nudge] = [MemberNudge("told", f"told:{pk}", member=pk) for pk in members]
    return (news[-1][0] if news else told), nudges


def _present() -> frozenset[Seen]:
    return frozenset(_seen_after(at=now() - Presence.LASTS))


def _audiences(entries: Sequence[Entry], moved: set[int]) -> dict[int, Audience]:
    """Who may see each case now, and who could before an entry took it from them."""
    wanted = {entry.case_id for entry in entries if entry.case_id}
    cases = sorted(wanted | moved)
    if not cases:
        return {}
    found = {}
    watchers: dict[int, set[int]] = defaultdict(set)
    for pk, member in _watched(cases=cases):
        watchers[pk].add(member)
    for pk, team, *members in _whose(cases=cases):
        mine = [entry for entry in entries if entry.case_id == pk]
        teams = {entry.facts.get("from_") for entry in mine if entry.kind == "team_changed"}
        before = {entry.facts.get("from_") for entry in mine if entry.kind == "handed_over"}
        before |= {entry.facts.get("member") for entry in mine if entry.kind == "unwatched"}
        before |= watchers[pk]
        found[pk] = Audience(
            frozenset({team, *teams} - {None}), frozenset({*members, *before} - {None})
        )
    return found


def _of_entries(entries: Iterable[Entry], audiences: Mapping[int, Audience]) -> Iterable[Nudge]:
    for entry in entries:
        if entry.kind == "member_revoked":
            yield Nudge("revoked", str(entry.facts["member"]))
        for digest in entry.facts.get("sessions", ()):
            yield Nudge("signed_out", digest)
        if entry.case_id is None or entry.case_id not in audiences:
            continue
        audience = audiences[entry.case_id]
        yield CaseNudge("case", f"case:{entry.case_id}", audience=audience)
        yield CaseNudge("inbox", "inbox", audience=audience)
        if "promise" in entry.facts:
            yield CaseNudge("promises", "promises", audience=audience)


def _of_presence(cases: Iterable[int], audiences: Mapping[int, Audience]) -> Iterable[Nudge]:
    for pk in cases:
        if pk in audiences:
            yield CaseNudge("presence", f"presence:{pk}", audience=audiences[pk])


@prepared
def _later(*, since: int, read: list[int]) -> QuerySet[Entry]:
    return Entry.objects.filter(pk__gt=since).exclude(pk__in=read).order_by("pk")[:AT_ONCE]


@prepared
def _watched(*, cases: list[int]) -> QuerySet[Watch, tuple[int, int]]:
    return Watch.objects.filter(case__in=cases).values_list("case", "member")


@prepared
def _whose(*, cases: list[int]) -> QuerySet[Case, tuple[int, int | None, int | None, int | None]]:
    whose = Case.objects.filter(pk__in=cases)
    return whose.values_list("pk", "team_id", "owner_id", "handing_to_id")


@prepared
def _newest_mail(*, after: int) -> QuerySet[IncomingMail, int]:
    mails = IncomingMail.objects.filter(pk__gt=after).order_by("-pk")
    return mails.values_list("pk", flat=True)[:1]


@prepared
def _told_after(*, told: int) -> QuerySet[Notification, tuple[int, int]]:
    rows = Notification.objects.filter(pk__gt=told).order_by("pk")
    return rows.values_list("pk", "member")[:AT_ONCE]


@prepared
def _seen_after(*, at: datetime) -> QuerySet[Presence, Seen]:
    return Presence.objects.filter(seen_at__gt=at).values_list("case_id", "member_id", "writing")


class Listeners:
    """Who listens, and what they may hear; asked without the database once they are known."""

    def __init__(self) -> None:
        # By the digest of the session, since a session may end while its member goes on.
        self._known: dict[str, tuple[int, bool, bool, frozenset[int]]] = {}

    def authenticate(self, cookies: Mapping[str, str]) -> str | None:
        """The key of the member who is signed in with these cookies, None for anybody else."""
        session = cookies.get(settings.SESSION_COOKIE_NAME, "")
        member = _signed_in(session)
        if member is None:
            return None
        key = digest_of(session)
        teams = frozenset(member.teams.values_list("pk", flat=True))
        if not member.has(Right.SEE_TEAM):
            teams = frozenset()
        self._known[key] = (member.pk, member.has(Right.SEE_ALL), member.may_operate, teams)
        return key

    def sees(self, viewer: str, nudge: Nudge) -> bool:
        if nudge.name == "signed_out":
            self._known.pop(nudge.topic, None)
            return False
        if nudge.name == "revoked":
            gone = [key for key, known in self._known.items() if str(known[0]) == nudge.topic]
            for key in gone:
                del self._known[key]
            return False
        if viewer not in self._known:
            return False
        pk, sees_all, may_operate, teams = self._known[viewer]
        if isinstance(nudge, MemberNudge):
            return pk == nudge.member
        if not isinstance(nudge, CaseNudge):
            return may_operate
        audience = nudge.audience
        return sees_all or pk in audience.members or bool(teams & audience.teams)

    def is_shut_out(self, viewer: str) -> bool:
        return viewer not in self._known


def _signed_in(session_key: str) -> Member | None:
    if not session_key:
        return None
    session = SessionStore(session_key).load()
    member = Member.objects.active().filter(pk=session.get(SESSION_KEY) or 0).first()
    if member is None:
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    return member if constant_time_compare(kept, member.get_session_auth_hash()) else None
