"""The composer of a case: what was typed, kept as a draft, and what sending it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from goodword.cases.models import Attachment, Case, Draft, Message
from goodword.cases.replying import SomebodyAnswered, Then
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.forms import AFTERS, FIRST_WORD, FORMS, KINDS_BY_HAND, THEN, WritingForm
from goodword.desk.models import SentForm, new_token
from goodword.desk.presets import FIRST_THING, Preset, presets, schedule_of
from goodword.desk.typed import key, whole
from goodword.desk.words import Word, next_update_in, promises_in, rows_of
from goodword.staff.models import Business, Member

Upload: TypeAlias = "UploadedFile[Any]"
MODES = ("reply", "note", "call")
# What is not the writer's own and must be new on each page.
_NOT_KEPT = ("csrfmiddlewaretoken", "form_id", "seen", "do", "next")


def _lists(draft: Draft | None) -> Iterable[tuple[str, list[Any]]]:
    """The fields of a draft as a form holds them, whoever wrote them down."""
    for name, values in (draft.fields if draft else {}).items():
        yield name, values if isinstance(values, list) else [values]


def mode_of(asked: str | None) -> str:
    return asked if asked in MODES else "reply"


@dataclass
class Composer:
    """One form of one member on one case. `data` is what was typed, here or in the draft."""

    case: Case
    member: Member
    business: Business
    mode: str
    data: QueryDict
    draft: Draft | None = None
    files: list[Attachment] = field(default_factory=list)
    refusal: str = ""
    code: str = ""
    newer: list[Message] = field(default_factory=list)
    seen: int = 0
    reading_along: str = ""

    @classmethod
    def opened(
        cls, case: Case, member: Member, business: Business, mode: str, *, then: str = ""
    ) -> Composer:
        """As a page shows it: with the draft that this member left here, if there is one."""
        draft = case.drafts.filter(member=member, mode=mode).first()
        data = QueryDict(mutable=True)
        for name, values in _lists(draft):
            data.setlist(name, [str(value) for value in values])
        if draft:
            data["text"] = draft.text
        if draft:
            data.setdefault("text", draft.text)
        if then:
            data["then"] = then
        composer = cls(case, member, business, mode, data, draft)
        composer.files = list(draft.attachments.order_by("id")) if draft else []
        data["form_id"] = new_token()
        return composer

    @classmethod
    def posted(
        cls, case: Case, member: Member, business: Business, mode: str, data: QueryDict
    ) -> Composer:
        """As it was sent to us."""
        draft = case.drafts.filter(member=member, mode=mode).first()
        composer = cls(case, member, business, mode, data.copy(), draft)
        composer.seen = key(data, "seen")
        return composer

    # What the page shows

    @property
    def text(self) -> str:
        return self.data.get("text", "")

    @property
    def then(self) -> str:
        return self.data.get("then") or Then.PROMISE

    @property
    def words(self) -> list[Word]:
        """The rows as typed, and always one to begin with."""
        return rows_of(self.data) or [Word()]

    @property
    def copies(self) -> str:
        """Who gets a copy: as it was typed, else whoever reads along."""
        return self.data.get("cc", self.reading_along)

    @property
    def has_words(self) -> bool:
        return any(not row.is_empty for row in rows_of(self.data))

    @property
    def keeps(self) -> set[int]:
        return {pk for text in self.data.getlist("keeps") if (pk := whole(text)) is not None}

    @property
    def blank(self) -> Word:
        return Word()

    @property
    def kinds(self) -> Sequence[tuple[str, LazyText]]:
        return KINDS_BY_HAND

    @property
    def choices(self) -> Sequence[tuple[str, LazyText]]:
        return THEN

    @property
    def afters(self) -> Sequence[tuple[str, LazyText]]:
        return AFTERS

    @property
    def next_when(self) -> str:
        return self.data.get("next_when", FIRST_THING)

    @cached_property
    def presets(self) -> list[Preset]:
        return presets(schedule_of(self.case, self.business), now())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(schedule_of(self.case, self.business).zone)

    # Keeping

    def is_worth_keeping(self) -> bool:
        return bool(self.text.strip() or self.has_words or self.files_kept() or self.draft)

    def files_kept(self) -> bool:
        return self.draft is not None and self.draft.attachments.exists()

    @transaction.atomic
    def keep(self, files: Iterable[Upload] = ()) -> Draft | None:
        """Keep what was typed and the files; None for a form that was sent meanwhile."""
        files = list(files)
        if SentForm.was_sent(self.data.get("form_id", "")):
            return None
        if not (files or self.is_worth_keeping()):
            return None
        fields: dict[str, object] = {
            name: values for name, values in self.data.lists() if name not in _NOT_KEPT
        }
        self.draft = Draft.keep(self.case, self.member, self.mode, self.text, fields)
        self._keep_files(files)
        self.files = list(self.draft.attachments.order_by("id"))
        return self.draft

    def _keep_files(self, files: list[Upload]) -> None:
        assert self.draft is not None
        there = sum(self.draft.attachments.values_list("size", flat=True))
        limit: int = settings.MAIL_LIMIT
        for file in files:
            there += file.size or 0
            if there > limit:
                facts = {"name": file.name, "limit": limit // (1024 * 1024)}
                sentence = _(
                    "With “%(name)s” this is larger than %(limit)s MB, so it would not "
                    "arrive. Leave it out, or send it another way."
                )
                raise Refused("TOO_LARGE", sentence % facts, 422)
            Attachment.keep(file.name or "", file.read(), file.content_type or "", draft=self.draft)

    def drop_file(self, pk: int) -> None:
        if self.draft is not None:
            self.draft.attachments.filter(pk=pk).delete()

    # Sending

    def send(self) -> Message:
        """Do what the form says, once. Refused as the verbs say; AlreadySent for the second time.

        What was typed and attached is kept before anything else, so that a refusal loses nothing.
        """
        form = self._form()
        with transaction.atomic():
            SentForm.claim(self.data.get("form_id", ""), self.member)
            message = self._do(form.cleaned_data)
            self._hand_over_files(message)
            self.case.drafts.filter(member=self.member, mode=self.mode).delete()
        return message

    def refuse(self, error: Refused) -> None:
        """Show why it was not sent, beside what was typed."""
        self.refusal, self.code = str(error.sentence), error.code
        if isinstance(error, SomebodyAnswered):
            self.newer = error.newer
            # Both texts stand on the page now: sending again is meant.
            self.seen = max(self.seen, *(message.pk for message in error.newer))

    def _form(self) -> WritingForm:
        form = FORMS[self.mode](self.data)
        if not form.is_valid():
            first = next(iter(form.errors.values()))[0]
            raise Refused("UNREADABLE", str(first), 422)
        return form

    def _do(self, typed: dict[str, Any]) -> Message:
        if self.mode == "note":
            return self.case.note(typed["text"], by=self.member)
        if self.mode == "call":
            return self._log_call(typed)
        return self._reply(typed)

    def _log_call(self, typed: dict[str, Any]) -> Message:
        return self.case.log_call(
            typed["text"],
            by=self.member,
            answers=typed["answers"],
            minutes=typed["minutes"],
            keeps=sorted(self.keeps),
            promises=promises_in(self.data, self.zone),
        )

    def _reply(self, typed: dict[str, Any]) -> Message:
        then = typed["then"] or Then.PROMISE
        first_word = then == FIRST_WORD
        schedule = schedule_of(self.case, self.business)
        return self.case.reply(
            by=self.member,
            text=typed["text"],
            then=Then.PROMISE if first_word else then,
            first_word=first_word,
            next_update=next_update_in(self.data, schedule, now()) if first_word else None,
            question=typed["question"],
            promises=promises_in(self.data, self.zone),
            keeps=sorted(self.keeps),
            # The quick reply has no such field: whoever reads along goes on doing so.
            cc=typed["cc"] if "cc" in self.data else None,
            attachments=list(self.draft.attachments.all()) if self.draft else (),
            seen=typed["seen"],
            reason=typed["reason"],
        )

    def _hand_over_files(self, message: Message) -> None:
        for file in self.draft.attachments.all() if self.draft else ():
            change(file, {}, {"message": message, "draft": None})
