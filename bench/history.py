"""The rows of made-up cases: what was said, promised and kept, with the chain of each."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from bench.bulk import Row, stamp
from bench.load import MESSAGES
from bench.made_up import World
from goodword.journal.models import digest_of_words
from goodword.journal.recording import START_OF_CHAIN

# A business has the work that its people can do, however long its archive grows: three in a
# hundred cases are open, but no more than fifteen for each of two hundred agents.
OPEN_SHARE, MOST_OPEN = 0.03, 3000
PROMISES = 4
DAYS = 700
SALT = "bench"
PART = "\ue001"
PREFIX = "MU"

Rows = dict[str, list[Row]]
Made = tuple[int, str, datetime, datetime]  # a promise: its id, kind, when it was made and is due


@dataclass(frozen=True)
class Cast:
    """Who takes part: customers as (id, account id, point id, address, words of their names)."""

    customers: Sequence[tuple[int, int, int, str, str]]
    teams: Sequence[int]
    agents: Sequence[tuple[int, str]]
    whole: int
    until: datetime  # naive, UTC

    @property
    def open_from(self) -> int:
        return self.whole - max(min(int(self.whole * OPEN_SHARE), MOST_OPEN), 1)


class Histories:
    """Cases from number `start` on; the oldest first, the last of all are the open ones."""

    def __init__(self, world: World, cast: Cast) -> None:
        self.world, self.cast = world, cast

    def rows(self, start: int, number: int) -> Rows:
        found: Rows = defaultdict(list)
        chance = random.Random(start)
        for place in range(start, min(start + number, self.cast.whole)):
            _History(self, place, chance, found).write()
        return dict(found)


class _History:
    """One case: asked, answered, asked again; then answered and settled, or still owed."""

    def __init__(self, histories: Histories, place: int, chance: random.Random, rows: Rows) -> None:
        cast = histories.cast
        self.world, self.chance, self.rows, self.place = histories.world, chance, rows, place
        self.case, self.chain = place + 1, f"case:{place + 1}"
        self.customer, self.account, self.point, self.address, self.names = chance.choice(
            cast.customers
        )
        self.team = cast.teams[place % len(cast.teams)]
        self.agent, self.agent_words = chance.choice(cast.agents)
        self.is_open = place >= cast.open_from
        days = DAYS if not self.is_open else 10
        whole, at = (
            (cast.open_from, place)
            if not self.is_open
            else (cast.whole - cast.open_from, place - cast.open_from)
        )
        begin = cast.until - timedelta(days=days if self.is_open else days + 10)
        self.at = (begin + timedelta(days=days) * (at / whole)).replace(microsecond=0)
        self.until = cast.until
        self.title = self.world.title(chance)
        self.message = place * MESSAGES
        self.promise = place * PROMISES
        self.seq, self.previous = 0, START_OF_CHAIN

    def write(self) -> None:
        first, answer = self.at, self.at + timedelta(hours=2)
        again = answer + timedelta(hours=20)
        opened = f'{{"channel":"mail","team":{self.team}}}'
        self._entry(first, "case_opened", opened, customer=True)
        self._hear(first)
        acknowledge = self._promise("acknowledge", first, first + timedelta(hours=3))
        reply = self._promise("reply", first, first + timedelta(days=1))
        said = self._say(answer, since=first)
        self._keep(acknowledge, answer, said)
        self._keep(reply, answer, said)
        self._hear(again)
        if self.is_open:
            self._go_on(again)
        else:
            self._end(again)
        self.rows["participant"].append((self.case, self.customer, stamp(first)))

    def _end(self, again: datetime) -> None:
        last = again + timedelta(hours=2)
        over = last + timedelta(hours=12)
        reply = self._promise("reply", again, again + timedelta(days=1))
        said = self._say(last, since=again, then="ask")
        self._keep(reply, last, said)
        self._entry(last, "asked", f'{{"message":{said}}}')
        due = last + timedelta(days=7)
        asks = self._promise("check_in", last, due)
        self._put(asks, "void", ended=over)
        self._fact_of(asks, "promise_voided", over, ',"reason":"settled"', customer=True)
        self._entry(over, "settled", '{"degree":"good"}',
                    _digest(f"verdict:{self.case}", "True good "), customer=True)  # fmt: skip
        self.rows["verdict"].append((self.case, self.case, self.customer, stamp(over)))
        self._case("settled", "settled", last, "us", asked=last, ended=over)

    def _go_on(self, again: datetime) -> None:
        """Some wait for an answer, a few were let down; all of it is due in the days to come."""
        self._note(again + timedelta(minutes=5))
        due = self.until + timedelta(minutes=self.chance.randint(60, 7 * 24 * 60))
        is_broken = self.chance.random() < 0.03
        if is_broken:
            due = self.until - timedelta(minutes=self.chance.randint(10, 1000))
        reply = self._promise("reply", again, due)
        if is_broken:
            self._fact_of(reply, "promise_broken", due + timedelta(seconds=1), clock=True)
        self._put(reply, "broken" if is_broken else "open",
                  broken=due + timedelta(seconds=1) if is_broken else None)  # fmt: skip
        self._case("in_progress", "ours", again, "them", since=again,
                   due=None if is_broken else due, broken=is_broken)  # fmt: skip

    # What is said

    def _hear(self, at: datetime) -> None:
        pk, text = self._message("in", at, address=self.address)
        self._entry(at, "received", f'{{"channel":"mail","message":{pk}}}',
                    _digest(f"message:{pk}", text), customer=True)  # fmt: skip

    def _say(self, at: datetime, *, since: datetime, then: str = "promise") -> int:
        pk, text = self._message("out", at, since=since, asks=then == "ask")
        header = f"<{pk}.bench@made.example>"
        self.rows["outgoing"].append((pk, self.point, self.address, header, *[stamp(at)] * 4))
        self._entry(at, "sent", f'{{"message":{pk},"purpose":"answer","then":"{then}"}}',
                    _digest(f"message:{pk}", text))  # fmt: skip
        return pk

    def _note(self, at: datetime) -> None:
        pk, text = self._message("note", at)
        self._entry(at, "noted", f'{{"message":{pk}}}', _digest(f"message:{pk}", text))

    def _message(
        self, direction: str, at: datetime, *, since: datetime | None = None,
        asks: bool = False, address: str = "",
    ) -> tuple[int, str]:  # fmt: skip
        self.message += 1
        text, words, order = self.world.text(self.chance)
        theirs = direction == "in"
        self.rows["message"].append((
            self.message, self.case, direction, None if theirs else self.agent,
            self.customer if theirs else None, stamp(at), self.title, text, address,
            "answer" if direction == "out" else "", f"<{self.message}.bench@made.example>",
            stamp(since) if since else None, asks, not theirs,
        ))  # fmt: skip
        who = self.names if theirs else f"{self.names} {PART} {self.agent_words}"
        self.rows["words"].append(
            (self.message, f"{self.title} {PART} {words} {PART} {who} {PART}")
        )
        if order:
            self.rows["code"].append((order.replace("-", ""), self.message))
        self.last_said = text[:240]
        return self.message, text

    # What is promised

    def _promise(self, kind: str, at: datetime, due: datetime) -> Made:
        self.promise += 1
        form, text = _KINDS[kind]
        made = (self.promise, kind, at, due)
        facts = f'{{"due":"{_said(due)}","form":"{form}","kind":"{kind}","promise":{self.promise}}}'
        digest = _digest(f"promise:{self.promise}", text)
        self._entry(at, "promise_made", facts, digest, system=True)
        return made

    def _keep(self, made: Made, at: datetime, message: int) -> None:
        self._put(made, "kept", kept=at, by=message)
        self._fact_of(made, "promise_kept", at, f',"message":{message}')

    def _put(
        self, made: Made, state: str, *, kept: datetime | None = None,
        by: int | None = None, broken: datetime | None = None, ended: datetime | None = None,
    ) -> None:  # fmt: skip
        pk, kind, at, due = made
        form, text = _KINDS[kind]
        self.rows["promise"].append((
            pk, self.case, self.customer, self.agent, kind, text, state, form,
            stamp(due), stamp(due), stamp(at), stamp(due), _or_none(kept), by,
            "message" if kept else "", _or_none(broken), _or_none(ended),
            "settled" if ended else "",
        ))  # fmt: skip

    def _fact_of(
        self, made: Made, kind: str, at: datetime, more: str = "", *,
        customer: bool = False, clock: bool = False,
    ) -> None:  # fmt: skip
        """`more` is sorted between the kind and the promise, or behind both."""
        pk, of, _at, due = made
        before, after = (more, "") if more < ',"promise"' else ("", more)
        facts = f'{{"due":"{_said(due)}","kind":"{of}"{before},"promise":{pk}{after}}}'
        self._entry(at, kind, facts, customer=customer, clock=clock)

    # The case and its chain

    def _case(
        self, state: str, move: str, last: datetime, side: str, *, since: datetime | None = None,
        due: datetime | None = None, broken: bool = False, asked: datetime | None = None,
        ended: datetime | None = None,
    ) -> None:  # fmt: skip
        self.rows["case"].append((
            self.case, f"{PREFIX}-{self.case}", self.title, self.customer, self.account,
            self.team, self.agent, stamp(self.at), stamp(self.at), state, move, stamp(last), side,
            self.last_said, _or_none(since), _or_none(due), broken, _or_none(asked),
            _or_none(ended),
        ))  # fmt: skip

    def _entry(
        self, at: datetime, kind: str, facts: str, digests: str = "{}", *,
        customer: bool = False, clock: bool = False, system: bool = False,
    ) -> None:  # fmt: skip
        """As Entry.computed_hash reckons it; facts and digests are canonical JSON already."""
        self.seq += 1
        actor = "customer" if customer else "clock" if clock else "system" if system else "member"
        member = self.agent if actor == "member" else None
        by = self.customer if customer else None
        said = (
            f'{{"actor":"{actor}","at":"{_said(at)}","case":{self.case},"chain":"{self.chain}",'
            f'"customer":{by or "null"},"digests":{digests},"facts":{facts},"kind":"{kind}",'
            f'"member":{member or "null"},"previous":"{self.previous}","seq":{self.seq}}}'
        )
        digest = sha256(said.encode()).hexdigest()
        self.rows["entry"].append((
            self.chain, self.seq, stamp(at), kind, self.case, member, by, actor, facts, digests,
            self.previous, digest,
        ))  # fmt: skip
        self.previous = digest


def _digest(name: str, words: str) -> str:
    return f'{{"{name}":"{digest_of_words(SALT, words)}"}}'


_KINDS = {
    "acknowledge": ("acknowledge", "A first word from a person"),
    "reply": ("end_of_nth_business_day:1", "An answer"),
    "check_in": ("calendar_days:7", "We ask whether it is settled"),
}


@lru_cache(256)
def _said(at: datetime) -> str:
    return f"{at.isoformat()}+00:00"


def _or_none(at: datetime | None) -> str | None:
    return stamp(at) if at else None
