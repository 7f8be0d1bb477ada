"""The verb: one person is erased in one transaction. The journal says that, and not what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.models import (
    Attachment,
    Case,
    CaseLink,
    Mayday,
    Message,
    OutgoingMessage,
    Scheduled,
    Tag,
    Tagging,
)  # fmt: skip
from goodword.cases.models.outgoing import Delivery
from goodword.cases.models.scheduled import Stand
from goodword.cases.states import ENDED
from goodword.channels.mail.models import IncomingMail, RawMail
from goodword.core import files
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.erasing.elsewhere import Traces
from goodword.erasing.words import PLACES, Place
from goodword.finding.keeping import read_accounts, read_customers, read_messages
from goodword.journal.recording import record
from goodword.people.models import Customer, Merge, PinnedNote
from goodword.promises.kinds import State
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member
from goodword.staff.rights import Right, must

# A promise that fell away says why in one word; any other reason is somebody's own words.
FELL = "erased"


@dataclass(frozen=True)
class Wish:
    """What would be erased, for whoever has to say yes."""

    cases: int
    open_cases: int
    messages: int
    files: int
    open_promises: int
    elsewhere: int


def wish_of(customer: Customer) -> Wish:
    cases = Case.objects.filter(customer__in=_rows_of(customer))
    theirs = Q(case__in=cases) | Q(customer__in=_rows_of(customer))
    messages = Message.everything.filter(theirs)
    return Wish(
        cases=cases.count(),
        open_cases=cases.exclude(state__in=ENDED).filter(set_aside_at=None).count(),
        messages=messages.count(),
        files=Attachment.objects.filter(message__in=messages.values("pk")).count(),
        open_promises=Promise.objects.filter(theirs, state=State.OPEN).count(),
        elsewhere=messages.exclude(case__in=cases).values("case").distinct().count(),
    )


def erase(customer: Customer, *, by: Member, typed: str) -> None:
    """Every word and name of theirs goes, at their wish. Nothing brings it back.

    Refused for whoever may not sign for the business, without the name typed as it stands,
    and for one who was merged or erased already. Open cases and
    promises end with it; what was done, when and by whom, and how promises ended, stays.
    """
    must(by, Right.SIGN)
    with transaction.atomic(), override(Business.current().language):
        _forget_thoroughly()
        held = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        _must_be_meant(held, typed)
        _Erasure(held, by).commit()
    customer.refresh_from_db()


def _rows_of(customer: Customer) -> models.QuerySet[Customer]:
    """Them, and whoever was merged into them."""
    return Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer.pk))


def _must_be_meant(customer: Customer, typed: str) -> None:
    if customer.merged_into_id is not None:
        raise Refused("MERGED", _("They were merged into somebody else. Erase that person."))
    if customer.erased_at is not None:
        raise Refused("ERASED", _("This person was erased already."))
    if typed.split() != customer.name.split():
        sentence = _("Type the name exactly as it stands: %(name)s. It cannot be undone.")
        raise Refused("NOT_MEANT", sentence % {"name": customer.name}, 422)


def _forget_thoroughly() -> None:
    """SQLite writes zeros over what is deleted, and not only a note that its room is free."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


class _Erasure:
    def __init__(self, customer: Customer, by: Member) -> None:
        self.customer, self.by, self.at = customer, by, now()
        self.people = list(_rows_of(customer).order_by("pk").values_list("pk", flat=True))
        theirs = Case.objects.filter(customer__in=self.people)
        self.cases = list(theirs.order_by("pk"))
        self.own = [case.pk for case in self.cases]
        wrote = Message.everything.filter(customer__in=self.people).exclude(case__in=self.own)
        self.shared = list(Case.objects.filter(pk__in=wrote.values("case")).order_by("pk"))
        self.traces = Traces(_rows_of(customer))
        # By case (None: of none), the rows that the journal vouches for
        self.vouched: dict[int | None, set[tuple[type[Any], int]]] = defaultdict(set)
        self.loose: set[str] = set()
        self.messages: set[int] = set()
        self.accounts: list[int] = []

    def commit(self) -> None:
        for case in [*self.cases, *self.shared]:
            Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        for case in self.cases:
            self._end(case)
        self._void_elsewhere()
        self._note_what_goes()
        tags = list(Tagging.objects.filter(case__in=self.own).values_list("tag", flat=True))
        for place in PLACES:
            self._empty(place)
        self._their_cases()
        self._cases_of_others()
        Tag.objects.filter(pk__in=tags, taggings=None, merged=None, merged_into=None).delete()
        self.loose |= self.traces.forget()
        self._themselves()
        self._index()
        self._tell()
        transaction.on_commit(partial(_drop_files, sorted(self.loose)))

    def _end(self, case: Case) -> None:
        """Nobody waits there any more: no clock runs on, nothing goes out."""
        with case.held(merged=True) as held:
            for mayday in Mayday.objects.filter(case=held, ended_at=None):
                change(mayday, {"ended_at": None}, {"ended_at": self.at, "ended_by": self.by})
            for promise in held.promises.open():
                promise.void(FELL, by=self.by)
            waiting = Scheduled.objects.filter(case=held, stand__in=(Stand.WAITING, Stand.HELD))
            waiting.update(stand=Stand.CANCELLED, done_at=self.at)
            unsent = OutgoingMessage.objects.filter(message__case=held, done_at=None)
            unsent.update(state=Delivery.BACK, done_at=self.at)
            if held.state not in ENDED:
                aside = {"set_aside_at": self.at, "unanswered_since": None, "is_mayday": False}
                change(held, {"set_aside_at": None}, {**aside, "is_unread": False})

    def _void_elsewhere(self) -> None:
        others = Promise.objects.filter(customer__in=self.people, state=State.OPEN)
        for promise in others.exclude(case__in=self.own):
            promise.void(FELL, by=self.by)
        point = OutgoingMessage.objects.filter(point__customer__in=self.people, done_at=None)
        point.update(state=Delivery.BACK, done_at=self.at)

    # Emptying

    def _rows(self, place: Place) -> models.QuerySet[Any]:
        which = Q(pk__in=[])
        if place.of_case:
            which |= Q(**{f"{place.of_case}__in": self.own})
        if place.of_person:
            which |= Q(**{f"{place.of_person}__in": self.people})
        found: models.QuerySet[Any] = apps.get_model(place.model)._base_manager.filter(which)
        return found

    def _note_what_goes(self) -> None:
        """Which files stand alone afterwards, and which rows the journal vouches for."""
        for place in PLACES:
            rows = self._rows(place)
            if place.model == "cases.Attachment":
                self.loose |= set(rows.values_list("sha256", flat=True))
            if place.model == "cases.Message":
                self.messages |= set(rows.values_list("pk", flat=True))
            if hasattr(rows.model, "digest"):
                case = place.of_case or "pk"
                for pk, of in rows.values_list("pk", case):
                    self.vouched[of if place.of_case else None].add((rows.model, pk))

    def _empty(self, place: Place) -> None:
        rows = self._rows(place)
        pks = list(rows.values_list("pk", flat=True))
        rows = rows.model._base_manager.filter(pk__in=pks)
        if place.is_deleted:
            rows.delete()
        elif place.model == "cases.Message":
            rows.update(**place.without, erased_at=self.at)
        else:
            rows.update(**place.without)
            if place.model == "promises.Promise":
                rows.exclude(state=State.VOID).update(reason="")

    def _their_cases(self) -> None:
        title = _("Erased at the customer’s wish")
        nothing = {"title": title, "question": "", "last_said": ""}
        Case.objects.filter(pk__in=self.own).update(**nothing)
        CaseLink.objects.filter(Q(case__in=self.own) | Q(customer__in=self.people)).update(
            version=F("version") + 1
        )

    def _cases_of_others(self) -> None:
        """Where they only took part: what others wrote stays, without them in it."""
        for case in self.shared:
            others = Message.everything.filter(case=case).exclude(customer__in=self.people)
            RawMail.objects.filter(incoming__message__in=others).delete()
            for message in others:
                self._without_them(message)
            title = self.traces.without(case.title)
            change(case, {}, {"title": title, "last_said": ""})

    def _without_them(self, message: Message) -> None:
        to: dict[str, Any] = {
            name: self.traces.without(getattr(message, name)) for name in ("text", "subject")
        }
        if to["text"] != message.text:
            to |= {"salt": "", "erased_at": self.at}
            self.vouched[message.case_id].add((Message, message.pk))
        change(message, {}, {**to, "quoted": "", "html": ""})
        self.messages.add(message.pk)

    def _themselves(self) -> None:
        PinnedNote.objects.filter(customer__in=self.people, taken_down_at=None).update(
            taken_down_at=self.at
        )
        nobody = {"name": _("Erased person"), "about": "", "language_by": "", "since": None}
        Customer.objects.filter(pk__in=self.people).update(
            **nobody, language="", account=None, erased_at=self.at
        )
        self.accounts = self.traces.forget_accounts()
        Merge.objects.filter(Q(gone__in=self.people) | Q(into__in=self.people)).update(
            before={}, after={}
        )

    # Afterwards

    def _index(self) -> None:
        read_messages(sorted(self.messages))
        read_customers(self.people)
        read_accounts(self.accounts)

    def _tell(self) -> None:
        """An entry in each case and one for the desk; they vouch for what stands there now."""
        for case in [*self.cases, *self.shared]:
            if rows := _still_there(self.vouched.pop(case.pk, set())):
                record(case, "words_erased", by=self.by, words=rows)
        left = [row for rows in self.vouched.values() for row in _still_there(rows)]
        facts = {"customer": self.customer.pk, "cases": len(self.cases)}
        record(None, "person_erased", by=self.by, facts=facts, words=left)


def _still_there(rows: Iterable[tuple[type[Any], int]]) -> list[Any]:
    by_model: dict[type[Any], list[int]] = defaultdict(list)
    for model, pk in rows:
        by_model[model].append(pk)
    found = [model._base_manager.filter(pk__in=pks) for model, pks in by_model.items()]
    return [row for each in found for row in each.order_by("pk")]


def _drop_files(names: list[str]) -> None:
    """Files of theirs that no other row names; the same content may be somebody else's too."""
    for name in names:
        if name and not is_named(name):
            files.drop(name)


def is_named(name: str) -> bool:
    return any(
        model._base_manager.filter(sha256=name).exists()
        for model in apps.get_models()
        if any(each.name == "sha256" for each in model._meta.fields) and model is not IncomingMail
    )
