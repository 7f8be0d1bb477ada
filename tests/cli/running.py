"""The command as a process of its own, on a data folder of its own."""

import os
import re
import signal
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.zones import zone_at_noon

GOODWORD = [sys.executable, "-c", "from goodword.config.cli import main; main()"]
ADDRESS = "help@harbour.example"
INIT = (
    "init", "--no-input", "--name", "Harbour Lane", "--address", ADDRESS,
    "--zone", zone_at_noon(), "--hours", "mon-sun 00:00-24:00",
    "--member", "Ada Bell <ada@harbour.example> leader", "--password", "nine plain words",
)  # fmt: skip


def environment(data: Path) -> dict[str, str]:
    """Ours without any setting of the test run, and with this data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {**kept, "GOODWORD_DATA": str(data), "GOODWORD_LOG_LEVEL": "INFO"}


def goodword(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    done = subprocess.run(
        [*GOODWORD, *arguments],
        input=stdin,
        capture_output=True,
        env={**environment(data), **(env or {})},
        timeout=300,
        check=False,
    )
    out, error = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, error)


class Running:
    """A served desk: where its parts answer, and how to end it."""

    def __init__(self, process: "subprocess.Popen[str]", said: str) -> None:
        self.process, self.said = process, said
        self.url = re.search(r"(?:desk is at|The desk) +(http://\S+?)/?\s", said)[1]  # type: ignore[index]
        self.smtp = int(re.search(r"(?:taken on|Mail in +) ?port (\d+)", said)[1])  # type: ignore[index]

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def mail(self, subject: str, to: str = ADDRESS, sender: str = "eve@client.example") -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as server:
            server.sendmail(sender, [to], a_mail(subject, sender, to))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(12)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)


def a_mail(subject: str, sender: str = "eve@client.example", to: str = ADDRESS) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Eve Stone <{sender}>", to, subject
    mail["Message-ID"] = f"<{subject.replace(' ', '.')}@client.example>"
    mail["Date"] = "Mon, 16 Nov 2026 10:00:00 +0000"
    mail.set_content(f"Hello,\n\nit is about {subject}.\n\nEve\n")
    return mail.as_bytes()


@contextmanager
def serving(data: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """Serve until the block ends, on free ports."""
    command = arguments or ("serve",)
    log = (data.parent / f"{data.name}.log").open("a+")
    process = subprocess.Popen(
        [*GOODWORD, *command, "--port", "0", "--smtp-port", "0"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**environment(data), **settings},
    )
    try:
        yield Running(process, _said(process, log.name))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(12)
        assert process.stdout is not None
        process.stdout.close()
        log.close()


def _said(process: "subprocess.Popen[str]", log: str) -> str:
    """Everything up to the line with the port of the mail, which comes when all parts answer."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(("Mail is taken", "  Mail in")):
            return "".join(lines)
    raise AssertionError("".join(lines) + Path(log).read_text())


def wait_until(happened: object, within: float = 10.0) -> None:
    """Until `happened()` is true; a failure says how long it was waited."""
    assert callable(happened)
    deadline = time.monotonic() + within
    while not happened():
        assert time.monotonic() < deadline, f"nothing after {within} s"
        time.sleep(0.05)
