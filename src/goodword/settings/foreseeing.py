"""What last month's cases would have got under a policy. Nothing is written down.

The newest cases are walked through word by word: each message of the customer opens what the
policy says, each word of a person of ours keeps what it keeps. Two hundred cases ask as many
queries as two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import Any

from goodword import clock
from goodword.cases.access import visible_cases
from goodword.cases.models import Case, Message, Tagging
from goodword.cases.models.message import AUTOMATIC, FIRST_WORDS, Direction
from goodword.cases.states import State as CaseState
from goodword.core.time import now
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind, State
from goodword.promises.models import Promise
from goodword.promises.policies import ACKNOWLEDGED, ONCE, About, Rule, Terms
from goodword.staff.models import Business, Member, Schedule
from goodword.staff.rights import Right

DAYS = 30
MOST_CASES, MOST_MESSAGES, MOST_SHOWN = 200, 8000, 12
# Monday is 0: in the week, at its end, and when nobody is there
EXAMPLES = ((2, time(16, 30)), (4, time(16, 30)), (5, time(11)))


@dataclass
class Vow:
    """One promise that the policy would have made, beside what was really promised."""

    rule: Rule
    start: datetime
    due: datetime
    answered: datetime | None = None
    had: datetime | None = None
    was_kept: bool | None = None

    @property
    def is_late(self) -> bool:
        return (self.answered or now()) > self.due

    @property
    def is_open(self) -> bool:
        return self.answered is None and not self.is_late


@dataclass
class Walked:
    """One case of last month."""

    case: Case
    vows: list[Vow]

    @property
    def urgency(self) -> tuple[int, float]:
        late = sum(each.is_late for each in self.vows)
        moved = sum(abs((each.due - each.had).total_seconds()) for each in self.vows if each.had)
        return -late, -moved


@dataclass
class Tally:
    """One rule over all cases."""

    rule: Rule
    promised: int = 0
    answered: int = 0
    in_time: int = 0
    was_in_time: int = 0
    late: int = 0

    def add(self, vow: Vow) -> None:
        self.promised += 1
        self.answered += vow.answered is not None
        self.in_time += vow.answered is not None and not vow.is_late
        self.was_in_time += vow.answered is not None and vow.was_kept is True
        self.late += vow.is_late


@dataclass
class Foreseen:
    tallies: list[Tally] = field(default_factory=list)
    shown: list[Walked] = field(default_factory=list)
    counted: int = 0
    is_sample: bool = False
    more: int = 0
    unseen: int = 0


def examples(terms: Terms, business: Business) -> list[tuple[datetime, list[Vow]]]:
    """What a message would get that comes on each of the next example instants."""
    hours = business.schedule.hours
    about = About(channel="mail")
    rules = [rule for rule in terms.rules if rule.is_for(about)] or list(terms.rules)
    return [(at, [Vow(rule, at, clock.due(rule.form, at, hours).at) for rule in rules])
            for at in _instants(hours)]  # fmt: skip


def _instants(hours: clock.Schedule) -> Iterator[datetime]:
    today = now().astimezone(hours.zone_info).date()
    for weekday, hour in EXAMPLES:
        day = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        yield datetime.combine(day, hour, hours.zone_info)


def foresee(
    terms: Terms, member: Member, business: Business, others: Iterable[Terms] = ()
) -> Foreseen:
    """The cases of the last thirty days that come under the policy.

    All of them count; only those that `member` may see are shown.
    """
    since = now() - timedelta(days=DAYS)
    standing = Case.objects.filter(merged_into=None, opened_at__gte=since)
    rows = standing.order_by("-opened_at")
    cases = list(rows.select_related("customer__account", "team__schedule")[: MOST_CASES + 1])
    is_sample = len(cases) > MOST_CASES
    under = _Under(terms, others)
    cases = [each for each in cases[:MOST_CASES] if under.has(each)]
    said = _Said(cases)
    walked = [Walked(each, _Walk(each, terms, business, said).vows())
              for each in cases if each.pk in said.whole]  # fmt: skip
    found = Foreseen(counted=len(walked), is_sample=is_sample or len(walked) < len(cases))
    found.tallies = _tallies(terms, walked)
    may_see = _may_see(member, [each.case.pk for each in walked])
    shown = [each for each in walked if each.vows and each.case.pk in may_see]
    found.shown = sorted(shown, key=attrgetter("urgency"))[:MOST_SHOWN]
    found.more = len(shown) - len(found.shown)
    found.unseen = len(walked) - len(may_see)
    return found


def _may_see(member: Member, pks: list[int]) -> set[int]:
    if member.has(Right.SEE_ALL):
        return set(pks)
    return set(visible_cases(member).filter(pk__in=pks).values_list("pk", flat=True))


def _tallies(terms: Terms, walked: list[Walked]) -> list[Tally]:
    tallies = {rule.key: Tally(rule) for rule in terms.rules}
    for each in walked:
        for vow in each.vows:
            tallies[vow.rule.key].add(vow)
    return list(tallies.values())


class _Under:
    """Which cases come under the policy: its own teams and accounts, or whoever is left."""

    def __init__(self, terms: Terms, others: Iterable[Terms]) -> None:
        self.own = set(terms.teams), set(terms.accounts)
        self.theirs = (
            {slug for other in others for slug in other.teams},
            {pk for other in others for pk in other.accounts},
        )

    def has(self, case: Case) -> bool:
        if any(self.own):
            return self._in(case, self.own)
        return not self._in(case, self.theirs)

    @staticmethod
    def _in(case: Case, named: tuple[set[str], set[int]]) -> bool:
        return case.team.slug in named[0] or case.account_id in named[1]


class _Said:
    """What was said, promised and tagged in all of the cases, read at once."""

    def __init__(self, cases: list[Case]) -> None:
        pks = [case.pk for case in cases]
        self.messages: dict[int, list[Any]] = defaultdict(list)
        self.promises: dict[int, list[Promise]] = defaultdict(list)
        self.tags: dict[int, set[str]] = defaultdict(set)
        self.kept: dict[int, set[str]] = defaultdict(set)
        rows = list(self._of(pks))
        for row in rows:
            self.messages[row.case_id].append(row)
        # A case that was read in part would be told wrong, so it is left out and said.
        cut = rows[-1].case_id if len(rows) == MOST_MESSAGES else None
        self.whole = {pk for pk in pks if cut is None or pk > cut}
        for promise in Promise.objects.filter(case__in=pks, made_by=None):
            self.promises[promise.case_id].append(promise)
            if promise.kept_by_id:
                self.kept[promise.kept_by_id].add(promise.kind)
        self.agreed = self._agreed(cases)
        tagged = Tagging.objects.filter(case__in=pks)
        for pk, slug, root in tagged.values_list("case", "tag__slug", "tag__root__slug"):
            self.tags[pk].add(root or slug)

    @staticmethod
    def _agreed(cases: list[Case]) -> dict[str, Schedule]:
        """The hours agreed with organisations, by name; the last version of each stands."""
        accounts = {case.customer.account for case in cases}
        names = {account.hours for account in accounts if account and account.hours}
        found = Schedule.objects.filter(name__in=names, is_dropped=False) if names else ()
        return {each.name: each for each in sorted(found, key=attrgetter("version"))}

    @staticmethod
    def _of(pks: list[int]) -> Iterable[Message]:
        said = Message.objects.filter(case__in=pks, automatic="", is_unconfirmed=False)
        heard = (Direction.IN, Direction.OUT, Direction.CALL)
        rows = said.filter(direction__in=heard).exclude(purpose__in=AUTOMATIC)
        fields = ("case", "direction", "channel", "purpose", "at")
        return rows.only(*fields).order_by("-case", "at", "id")[:MOST_MESSAGES]


class _Walk:
    """One case, from its first word to its last."""

    def __init__(self, case: Case, terms: Terms, business: Business, said: _Said) -> None:
        self.case, self.terms, self.said = case, terms, said
        agreed = case.customer.account.hours if case.customer.account else ""
        schedule = said.agreed.get(agreed) or case.team.schedule or business.schedule
        self.hours = schedule.hours
        self.open: dict[str, Vow] = {}
        self.made: dict[str, Vow] = {}
        self.done: list[Vow] = []
        self.heard: Message | None = None

    def vows(self) -> list[Vow]:
        for message in self.said.messages[self.case.pk]:
            if message.direction == Direction.IN:
                self._hear(message)
            else:
                self._speak(message)
        if self.case.state == CaseState.SETTLED:
            for vow in self.made.values():
                vow.answered = vow.answered or self.case.ended_at
        vows = [*self.done, *self.open.values(), *self.made.values()]
        found = [vow for vow in vows if self._stood(vow)]
        return sorted(found, key=attrgetter("start", "due"))

    def _hear(self, message: Message) -> None:
        self.heard = message
        about = self._about(message)
        for rule in self.terms.for_contact(about):
            vow = self._vow(rule, message.at)
            name = rule.kind if rule.is_contact else rule.key
            before = self.open.get(name)
            # Of two that are opened by one message the stricter counts.
            if before is None or (before.start == vow.start and vow.due < before.due):
                self.open[name] = vow
        self._once(about, ONCE, message.at)

    def _speak(self, message: Message) -> None:
        is_first_word = message.purpose in FIRST_WORDS
        if message.direction == Direction.CALL:
            is_first_word = Kind.REPLY not in self.said.kept[message.pk]
        kinds = (Kind.ACKNOWLEDGE,) if is_first_word else KEPT_BY_AN_ANSWER
        for kind in kinds:
            if vow := self.open.pop(kind, None):
                vow.answered = message.at
                self.done.append(vow)
        if self.heard is not None:
            self._once(self._about(self.heard), ACKNOWLEDGED, message.at)

    def _once(self, about: About, when: str, start: datetime) -> None:
        for rule in self.terms.once(about, when):
            if rule.key not in self.made:
                self.made[rule.key] = self._vow(rule, start)

    def _about(self, message: Message) -> About:
        tags = frozenset(self.said.tags[self.case.pk])
        return About(self.case.customer.is_internal, self.case.team.slug, message.channel, tags)

    def _vow(self, rule: Rule, start: datetime) -> Vow:
        return Vow(rule, start, clock.due(rule.form, start, self.hours).at)

    def _stood(self, vow: Vow) -> bool:
        """Puts what was really promised beside it. False where no answer was needed after all."""
        for promise in self.said.promises[self.case.pk]:
            same = promise.kind == vow.rule.kind and promise.made_at == vow.start
            if not same or (not vow.rule.is_contact and promise.rule != vow.rule.key):
                continue
            if promise.state == State.VOID and vow.answered is None:
                return False
            vow.had = promise.due
            vow.was_kept = promise.kept_at is not None and promise.kept_at <= promise.due
            if not vow.rule.is_contact:
                vow.answered = promise.kept_at
        return True
