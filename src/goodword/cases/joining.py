"""Who may decide who joins a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from goodword.core.refusals import Refused

if TYPE_CHECKING:
    from goodword.cases.models.case import Case
    from goodword.staff.models import Member


def must_answer_for(case: Case, member: Member) -> None:
    """Who joins a case is decided by its owner, or by a lead (design.md, “Mail in”)."""
    if case.owner_id != member.pk and not member.is_lead:
        sentence = _("%(name)s answers for this case; they or a lead decide who joins it.")
        raise Refused("NOT_YOURS", sentence % {"name": case.owner.name}, 403)
