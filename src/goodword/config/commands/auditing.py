"""audit: what an existing mailbox says about answers and promises, without changing it."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodword import clock
from goodword.config.beginning import Trouble, begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option
from goodword.config.commands.setting_up import local_zone
from goodword.config.instants import hours_in, instant
from goodword.config.progress import progress

if TYPE_CHECKING:
    from goodword.audit.findings import Audit
    from goodword.audit.run import Source

DAYS = 90
USUAL_HOURS = {"mon-fri": [["09:00", "17:00"]]}


@click.command(epilog="Example: goodword audit ~/Mail --ours example.com --report your-word.html")
@data_option
@click.argument("sources", nargs=-1, required=True)
@click.option("--ours", multiple=True, help="Domain or address of ours.  [default: guessed]")
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(1, 3660))
@click.option("--until", help="Look as if it were then.  [default: the newest mail]")
@click.option(
    "--schedule",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Opening hours as JSON.  [default: Monday to Friday, nine to five, in your zone]",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=Path("your-word-so-far.html"),
    show_default=True,
    help="Where the report is written.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print everything as JSON instead of a summary."
)
@click.option("--into-desk", is_flag=True, help="Take the mail and what is still promised over.")
@click.option("--with-broken", is_flag=True, help="With --into-desk: promises past their time too.")
def audit(
    sources: tuple[str, ...],
    ours: tuple[str, ...],
    days: int,
    until: str | None,
    path: Path | None,
    report: Path,
    as_json: bool,
    into_desk: bool,
    with_broken: bool,
) -> None:
    """Your word so far: who was answered how fast, the oldest silences, every promise.

    SOURCES are eml files, mbox files, maildirs, folders of them, or one folder of an IMAP server:
    imaps://user@host/folder (asks for the password, or reads GOODWORD_AUDIT_PASSWORD). Nothing is
    changed there, and nothing leaves this machine.
    """
    from goodword.audit.letters import Ours
    from goodword.audit.report import as_html, summary
    from goodword.audit.run import audited, read_letters
    from goodword.audit.sources import Unreachable

    quiet()
    hours = _hours(path)
    end = instant(until, hours.zone) if until else None
    since = (end or datetime.now(UTC)) - timedelta(days=days)
    try:
        source = _source(sources, since)
        with progress() as bar:
            task = bar.add_task("Reading", total=source.count())
            letters = read_letters(source, lambda: bar.advance(task))
    except Unreachable as error:
        raise Trouble(str(error)) from error
    for trouble in source.troubles:
        click.echo(trouble, err=True)
    if not letters:
        raise Trouble("There is no mail in it that could be read.")
    # A clock of a sender that runs ahead must not move the end of what we look at.
    newest = max(letter.at for letter in letters)
    end = end or min(newest, datetime.now(UTC))
    named = Ours.of(ours) if ours else None
    found = audited(letters, named, hours, end - timedelta(days=days), end)
    if not (found.ours.domains or found.ours.addresses):
        raise Trouble("It does not show who you are. Name it: --ours example.com")
    with said_plainly():
        report.write_text(as_html(found, datetime.now(UTC)), encoding="utf-8")
    if as_json:
        say(json.dumps(_data(found), ensure_ascii=False, indent=2))
    else:
        for line in summary(found):
            say(line)
        say(f"The report: {report}")
    if into_desk:
        _take_over(found, sources, with_broken=with_broken)


def _source(sources: tuple[str, ...], since: datetime) -> "Source":
    from goodword.audit.sources import Files, Unreachable, server_at

    servers = [each for each in sources if "://" in each]
    if not servers:
        return Files(tuple(Path(each).expanduser() for each in sources))
    if len(sources) > 1:
        raise Unreachable("Name one server folder, or files and folders, not both.")
    return server_at(servers[0], _password, since)


def _password() -> str:
    given = os.environ.get("GOODWORD_AUDIT_PASSWORD")
    return given if given is not None else str(click.prompt("Password", hide_input=True, err=True))


def _hours(path: Path | None) -> clock.Schedule:
    if path is not None:
        return hours_in(path)
    return clock.Schedule.from_data({"zone": local_zone(), "hours": USUAL_HOURS})


def _data(found: "Audit") -> dict[str, Any]:
    from goodword.audit.report import headline

    zone = found.schedule.zone_info
    return {
        "headline": headline(found),
        "ours": str(found.ours),
        "since": found.since.astimezone(zone).isoformat(),
        "until": found.until.astimezone(zone).isoformat(),
        "letters": found.letters,
        "threads": found.threads,
        "left_out": found.left_out,
        "promises_given": found.given,
        "promises_without_follow_up": found.unfollowed,
        "last_hour": {"letters": found.late_turns, "same_day": found.late_answered},
        "median_open_seconds": median.total_seconds()
        if (median := found.median_answer) is not None
        else None,
        "answers": [
            {
                "asked": answer.asked.message_id,
                "answered": answer.answered.message_id,
                "open_seconds": answer.open_time.total_seconds(),
                "wall_seconds": answer.wall_time.total_seconds(),
            }
            for answer in found.answers
        ],
        "silences": [
            {
                "message_id": silence.asked.message_id,
                "since": silence.asked.at.astimezone(zone).isoformat(),
                "from": silence.asked.sender,
                "subject": silence.asked.subject,
                "letters": silence.letters,
                "open_seconds": silence.open_time.total_seconds(),
            }
            for silence in found.silences
        ],
        "promises": [
            {
                "message_id": word.letter.message_id,
                "said_at": word.letter.at.astimezone(zone).isoformat(),
                "state": word.state,
                "followed_at": word.followed_at and word.followed_at.astimezone(zone).isoformat(),
                **word.found.as_data(found.schedule),
            }
            for word in found.words
        ],
    }


def _take_over(found: "Audit", sources: tuple[str, ...], *, with_broken: bool) -> None:
    """The mail becomes cases by the usual intake; what is still promised becomes promises."""
    if any("://" in each for each in sources):
        raise Trouble("Add the mailbox to the desk instead: goodword mailbox add --imap …")
    begin_ready()
    with said_plainly():
        from goodword.config.ingesting import Ingest, mailbox_of
        from goodword.config.taking_over import take_in_answers, take_over

        box = mailbox_of(None)
        work = Ingest(
            box,
            dates_as_written=True,
            is_history=True,
            is_ours=lambda mail: found.ours.has(mail.from_address),
            before_clocks=lambda: take_in_answers(found.said, box, found.ours),
        )
        work.run(Path(each).expanduser() for each in sources)
        made = take_over(found.words, with_broken=with_broken)
    for line in work.summary():
        say(line)
    say(f"{made:>7}  promises taken over")
