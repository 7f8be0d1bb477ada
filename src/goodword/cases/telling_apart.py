"""“These two are not the same”: remembered, so that nobody is asked again, and taken back."""

from __future__ import annotations

from django.db import transaction

from goodword.cases.merging_people import One, held_both, must_be_seen, visible_like
from goodword.journal.recording import record
from goodword.people.models import Customer, Different
from goodword.staff.models import Member


@transaction.atomic
def tell_apart(one: One, other: One, *, by: Member) -> Different:
    """They are two. What was said of them already stands; refused as a merge would be."""
    first, second = held_both(type(one), one.pk, other.pk)
    must_be_seen(visible_like(first, by), first, second)
    known = Different.objects.of(first, second).first()
    if known is not None:
        return known
    if isinstance(first, Customer):
        said = Different.objects.create(one_id=first.pk, other_id=second.pk, by=by)
    else:
        said = Different.objects.create(one_account_id=first.pk, other_account_id=second.pk, by=by)
    record(None, "told_apart", by=by, facts=_facts(said))
    return said


@transaction.atomic
def take_back(said: Different, *, by: Member) -> bool:
    """They may be one after all. False where that was said already."""
    one, other = said.two
    must_be_seen(visible_like(one, by), one, other)
    facts = _facts(said)
    if not Different.objects.filter(pk=said.pk).delete()[0]:
        return False
    record(None, "not_told_apart", by=by, facts=facts)
    return True


def _facts(said: Different) -> dict[str, object]:
    if said.one_id:
        return {"customer": said.one_id, "other": said.other_id}
    return {"account": said.one_account_id, "other": said.other_account_id}
