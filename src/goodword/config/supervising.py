"""The parts of a desk in processes of their own, forked from one that has loaded everything.

A Python process works on one core at a time. A small desk is one process; a larger one has several
for its pages, one for mail and one for what runs by itself. What was loaded before the fork is in
memory once, as far as nobody changes it. The parent does nothing but start, watch and stop them.
"""

import ctypes
import gc
import json
import logging
import math
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import connections

from goodword.config import options
from goodword.config.beginning import Trouble
from goodword.config.running import Parts, Ports, load_pages, run
from goodword.core import faults
from goodword.core.processes import name_this_process, share_heaps
from goodword.core.server.sharing import SharedSocket, Shares
from goodword.staff.models import Member

log = logging.getLogger("goodword")
Ready = Callable[[Ports], None]

MEMBERS_A_PROCESS = 10
STOPS_WITHIN = 9.0
# A process that ends this soon after its start is given longer and longer pauses.
_LIVED, _LONGEST_PAUSE = 10.0, 30.0
_PR_SET_PDEATHSIG = 1
_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


def run_desk(parts: Parts, sock: socket.socket | None, on_ready: Ready) -> int:
    """Run these parts until SIGTERM or SIGINT, in one process or in several; the exit code."""
    share_heaps()
    pages = processes_for_pages() if parts.web else 1
    if pages == 1:
        run(parts, sock, on_ready)
        return 0
    shares = {f"web-{n}": Parts(mail=False, worker=False) for n in range(1, pages + 1)}
    shares |= {"mail": Parts(web=False, worker=False)} if parts.mail else {}
    shares |= {"worker": Parts(web=False, mail=False)} if parts.worker else {}
    return Supervisor(shares, sock, on_ready).run()


def processes_for_pages() -> int:
    """As many as are set; by itself one for each ten members, one for each core at most."""
    wanted = options.text("GOODWORD_WEB_PROCESSES")
    if wanted != "auto":
        return max(int(wanted), 1)
    members = Member.objects.active().count()
    return max(min(math.ceil(members / MEMBERS_A_PROCESS), len(os.sched_getaffinity(0))), 1)


@dataclass
class _Process:
    """One part: the process that does it now, or when the next one is started."""

    name: str
    parts: Parts
    pid: int = 0
    began: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    ports: Ports | None = None
    tells: int = -1  # the end of a pipe, on which it says that it answers
    said: bytes = field(default=b"", repr=False)


class Supervisor:
    """Starts one process for each share, starts what ended again, and ends all of them."""

    def __init__(
        self, shares: Mapping[str, Parts], sock: socket.socket | None, on_ready: Ready
    ) -> None:
        self._processes = [_Process(name, parts) for name, parts in shares.items()]
        self._sock, self._on_ready = sock, on_ready
        self._webs = [each for each in self._processes if each.parts.web]
        self._shares = Shares(len(self._webs))
        self._is_ready = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT: 0. 1 where a part could not be started in the first place."""
        load_pages()
        connections.close_all()  # SQLite's locks and PostgreSQL's lines are not for two processes
        gc.collect()
        gc.freeze()
        # Heard when we ask for them, so that none comes between two lines.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            for process in self._processes:
                self._start(process)
            return self._watch()
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)

    def _watch(self) -> int:
        while True:
            self._hear()
            heard = signal.sigtimedwait(_HEARD, 1.0 if self._is_ready else 0.02)
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                return 0
            for process in self._ended():
                if not self._is_ready:
                    return 1  # it has said why
                self._note_end(process)
            for process in self._processes:
                if not process.pid and time.monotonic() >= process.due:
                    self._start(process)

    def _start(self, process: _Process) -> None:
        if process.tells >= 0:
            os.close(process.tells)
        reads, writes = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        process.pid = os.fork()
        if not process.pid:
            os.close(reads)
            _be(process, parent, self._socket_of, writes)
        os.close(writes)
        process.began, process.tells, process.said = time.monotonic(), reads, b""

    def _socket_of(self, process: _Process) -> socket.socket | None:
        """In the child: where it listens, with its number among those that do."""
        if self._sock is None:
            return None
        if process.parts.web:
            return SharedSocket(self._sock, self._shares, self._webs.index(process))
        self._sock.close()
        return None

    def _hear(self) -> None:
        """Which of them answer by now; once it is all of them, whoever started us is told."""
        waiting = {each.tells: each for each in self._processes if each.tells >= 0}
        for number in select.select(waiting, (), (), 0)[0]:
            said = os.read(number, 4096)
            waiting[number].said += said
            if not said:
                self._heard_out(waiting[number])
        if not self._is_ready and all(each.ports for each in self._processes):
            self._is_ready = True
            self._on_ready(_together([each.ports for each in self._processes if each.ports]))

    def _heard_out(self, process: _Process) -> None:
        os.close(process.tells)
        process.tells = -1
        if process.said:
            process.ports = Ports(**json.loads(process.said))

    def _ended(self) -> list[_Process]:
        """Those of ours; in a container what they left behind becomes our child, and ends here."""
        found = []
        with suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                found += [each for each in self._processes if each.pid == pid]
                for process in found:
                    process.pid = 0
        return found

    def _note_end(self, process: _Process) -> None:
        lived = time.monotonic() - process.began
        process.pause = 0.0 if lived > _LIVED else min(max(process.pause * 2, 0.5), _LONGEST_PAUSE)
        process.due = time.monotonic() + process.pause
        log.warning("The process %s has ended; it is started again", process.name)

    def _stop(self) -> None:
        for process in self._processes:
            if process.pid:
                os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPS_WITHIN
        while any(each.pid for each in self._processes) and time.monotonic() < deadline:
            self._ended()
            time.sleep(0.02)
        for process in self._processes:
            if process.pid:
                log.warning("The process %s did not stop in time", process.name)
                os.kill(process.pid, signal.SIGKILL)
                os.waitpid(process.pid, 0)


def _together(all_ports: Sequence[Ports]) -> Ports:
    def first(found: Sequence[int | None]) -> int | None:
        return next((port for port in found if port), None)

    return Ports(
        first([each.web for each in all_ports]),
        first([each.smtp for each in all_ports]),
        first([each.lmtp for each in all_ports]),
    )


def _be(
    process: _Process,
    parent: int,
    socket_of: Callable[[_Process], socket.socket | None],
    tells: int,
) -> None:
    """From here on this process is that part; it never returns."""
    code = 1
    try:
        _die_with(parent)
        faults.belongs_to(parent)
        name_this_process(process.name)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        _keep_the_ports(process.ports)
        run(process.parts, socket_of(process), lambda ports: _tell(tells, ports))
        code = 0
    except Trouble as trouble:
        trouble.show()
    except BaseException:
        log.exception("The process %s stumbled", process.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Whoever pulls the plug of the parent pulls ours: a desk is never half there.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    with_linux = getattr(ctypes.CDLL(None), "prctl", None)
    if with_linux is not None:
        with_linux(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


def _keep_the_ports(ports: Ports | None) -> None:
    """Where mail was taken before, whatever port that was."""
    for name in ("smtp", "lmtp"):
        if port := getattr(ports, name, None):
            os.environ[f"GOODWORD_{name.upper()}_PORT"] = str(port)


def _tell(number: int, ports: Ports) -> None:
    os.write(number, json.dumps(vars(ports)).encode())
    os.close(number)
