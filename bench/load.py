"""A desk of any size, made anew: `python -m bench load --cases 1000000`.

`desk(cases)` gives the other measurements theirs; several named in one call share one.
"""

import argparse
import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure, figure

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, Pool

    from django.db.models import Model

    from bench.apart import WordsApart
    from bench.bulk import Row, Table
    from bench.history import Cast, Histories, Rows
    from bench.made_up import World
    from goodword.people.models import Customer

AT_ONCE, AHEAD = 2000, 8
SEED = 7
MESSAGES = 4  # of each case
AGENTS, TEAMS = 20, 4
AGENT, LEADER = "agent@made.example", "leader@made.example"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--check", action="store_true", help="that it is as the desk makes it")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from goodword.staff.models import Business

    if Business.objects.exists():
        raise SystemExit("A desk is loaded here already; take another folder.")
    started, before = time.perf_counter(), _worked()
    load(args.cases)
    took = time.perf_counter() - started
    if args.check:
        check()
    yield figure("load.cases", args.cases, "cases")
    yield figure("load.messages", args.cases * MESSAGES, "messages")
    yield figure("load.seconds", took, "s")
    yield figure("load.cpu_s", _worked() - before, "s")
    yield figure("load.cases_per_s", args.cases / took, "cases/s")


def _worked() -> float:
    """Seconds of the processor that we and our children have worked."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def desk(cases: int) -> "World":
    """A desk of that many cases: the one that is there already, or a new one.

    SystemExit where that one is of another size.
    """
    from bench.made_up import World
    from goodword.staff.models import Business

    if not Business.objects.exists():
        return load(cases)
    there = int(_note().read_text()) if _note().exists() else 0
    if there != cases:
        raise SystemExit(f"This desk was loaded with {there} cases: say --cases {there}.")
    return World(SEED)


def _note() -> Path:
    """How many cases were loaded; others come and go while it is measured."""
    return Path(os.environ["GOODWORD_DATA"]) / "loaded"


def load(cases: int, seed: int = SEED) -> "World":
    """Fill an empty database: staff, customers, cases with all that hangs on them, the index."""
    from django.db import connection, connections

    from bench.apart import WordsApart
    from bench.bulk import unhindered
    from bench.history import Histories
    from bench.made_up import World
    from goodword.core.statistics import gather

    world = World(seed)
    cast = _gather(world, cases)
    histories = Histories(world, cast)
    tables = _tables()
    words = WordsApart() if connection.vendor == "sqlite" else None
    # A child must not inherit an open SQLite file: closing it there would drop our locks.
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(1, _begin, (histories, words)) as pool:
        names = [table.name for table in tables.values()]
        with unhindered([*names, "finding_words"]):
            for rows in _made(pool, cases):
                _write(tables, rows)
            if words:
                pool.apply(_end)
                words.take_over()
    _index_people()
    _tell_nobody()
    gather(connection)
    _note().write_text(str(cases))
    return world


def _made(pool: "Pool", cases: int) -> "Iterator[Rows]":
    """The parts in their order; only a few are made ahead, or they would fill the memory."""
    ahead: deque[AsyncResult[Rows]] = deque()
    for start in range(0, cases, AT_ONCE):
        ahead.append(pool.apply_async(_rows, (start, AT_ONCE)))
        if len(ahead) > AHEAD:
            yield ahead.popleft().get()
    while ahead:
        yield ahead.popleft().get()


def _write(tables: "dict[str, Table]", rows: "Rows") -> None:
    from bench.bulk import put

    for name, found in rows.items():
        if name == "words":
            _put_words(found)
        elif name == "entry":
            sealed = _seal([str(row[-1]) for row in found])
            rows_of_seal = ((*row, sealed) for row in found)
            put(tables[name].name, tables[name].columns, rows_of_seal, tables[name].constants)
        else:
            put(tables[name].name, tables[name].columns, found, tables[name].constants)


def _seal(hashes: list[str]) -> int:
    """Bind the next entries together, as a desk that has run for years has done with its own."""
    from goodword.journal.models import Seal
    from goodword.journal.sealing import next_seal

    return next_seal(Seal.objects.order_by("-id").first(), hashes).pk


def _put_words(rows: "list[Row]") -> None:
    """Of PostgreSQL; SQLite's are written by the child."""
    from bench.bulk import put
    from goodword.finding.index import WORDS, index

    told = ((pk, index()._told(str(said).split(" "))) for pk, said in rows)
    put(WORDS, ["id", "words"], told)


_histories: "Histories | None" = None
_words: "WordsApart | None" = None


def _begin(histories: "Histories", words: "WordsApart | None") -> None:
    global _histories, _words
    _histories, _words = histories, words
    if words:
        words.open()


def _rows(start: int, number: int) -> "Rows":
    assert _histories is not None
    rows = _histories.rows(start, number)
    if _words:
        _words.put(rows.pop("words"))
    return rows


def _end() -> None:
    assert _words is not None
    _words.close()


def _tables() -> "dict[str, Table]":
    """What varies, in the order of the rows of `history`."""
    from bench.bulk import Table
    from bench.history import SALT
    from goodword.cases.models import Case, Message, OutgoingMessage, Participant, Verdict
    from goodword.finding.models import Code
    from goodword.journal.models import Entry
    from goodword.promises.models import Promise
    from goodword.staff.models import Schedule

    hours = Schedule.objects.get()
    return {
        "case": Table(
            Case, "id", "reference", "title", "customer_id", "account_id", "team_id", "owner_id",
            "opened_at", "taken_at", "state", "move", "last_at", "last_side", "last_said",
            "unanswered_since", "next_due", "has_broken", "asked_at", "ended_at", is_unread=False,
        ),
        "participant": Table(Participant, "case_id", "customer_id", "joined_at", role="customer"),
        "message": Table(
            Message, "id", "case_id", "direction", "member_id", "customer_id", "at", "subject",
            "text", "from_address", "purpose", "message_id", "answered_since", "asks",
            "is_formatted", salt=SALT,
        ),
        "outgoing": Table(
            OutgoingMessage, "message_id", "point_id", "address", "header_id", "due_at", "done_at",
            "queued_at", "sent_at", state="sent", attempts=1,
        ),
        "promise": Table(
            Promise, "id", "case_id", "customer_id", "owner_id", "kind", "text", "state", "form",
            "due", "breaks_at", "made_at", "original_due", "kept_at", "kept_by_id", "kept_how",
            "broken_at", "ended_at", "reason", zone=hours.zone, schedule=hours, salt=SALT,
        ),
        "entry": Table(
            Entry, "chain", "seq", "at", "kind", "case_id", "member_id", "customer_id", "actor",
            "facts", "digests", "previous", "hash", "seal_id",
        ),
        "verdict": Table(
            Verdict, "id", "case_id", "customer_id", "at", is_settled=True, degree="good",
            salt=SALT,
        ),
        "code": Table(Code, "code", "message_id"),
    }  # fmt: skip


def _gather(world: "World", cases: int) -> "Cast":
    """The business, four teams of five agents, and a customer for every ten cases."""
    from bench.history import PREFIX, Cast
    from goodword.core.time import now
    from goodword.finding.folding import tokens
    from goodword.people.models import Account, ContactPoint, Customer
    from goodword.staff.models import Business, Member, Role, Schedule, Team

    week = {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "17:00"]]}}
    hours = Schedule.objects.create(name="Opening hours", content=week)
    Business.objects.create(name="Made up", prefix=PREFIX, schedule=hours)
    agents = [Member.objects.create(email=AGENT, name="Ada Agent", role_id=Role.AGENT)]
    agents += [
        Member.objects.create(email=f"agent{n}@made.example", name=world.name(), role_id=Role.AGENT)
        for n in range(1, AGENTS)
    ]
    Member.objects.create(email=LEADER, name="Lee Leader", role_id=Role.LEADER)
    teams = [
        Team.objects.create(name=f"Team {n}", slug=f"team-{n}", duty=agents[n])
        for n in range(TEAMS)
    ]
    for place, agent in enumerate(agents):
        teams[place % TEAMS].members.add(agent)
    Business.objects.update(home_team=teams[0])
    number = max(cases // 10, 10)
    firms = [
        Account(pk=n, name=f"{world.name().split()[1]} {n} Ltd", domain=f"firm{n}.example")
        for n in range(1, max(number // 10, 2) + 1)
    ]
    Account.objects.bulk_create(firms, batch_size=2000)
    people = [
        Customer(pk=n, name=world.name(), account=world.chance.choice(firms))
        for n in range(1, number + 1)
    ]
    Customer.objects.bulk_create(people, batch_size=2000)
    ContactPoint.objects.bulk_create(
        (ContactPoint(pk=each.pk, customer=each, kind="mail", value=_address(each))
         for each in people), batch_size=2000,
    )  # fmt: skip
    _count_on(Account, Customer, ContactPoint)
    named = [
        (each.pk, each.account.pk, each.pk, _address(each),
         " \ue001 ".join((" ".join(tokens(each.name)), " ".join(tokens(each.account.name)))))
        for each in people if each.account
    ]  # fmt: skip
    words = [(each.pk, " ".join(tokens(each.name))) for each in agents]
    until = now().replace(microsecond=0, tzinfo=None) - timedelta(minutes=1)
    return Cast(named, [team.pk for team in teams], words, cases, until)


def _address(customer: "Customer") -> str:
    assert customer.account is not None
    return f"c{customer.pk}@{customer.account.domain}"


def _count_on(*made: "type[Model]") -> None:
    """PostgreSQL numbers on from where it was told, not from what is there."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), made):
            cursor.execute(statement)


def _index_people() -> None:
    """The index has the messages already; names and addresses are read as the worker does it."""
    from goodword.finding.keeping import catch_up, fill_anew
    from goodword.finding.models import Filling, Stale

    Stale.objects.all().delete()
    fill_anew()
    Filling.objects.filter(kind="message").update(below=1)
    catch_up()


def _tell_nobody() -> None:
    """Whom it concerned was told long ago: a desk would read the whole journal to find that."""
    from goodword.journal.models import Entry
    from goodword.notifying.models import Reading
    from goodword.notifying.models.reading import LATE

    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True)[:LATE]
    Reading.current().note(list(newest))


def check(number: int = 200) -> None:
    """Whether the rows are those that the desk itself would have written. AssertionError."""
    from goodword.cases.models import Case, Message
    from goodword.finding.index import index
    from goodword.finding.keeping import read_messages
    from goodword.finding.looking import match_of
    from goodword.finding.parsing import parse
    from goodword.journal.sealing import damage

    assert not (wrong := next(damage(), None)), wrong
    kept = ("state", "move", "unanswered_since", "next_due", "has_broken")
    for case in [*Case.objects.order_by("pk")[:number], *Case.objects.order_by("-pk")[:number]]:
        before = {name: getattr(case, name) for name in kept}
        with case.held():
            pass  # it is reckoned as the block ends
        case.refresh_from_db()
        after = {name: getattr(case, name) for name in kept}
        assert before == after, f"{case.reference}: {before} is {after} when it is reckoned"
    newest = dict(Message.objects.order_by("-pk").values_list("pk", "text")[:number])
    asked = {word for text in newest.values() for word in text.split()[:3]}
    found = {word: index().newest(match_of(parse(word)), below=None, limit=50) for word in asked}
    read_messages(list(newest))
    for word, before_reading in found.items():
        now = index().newest(match_of(parse(word)), below=None, limit=50)
        assert now == before_reading, f"“{word}” is found elsewhere when the desk reads it"
