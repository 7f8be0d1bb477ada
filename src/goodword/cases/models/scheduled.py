"""Scheduled: a message that is written and goes out later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword.cases.models.drafts import Draft
from goodword.cases.models.message import Attachment, Message
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.work import Work
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import new_salt
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case
    from goodword.cases.replying import Reply


class Stand(models.TextChoices):
    WAITING = "waiting", _("Goes out later")
    HELD = "held", _("Held")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")


class Scheduled(Work):
    """The words and choices of a reply, and when it goes out. It keeps no promise before that.

    `details` are the arguments of the reply, `fields` the form that it was typed in, and
    `seen` the newest message that its writer had read: anything newer holds it.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="scheduled")
    member = models.ForeignKey(Member, models.PROTECT, related_name="scheduled")
    text = models.TextField()
    then = models.CharField(max_length=10)
    details = models.JSONField(default=dict)
    fields = models.JSONField(default=dict)
    seen = models.PositiveBigIntegerField(default=0)
    stand = models.CharField(max_length=10, choices=Stand.choices, default=Stand.WAITING)
    why = models.CharField(max_length=300, blank=True)  # it is held
    message = models.OneToOneField(
        "cases.Message", models.PROTECT, null=True, blank=True, related_name="scheduled_as"
    )
    made_at = models.DateTimeField(default=now)
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta(Work.Meta):
        abstract = False
        indexes = [
            *Work.Meta.indexes,
            models.Index(
                fields=["case"],
                condition=models.Q(stand__in=("waiting", "held")),
                name="scheduled_case",
            ),
            models.Index(
                fields=["member"],
                condition=models.Q(stand__in=("waiting", "held")),
                name="scheduled_member",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_held(self) -> bool:
        return self.stand == Stand.HELD

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    # Verbs

    @classmethod
    def write(
        cls,
        case: Case,
        *,
        by: Member,
        at: datetime,
        text: str,
        then: str,
        seen: int,
        attachments: Iterable[Attachment] = (),
        fields: dict[str, Any] | None = None,
        draft_version: int | None = None,
        **details: Any,
    ) -> Scheduled:
        """Let it go out at `at`; `details` as in Reply. Refused for whatever the reply would be."""
        if at <= now():
            raise Refused("NO_TIME", _("That time is already past. Choose a later one."), 422)
        _must_come_after(at, details.get("promises") or ())
        files = list(attachments)
        scheduled = cls(case=case, member=by, text=text.strip(), then=then, due_at=at, seen=seen)
        scheduled.details, scheduled.fields = _plain(details), fields or {}
        reply = scheduled._reply(case, files, seen=seen)
        reply.read_at = at
        reply.rehearse()
        with case.held() as held:
            scheduled.save()
            for file in files:
                change(file, {}, {"scheduled": scheduled, "draft": None})
            facts = {"scheduled": scheduled.pk, "at": at}
            record(held, "scheduled", by=by, words=scheduled, facts=facts)
            for draft in held.drafts.filter(member=by, mode="reply"):
                draft.end(version=draft_version, text=text)
        return scheduled

    @classmethod
    def hold_all(cls, case: Case, *, but: Member | None = None) -> None:
        """Something was said in the case: nothing goes out blind. A writer's own word is known."""
        if not _waiting(case=case.pk):
            return
        waiting = cls.objects.filter(case=case, stand=Stand.WAITING)
        for scheduled in waiting.exclude(member=but) if but else waiting:
            scheduled.case = case
            scheduled.hold(str(_("Something was said here after it was written.")))

    def hold(self, why: str) -> bool:
        """It stays until a person has looked. The entry and the case's page tell its owner."""
        with self.case.held() as case:
            to = {"stand": Stand.HELD, "why": why[:300], "lease_token": None, "lease_until": None}
            if not change(self, {"stand": Stand.WAITING}, to):
                return False
            record(
                case,
                "schedule_held",
                by="system",
                facts={"scheduled": self.pk, "member": self.member_id},
            )
        return True

    def go(self) -> Message | None:
        """Its time has come (the worker calls this), or it is held and its owner told."""
        was = {"stand": Stand.WAITING, "lease_token": self.lease_token}
        try:
            if not self.member.is_active:
                gone = _g("%(name)s, who wrote it, no longer has access.")
                raise Refused("NOT_YOURS", gone % {"name": self.member.name})
            return self._send(was, seen=self.seen)
        except Refused as error:
            self.hold(str(error.sentence))
            return None

    def send_now(self, *, by: Member, seen: int) -> Message | None:
        """Now and not later; `seen` is the newest message that `by` had read."""
        self._must_be_theirs(by)
        return self._send({"stand__in": (Stand.WAITING, Stand.HELD)}, seen=seen)

    def cancel(self, *, by: Member) -> bool:
        """It does not go out. Nothing of it is lost: it can go on, or be put back to be edited."""
        self._must_be_theirs(by)
        with self.case.held() as case:
            was = {"stand__in": (Stand.WAITING, Stand.HELD)}
            if not change(self, was, {"stand": Stand.CANCELLED}):
                return False
            record(case, "schedule_ended", by=by, facts={"scheduled": self.pk})
        return True

    def resume(self, *, by: Member, seen: int) -> bool:
        """The way back from cancelling it, and on from holding it, while its time is to come."""
        self._must_be_theirs(by)
        if self.due_at <= now():
            raise Refused("NO_TIME", _("Its time is past. Send it now, or choose another time."))
        with self.case.held() as case:
            was = {"stand__in": (Stand.CANCELLED, Stand.HELD)}
            if not change(self, was, {"stand": Stand.WAITING, "why": "", "seen": seen}):
                return False
            record(case, "schedule_resumed", by=by, facts={"scheduled": self.pk})
        return True

    def edit(self, *, by: Member) -> Draft:
        """Cancel it; its words, choices and files are in the composer of whoever edits it."""
        with self.case.held() as case:
            if not self.cancel(by=by) and self.stand != Stand.CANCELLED:
                raise Refused("TOO_LATE", _("It has left already. Write once more."))
            fields = {**self.fields, "text": [self.text]}
            draft = Draft.keep(case, by, "reply", self.text, fields, version=0)
            self.attachments.update(scheduled=None, draft=draft)
        return draft

    # How

    def _must_be_theirs(self, by: Member) -> None:
        if by.pk not in (self.member_id, self.case.owner_id) and not by.is_lead:
            sentence = _g("%(name)s wrote it. They, the owner of the case or a lead decide.")
            raise Refused("NOT_YOURS", sentence % {"name": self.member.name}, 403)

    def _send(self, was: dict[str, Any], *, seen: int) -> Message | None:
        with self.case.held() as case:
            over = {"stand": Stand.SENT, "done_at": now(), "lease_token": None, "lease_until": None}
            if not change(self, was, over):
                return None
            message = self._reply(case, list(self.attachments.all()), seen=seen).commit()
            change(self, {}, {"message": message})
        return message

    def _reply(self, case: Case, files: list[Attachment], *, seen: int) -> Reply:
        from goodword.cases.replying import Reply, Then

        details = dict(self.details)
        details["promises"] = [_given(each) for each in details.get("promises") or ()]
        return Reply(
            case,
            self.member,
            self.text,
            Then(self.then),
            attachments=files,
            seen=seen,
            ends_draft=False,
            **details,
        )


@prepared
def _waiting(*, case: int) -> models.QuerySet[Scheduled, int]:
    return Scheduled.objects.filter(case=case, stand=Stand.WAITING).values_list("pk", flat=True)


def _must_come_after(at: datetime, promises: Iterable[dict[str, Any]]) -> None:
    for given in promises:
        if given.get("due") and given["due"] <= at:
            sentence = _g("“%(text)s” would be due before this goes out. Choose a later time.")
            raise Refused("NO_TIME", sentence % {"text": given["text"]}, 422)


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    """As JSON holds it; a form of a time is reckoned when it goes out, not before."""
    plain = {name: value for name, value in details.items() if value is not None}
    written = [{**each, "due": _written(each.get("due"))} for each in plain.get("promises") or ()]
    return {**plain, "promises": written, "keeps": list(plain.get("keeps") or ())}


def _written(due: datetime | None) -> str | None:
    return due.isoformat() if due else None


def _given(written: dict[str, Any]) -> dict[str, Any]:
    due = written.get("due")
    return {**written, "due": datetime.fromisoformat(due) if due else None}
