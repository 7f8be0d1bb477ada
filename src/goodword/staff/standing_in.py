"""Somebody who stands in for a member while a question is put into SQL (`core/prepared.py`).

What a member sees follows from their role's rights, their teams and who they are. The rights decide
how the question looks; who they are is only a value in it.
"""

from goodword.staff.models import Member, Role

Sees = tuple[str, tuple[str, ...]]


def sees(member: Member) -> Sees:
    """What of a member decides how the questions for them look."""
    return member.role.slug, tuple(member.role.own_rights)


def stand_in(pk: int, sees: Sees) -> Member:
    """A member of that role, of whom nothing else is known."""
    slug, rights = sees
    return Member(pk=pk, role=Role(slug=slug, own_rights=list(rights)))
