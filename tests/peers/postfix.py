"""A real Postfix with a queue of its own, and the two test tools that come with it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import processes, programs


@dataclass(frozen=True)
class Postfix:
    port: int
    folder: Path

    def log(self) -> str:
        return (self.folder / "maillog").read_text()


@dataclass(frozen=True)
class Sink:
    """smtp-sink, which takes (or refuses) every mail and keeps what it took."""

    port: int
    folder: Path

    def mails(self) -> list[str]:
        return [path.read_text(errors="replace") for path in sorted(self.folder.glob("mail.*"))]


@contextmanager
def postfix(routes: Mapping[str, str]) -> Iterator[Postfix]:
    """Yield a Postfix on a free port of 127.0.0.1 that sends each domain's mail by its route.

    Routes are such as `smtp:[127.0.0.1]:2525` or `lmtp:inet:127.0.0.1:24`; a domain without one
    is refused as it comes in. For a genuine bounce, route it to a sink that refuses RCPT for
    good. Postfix reads routes only as it starts, and only root may start it.
    """
    if not programs.POSTFIX.is_here() or os.geteuid() != 0:
        raise processes.NotStarted(programs.POSTFIX.absence())
    with processes.folder_for(None) as folder:
        server = Postfix(processes.free_port(), folder)
        _configure(server, routes)
        # Started by way of `postfix start`, the server would not be our child to end.
        directory = Path(_run("postconf", "-dh", "daemon_directory").strip())
        command = [directory / "master", "-c", folder / "etc", "-s"]
        with processes.running(command, ports=[server.port], log=folder / "start.log"):
            yield server


def _configure(server: Postfix, routes: Mapping[str, str]) -> None:
    etc = server.folder / "etc"
    for folder in (
        etc,
        server.folder / "data",
        *(server.folder / "queue" / name for name in QUEUE),
    ):
        folder.mkdir(parents=True)
        if folder.name not in ("etc", "pid"):
            shutil.chown(folder, "postfix")
    (etc / "transport").write_text("".join(f"{key} {value}\n" for key, value in routes.items()))
    (etc / "main.cf").write_text(
        MAIN.format(folder=server.folder, domains=" ".join(routes) or "none.invalid")
    )
    (etc / "master.cf").write_text(MASTER.format(port=server.port))
    # Every daemon of Postfix waits until a file is two seconds old, lest it be half written.
    for file in etc.iterdir():
        os.utime(file, (1, 1))


def smtp_source(
    port: int,
    *,
    count: int = 1,
    sessions: int = 1,
    sender: str = "customer@example.com",
    recipient: str = "desk@example.net",
    length: int = 1000,
    subject: str = "From smtp-source",
    lmtp: bool = False,
) -> None:
    """Send `count` mails of `length` bytes each to a port of 127.0.0.1, or raise."""
    command = ["smtp-source", "-m", str(count), "-s", str(sessions), "-l", str(length)]
    people = ["-f", sender, "-t", recipient, "-S", subject]
    there = [*(["-L"] if lmtp else []), f"127.0.0.1:{port}"]
    _run(*command, *people, *there, seconds=max(120, count // 10))


@contextmanager
def smtp_sink(*, soft: str = "", hard: str = "") -> Iterator[Sink]:
    """Yield a sink on a free port; it refuses the commands named in `soft` (4xx) or `hard`."""
    program = programs.find("smtp-sink")
    if not program:
        raise processes.NotStarted(programs.SMTP_TOOLS.absence())
    user = processes.first_user("nobody")
    with processes.folder_for(user) as folder:
        port = processes.free_port()
        refusals = [*(["-r", soft] if soft else []), *(["-f", hard] if hard else [])]
        command = [program, *(["-u", user] if user else []), "-d", "mail.", *refusals]
        with processes.running(
            [*command, f"127.0.0.1:{port}", "100"], ports=[port], log=folder / "log"
        ):
            yield Sink(port, folder)


def swaks(port: int, *arguments: str) -> str:
    """Speak SMTP to a port of 127.0.0.1 and return the whole conversation, or raise."""
    # Its own host name might be looked up in the DNS otherwise.
    greeting = ("--helo", "localhost")
    return _run("swaks", "--server", "127.0.0.1", "--port", str(port), *greeting, *arguments)


def _run(program: str, *arguments: str, seconds: float = 120) -> str:
    found = programs.find(program)
    if not found:
        raise processes.NotStarted(f"{program} is not here")
    done = subprocess.run(
        [str(found), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    if done.returncode:
        said = re.sub(r"\s+\n", "\n", done.stdout + done.stderr)
        raise RuntimeError(f"{program} ended with {done.returncode}:\n{said[-3000:]}")
    return done.stdout


# Names are never looked up in the DNS, so that no test can leave this machine.
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = relay.example
mydestination =
relay_domains = {domains}
transport_maps = texthash:{folder}/etc/transport
mynetworks =
smtpd_relay_restrictions = reject_unauth_destination
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
recipient_delimiter = +
message_size_limit = 62914560
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
notify_classes =
"""

QUEUE = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("maildrop", "pid", "private", "public", "saved", "trace"),
)

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
