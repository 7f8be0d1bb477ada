"""serve, web, mail, worker: the desk, whole or in parts."""

import os
import socket
import sys

import click

from goodword.config.beginning import Trouble, begin_ready, said_plainly, say
from goodword.config.commands.options import data_option, mail_options, now_option, web_options


@click.command(epilog="Example: goodword serve --data /srv/goodword --port 8000")
@data_option
@web_options
@mail_options
@now_option
def serve(now: str | None) -> None:
    """Run everything: pages, mail in and out, the clock.

    Stops on Ctrl C or SIGTERM within ten seconds. Takes the steps of a new version first.
    """
    _run(web=True, mail=True, worker=True, now=now)


@click.command(epilog="Example: goodword web --host 0.0.0.0 --port 8000")
@data_option
@web_options
@now_option
def web(now: str | None) -> None:
    """Run the pages and live streams alone."""
    _run(web=True, mail=False, worker=False, now=now)


@click.command(epilog="Example: goodword mail --smtp-port 2525")
@data_option
@mail_options
@now_option
def mail(now: str | None) -> None:
    """Take mail alone: the listener, the IMAP mailboxes, and reading what came."""
    _run(web=False, mail=True, worker=False, now=now)


@click.command(epilog="Example: goodword worker")
@data_option
@now_option
def worker(now: str | None) -> None:
    """Run the outbox and the clock alone: send what is due, judge what was promised."""
    _run(web=False, mail=False, worker=True, now=now)


def _run(*, web: bool, mail: bool, worker: bool, now: str | None) -> None:
    sock = bind_web() if web else None
    begin_ready(sock)
    from goodword.config.instants import stop_clock_at
    from goodword.config.running import Parts, Ports, require_business
    from goodword.config.supervising import run_desk

    def ready(ports: Ports) -> None:
        for line in lines_for(ports):
            say(line)

    with said_plainly():
        business = require_business()
        stop_clock_at(now, business.schedule.zone)
    sys.exit(run_desk(Parts(web, mail, worker), sock, ready))


def bind_web() -> socket.socket:
    """The socket of the pages, taken before Django is loaded, because links name its port."""
    from goodword.config import options
    from goodword.core.server.sockets import free_port

    with said_plainly():
        host, wanted = options.text("GOODWORD_HTTP_HOST"), options.number("GOODWORD_HTTP_PORT")
    try:
        sock = free_port(host, wanted)
    except OSError as error:
        reason = error.strerror or error
        raise Trouble(f"Pages cannot be served on {host}:{wanted}: {reason}.") from error
    port = sock.getsockname()[1]
    if wanted and port != wanted:
        say(f"Port {wanted} is taken; the pages are on port {port} instead.")
    os.environ.setdefault("GOODWORD_URL", f"http://{_shown(host)}:{port}")
    return sock


def _shown(host: str) -> str:
    # Shown, not listened on
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 # nosec B104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def lines_for(ports: object) -> list[str]:
    """What a person at the terminal has to know, one line a part."""
    from goodword.config import options
    from goodword.config.running import Ports

    assert isinstance(ports, Ports)
    lines = []
    if ports.web is not None:
        host = _shown(options.text("GOODWORD_HTTP_HOST"))
        lines.append(f"The desk is at http://{host}:{ports.web}")
    wanted = options.number("GOODWORD_SMTP_PORT")
    if ports.smtp is not None:
        taken = f" ({wanted} is taken)" if wanted and ports.smtp != wanted else ""
        lines.append(f"Mail is taken on port {ports.smtp}{taken}")
    if ports.lmtp is not None:
        lines.append(f"Mail is taken by LMTP on port {ports.lmtp}")
    return lines or ["The outbox and the clock run"]
