"""Who is told of an entry: one table, and what it asks of the cases that the entries are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from django.db.models import Min

from goodword.cases.models import Case, MemberMention, Message, Watch
from goodword.cases.models.message import Direction
from goodword.journal.models import Entry
from goodword.promises.models import Promise
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right

Ask = Callable[["Around", Entry], Iterable[int | None]]


class Around:
    """What stands around a batch of entries, each asked once however many there are."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        wanted = {entry.case_id for entry in entries if entry.case_id}
        cases = Case.objects.filter(pk__in=wanted).select_related("customer")
        self.cases: dict[int, Case] = {case.pk: case for case in cases}

    @cached_property
    def members(self) -> dict[int, Member]:
        return {each.pk: each for each in Member.objects.active().select_related("role")}

    @cached_property
    def teams(self) -> dict[int, set[int]]:
        """The members of each team."""
        found: dict[int, set[int]] = defaultdict(set)
        for team, member in Team.members.through.objects.values_list("team_id", "member_id"):
            found[team].add(member)
        return found

    @cached_property
    def watchers(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for case, who in Watch.objects.filter(case__in=self.cases).values_list("case", "member"):
            found[case].append(who)
        return found

    @cached_property
    def messages(self) -> dict[int, Message]:
        wanted = {pk for entry in self.entries if (pk := message_of(entry))}
        return Message.objects.only("pk", "case", "member", "direction").in_bulk(list(wanted))

    @cached_property
    def called(self) -> dict[int, set[int]]:
        """Whom each note calls: they are told of that and not of the note."""
        found: dict[int, set[int]] = defaultdict(set)
        rows = MemberMention.objects.filter(message__in=list(self.messages))
        for message, who in rows.values_list("message_id", "member_id"):
            found[message].add(who)
        return found

    @cached_property
    def firsts(self) -> set[int]:
        """The first thing that the customer said in each case."""
        said = Message.objects.filter(case__in=self.cases, direction=Direction.IN)
        firsts = said.order_by().values("case").annotate(first=Min("pk"))
        return set(firsts.values_list("first", flat=True))

    @cached_property
    def owners(self) -> dict[int, int]:
        """Who gave each promise that an entry is of."""
        wanted = {entry.facts["promise"] for entry in self.entries if "promise" in entry.facts}
        return dict(Promise.objects.filter(pk__in=wanted).values_list("pk", "owner_id"))

    def sees(self, member: Member, case: Case) -> bool:
        if member.has(Right.SEE_ALL) or member.pk in (case.owner_id, case.handing_to_id):
            return True
        is_theirs = member.has(Right.SEE_TEAM) and member.pk in self.teams[case.team_id]
        return is_theirs or member.pk in self.watchers[case.pk]


def message_of(entry: Entry) -> int | None:
    """The message that an entry is of, or vouches for."""
    if "message" in entry.facts:
        return entry.facts["message"] and int(entry.facts["message"])
    named = (key.partition(":") for key in entry.digests)
    return next((int(pk) for name, _colon, pk in named if name == "message"), None)


def fact(name: str) -> Ask:
    return lambda around, entry: [entry.facts.get(name)]


def owner(around: Around, entry: Entry) -> Iterable[int | None]:
    case = around.cases.get(entry.case_id or 0)
    return [case.owner_id] if case else []


def watchers(around: Around, entry: Entry) -> Iterable[int | None]:
    called = around.called[message_of(entry) or 0]
    return [who for who in around.watchers[entry.case_id or 0] if who not in called]


def promiser(around: Around, entry: Entry) -> Iterable[int | None]:
    return [around.owners.get(entry.facts["promise"])]


def leads(around: Around, entry: Entry) -> Iterable[int | None]:
    case = around.cases.get(entry.case_id or 0)
    team = around.teams[case.team_id] if case else set()
    return [pk for pk in sorted(team) if pk in around.members and _leads(around.members[pk])]


def paged(around: Around, entry: Entry) -> Iterable[int | None]:
    return [] if entry.facts["quiet"] else [entry.facts["member"]]


def owners_on_the_sweep(around: Around, entry: Entry) -> Iterable[int | None]:
    return [int(pk) for pk in entry.facts["owners"]]


def leads_of_the_day(around: Around, entry: Entry) -> Iterable[int | None]:
    """Whoever leads the team; where nobody does, the leaders of the business."""
    team = around.teams[entry.facts["team"]]
    leads = [pk for pk in sorted(team) if pk in around.members and _leads(around.members[pk])]
    return leads or [pk for pk, each in around.members.items() if each.has(Right.SIGN)]


def above(around: Around, entry: Entry) -> Iterable[int | None]:
    """Whom a rung of the ladder tells; the first is the break itself, which is told already."""
    return entry.facts["told"] if entry.facts["step"] > 1 else []


def other_leaders(around: Around, entry: Entry) -> Iterable[int | None]:
    """A leader's breach is another leader's to know (R06)."""
    who = around.members.get(around.owners.get(entry.facts["promise"]) or 0)
    if who is None or not who.is_leader:
        return []
    return [pk for pk, each in around.members.items() if each.is_leader]


def operators(around: Around, entry: Entry) -> Iterable[int | None]:
    return [pk for pk, each in around.members.items() if each.has(Right.OPERATE)]


def writer(around: Around, entry: Entry) -> Iterable[int | None]:
    message = around.messages.get(message_of(entry) or 0)
    written = message.member_id if message else None
    return [written] if written else owner(around, entry)


def owner_of_a_new_one(around: Around, entry: Entry) -> Iterable[int | None]:
    return owner(around, entry) if message_of(entry) in around.firsts else []


def owner_by_page(around: Around, entry: Entry) -> Iterable[int | None]:
    """What they said in a message was told when it came."""
    return [] if entry.facts.get("message") else owner(around, entry)


def _leads(member: Member) -> bool:
    return member.has(Right.LEAD)


# The first that names a member wins: nobody hears of one entry under two subjects.
TOLD: dict[str, tuple[tuple[str, Ask], ...]] = {
    "mentioned": (("mention", fact("member")),),
    "watched": (("mention", fact("member")),),
    "handing_over": (("asked", fact("to")),),
    "handed_over": (("asked", fact("to")), ("answered", fact("from_")), ("watched", watchers)),
    "given_back": (("asked", fact("to")),),
    "hand_over_declined": (("answered", owner),),
    "received": (("new", owner_of_a_new_one), ("wrote", owner), ("watched", watchers)),
    "side_heard": (("wrote", owner), ("watched", watchers)),
    "settled": (("verdict", owner_by_page), ("watched", watchers)),
    "verdict_undone": (("verdict", owner), ("watched", watchers)),
    "withdrawn": (("verdict", owner), ("watched", watchers)),
    "move_answered": (("verdict", promiser),),
    "promise_broken": (
        ("broken", promiser),
        ("broken", leads),
        ("broken", other_leaders),
        ("watched", watchers),
    ),
    "escalated": (("broken", above),),
    "mayday_paged": (("page", paged), ("wrote", fact("member"))),
    "forewarned": (("broken", leads),),
    "promise_disputed": (("broken", promiser), ("broken", leads), ("watched", watchers)),
    "promise_held_to": (("verdict", promiser),),
    "promise_forgiven": (("verdict", promiser),),
    "promise_offered": (("asked", fact("to")),),
    "promise_offer_declined": (("answered", fact("owner")),),
    "wait_refused": (("verdict", owner), ("watched", watchers)),
    "recollection_confirmed": (("verdict", owner),),
    "recollection_refused": (("verdict", owner),),
    "bounced": (("failed", writer),),
    "given_up": (("failed", writer),),
    "schedule_held": (("failed", fact("member")), ("failed", owner)),
    "snooze_ended": (("back", owner),),
    "sweep_opened": (("sweep", owners_on_the_sweep), ("sweep", leads_of_the_day)),
    "sent": (("watched", watchers),),
    "noted": (("watched", watchers),),
    "mailbox_trouble": (("desk", operators),),
}


def audience(around: Around, entry: Entry) -> Iterator[tuple[Member, str]]:
    """Each member who is told of the entry, once, and under which subject.

    Never whoever did it, whose access is revoked, or who may not see the case.
    """
    case = around.cases.get(entry.case_id or 0)
    did = {entry.member_id, _at_the_phone(around, entry)}
    told: set[int] = set()
    for subject, ask in TOLD.get(entry.kind, ()):
        for pk in ask(around, entry):
            member = around.members.get(pk or 0)
            if member is None or pk in did | told or (case and not around.sees(member, case)):
                continue
            told.add(member.pk)
            yield member, subject


def _at_the_phone(around: Around, entry: Entry) -> int | None:
    """Who wrote down what a customer said knows it."""
    if entry.kind != "received":
        return None
    message = around.messages.get(message_of(entry) or 0)
    return message.member_id if message else None
