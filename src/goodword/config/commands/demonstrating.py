"""demo: a whole desk to try, with its own people, customers and clock."""

import os
import sys

import click

from goodword.config.beginning import (
    Trouble,
    begin,
    data_folder,
    require_sqlite,
    said_plainly,
    say,
)
from goodword.config.commands.options import data_option, mail_options, now_option, web_options
from goodword.config.commands.serving import bind_web


@click.command(epilog="Example: goodword demo --port 8000")
@data_option
@web_options
@mail_options
@now_option
@click.option("--reset", is_flag=True, help="Begin again: everything of the demo is thrown away.")
def demo(reset: bool, now: str | None) -> None:
    """Serve a demo: Harbour Lane, on a Thursday at 16:33.

    Makes its data on the first start. Its own clock runs while it is served and stands still
    while it is not. Outgoing mail goes into a folder and to nobody.
    """
    folder = data_folder()
    os.environ.setdefault("GOODWORD_LOG_LEVEL", "WARNING")
    os.environ.setdefault("GOODWORD_OUTGOING", f"maildir:{folder / 'outgoing'}")
    sock = bind_web()
    begin(make=True)
    with said_plainly():
        link = _prepare(reset, now)
    from goodword.config.running import Parts, Ports
    from goodword.config.supervising import run_desk

    def ready(ports: Ports) -> None:
        for line in _lines(ports, link):
            say(line)

    sys.exit(run_desk(Parts(), sock, ready))


def _prepare(reset: bool, now: str | None) -> str:
    """Have the data and the clock as they are to be; a customer's link."""
    from goodword.config import demo as data
    from goodword.config.instants import stop_clock_at
    from goodword.config.migrating import migrate
    from goodword.core.time import clock
    from goodword.core.time import now as present
    from goodword.staff.models import Business

    require_sqlite()
    migrate()
    business = Business.objects.first()
    if business is not None and not clock.is_demo:
        raise Trouble(
            f"{data_folder()} holds the desk of {business.name}, which is no demo. Use another "
            "folder: goodword demo --data ./demo"
        )
    if reset or business is None:
        say("Making the demo: a few seconds …")
        data.seed(reset=reset)
    if now:
        stop_clock_at(now, "Europe/London")
    else:
        clock.start_at(present())
    data.mark_as_demo()
    return data.customer_link()


def _lines(ports: object, link: str) -> list[str]:
    """What a newcomer needs, in two columns."""
    from goodword.config import demo as data
    from goodword.config import options
    from goodword.config.demo.people import DOMAIN, PASSWORD
    from goodword.config.running import Ports

    assert isinstance(ports, Ports)
    url = options.text("GOODWORD_URL").rstrip("/")
    wanted = options.number("GOODWORD_SMTP_PORT")
    taken = f" ({wanted} is taken)" if wanted and ports.smtp != wanted else ""
    people = [(each.role.capitalize(), each.email) for each in data.sign_ins()]
    rows = [
        ("The desk", url + "/"),
        *people,
        ("Password", f"{PASSWORD} (the same for all four)"),
        ("A customer", link),
        ("Mail in", f"port {ports.smtp}{taken}, for example to support@{DOMAIN}"),
        ("Mail out", f"{url}{_outgoing_page()}"),
        ("", f"kept in {data.outgoing_folder()}, sent to nobody"),
    ]
    width = max(len(name) for name, _ in rows)
    head = "Goodword runs: Harbour Lane, a demo with a clock of its own"
    return [head, "", *(f"  {name.ljust(width)}  {what}" for name, what in rows), "",
            "Ctrl C stops it; goodword demo --reset begins again."]  # fmt: skip


def _outgoing_page() -> str:
    from django.urls import reverse

    return reverse("outgoing")
