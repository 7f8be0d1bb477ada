"""What hangs on a case for us alone: tags, watchers, who was called. One question for all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from goodword.cases.models import Case, MemberMention, Tag, Tagging, Watch
from goodword.core.prepared import prepared
from goodword.staff.models import Member, initials


@dataclass(frozen=True)
class Hand:
    """A tag or a member, as the rail shows it; `word` is a tag's search word."""

    what: str
    pk: int
    name: str
    hue: int
    word: str

    @property
    def given(self) -> str:
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        return initials(self.name)


class Hands:
    def __init__(self, case: Case, member: Member) -> None:
        self.case, self.member = case, member

    @cached_property
    def _all(self) -> list[Hand]:
        rows = _hands(case=self.case.pk, team=self.case.team_id, member=self.member.pk)
        return sorted((Hand(*row) for row in rows), key=lambda each: each.name.casefold())

    def known(self, *whats: str) -> dict[int, Hand]:
        """By their keys, for whoever has to name them."""
        return {each.pk: each for each in self._all if each.what in whats}

    def _of(self, what: str) -> list[Hand]:
        return [each for each in self._all if each.what == what]

    @cached_property
    def tags(self) -> list[Hand]:
        return self._of("tag")

    @cached_property
    def offered(self) -> list[Hand]:
        """Tags that may still be put on."""
        on = {tag.pk for tag in self.tags}
        return [tag for tag in self._of("offer") if tag.pk not in on]

    @cached_property
    def watchers(self) -> list[Hand]:
        return self._of("watch")

    @property
    def i_watch(self) -> bool:
        return any(each.pk == self.member.pk for each in self.watchers)

    @cached_property
    def others(self) -> list[Hand]:
        """Whom one may ask to watch."""
        there = {each.pk for each in self.watchers}
        return [each for each in self._of("member") if each.pk not in there]

    @cached_property
    def untold(self) -> list[Hand]:
        """Called in a note, and not told, because they may not see the case."""
        return self._of("untold")

    @property
    def calls_me(self) -> bool:
        return bool(self._of("mine"))


@prepared
def _hands(*, case: int, team: int, member: int) -> QuerySet[Any, Any]:
    tagging = Tagging.objects.filter(case=case)
    named = MemberMention.objects.filter(case=case).order_by()
    mine = named.filter(member=member, seen_at=None, told_at__isnull=False)
    # A merged tag shows as what it stands for.
    tag = [
        Coalesce(f"tag__root__{column}", f"tag__{column}")
        for column in ("pk", "name", "hue", "slug")
    ]
    whose = (F("member_id"), F("member__name"), F("member__hue"), Value(""))
    return _as("tag", tagging, *tag).union(
        _as("offer", Tag.objects.in_use().for_team(team).order_by(),
            F("pk"), F("name"), F("hue"), F("slug")),
        _as("watch", Watch.objects.filter(case=case), *whose),
        _as("untold", named.filter(told_at=None), *whose),
        _as("mine", mine, *whose),
        _as("member", Member.objects.active(), F("pk"), F("name"), F("hue"), Value("")),
    )  # fmt: skip


def _as(what: str, rows: QuerySet[Any], *columns: Any) -> QuerySet[Any, Any]:
    """The rows as five columns, so that rows of several tables come in one answer."""
    pk, name, hue, word = columns
    found: QuerySet[Any, Any] = rows.annotate(
        h_what=Value(what, CharField()),
        h_pk=Cast(pk, IntegerField()),
        h_name=Cast(name, CharField()),
        h_hue=Cast(hue, IntegerField()),
        h_word=Cast(word, CharField()),
    ).values_list("h_what", "h_pk", "h_name", "h_hue", "h_word")
    return found
