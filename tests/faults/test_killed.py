"""The plug is pulled at every named point and at random; a ledger outside knows what was said.

`--kills N` kills (2 at random in `make test`; 300 in `make faults`, with those at points and those
of single parts in `test_parts.py`),
`--fault-seed N` the same again. On PostgreSQL every point too, and in the long set a sixth as many
at random.
"""

import contextlib
import json
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from goodword.core.faults import POINTS
from tests.faults.desk import Agent, Hurt, hurt

pytestmark = pytest.mark.peers
SOURCE = Path(__file__).resolve().parents[2] / "src/goodword"


@pytest.fixture
def desk() -> Iterator[Hurt]:
    with hurt() as there:
        there.set_up()
        yield there


@pytest.fixture
def on_postgresql(postgres_cluster: str) -> Iterator[Hurt]:
    name = f"killed_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_cluster, autocommit=True) as cluster:
        cluster.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    with hurt() as there:
        url = f"{postgres_cluster.rpartition('/')[0]}/{name}"
        there.server.more["GOODWORD_DATABASE_URL"] = url
        there.set_up()
        yield there


def test_each_point_stands_in_the_code_once_and_is_listed() -> None:
    written = Counter(
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r'\bpoint\("([a-z_0-9.]+)"\)', path.read_text())
    )
    assert written == Counter(POINTS.keys())


@pytest.mark.parametrize("times", [1, *(pytest.param(n, marks=pytest.mark.long) for n in (2, 4))])
def test_killed_at_every_point(desk: Hurt, times: int) -> None:
    _at_every_point(desk, times)


def test_killed_at_every_point_on_postgresql(on_postgresql: Hurt) -> None:
    _at_every_point(on_postgresql, 1)


def _at_every_point(desk: Hurt, times: int) -> None:
    for name in POINTS:
        if name.startswith("tick."):
            _promise(desk)
            _let_all_fall_due(desk)
        desk.start(f"{name}:{times + 1 if name.startswith('tick.') else times}")
        for number in range(times):
            _drive(desk, f"{name} {number}")
        desk.died()
    desk.start()
    _send_what_is_left(desk)
    desk.quiet()
    proved(desk, kills=len(POINTS))


def _drive(desk: Hurt, name: str) -> None:
    """Do what leads past the point."""
    if name.startswith("intake."):
        desk.mail(f"Mail at {name}")
        return
    if name.startswith("tick."):
        return
    if desk.server.process and desk.server.process.poll() is None:
        _answer(desk, desk.some_case(), f"An answer at {name}")


WAITING: list[tuple[int, str, dict[str, str]]] = []


def _answer(desk: Hurt, case: int, text: str) -> None:
    """Send it; where no answer comes back it is sent again later, as people do."""
    agent = Agent(desk.server.url)
    try:
        form = agent.sign_in().composer(case, text)
    except requests.RequestException:
        return
    if not _posted(desk, agent, case, form):
        WAITING.append((case, text, form))


def _posted(desk: Hurt, agent: Agent, case: int, form: dict[str, str]) -> bool:
    with contextlib.suppress(requests.RequestException):
        answer = agent.post(f"/cases/{case}/reply", form)
        if answer.status_code == 302:
            desk.ledger.note("answered", form["text"])
            return True
    return False


def _send_what_is_left(desk: Hurt) -> None:
    """The same form once more, with its form_id: whether it was committed or not."""
    while WAITING:
        case, text, form = WAITING.pop()
        agent = Agent(desk.server.url).sign_in()
        fresh = agent.composer(case, text)
        form = {**form, "csrfmiddlewaretoken": fresh["csrfmiddlewaretoken"], "seen": fresh["seen"]}
        assert _posted(desk, agent, case, form)


def _promise(desk: Hurt) -> None:
    desk.start()
    for number in range(5):
        desk.mail(f"Waiting {number}")
    desk.quiet()
    desk.kill()


def _let_all_fall_due(desk: Hurt) -> None:
    desk.server.change(
        "UPDATE promises_promise SET breaks_at = '2026-01-01 00:00:00' WHERE state = 'open'"
    )


def test_killed_at_random(desk: Hurt, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    # On PostgreSQL, of single parts, and at every point in the three runs here and the one there.
    others = -(-kills // 6) + kills // 5 + 4 * len(POINTS)
    _at_random(desk, kills - others if kills >= 2 * others else kills, request)


@pytest.mark.long
def test_killed_at_random_on_postgresql(
    on_postgresql: Hurt, request: pytest.FixtureRequest
) -> None:
    _at_random(on_postgresql, -(-request.config.getoption("--kills") // 6), request)


def _at_random(desk: Hurt, kills: int, request: pytest.FixtureRequest) -> None:
    seed = request.config.getoption("--fault-seed") or random.randrange(1 << 32)
    print(f"--fault-seed {seed}")
    chance = random.Random(seed)
    # Of two kills on a busy machine none may come after a yes.
    desk.start()
    assert desk.mail("Before any kill")
    _answer(desk, desk.some_case(), "Before any kill")
    desk.kill()
    for number in range(kills):
        if number % 5 == 4:
            _let_all_fall_due(desk)
        # Whoever is killed while they sign in has tried; forty of them would shut the door.
        desk.server.change("DELETE FROM staff_signinattempt")
        # One process and several by turns; what one left the other goes on with.
        desk.server.more["GOODWORD_WEB_PROCESSES"] = str(1 + number % 2)
        desk.start()
        _kill_at_work(desk, number, chance.uniform(0.05, 2.5))
    desk.server.change("DELETE FROM staff_signinattempt")
    desk.start()
    _send_what_is_left(desk)
    desk.quiet(60 + kills)
    proved(desk, kills=kills)


def _kill_at_work(desk: Hurt, number: int, after: float) -> None:
    """Mail comes and an answer goes while the desk is killed."""
    over = threading.Event()

    def write() -> None:
        for n in range(1000):
            if over.is_set():
                return
            desk.mail(f"Mail {number} {n}")

    def answer() -> None:
        with contextlib.suppress(AssertionError):
            _answer(desk, desk.some_case(), f"An answer in round {number}")

    busy = [threading.Thread(target=write), threading.Thread(target=answer)]
    for each in busy:
        each.start()
    time.sleep(after)
    desk.kill()
    over.set()
    for each in busy:
        each.join()


# What has to be so afterwards


def proved(desk: Hurt, *, kills: int, in_one_life: int = 1) -> None:
    """`in_one_life`: how often a copy may leave between two starts of the whole desk."""
    ask = desk.server.ask
    heard = Counter(
        name for (name,) in ask("SELECT subject FROM cases_message WHERE direction = 'in'")
    )
    taken = set(desk.ledger.noted("taken"))
    assert taken, "nothing was tried"
    assert not taken - set(heard), "a mail that was acknowledged is lost"
    assert set(heard.values()) == {1}, "a mail is there twice"
    assert Counter(title for (title,) in ask("SELECT title FROM cases_case")) == heard
    said = Counter(
        text for (text,) in ask("SELECT text FROM cases_message WHERE direction = 'out'")
    )
    answered = set(desk.ledger.noted("answered"))
    # Of a few random kills on a busy machine none may come after an answer.
    assert answered or kills < 5, "no answer was tried"
    assert not answered - set(said), "an answer that was acknowledged is lost"
    assert set(said.values()) <= {1}, "an answer was sent twice"
    _left(desk, kills, in_one_life)
    broken = Counter(
        _facts(facts)["promise"]
        for (facts,) in ask("SELECT facts FROM journal_entry WHERE kind = 'promise_broken'")
    )
    assert set(broken.values()) <= {1}, "a promise was broken twice"
    desk.server.stop()
    desk.server.run("verify")


def _facts(said: str | dict[str, int]) -> dict[str, int]:
    """Of SQLite as text, of PostgreSQL as they are."""
    return json.loads(said) if isinstance(said, str) else said


def _left(desk: Hurt, kills: int, in_one_life: int) -> None:
    """Each copy left under one Message-ID, and twice only where we were killed in between."""
    copies = {name for (name,) in desk.server.ask("SELECT header_id FROM cases_outgoingmessage")}
    delivered = desk.ledger.noted("delivered")
    # Letters tell our own members that somebody signed in.
    assert {name for name in delivered if not name.startswith("<letter-")} == copies
    assert max(desk.ledger.in_one_life("delivered").values()) <= in_one_life
    assert delivered.total() - len(delivered) <= kills
