"""Keeping the index true: what triggers marked as stale is read anew, in small batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from time import monotonic, sleep
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Left

from goodword.cases.models import Attachment, Message
from goodword.core.prepared import prepared
from goodword.finding.folding import blurred, codes, tokens
from goodword.finding.index import PEOPLE, WORDS, index
from goodword.finding.models import Code, Filling, Name, Stale
from goodword.journal.recording import alone
from goodword.people.models import Account, ContactPoint, Customer

AT_ONCE = 200
# Beyond this nobody looks for a word in one message; five megabytes are pasted all the same.
LONGEST = 200_000
KINDS = ("customer", "account", "message")
_MODELS: dict[str, type[Customer] | type[Account] | type[Message]] = {
    "customer": Customer,
    "account": Account,
    "message": Message,
}


def after_migrating(**_: object) -> None:
    """Make tables and triggers where they are missing, and have everything read anew then."""
    if Stale._meta.db_table not in connection.introspection.table_names():
        return
    if index().prepare():
        fill_anew()


def turn() -> bool:
    """One batch of what was written, else of what was never read; False where all is done."""
    if freshen():
        return True
    began = monotonic()
    is_more = fill()
    if is_more:
        # What is old can wait; half of the time belongs to those who work.
        sleep(monotonic() - began)
    return is_more


@prepared
def _one_stale() -> QuerySet[Stale, int]:
    return Stale.objects.values_list("pk", flat=True)[:1]


@prepared
def _one_unfilled() -> QuerySet[Filling, int]:
    return Filling.objects.filter(below__gt=1).values_list("pk", flat=True)[:1]


def freshen() -> bool:
    """One batch of what was written since; False where nothing was."""
    if not _one_stale():
        return False
    with transaction.atomic():
        alone("finding")
        marks = list(Stale.objects.order_by("pk")[:AT_ONCE])
        Stale.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
        subjects: dict[str, set[int]] = defaultdict(set)
        for mark in marks:
            subjects[mark.kind].add(mark.subject)
        _spread_cases(subjects.pop("case", set()))
        for kind, pks in subjects.items():
            _READ[kind](pks)
    return True


def catch_up() -> None:
    """Everything there is to do, in this thread; for commands and tests."""
    while freshen() or fill():
        pass


# Filling


@transaction.atomic
def fill_anew() -> None:
    """Have all that is stored read again, the newest first; searching goes on meanwhile."""
    for kind in KINDS:
        newest = _MODELS[kind]._default_manager.aggregate(newest=Max("pk"))["newest"] or 0
        values = {"below": newest + 1, "start": newest + 1}
        Filling.objects.update_or_create(kind=kind, defaults=values)


def fill() -> bool:
    """One batch of what is stored and was not read yet; False where the index is whole."""
    if not _one_unfilled():
        return False
    with transaction.atomic():
        alone("finding")
        left = {each.kind: each for each in Filling.objects.filter(below__gt=1)}
        for kind in KINDS:
            if kind in left:
                _fill_one(left[kind])
                return True
    return False


def _fill_one(filling: Filling) -> None:
    rows = _MODELS[filling.kind]._default_manager.filter(pk__lt=filling.below).order_by("-pk")
    pks = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    low = pks[-1] if len(pks) == AT_ONCE else 1
    if filling.kind == "message":
        # Whatever stands there for a message that is gone goes too.
        index().drop_between(WORDS, low, filling.below)
    _READ[filling.kind](pks)
    Filling.objects.filter(pk=filling.pk).update(below=low)


def share_filled() -> float:
    """How much of what is stored was read, 0 to 1."""
    rows = list(Filling.objects.all())
    whole = sum(row.start - 1 for row in rows)
    return 1 - sum(row.below - 1 for row in rows) / whole if whole else 1.0


# Messages


def _spread_cases(pks: Iterable[int]) -> None:
    """The words of a case stand with each of its messages."""
    messages = Message.objects.filter(case__in=pks).values_list("pk", flat=True)
    marks = (Stale(kind="message", subject=pk) for pk in messages.iterator())
    Stale.objects.bulk_create(marks, batch_size=1000)


def read_messages(pks: Iterable[int]) -> None:
    """Write the rows of these messages as they are now; those of erased ones without words."""
    wanted = list(pks)
    Code.objects.filter(message__in=wanted).delete()
    rows: list[tuple[Any, ...]] = list(
        Message.objects.filter(pk__in=wanted)
        .annotate(said=Left("text", LONGEST))
        .values_list(
            "pk", "said", "subject", "from_address", "case__title", "case__customer__name",
            "case__account__name", "customer__name", "member__name",
        )
    )  # fmt: skip
    files: dict[int, list[str]] = defaultdict(list)
    named = Attachment.objects.filter(message__in=wanted).values_list("message", "name")
    for pk, name in named:
        files[int(pk or 0)].append(name)
    told = [(row[0], _words_of(row, files[row[0]])) for row in rows]
    index().drop(WORDS, list(set(wanted) - {pk for pk, _words in told}))
    index().put(WORDS, told)
    Code.objects.bulk_create(
        Code(code=code, message_id=row[0])
        for row in rows
        for code in codes("\n".join([row[1], row[2], row[4], *files[row[0]]]))
    )


def _words_of(row: tuple[Any, ...], files: list[str]) -> list[str]:
    """Parts stand apart, so that no phrase is found across them."""
    said = str(row[1] or "")
    subject, title = str(row[2] or ""), str(row[4] or "")
    parts = [title, said, "" if subject == title else subject, *files]
    parts += dict.fromkeys(filter(None, (row[3], *row[5:])))
    words: list[str] = []
    for part in filter(None, parts):
        words += [*tokens(part), "\ue001"]
    return words


# Names


def read_customers(pks: Iterable[int]) -> None:
    wanted = set(pks)
    points = ContactPoint.objects.filter(customer__in=wanted).values_list("customer", "value")
    rows = [
        Name(kind="customer", subject=pk, text=name, is_name=True)
        for pk, name in Customer.objects.filter(pk__in=wanted).values_list("pk", "name")
    ]
    rows += [Name(kind="customer", subject=pk, text=value) for pk, value in points]
    renamed = _rename("customer", wanted, rows)
    _spread_names(renamed, "customer", "case__customer")


def read_accounts(pks: Iterable[int]) -> None:
    wanted = set(pks)
    rows: list[Name] = []
    accounts = Account.objects.filter(pk__in=wanted).values_list("pk", "name", "domain")
    for pk, name, domain in accounts:
        rows.append(Name(kind="account", subject=pk, text=name, is_name=True))
        if domain and domain != name:
            rows.append(Name(kind="account", subject=pk, text=domain))
    renamed = _rename("account", wanted, rows)
    _spread_names(renamed, "account", "case__account")


def _rename(kind: str, pks: set[int], rows: list[Name]) -> set[int]:
    """Put the names in place of the former ones; who of them was called otherwise before."""
    old = Name.objects.filter(kind=kind, subject__in=pks)
    before = {row.subject: row.text for row in old if row.is_name}
    index().drop(PEOPLE, [row.pk for row in old])
    old.delete()
    made = Name.objects.bulk_create(rows)
    index().put(PEOPLE, [(row.pk, _names_of(row)) for row in made])
    now = {row.subject: row.text for row in rows if row.is_name}
    return {pk for pk, name in before.items() if pk in now and now[pk] != name}


def _spread_names(pks: set[int], kind: str, of_case: str) -> None:
    """Names stand with the messages, so that a name and a word together find a case."""
    theirs = Message.objects.filter(**{f"{of_case}__in": pks}) if pks else Message.objects.none()
    if kind == "customer" and pks:
        theirs = theirs | Message.objects.filter(customer__in=pks)
    marks = (Stale(kind="message", subject=pk) for pk in theirs.values_list("pk", flat=True))
    Stale.objects.bulk_create(marks, batch_size=1000)


def _names_of(row: Name) -> list[str]:
    """A name with its blurs, an address in its words, a number by any of its ends."""
    words = tokens(row.text)
    if row.is_name:
        return [*words, *blurred(words)]
    digits = "".join(filter(str.isdigit, row.text))
    if "@" not in row.text and len(digits) > 5:
        return [digits[at:] for at in range(len(digits) - 4)]
    return words


_READ = {"message": read_messages, "customer": read_customers, "account": read_accounts}
