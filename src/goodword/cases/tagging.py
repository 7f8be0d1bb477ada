"""Tagging: putting a tag on a case and taking it off. It changes nothing for the customer, but
for what a policy promises to cases that carry it, such as complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.cases import promising
from goodword.cases.models.tag import Tag, Tagging, clean_name, slug_of
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

MOST_ON_ONE = 20


@transaction.atomic
def put_on(case: Case, name: str, *, by: Member) -> Tag:
    """Put the tag of that name on it; one that does not exist yet is made.

    Refused for a retired tag and for one of another team.
    """
    case.must_stand()
    slug = slug_of(clean_name(name))
    tag = Tag.objects.filter(slug=slug).select_related("root").first() or Tag.make(name, by=by)
    tag = tag.root or tag
    _may_carry(case, tag)
    _row, is_new = Tagging.objects.get_or_create(case=case, tag=tag, defaults={"by": by})
    if is_new:
        record(case, "tagged", by=by, facts={"tag": tag.pk})
        promising.tagged(case, tag)
    return tag


@transaction.atomic
def take_off(case: Case, tag: Tag, *, by: Member) -> bool:
    """Take it off, with every tag on this case that stands for the same."""
    family = Tag.objects.family_of(tag.slug).values("pk")
    carried = Tagging.objects.filter(case=case, tag__in=family)
    taken = list(carried.select_related("tag"))
    if not carried.delete()[0]:
        return False
    record(case, "untagged", by=by, facts={"tag": (tag.root or tag).pk})
    promising.untagged(case, taken)
    return True


def _may_carry(case: Case, tag: Tag) -> None:
    if tag.retired_at:
        sentence = _("“%(name)s” is retired. Choose another, or ask a lead to bring it back.")
        raise Refused("RETIRED", sentence % {"name": tag.name}, 422)
    if tag.team_id not in (None, case.team_id):
        sentence = _("“%(name)s” is a tag of another team. Choose another.")
        raise Refused("OTHER_TEAM", sentence % {"name": tag.name}, 422)
    if case.taggings.exclude(tag=tag).count() >= MOST_ON_ONE:
        sentence = _("A case carries %(most)s tags at most. Take one off first.")
        raise Refused("TOO_MANY", sentence % {"most": MOST_ON_ONE})
