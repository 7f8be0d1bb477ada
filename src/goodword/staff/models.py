"""The business, its hours, its teams and the people who answer."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword import clock
from goodword.core.compare import change
from goodword.core.once import once
from goodword.core.prepared import first, prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.attempts import SignInAttempt as SignInAttempt
from goodword.staff.device import KnownDevice as KnownDevice
from goodword.staff.feed import Feed as Feed
from goodword.staff.key import Key as Key
from goodword.staff.letter import Letter as Letter
from goodword.staff.rights import BUILT_IN, Right
from goodword.staff.role import Role as Role
from goodword.staff.session import Session as Session
from goodword.staff.settings import setting
from goodword.staff.shared import Shared as Shared


class Schedule(models.Model):
    """One version of opening hours. Versions are added, never edited (clock.md, rule 1)."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    created_at = models.DateTimeField(default=now)
    is_dropped = models.BooleanField(default=False)  # nobody keeps it; the lists leave it out

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="schedule_version")]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"

    @property
    def hours(self) -> clock.Schedule:
        """The compiled hours, once a process for each content."""
        return _compiled(json.dumps(self.content, sort_keys=True))

    @property
    def zone(self) -> str:
        return str(self.content["zone"])

    @property
    def today(self) -> date:
        return now().astimezone(self.hours.zone_info).date()

    @property
    def changes_on(self) -> date | None:
        """The day of the next change that is planned."""
        return next((day for day, _rules in self.hours.later if day > self.today), None)


@lru_cache(maxsize=256)
def _compiled(content: str) -> clock.Schedule:
    # By what it says and not by its key: a row that was only tried gives its key to another.
    return clock.Schedule.from_data(json.loads(content))


class Business(models.Model):
    """The business that this desk serves. There is one."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=6, default="GW")
    mail_address = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="en-gb")
    brand_hue = models.PositiveSmallIntegerField(default=264)
    logo = models.CharField(max_length=70, blank=True)  # hash and ending of its file
    schedule = models.ForeignKey(Schedule, models.PROTECT)
    home_team = models.ForeignKey("staff.Team", models.PROTECT, null=True, related_name="+")
    policy = models.CharField(max_length=20, default="plain")
    # What was chosen on the pages of settings and has no column of its own
    chosen = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name

    def setting(self, name: str) -> Any:
        """The value of a setting, its default where nobody chose. KeyError: no such setting."""
        return setting(name).of(self)

    @classmethod
    @once
    def current(cls) -> "Business":
        """The one business, with its schedule and home team. DoesNotExist before `init`."""
        business = first(_the_business())
        if business is None:
            raise cls.DoesNotExist
        return business


@prepared
def _the_business() -> "models.QuerySet[Business]":
    around = ("schedule", "home_team__schedule", "home_team__duty")
    return Business.objects.select_related(*around)[:1]


class MemberQuerySet(models.QuerySet["Member"]):
    def active(self) -> "MemberQuerySet":
        return self.filter(is_active=True)

    def able(self, right: Right) -> "MemberQuerySet":
        """Whose role has the right."""
        return self.filter(role__in=Role.with_right(right))


class MemberRows(BaseUserManager["Member"]):
    def get_queryset(self) -> MemberQuerySet:
        return MemberQuerySet(self.model, using=self._db)

    def active(self) -> MemberQuerySet:
        return self.get_queryset().active()

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username)


class Member(AbstractBaseUser):
    """A person who answers for customers. No role stands outside the clock (R06)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.ForeignKey(
        Role, models.PROTECT, db_column="role", related_name="members", default=Role.AGENT
    )
    is_trainee = models.BooleanField(default=False)
    is_contractor = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    phone = models.CharField(max_length=40, blank=True)
    hue = models.PositiveSmallIntegerField(default=1)
    # Empty: as their browser says.
    language = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    signature = models.TextField(null=True, blank=True)  # noqa: DJ001 - NULL: the business's
    created_at = models.DateTimeField(default=now)
    # None while an invitation waits for them.
    joined_at = models.DateTimeField(default=now, null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = MemberRows()

    def __str__(self) -> str:
        return self.name

    @property
    def given(self) -> str:
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def rights(self) -> frozenset[Right]:
        """Asks the database only for a role that is not built in."""
        built_in = BUILT_IN.get(self.role_id or "")
        return built_in.rights if built_in else self.role.rights

    def has(self, right: Right) -> bool:
        return right in self.rights

    def owes_second(self) -> bool:
        """Whether their role asks for a second factor, and the days until then are over."""
        due = self.second_factor_due
        return due is not None and due <= now()

    @property
    def second_factor_due(self) -> datetime | None:
        """From when their role asks for a second factor; None where it does not."""
        role = self.role
        if role.second_factor_after is None or role.second_factor_since is None:
            return None
        since = max(role.second_factor_since, self.joined_at or self.created_at)
        return since + timedelta(days=role.second_factor_after)

    @property
    def is_lead(self) -> bool:
        return self.has(Right.LEAD)

    @property
    def is_leader(self) -> bool:
        return self.has(Right.SIGN)

    @property
    def may_operate(self) -> bool:
        return self.has(Right.OPERATE)

    @property
    def is_light(self) -> bool:
        """Somebody who looks in: reads and notes, and answers nobody."""
        return not self.has(Right.ANSWER)

    @property
    def is_staff(self) -> bool:
        """Django's own admin is not used; nobody is let into it."""
        return False


def initials(name: str) -> str:
    """One or two letters for an avatar; "?" where the name has none."""
    words = [word for word in name.replace(".", " ").split() if word[0].isalnum()]
    letters = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in letters).upper() or "?"


class Team(models.Model):
    """Members who share cases. The duty person answers for what nobody has taken yet."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(unique=True)
    hue = models.PositiveSmallIntegerField(default=264)
    duty = models.ForeignKey(Member, models.PROTECT, related_name="duty_for")
    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, blank=True)
    members = models.ManyToManyField(Member, related_name="teams")
    # Who is on duty when (staff/rota.py); `duty` follows it, and changes next at `duty_until`
    rota = models.JSONField(default=dict, blank=True)
    duty_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(
                fields=["duty_until"],
                condition=models.Q(duty_until__isnull=False),
                name="team_duty_until",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def schedule_in_force(self) -> Schedule:
        return self.schedule or Business.current().schedule

    @transaction.atomic
    def put_on_duty(self, member: Member, *, by: Member | str) -> None:
        """Make `member` the one who answers for cases of this team that nobody has taken."""
        must_be_fit_for_duty(member)
        if change(self, {"duty": self.duty_id}, {"duty": member}):
            record(None, "duty_changed", by=by, facts={"team": self.pk, "to": member.pk})


def must_be_fit_for_duty(member: Member) -> None:
    """Refused for whoever could not answer for a case that nobody has taken."""
    if not member.is_active:
        raise Refused("NO_OWNER", _("Somebody whose access is revoked cannot be on duty."), 422)
    if not member.has(Right.OWN):
        raise Refused("NO_OWNER", _("Their role owns no cases, so they cannot be on duty."), 422)


class Presence(models.Model):
    """Who has a case open, and whether they write. Old rows mean nothing."""

    member = models.ForeignKey(Member, models.CASCADE)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="presences")
    writing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "case"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]

    LASTS = timedelta(seconds=25)

    @classmethod
    def others(cls, case_id: int, member: Member, at: datetime) -> "models.QuerySet[Presence]":
        """Whoever else has this case open now."""
        here = cls.objects.filter(case_id=case_id, seen_at__gt=at - cls.LASTS)
        return here.exclude(member=member).select_related("member")

    @classmethod
    def note(cls, case_id: int, member: Member, *, writing: bool) -> bool:
        """Note that `member` has the case open; True when that is news to others."""
        before = cls.objects.filter(member=member, case_id=case_id).first()
        at = now()
        values: dict[str, Any] = {"writing": writing, "seen_at": at}
        cls.objects.update_or_create(member=member, case_id=case_id, defaults=values)
        return before is None or before.writing != writing or before.seen_at < at - cls.LASTS
