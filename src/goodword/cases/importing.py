"""Bringing a file of customers in: looked through, done in batches, and undone.

Each batch and how far it came is one transaction, so that whatever is killed half-way goes on
from there and doubles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from goodword.cases.access import visible_customers
from goodword.cases.merging_people import relations
from goodword.core import files
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.core.work import LeaseLost, claim
from goodword.journal.models import Entry
from goodword.journal.recording import record
from goodword.people.importing.columns import guessed, guessed_from_cells, has_heading
from goodword.people.importing.persons import Person, person_of
from goodword.people.importing.reading import CARD, Line, Look, lines_of, look_at
from goodword.people.models import (
    Account,
    ContactPoint,
    Customer,
    ImportedRow,
    Merge,
    PeopleImport,
)
from goodword.people.models.imports import Step, What
from goodword.people.numbers import default_region
from goodword.people.reaching import fields_of
from goodword.staff.models import Member

AT_ONCE = 100
LEASE = timedelta(minutes=2)
SHOWN = 20
AT_WORK = (Step.LOOKING, Step.DOING, Step.UNDOING)


@transaction.atomic
def take_in(name: str, content: bytes, *, by: Member) -> PeopleImport:
    """A file as it came, kept whole, with a guess at how it is read. Refused for what is none."""
    look = look_at(content)
    first = [line for line in islice(lines_of(content, look), 2) if line.cells]
    cells = first[0].cells if first else []
    header = look.kind == "csv" and has_heading(cells)
    mapping = guessed(cells) if header else guessed_from_cells(cells)
    return PeopleImport.objects.create(
        name=name[:255] or "file",
        sha256=files.keep(content),
        size=len(content),
        kind=look.kind,
        encoding=look.encoding,
        delimiter=look.delimiter,
        has_header=header,
        mapping=list(CARD) if look.kind == "vcard" else mapping,
        total=sum(1 for _line in lines_of(content, look)) - header,
        by=by,
    )


def change_reading(of: PeopleImport, **fields: Any) -> None:
    """Read it otherwise: it is looked through anew. Refused once it has begun."""
    to = {**fields, "step": Step.LOOKING, "position": 0, "counts": {}, "due_at": now()}
    to |= {"lease_token": None, "lease_until": None}
    if not change(of, {"step__in": (Step.LOOKING, Step.READY)}, to):
        raise Refused("BEGUN", _("This file is being brought in already."))


@transaction.atomic
def begin(of: PeopleImport, *, by: Member) -> None:
    """Yes: bring them in. What was said of its rows by looking is said anew by doing."""
    to = {"step": Step.DOING, "position": 0, "counts": {}, "began_at": now(), "due_at": now()}
    if not change(of, {"step": Step.READY}, to):
        raise Refused("NOT_READY", _("This file is not ready to be brought in."))
    of.rows.all().delete()
    record(None, "import_begun", by=by, facts={"import": of.pk, "rows": of.total})


@transaction.atomic
def undo(of: PeopleImport, *, by: Member) -> None:
    """Take out whoever came by it, but for those whom somebody has dealt with since."""
    to = {"step": Step.UNDOING, "position": 0, "due_at": now()}
    if not change(of, {"step": Step.DONE}, to):
        raise Refused("NOT_DONE", _("Only what was brought in can be undone, once."))
    record(None, "import_undone", by=by, facts={"import": of.pk})


def first_lines(of: PeopleImport) -> list[Line]:
    """The header and the first twenty rows, as they would be read."""
    return list(islice(lines_of(files.read(of.sha256), _look(of)), SHOWN + 1))


def _look(of: PeopleImport) -> Look:
    return Look(of.kind, of.encoding, of.delimiter)


class Importing:
    """The worker's hand: one batch a turn, of one file at a time."""

    def __init__(self, rows: models.QuerySet[PeopleImport] | None = None) -> None:
        self._rows = rows if rows is not None else PeopleImport.objects.all()
        self._open: _Batches | None = None

    def turn(self) -> int:
        """How many files were worked on: 1, or 0 where there is nothing to do."""
        if self._open is None:
            due = self._rows.filter(step__in=AT_WORK).select_related("by")
            claimed = claim(due, limit=1, lease=LEASE, now=now())
            if not claimed:
                return 0
            self._open = _Batches(claimed[0])
        try:
            goes_on = self._open.one()
        except LeaseLost:
            goes_on = False
        except Refused as error:
            self._open.of.give_up(str(error.sentence), step=Step.UNDONE)
            goes_on = False
        except BaseException:
            self._open = None
            raise
        if not goes_on:
            self._open = None
        return 1


def finish(of: PeopleImport) -> None:
    """Work on this file in this process until it waits for somebody, or has an end."""
    hand = Importing(PeopleImport.objects.filter(pk=of.pk))
    while hand.turn():
        pass
    of.refresh_from_db()


class _Batches:
    """One step of one file, batch by batch, from where it stands."""

    def __init__(self, of: PeopleImport) -> None:
        self.of = of
        if of.step == Step.LOOKING and of.position:
            # What the rows before said of each other was in the memory of whoever was killed.
            of.position = 0
        self._lines = self._rest()
        self._seen: set[tuple[str, str]] = set()

    @cached_property
    def region(self) -> str:
        return default_region()

    def _rest(self) -> Iterator[Line]:
        lines = lines_of(files.read(self.of.sha256), _look(self.of))
        skipped = self.of.position + (1 if self.of.has_header else 0)
        return islice(lines, skipped, None)

    def one(self) -> bool:
        """One batch in one transaction; False where this step has come to its end."""
        if self.of.step == Step.UNDOING:
            return self._undo_some()
        lines = list(islice(self._lines, AT_ONCE))
        with transaction.atomic():
            self._hold()
            if self.of.step == Step.LOOKING and not self.of.position:
                self.of.rows.all().delete()
            counts = Counter({} if not self.of.position else self.of.counts)
            if lines:
                counts.update(self._batch(lines))
            self._went(len(lines), dict(counts))
        return bool(lines)

    def _hold(self) -> None:
        """Nobody else works on it while this batch is written."""
        mine = PeopleImport.objects.select_for_update().filter(pk=self.of.pk)
        if not mine.filter(lease_token=self.of.lease_token, step=self.of.step).exists():
            raise LeaseLost(f"import {self.of.pk}")

    def _went(self, rows: int, counts: dict[str, int]) -> None:
        at = self.of.position + rows
        if rows:
            self.of._set(position=at, counts=counts, lease_until=now() + LEASE)
        elif self.of.step == Step.LOOKING:
            self.of._end(step=Step.READY, counts=counts)
        else:
            self.of._end(step=Step.DONE, counts=counts, ended_at=now())
            facts = {"import": self.of.pk, **counts}
            record(None, "import_ended", by="system", facts=facts)

    def _batch(self, lines: list[Line]) -> Counter[str]:
        people = [person_of(line, self.of.mapping, self.region) for line in lines]
        known = self._known(people)
        told = [self._one(person, known) for person in people]
        ImportedRow.objects.bulk_create(told)
        return Counter(row.what for row in told)

    def _known(self, people: list[Person]) -> dict[tuple[str, str], Customer]:
        values = {value for person in people for _kind, value, _typed in person.points}
        points = ContactPoint.objects.filter(value__in=values).select_related("customer__account")
        return {(point.kind, point.value): point.customer for point in points}

    def _one(self, person: Person, known: dict[tuple[str, str], Customer]) -> ImportedRow:
        row = ImportedRow(of=self.of, line=person.line, said=person.said, what=What.WRONG)
        theirs = {known[key].pk: known[key] for p in person.points if (key := p[:2]) in known}
        if person.wrong:
            row.why = " ".join(person.wrong)[:300]
        elif len(theirs) > 1:
            names = ", ".join(sorted(customer.name for customer in theirs.values()))
            row.why = (_("Its address and its number are of two customers: %s.") % names)[:300]
        elif theirs:
            self._meet(person, next(iter(theirs.values())), row, known)
        elif self.of.step == Step.LOOKING:
            self._foresee(person, row)
        else:
            self._make(person, row, known)
        return row

    def _foresee(self, person: Person, row: ImportedRow) -> None:
        """In looking nobody is made, so a second row of the same person is known by this."""
        keys = {point[:2] for point in person.points}
        first = not keys & self._seen
        row.what = What.NEW if first else What.DOUBLE if keys <= self._seen else What.CHANGED
        row.why = "" if first else _("The same person stands further up in this file.")
        self._seen |= keys

    def _make(
        self, person: Person, row: ImportedRow, known: dict[tuple[str, str], Customer]
    ) -> None:
        account = Account.named(person.account)
        customer = Customer.objects.create(
            name=person.name or person.points[0][1], account=account, **person.facts
        )
        row.what, row.customer = What.NEW, customer
        self._add(person.points, customer, row, known)

    def _meet(
        self,
        person: Person,
        customer: Customer,
        row: ImportedRow,
        known: dict[tuple[str, str], Customer],
    ) -> None:
        row.customer = customer
        if customer.pk not in self._visible(customer):
            row.why = _("Somebody whom you may not see is reached there already.")
            row.customer = None
            return
        new = [point for point in person.points if point[:2] not in known]
        after = self._news(person, customer)
        row.what = What.CHANGED if new or after else What.DOUBLE
        row.why = "" if new or after else _("Known already as %s.") % customer.name[:200]
        if self.of.step == Step.LOOKING:
            self._seen |= {point[:2] for point in person.points}
            return
        row.before = {name: _plain(getattr(customer, name)) for name in after}
        row.after = {name: _plain(value) for name, value in after.items()}
        if after:
            change(customer, {}, after)
        self._add(new, customer, row, known)

    def _visible(self, customer: Customer) -> set[int]:
        seen = visible_customers(self.of.by).filter(pk=customer.pk)
        return set(seen.values_list("pk", flat=True))

    def _news(self, person: Person, customer: Customer) -> dict[str, Any]:
        """What the file knows that we do not, and, where that was wished, knows otherwise."""
        said: dict[str, Any] = dict(person.facts)
        if person.name:
            said["name"] = person.name
        named = customer.account.name.lower() if customer.account else ""
        nameless = "@" in customer.name
        news = {
            name: value
            for name, value in said.items()
            if getattr(customer, name) != value
            and (self.of.overwrites or not getattr(customer, name) or (name == "name" and nameless))
        }
        if person.account and person.account.lower() != named and (self.of.overwrites or not named):
            looking = self.of.step == Step.LOOKING
            news["account_id"] = 0 if looking else _key(Account.named(person.account))
        return news

    def _add(
        self,
        points: list[tuple[str, str, str]],
        customer: Customer,
        row: ImportedRow,
        known: dict[tuple[str, str], Customer],
    ) -> None:
        made = ContactPoint.objects.bulk_create(
            [
                ContactPoint(**fields_of(customer, kind, value, typed=typed))
                for kind, value, typed in points
            ]
        )
        row.points = [point.pk for point in made]
        known.update({(point.kind, point.value): customer for point in made})

    # Undoing

    def _undo_some(self) -> bool:
        with transaction.atomic():
            self._hold()
            found = ImportedRow.objects.filter(of=self.of, is_undone=False, why="")
            rows = list(
                found.filter(what__in=(What.NEW, What.CHANGED)).order_by("-line", "-pk")[:AT_ONCE]
            )
            for row in rows:
                _undo_row(row)
            if rows:
                at = self.of.position + len(rows)
                self.of._set(position=at, lease_until=now() + LEASE)
            else:
                self.of._end(step=Step.UNDONE, ended_at=now())
        return bool(rows)


def _undo_row(row: ImportedRow) -> None:
    customer = row.customer
    to: dict[str, Any] = {"is_undone": True}
    if customer is not None and row.what == What.NEW:
        if _is_untouched(customer, row):
            account = customer.account
            # A merge that was taken back is told by the journal.
            _merges(customer).delete()
            customer.delete()
            to["customer"] = None
            _forget(account)
        else:
            to = {"why": _("Stays: somebody has dealt with them since.")}
    elif customer is not None:
        for name, value in row.after.items():
            change(customer, {name: value}, {name: row.before[name]})
        used = ContactPoint.objects.filter(pk__in=row.points, is_first=False)
        used.filter(last_used_at__lte=row.of.ended_at or now()).delete()
    ImportedRow.objects.filter(pk=row.pk).update(**to)


def _is_untouched(customer: Customer, row: ImportedRow) -> bool:
    """Nobody wrote, nothing was noted, and they are reached as the file said."""
    ours = {"people.ContactPoint.customer"}
    for label, model, name in relations(Customer):
        if label not in ours and model._base_manager.filter(**{name: customer}).exists():
            return False
    points = set(customer.points.values_list("pk", flat=True))
    is_merged = _merges(customer).filter(undone_at=None).exists()
    acted = Entry.objects.filter(customer=customer).exists()
    return not is_merged and not acted and points <= set(row.points)


def _merges(customer: Customer) -> models.QuerySet[Merge]:
    return Merge.objects.filter(models.Q(gone=customer) | models.Q(into=customer))


def _forget(account: Account | None) -> None:
    """An organisation that nobody belongs to any more, and that nothing was ever said of."""
    if account is None or account.domain or account.customers.exists():
        return
    held = (account.cases, account.pinned, account.dates, account.merged_here, account.merges)
    if not any(each.exists() for each in held):
        account.delete()


def _plain(value: object) -> object:
    return str(value) if hasattr(value, "isoformat") else value


def _key(account: Account | None) -> int | None:
    return account.pk if account else None
