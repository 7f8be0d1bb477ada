"""The children: limited, replaceable, without Django."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from goodword.channels.mail.reading import Reader, limits, pool, trouble

MAIL = b"From: Ada <ada@example.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <1@x>\n\nHi"


def _pid(reader: Reader) -> int:
    child = reader._idle.queue[-1]
    assert child is not None
    return child._process.pid


def test_a_child_that_is_killed_costs_no_mail() -> None:
    with Reader() as reader:
        assert reader.read(MAIL).readable
        os.kill(_pid(reader), signal.SIGKILL)
        assert reader.read(MAIL).readable
        assert reader.usage.children_lost == 1


def test_a_mail_that_kills_every_child_is_shown_as_unreadable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Reader() as reader:
        reader.read(MAIL)

        def killed() -> pool._Child:
            child = pool._Child()
            os.kill(child._process.pid, signal.SIGKILL)
            return child

        os.kill(_pid(reader), signal.SIGKILL)
        monkeypatch.setattr(pool, "_started", killed)
        lost = reader.read(MAIL)
        assert (lost.readable, lost.trouble) == (False, [trouble.READER_DIED])
        assert (lost.from_address, lost.subject, lost.message_id) == (
            "ada@example.org", "Grüße", "<1@x>")  # fmt: skip
        monkeypatch.undo()
        assert reader.read(MAIL).readable


def test_a_child_that_hangs_is_stopped() -> None:
    with Reader(wall_seconds=1.0) as reader:
        reader.read(MAIL)
        os.kill(_pid(reader), signal.SIGSTOP)
        assert reader.read(MAIL).trouble == [trouble.TOO_MUCH_TIME]
        assert reader.read(MAIL).readable


def _child_that(action: str) -> str:
    return ("import time\nfrom goodword.channels.mail.reading import child\n"
            f"def read(raw):\n    if b'now' in raw: {action}\n    return real(raw)\n"
            "real, child.read = child.read, read\n"
            "import socket\nchild.serve(socket.socket(fileno=0))\n")  # fmt: skip


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("x = bytearray(800 * 1024 * 1024)", trouble.TOO_MUCH_MEMORY),
        ("\n        while True: pass", trouble.TOO_MUCH_TIME),
        ("import os; os.abort()", trouble.TOO_MUCH_MEMORY),
        ("raise SystemExit", trouble.READER_DIED),
    ],
)
def test_the_kernel_enforces_the_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, action: str, why: str
) -> None:
    script = f"{tmp_path}/hurt.py"
    action = action.replace("while True: pass", "while True:\n            pass")
    with open(script, "w") as file:
        file.write("from goodword.channels.mail.reading import limits\nlimits.CPU_SECONDS = 2\n")
        file.write(_child_that(action))
    real = subprocess.Popen

    def start(command: list[str], **options: object) -> object:
        return real([*command[:-2], script], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pool.subprocess, "Popen", start)
    with Reader(wall_seconds=15) as reader:
        assert reader.read(b"Subject: fine\n\nwords").text == "words"
        hurt = reader.read(b"Subject: now\n\nwords")
        assert (hurt.readable, hurt.trouble, hurt.subject) == (False, [why], "now")
        assert reader.read(b"Subject: fine\n\nwords").readable


def test_a_child_is_replaced_after_enough_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAILS_PER_CHILD", 3)
    with Reader() as reader:
        first = _pid(reader)
        for _ in range(3):
            reader.read(MAIL)
        assert reader.read(MAIL).readable
        assert _pid(reader) != first
        assert reader.usage.children_lost == 0


def test_what_was_begun_waits_for_whoever_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "LATE_SECONDS", 20.0)  # on a machine that has much to do
    long = b"Subject: long\n\n" + b"words and words\n" * 40_000
    with Reader(wall_seconds=2.0) as reader:
        answer = reader.begin(long)
        time.sleep(
            0.1
        )  # longer than the child had: the answer lies there, more than a socket holds
        mail = answer()
        assert (mail.readable, mail.subject) == (True, "long")
        assert len(mail.text) > 500_000


def test_a_child_that_dies_between_the_halves_costs_no_mail() -> None:
    with Reader() as reader:
        pid = _pid(reader)
        os.kill(pid, signal.SIGSTOP)
        answer = reader.begin(MAIL)
        os.kill(pid, signal.SIGKILL)
        assert answer().readable
        assert reader.usage.children_lost == 1


def test_many_threads_share_a_reader() -> None:
    with Reader(processes=2) as reader, ThreadPoolExecutor(8) as threads:
        mails = [b"Subject: %d\n\n%d" % (at, at) for at in range(200)]
        subjects = [mail.subject for mail in threads.map(reader.read, mails)]
    assert subjects == [str(at) for at in range(200)]


def test_a_closed_reader_says_so_instead_of_hanging() -> None:
    reader = Reader()
    reader.close()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(reader.read(MAIL)))
    thread.start()
    thread.join(5)
    assert [mail.trouble for mail in answers] == [[trouble.READER_MISSING]]


def test_reading_mail_loads_no_django_and_inherits_no_secrets() -> None:
    code = "import sys, goodword.channels.mail.reading.child; print('django' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
    with Reader() as reader:
        reader.read(MAIL)
        with open(f"/proc/{_pid(reader)}/environ", "rb") as file:
            names = {line.split(b"=")[0] for line in file.read().split(b"\0") if line}
    assert names == {b"PYTHONPATH", b"PATH", b"LC_ALL"}
