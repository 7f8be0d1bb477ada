"""`Reader`: mails are read in children that can be lost without losing anything else.

A child is a fresh Python without Django, without our environment and its secrets. It is reused for
many mails and replaced when it dies, hangs, grows or has read enough.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import goodword

from . import limits, trouble
from .child import LENGTH
from .kinds import ReadMail, from_plain
from .whole import unreadable

_CHILD = "goodword.channels.mail.reading.child"
_ANSWER_BYTES = 64 * 1024 * 1024
LATE_SECONDS = 1.0


class _ChildLost(Exception):
    """The child can no longer be used; the argument says why in a sentence for people."""


@dataclass
class Usage:
    """What the children have used so far: the most of any one mail, and of any one child."""

    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    children_lost: int = 0
    mails: int = 0


class _Child:
    """One process and the socket to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        source = str(Path(goodword.__file__).resolve().parents[1])
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-X", "utf8", "-W", "ignore", "-m", _CHILD],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                env={"PYTHONPATH": source, "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        self._socket = ours
        self.mails = 0
        self.first_resident = 0
        self._given, self._deadline = 0, 0.0

    def give(self, raw: bytes, seconds: float) -> None:
        """It is to be read within so long. A child that does not take it is lost to `answer`."""
        self._given, self._deadline = len(raw), time.monotonic() + seconds
        self._socket.settimeout(seconds)
        with suppress(OSError):
            self._socket.sendall(LENGTH.pack(len(raw)))
            self._socket.sendall(raw)

    def answer(self) -> tuple[ReadMail, dict[str, Any]]:
        """What was given, read, and what it cost. Raises _ChildLost."""
        # Whoever comes late finds it in the socket, which holds but a part of a long answer.
        deadline = max(self._deadline, time.monotonic() + LATE_SECONDS)
        try:
            plain = json.loads(self._piece(deadline, _ANSWER_BYTES))
            contents = self._piece(deadline, self._given * 4 + _ANSWER_BYTES)
            self.mails += 1
            return from_plain(plain, contents), plain
        except TimeoutError:
            raise _ChildLost(trouble.TOO_MUCH_TIME) from None
        except (OSError, ValueError, KeyError, TypeError, LookupError):
            raise _ChildLost(self._reason()) from None

    def _piece(self, deadline: float, most: int) -> bytes:
        size = LENGTH.unpack(self._exactly(LENGTH.size, deadline))[0]
        if size > most:
            raise ValueError("the child's answer is too long")
        return self._exactly(size, deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        content = bytearray(size)
        view, filled = memoryview(content), 0
        while filled < size:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            got = self._socket.recv_into(view[filled:])
            if not got:
                raise OSError("the child has closed")
            filled += got
        return bytes(content)

    def _reason(self) -> str:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return trouble.READER_DIED
        if code == -signal.SIGXCPU:
            return trouble.TOO_MUCH_TIME
        # An allocation in C or Rust that fails ends the process instead of raising MemoryError.
        return trouble.TOO_MUCH_MEMORY if code == -signal.SIGABRT else trouble.READER_DIED

    def is_worn(self, resident: int) -> bool:
        """Whether it has read enough or grown too large to be trusted with more."""
        self.first_resident = self.first_resident or resident
        grown = resident - self.first_resident > limits.CHILD_GROWTH_BYTES
        return grown or self.mails >= limits.MAILS_PER_CHILD

    def end(self) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()


class Reader:
    """Reads mails of strangers in limited children; safe to use from many threads.

    `processes` mails are read at once, further callers wait. Every mail gets at most 10 s of CPU,
    20 s by the wall and 300 MB. `read` never raises for any bytes; a mail that breaks its child
    comes back with `readable` False and a sentence that says why. A child that dies of none of
    these may have been killed for other reasons, so that its mail is given to another one.
    """

    def __init__(self, processes: int = 1, *, wall_seconds: float = limits.WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._lock = threading.Lock()
        self._closed = False
        self.usage = Usage()
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(processes):
            self._idle.put(_started())

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def read(self, raw: bytes) -> ReadMail:
        """What `read` of this package says, within the limits. Never raises."""
        return self.begin(raw)()

    def begin(self, raw: bytes) -> Callable[[], ReadMail]:
        """Give it to a child, and get what waits for its answer: `read` in two halves.

        Between them the caller can do something else. Whoever begins asks for the answer, once:
        until then this child reads nothing else.
        """
        child = self._given(raw)
        return lambda: self._finished(raw, child)

    def _finished(self, raw: bytes, child: _Child | None) -> ReadMail:
        try:
            return self._answer(child, raw)
        except _ChildLost as lost:
            why = str(lost)
        if why == trouble.READER_DIED:
            try:
                return self._answer(self._given(raw), raw)
            except _ChildLost as lost:
                why = str(lost)
        return unreadable(raw, why)

    def _given(self, raw: bytes) -> _Child | None:
        child = self._idle.get()
        if child is None and not self._closed:
            child = _started()
        if child is not None:
            child.give(raw, self._wall_seconds)
        return child

    def _answer(self, child: _Child | None, raw: bytes) -> ReadMail:
        """Raises _ChildLost."""
        try:
            if child is None:
                return unreadable(raw, trouble.READER_MISSING)
            mail, cost = child.answer()
            self._count(cost["cpu"], cost["peak"])
            if child.is_worn(cost["resident"]):
                child.end()
                child = None
            return mail
        except _ChildLost:
            if child is not None:
                child.end()
                child = None
            self._count(0.0, 0, lost=1)
            raise
        finally:
            self._put_back(child)

    def _put_back(self, child: _Child | None) -> None:
        if self._closed and child is not None:
            child.end()
            child = None
        self._idle.put(child)

    def _count(self, cpu: float, peak: int, lost: int = 0) -> None:
        with self._lock:
            self.usage.mails += 1
            self.usage.children_lost += lost
            self.usage.cpu_seconds = max(self.usage.cpu_seconds, cpu)
            self.usage.peak_bytes = max(self.usage.peak_bytes, peak)

    def close(self) -> None:
        """End the children; one that is reading ends when it is done. Later reads say so."""
        self._closed = True
        waiting: list[None] = []
        while True:
            try:
                child = self._idle.get_nowait()
            except queue.Empty:
                break
            if child is not None:
                child.end()
            waiting.append(None)
        for _ in waiting:
            self._idle.put(None)


def _started() -> _Child | None:
    try:
        return _Child()
    except OSError:
        return None
