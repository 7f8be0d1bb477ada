"""Mentioning: “@priya” in a note calls a colleague to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from goodword.cases.models.message import Message
from goodword.cases.models.watch import MemberMention
from goodword.cases.watching import sees
from goodword.core.compare import change
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case

# Not in the middle of a word, so that no mail address and no link is a mention.
HANDLE = re.compile(r"(?<![\w@.+/-])@(\w+(?:[.-]\w+)*)")


def handles(members: Iterable[Member]) -> dict[str, Member]:
    """How each may be called: by the given name where only one has it, and by the whole name."""
    everybody = list(members)
    given = Counter(_given(member) for member in everybody)
    whole = Counter(_whole(member) for member in everybody)
    found: dict[str, Member] = {}
    for member in everybody:
        alone = whole[_whole(member)] == 1
        found[_whole(member) if alone else f"{_whole(member)}.{member.pk}"] = member
        if given[_given(member)] == 1:
            found[_given(member)] = member
    return found


def handle_of(member: Member, members: Iterable[Member]) -> str:
    """The shortest one, as the list of suggestions writes it."""
    mine = [handle for handle, each in handles(members).items() if each.pk == member.pk]
    return min(mine, key=len)


def named_in(text: str) -> list[Member]:
    """The active members whom a text calls, each once."""
    called = [handle.casefold() for handle in HANDLE.findall(text)]
    if not called:
        return []
    known = handles(Member.objects.active())
    return list({known[each].pk: known[each] for each in called if each in known}.values())


def mention(case: Case, message: Message, *, by: Member) -> list[MemberMention]:
    """Note whom a note names. Those who may not see the case are told once they may."""
    rows = [
        MemberMention.objects.create(case=case, message=message, member=member, by=by)
        for member in named_in(message.text)
        if member.pk != by.pk
    ]
    for row in rows:
        if sees(row.member, case):
            change(row, {}, {"told_at": now()})
            facts = {"member": row.member_id, "message": message.pk}
            record(case, "mentioned", by=by, facts=facts)
    return rows


def unseen_by(member: Member) -> QuerySet[MemberMention]:
    return MemberMention.objects.filter(member=member, seen_at=None, told_at__isnull=False)


def seen(case: Case, *, by: Member) -> int:
    """They opened the case, where they were named."""
    return unseen_by(by).filter(case=case).update(seen_at=now())


def _given(member: Member) -> str:
    return "".join(re.findall(r"\w+", member.given)).casefold()


def _whole(member: Member) -> str:
    return ".".join(re.findall(r"\w+", member.name)).casefold()
