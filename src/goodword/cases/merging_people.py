"""Merging two customers who are one person, or two accounts that are one, and taking it back.

Every row that points to the one points to the other afterwards, whatever room it is of. What
moved is written down row by row (people.Merge), so that undoing moves those back, with
whatever came for that person since. Nothing is deleted; old addresses of pages lead on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.cases.access import visible_accounts, visible_customers
from goodword.cases.models import Case, Message, Participant
from goodword.cases.states import ENDED
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.people.models import Account, ContactPoint, Customer, Different, Merge
from goodword.staff.models import Member

One = TypeVar("One", Customer, Account)
# What was said and done under a name stays under it; a merge and an import name whom they met.
STAYS = {"journal.Entry", "people.Merge", "people.ImportedRow"}
FILLED = ("account_id", "language", "since", "about")
ROLES = [Participant.Role.UNCONFIRMED, Participant.Role.COPY, Participant.Role.CUSTOMER]


@transaction.atomic
def merge_customers(gone: Customer, into: Customer, *, by: Member) -> Merge:
    """`gone` is `into`: everything of theirs stands there from now on.

    Refused with oneself, where one of them was merged already (so there is no circle), where
    `by` may not see both, and where one is a sender whom nobody has confirmed.
    """
    gone, into = held_both(Customer, gone.pk, into.pk)
    must_be_seen(visible_customers(by), gone, into)
    must_not_be_told_apart(gone, into)
    _must_be_confirmed(gone, into)
    merge = Merge(gone=gone, into=into, by=by)
    # The points first: whoever takes in a mail holds one of them, or waits for us here.
    points = list(gone.points.select_for_update().values_list("pk", flat=True))
    _yield_first_choice(gone, into, merge)
    merge.both = _meet_in_cases(gone, into)
    merge.moved = _move(gone, into) | {"points": points}
    before, merge.after = _fill(gone, into)
    merge.before |= before
    change(gone, {}, {"merged_into": into})
    merge.save()
    _tell(merge, "customer_merged", by)
    return merge


@transaction.atomic
def merge_accounts(gone: Account, into: Account, *, by: Member) -> Merge:
    """`gone` is `into`; its domain goes on finding its people."""
    gone, into = held_both(Account, gone.pk, into.pk)
    must_be_seen(visible_accounts(by), gone, into)
    must_not_be_told_apart(gone, into)
    merge = Merge(gone_account=gone, into_account=into, by=by, moved=_move(gone, into))
    if gone.hours and not into.hours:
        merge.before, merge.after = {"hours": ""}, {"hours": gone.hours}
        change(into, {}, merge.after)
    change(gone, {}, {"merged_into": into})
    merge.save()
    facts: dict[str, object] = {"merge": merge.pk, "account": gone.pk, "into": into.pk}
    record(None, "account_merged", by=by, facts=facts)
    return merge


@transaction.atomic
def unmerge(merge: Merge, *, by: Member) -> bool:
    """They are two after all: what moved goes back, and what came since for `gone`.

    False where that was done already. Refused where `into` was merged further since.
    """
    one, other = _both_of(merge)
    must_be_seen(visible_like(other, by), other.merged_into or other)
    if other.merged_into is not None:
        sentence = _("%(name)s was merged into %(other)s since. Un-merge those two first.")
        names = {"name": other.name, "other": other.merged_into.name}
        raise Refused("MERGED_SINCE", sentence % names)
    if not change(merge, {"undone_at": None}, {"undone_at": now(), "undone_by": by}):
        return False
    change(one, {}, {"merged_into": None})
    if isinstance(one, Customer) and isinstance(other, Customer):
        _Return(merge, one, other).commit()
        _tell(merge, "customer_unmerged", by)
    else:
        _put_back(merge.moved, one, other)
        _empty_again(merge, other)
        moved = {"merge": merge.pk, "account": one.pk, "into": other.pk}
        record(None, "account_unmerged", by=by, facts=moved)
    return True


# Who may be merged


def held_both(model: type[One], gone: int, into: int) -> tuple[One, One]:
    """Both rows, held in the order of their keys, so that two members cannot cross."""
    if gone == into:
        raise Refused("SAME", _("That is the same one. Choose another."), 422)
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=[gone, into])
    found = {row.pk: row for row in rows.order_by("pk")}
    for row in found.values():
        if row.merged_into is not None:
            sentence = _("%(name)s was merged into %(other)s already.")
            facts = {"name": row.name, "other": row.merged_into.name}
            raise Refused("MERGED", sentence % facts)
    return found[gone], found[into]


def _both_of(merge: Merge) -> tuple[Customer | Account, Customer | Account]:
    one, other = merge.one, merge.other
    rows = type(one)._base_manager.select_for_update(of=("self",))
    found = {row.pk: row for row in rows.filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    return found[one.pk], found[other.pk]


def visible_like(one: Customer | Account, by: Member) -> models.QuerySet[Any]:
    return visible_customers(by) if isinstance(one, Customer) else visible_accounts(by)


def must_be_seen(visible: models.QuerySet[Any], *rows: Customer | Account) -> None:
    wanted = {row.pk for row in rows}
    if visible.filter(pk__in=wanted).count() < len(wanted):
        sentence = _("One of the two is another team’s, and you may not see it. Ask a leader.")
        raise Refused("NOT_SEEN", sentence, 403)


def must_not_be_told_apart(one: Customer | Account, other: Customer | Account) -> None:
    """Refused for two of whom somebody said that they are two (telling_apart.py)."""
    said = Different.objects.of(one, other).select_related("by").first()
    if said is not None:
        sentence = _("%(who)s said that these are two. Take that back first, if they are one.")
        raise Refused("TOLD_APART", sentence % {"who": said.by.name})


def _must_be_confirmed(gone: Customer, into: Customer) -> None:
    """A stranger who joined a case must not come to its history by being merged."""
    waiting = Participant.objects.filter(
        customer__in=(gone, into), role=Participant.Role.UNCONFIRMED
    ).select_related("case", "customer")
    for row in waiting:
        other = into if row.customer_id == gone.pk else gone
        if row.case.participants.filter(customer=other).exists():
            sentence = _(
                "Nobody has confirmed %(name)s in %(reference)s. Let them in there, or give them "
                "a case of their own; then merge."
            )
            facts = {"name": row.customer.name, "reference": row.case.reference}
            raise Refused("NOT_CONFIRMED", sentence % facts)


# Moving


def relations(model: type[models.Model]) -> Iterator[tuple[str, type[models.Model], str]]:
    """Every foreign key to `model` in any room: its name, its model and its field."""
    for field in model._meta.get_fields(include_hidden=True):
        if not (field.auto_created and field.one_to_many and not field.concrete):
            continue
        related: Any = field.related_model
        name = field.remote_field.name  # type: ignore[union-attr]
        if related._meta.label not in STAYS:
            yield f"{related._meta.label}.{name}", related, name


def _move(gone: Customer | Account, into: Customer | Account) -> dict[str, list[int]]:
    moved: dict[str, list[int]] = {}
    for label, model, name in relations(type(gone)):
        rows = model._base_manager.filter(**{name: gone})
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if keys and (changed := _point(model, name, keys, into)):
            moved[label] = changed
    return moved


def _point(model: type[models.Model], name: str, keys: list[int], to: models.Model) -> list[int]:
    """Let these rows point there; which could. One that is there twice stays where it was."""
    rows = model._base_manager.filter(pk__in=keys)
    try:
        with transaction.atomic():
            rows.update(**{name: to})
        return keys
    except IntegrityError:
        return [key for key in keys if _point_one(model, name, key, to)]


def _point_one(model: type[models.Model], name: str, key: int, to: models.Model) -> bool:
    try:
        with transaction.atomic():
            return bool(model._base_manager.filter(pk=key).update(**{name: to}))
    except IntegrityError:
        return False


def _put_back(moved: dict[str, list[int]], one: models.Model, other: models.Model) -> None:
    for label, model, name in relations(type(one)):
        there = model._base_manager.filter(pk__in=moved.get(label, []), **{name: other})
        keys = list(there.values_list("pk", flat=True))
        if keys:
            _point(model, name, keys, one)


def _meet_in_cases(gone: Customer, into: Customer) -> list[dict[str, Any]]:
    """Where both took part, one takes part from now on, in the fuller role of the two."""
    theirs = {row.case_id: row for row in Participant.objects.filter(customer=gone)}
    met = []
    for mine in Participant.objects.filter(customer=into, case__in=theirs.keys()):
        row = theirs[mine.case_id]
        fuller = max(mine.role, row.role, key=lambda role: ROLES.index(Participant.Role(role)))
        met.append(
            {
                "case": mine.case_id,
                "role": row.role,
                "joined_at": row.joined_at.isoformat(),
                "into_was": mine.role,
                "into_is": fuller,
            }
        )
        row.delete()
        change(mine, {}, {"role": fuller})
    return met


def _yield_first_choice(gone: Customer, into: Customer, merge: Merge) -> None:
    """The address that was chosen for `into` stays so."""
    kinds = into.points.filter(is_first=True).values("kind")
    chosen = gone.points.filter(is_first=True, kind__in=kinds)
    merge.before["chosen"] = list(chosen.values_list("pk", flat=True))
    ContactPoint.objects.filter(pk__in=merge.before["chosen"]).update(is_first=False)


def _fill(gone: Customer, into: Customer) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is empty in the one is taken from the other; said as JSON keeps it."""
    filled = {name: getattr(gone, name) for name in FILLED if not getattr(into, name)}
    filled = {name: value for name, value in filled.items() if value}
    before = {name: getattr(into, name) for name in filled}
    if filled:
        change(into, {}, filled)
    after = {name: str(v) if name == "since" else v for name, v in filled.items()}
    return before, after


def _empty_again(merge: Merge, other: Customer | Account) -> None:
    """What was filled, unless somebody has changed it since."""
    for name, value in merge.after.items():
        change(other, {name: value}, {name: merge.before[name]})


def _tell(merge: Merge, kind: str, by: Member) -> None:
    """One entry for the desk, and one in each open case, which is reckoned anew."""
    facts = {"merge": merge.pk, "customer": merge.gone_id, "into": merge.into_id}
    record(None, kind, by=by, facts=facts)
    moved = merge.moved.get("cases.Case.customer", [])
    for case in Case.objects.filter(pk__in=moved).exclude(state__in=ENDED).order_by("pk"):
        with case.held() as held:
            record(held, kind, by=by, facts=facts)


class _Return:
    """What goes back to `one`: what moved, and what came for them since."""

    def __init__(self, merge: Merge, one: Customer, other: Customer) -> None:
        self.merge, self.one, self.other = merge, one, other
        self.met = {row["case"]: row for row in merge.both}

    def commit(self) -> None:
        merge, one, other = self.merge, self.one, self.other
        addresses = self._addresses()
        cases = self._cases(addresses)
        _put_back(merge.moved, one, other)
        ContactPoint.objects.filter(pk__in=merge.before.get("chosen", ()), customer=one).update(
            is_first=True
        )
        for label, model, name in relations(Customer):
            self._bring_along(label, model, name, cases)
        Message.objects.filter(
            customer=other, case__in=self.met, at__gte=merge.at, from_address__in=addresses
        ).update(customer=one)
        self._part_in_cases()
        _empty_again(merge, other)
        merge.moved["cases.Case.customer"] = sorted(cases)

    def _addresses(self) -> list[str]:
        moved = ContactPoint.objects.filter(pk__in=self.merge.moved.get("points", ()))
        theirs = moved.filter(customer=self.other, kind=ContactPoint.Kind.MAIL)
        return list(theirs.values_list("value", flat=True))

    def _cases(self, addresses: list[str]) -> set[int]:
        """Those that moved, and those that began since with a mail from an address of theirs."""
        moved = self.merge.moved.get("cases.Case.customer", [])
        held = Case.objects.filter(customer=self.other)
        wrote = Message.objects.filter(case=models.OuterRef("pk"), direction="in", automatic="")
        first = models.Subquery(wrote.order_by("id").values("from_address")[:1])
        since = held.filter(opened_at__gte=self.merge.at).annotate(first=first)
        new = since.filter(first__in=addresses).values_list("pk", flat=True)
        return {*held.filter(pk__in=moved).values_list("pk", flat=True), *new}

    def _bring_along(
        self, label: str, model: type[models.Model], name: str, cases: set[int]
    ) -> None:
        """Rows of their cases that were made since: they are theirs, not the other's."""
        if label == "cases.Case.customer":
            _point(model, name, sorted(cases), self.one)
            return
        has_case = any(field.name == "case" for field in model._meta.concrete_fields)
        if not has_case:
            return
        alone = model._base_manager.filter(case__in=cases - self.met.keys())
        keys = list(alone.filter(**{name: self.other}).values_list("pk", flat=True))
        if label == "promises.Promise.customer":
            since = model._base_manager.filter(case__in=cases & self.met.keys())
            since = since.filter(Q(made_at__gte=self.merge.at), **{name: self.other})
            keys += list(since.values_list("pk", flat=True))
        if keys:
            _point(model, name, keys, self.one)

    def _part_in_cases(self) -> None:
        """Both take part again where both did."""
        for case, row in self.met.items():
            mine = Participant.objects.filter(case=case, customer=self.other)
            mine.filter(role=row["into_is"]).update(role=row["into_was"])
            fields = {"role": row["role"], "joined_at": row["joined_at"]}
            Participant.objects.get_or_create(case_id=case, customer=self.one, defaults=fields)
