"""The composer of a case: what was typed, kept as a draft, and what sending it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from goodword.cases.models import Attachment, Case, Draft, Message, Scheduled
from goodword.cases.replying import SomebodyAnswered, Then
from goodword.core.compare import change
from goodword.core.formatting import formatted
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import plain_time
from goodword.core.time import now
from goodword.desk.attaching import Upload, keep_files, left_out, room, too_large
from goodword.desk.forms import AFTERS, FIRST_WORD, FORMS, KINDS_BY_HAND, THEN, WritingForm
from goodword.desk.found_words import FoundWords
from goodword.desk.later import OutsideHours, later_in, opening_after
from goodword.desk.models import SentForm, new_token
from goodword.desk.presets import FIRST_THING, Preset, presets, schedule_of
from goodword.desk.recipients import Chip, ReadsAlong, bcc_chips, cc_chips
from goodword.desk.typed import key, whole
from goodword.desk.words import Word, next_update_in, promises_in, rows_of
from goodword.staff.models import Business, Member
from goodword.staff.signatures import signature_of

MODES = ("reply", "note", "call")
# What is not the writer's own and must be new on each page.
_NOT_KEPT = ("csrfmiddlewaretoken", "form_id", "seen", "do", "next", "draft_version", "file_here",
             "chips_here")  # fmt: skip


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
    readers: Sequence[ReadsAlong] = ()
    is_outside_hours: bool = False
    is_previewed: bool = False

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
        if then:
            data["then"] = then
        composer = cls(case, member, business, mode, data, draft)
        composer.files = list(draft.attachments.order_by("id")) if draft else []
        data["form_id"] = new_token()
        data["draft_version"] = str(draft.version if draft else 0)
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

    @cached_property
    def cc(self) -> list[Chip]:
        return cc_chips(self.data, self.readers, self.member)

    @cached_property
    def bcc(self) -> list[Chip]:
        return bcc_chips(self.data, self.member)

    @property
    def copies(self) -> int:
        return sum(chip.is_in for chip in (*self.cc, *self.bcc))

    @cached_property
    def signature(self) -> str:
        """What will stand under it: seen before it is sent."""
        language = self.case.customer.language or self.business.language
        return signature_of(self.member, self.business, language)

    @property
    def signs(self) -> bool:
        return "sign_here" not in self.data or "sign" in self.data

    @property
    def left_out(self) -> set[int]:
        return self._draft_left_out() if "file_here" not in self.data else left_out(self.data)

    @property
    def version(self) -> int | None:
        """Of the draft, as this page knows it; None for a form that does not say."""
        return whole(self.data.get("draft_version", ""))

    @property
    def opening(self) -> str:
        at = opening_after(now(), schedule_of(self.case, self.business))
        return plain_time(at) if at else ""

    @property
    def room(self) -> int:
        return room()

    @property
    def too_large(self) -> str:
        return too_large("%(name)s")

    @property
    def shown(self) -> str:
        """The message as whoever gets it will see it."""
        return formatted(self.text, picture=lambda pk: reverse("attachment_picture", args=[pk]))

    @property
    def has_words(self) -> bool:
        return any(not row.is_empty for row in rows_of(self.data))

    @cached_property
    def found(self) -> FoundWords:
        """The promises in what is typed; a note is ours alone and promises nothing."""
        text = "" if self.mode == "note" else self.text
        schedule = schedule_of(self.case, self.business)
        return FoundWords(text, self.data, schedule, self.case.customer.given)

    @property
    def asks_why(self) -> bool:
        """What was said on the phone is said; only what is still to be sent is held."""
        return self.mode == "reply"

    @property
    def gives_word(self) -> bool:
        return self.has_words or any(chip.is_given for chip in self.found.chips)

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
        self.draft = Draft.keep(
            self.case, self.member, self.mode, self.text, self.fields(), version=self.version
        )
        self.data["draft_version"] = str(self.draft.version)
        keep_files(self.draft, files, left_out(self.data))
        self.files = list(self.draft.attachments.order_by("id"))
        return self.draft

    def fields(self) -> dict[str, object]:
        """The form as it was typed, to be put back one day."""
        typed: dict[str, object] = {
            name: values for name, values in self.data.lists() if name not in _NOT_KEPT
        }
        return {**typed, "left_out": sorted(left_out(self.data))}

    def take_file(self, file: Upload) -> Attachment:
        """Keep one file at once, whatever else stands in the form by now."""
        if SentForm.was_sent(self.data.get("form_id", "")):
            raise Refused("SENT", _("This message was sent already, without that file."))
        with transaction.atomic():
            self.draft, _made = Draft.objects.get_or_create(
                case=self.case, member=self.member, mode=self.mode
            )
            return keep_files(self.draft, [file], left_out(self.data))[0]

    def _draft_left_out(self) -> set[int]:
        kept = self.draft.fields.get("left_out") if self.draft else None
        return {pk for pk in kept if isinstance(pk, int)} if isinstance(kept, list) else set()

    def swap(self) -> None:
        """What another tab typed takes the place of this, which is offered in its stead."""
        if self.draft is not None and self.draft.other:
            to = {"text": self.draft.other, "other": self.draft.text}
            change(self.draft, {}, {**to, "version": self.draft.version + 1})

    def forget_other(self) -> None:
        if self.draft is not None:
            change(self.draft, {}, {"other": ""})

    # Sending

    def send(self) -> Message | Scheduled:
        """Do what the form says, once. Refused as the verbs say; AlreadySent for the second time.

        What was typed and attached is kept before anything else, so that a refusal loses nothing.
        """
        form = self._form()
        self.found.must_be_seen()
        with transaction.atomic():
            SentForm.claim(self.data.get("form_id", ""), self.member)
            done = self._do(form.cleaned_data)
            if self.mode != "reply" and self.draft is not None:
                self.draft.end(version=self.version, text=self.text)
        return done

    def refuse(self, error: Refused) -> None:
        """Show why it was not sent, beside what was typed."""
        self.refusal, self.code = str(error.sentence), error.code
        self.is_outside_hours = isinstance(error, OutsideHours)
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

    def _do(self, typed: dict[str, Any]) -> Message | Scheduled:
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
            promises=[*promises_in(self.data, self.zone), *self.found.still()],
            chosen=self.found.chosen(),
        )

    def _reply(self, typed: dict[str, Any]) -> Message | Scheduled:
        then = typed["then"] or Then.PROMISE
        first_word = then == FIRST_WORD
        details: dict[str, Any] = {
            "by": self.member,
            "text": typed["text"],
            "then": Then.PROMISE if first_word else Then(then),
            "first_word": first_word,
            "question": typed["question"],
            "promises": [*promises_in(self.data, self.zone), *self.found.still()],
            "chosen": self.found.chosen(),
            "no_time_because": self.found.because,
            "keeps": sorted(self.keeps),
            # The quick reply has no such field: whoever reads along goes on doing so.
            "cc": typed["cc"] if "cc" in self.data else None,
            "bcc": typed["bcc"],
            "attachments": self._files_to_send(),
            "seen": typed["seen"],
            "reason": typed["reason"],
            "signs": self.signs,
            "draft_version": self.version,
        }
        schedule = schedule_of(self.case, self.business)
        at = later_in(self.data, schedule, now())
        if at is not None:
            next_form = self.next_when if first_word else ""
            details |= {"seen": typed["seen"] or 0, "next_form": next_form}
            return Scheduled.write(self.case, at=at, fields=self.fields(), **details)
        if first_word:
            details["next_update"] = next_update_in(self.data, schedule, now())
        return self.case.reply(**details, typed=self.fields())

    def _files_to_send(self) -> list[Attachment]:
        if self.draft is None:
            return []
        return list(self.draft.attachments.exclude(pk__in=self.left_out))
