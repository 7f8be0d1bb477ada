"""A desk of several processes: one part dies, stands still, or dies again and again.

`--kills N` (2 in `make test`, where each part dies once; 300 in `make faults`, a fifth of which
fall on parts).
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from tests.browser.server import until
from tests.faults.desk import Agent, Hurt, children, group, hurt
from tests.faults.test_killed import proved

pytestmark = pytest.mark.peers
NAMES = ("web-1", "web-2", "mail", "worker")
# A part that lived for longer is started again at once.
LIVED = 10.5
STOPS_WITHIN = 10


@pytest.fixture
def desk() -> Iterator[Hurt]:
    with hurt() as there:
        there.server.more["GOODWORD_WEB_PROCESSES"] = "2"
        there.set_up()
        there.start()
        assert there.mail("Before anything happens")
        there.case_of("Before anything happens")
        yield there


class Staff:
    """The parts of a desk by name, and who does each of them now."""

    def __init__(self, desk: Hurt) -> None:
        self._parent = desk.pid()
        self.pids = dict(zip(NAMES, children(self._parent), strict=True))
        self.began = dict.fromkeys(NAMES, time.monotonic())
        self.killed = dict.fromkeys(NAMES, 0)

    def kill(self, name: str) -> float:
        """Kill it, and wait for its heir; how long it took until there was one."""
        known, died = set(self.pids.values()), time.monotonic()
        os.kill(self.pids[name], signal.SIGKILL)
        (heir,) = until(lambda: set(children(self._parent)) - known, f"no new {name}", 60)
        self.pids[name], self.began[name] = heir, time.monotonic()
        self.killed[name] += 1
        return self.began[name] - died

    def ripe(self) -> list[str]:
        """Those whose heir does not have to wait for long."""
        now = time.monotonic()
        return [each for each in NAMES if not self.killed[each] or now - self.began[each] > LIVED]


class Writer:
    """Ada, who answers one thing after the other, and asks again where she was refused."""

    def __init__(self, desk: Hurt, case: int) -> None:
        self._desk, self._case = desk, case
        self._agent = Agent(desk.server.url).sign_in()
        self.cut = 0
        self.answered: set[int] = set()

    def work(self, over: threading.Event) -> None:
        for number in range(10_000):
            if over.is_set():
                return
            self._answer(f"Answer {number}")
            time.sleep(0.05)

    def _answer(self, text: str) -> None:
        form: dict[str, str] = {}

        def sent() -> bool:
            fresh = self._composer(text)
            if not fresh:
                return False
            # The same form once more, whether it was committed or not.
            same = {"csrfmiddlewaretoken": fresh["csrfmiddlewaretoken"], "seen": fresh["seen"]}
            form.update(same if form else fresh)
            answer = self._asked(lambda: self._agent.post(f"/cases/{self._case}/reply", form))
            return answer is not None and answer.status_code == 302

        until(sent, f"{text} does not go through: {self.answered}", 60)
        self._desk.ledger.note("answered", text)

    def _composer(self, text: str) -> dict[str, str]:
        page = self._asked(lambda: self._agent.get(f"/cases/{self._case}/"))
        return self._agent.filled(page.text, text) if page and page.status_code == 200 else {}

    def _asked(self, ask: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            answer = ask()
        except requests.Timeout:
            return None
        except requests.RequestException:
            self.cut += 1
            return None
        self.answered.add(answer.status_code)
        return answer


@contextmanager
def at_work(desk: Hurt) -> Iterator[Writer]:
    """Mail comes on two lines and Ada answers, as long as the block lasts."""
    over, writer = threading.Event(), Writer(desk, desk.some_case())

    def mail(line: int) -> None:
        for number in range(100_000):
            if over.wait(0.01):
                return
            desk.mail(f"Mail {line} {number}")

    failed: list[BaseException] = []

    def answer() -> None:
        try:
            writer.work(over)
        except BaseException as error:  # told in the test's own thread
            failed.append(error)

    with ExitStack() as stack:
        threads = [threading.Thread(target=mail, args=(line,)) for line in range(2)]
        for each in (*threads, threading.Thread(target=answer)):
            each.start()
            stack.callback(each.join)
        stack.callback(over.set)
        until(lambda: failed or desk.ledger.noted("answered"), "no answer goes through", 60)
        yield writer
    assert not failed, failed


def test_any_part_may_die_while_all_are_at_work(desk: Hurt, request: pytest.FixtureRequest) -> None:
    kills = max(len(NAMES), request.config.getoption("--kills") // 5)
    seed = request.config.getoption("--fault-seed") or random.randrange(1 << 32)
    print(f"--fault-seed {seed}")
    chance, staff = random.Random(seed), Staff(desk)
    with at_work(desk) as writer:
        for _kill in range(kills):
            ripe = until(staff.ripe, "none has lived for long", 60)
            time.sleep(chance.uniform(0.0, 0.6))
            staff.kill(chance.choice(ripe))
    desk.quiet(60 + kills)
    # A request that was under way in the process that died, and no other.
    assert writer.cut <= staff.killed["web-1"] + staff.killed["web-2"]
    assert writer.answered <= {200, 302, 503}
    assert sum(staff.killed.values()) == kills
    print(f"{kills} kills, {writer.cut} requests cut off")
    proved(desk, kills=kills, in_one_life=1 + staff.killed["worker"])


def test_a_part_that_stands_still_with_the_turn_holds_writers_up_and_loses_nothing(
    desk: Hurt,
) -> None:
    case, victim = desk.some_case(), Staff(desk).pids["mail"]
    agent = Agent(desk.server.url).sign_in()
    form = agent.composer(case, "While another part stands still")
    with at_work(desk):
        until(lambda: _stopped_with_the_turn(victim, desk), "mail never has the turn", 60)
        try:
            refused = agent.post(f"/cases/{case}/reply", form)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert "While another part stands still" in refused.text
            assert agent.get(f"/cases/{case}/").status_code == 200, "what is read goes on"
        finally:
            os.kill(victim, signal.SIGCONT)
        until(lambda: _posted(agent, case, form), "it is still refused", 30)
        desk.ledger.note("answered", form["text"])
    desk.quiet()
    proved(desk, kills=0)


def _posted(agent: Agent, case: int, form: dict[str, str]) -> bool:
    """Another answer may have come in between, which is seen on the fresh page."""
    fresh = agent.composer(case, form["text"])
    return agent.post(f"/cases/{case}/reply", {**form, "seen": fresh["seen"]}).status_code == 302


def _stopped_with_the_turn(pid: int, desk: Hurt) -> bool:
    """Stop it; where it does not hold SQLite's turn at this moment it goes on."""
    os.kill(pid, signal.SIGSTOP)
    turn = (desk.server.folder / "data/goodword.sqlite3-turn").stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if "FLOCK" in fields and f" {pid} " in line and f":{turn} " in line:
            return True
    os.kill(pid, signal.SIGCONT)
    return False


def test_a_part_that_dies_again_and_again_is_given_longer_pauses(desk: Hurt) -> None:
    staff, agent = Staff(desk), Agent(desk.server.url).sign_in()
    waits = [staff.kill("worker") for _time in range(4)]
    # The first may have lived for long.
    assert [wait >= least for wait, least in zip(waits[1:], (0.5, 1.0, 2.0), strict=True)] == [
        True
    ] * 3, waits
    assert agent.get("/inbox/").status_code == 200
    assert desk.mail("Beside a part that dies")
    case = desk.case_of("Beside a part that dies")
    assert agent.post(f"/cases/{case}/reply", agent.composer(case, "Sent")).status_code == 302
    desk.quiet()
    assert desk.ledger.noted("delivered")


def test_all_parts_end_in_time_with_streams_open_in_each(desk: Hurt) -> None:
    staff = Staff(desk)
    webs = [staff.pids["web-1"], staff.pids["web-2"]]
    with ExitStack() as stack:
        agent = Agent(desk.server.url).sign_in()
        for other in reversed(webs):
            # Whoever stands still takes no connection.
            os.kill(other, signal.SIGSTOP)
            try:
                stack.callback(_stream(desk, agent).close)
            finally:
                os.kill(other, signal.SIGCONT)
        writer = threading.Thread(target=_until_refused, args=(desk,))
        writer.start()
        until(lambda: desk.ledger.noted("taken").total() > 10, "no mail is taken")
        process = desk.server.process
        assert process is not None
        process.terminate()
        assert process.wait(STOPS_WITHIN) == 0
        writer.join()
    assert not group(process.pid)
    desk.start()
    desk.quiet()
    titles = {title for (title,) in desk.server.ask("SELECT title FROM cases_case")}
    assert not set(desk.ledger.noted("taken")) - titles


def _stream(desk: Hurt, agent: Agent) -> requests.Response:
    live = requests.get(
        f"{desk.server.url}/live", cookies=agent.browser.cookies, stream=True, timeout=10
    )
    assert live.status_code == 200, live.text
    return live


def _until_refused(desk: Hurt) -> None:
    number = 0
    while desk.mail(f"Until the end {number}"):
        number += 1


def test_nobody_outlives_the_parent(desk: Hurt) -> None:
    assert desk.mail("So that a reader is at work")
    assert len(group(desk.pid())) > 1 + len(NAMES), "there is no reader"
    desk.kill()
    assert not group(desk.pid())
