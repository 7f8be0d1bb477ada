"""init: what a new desk has to know, asked or given."""

import secrets as chance
from typing import Any

import click

from goodword.config.beginning import Trouble, begin, quiet, require_sqlite, said_plainly, say
from goodword.config.commands.options import data_option

_REQUIRED = {"name": "--name", "address": "--address"}
_SECURITY = click.Choice(["tls", "starttls", "none"])


@click.command(
    epilog='Example: goodword init --name "Harbour Lane" --address help@harbour.example '
    '--zone Europe/London --member "Ada Bell <ada@harbour.example> leader" --no-input'
)
@data_option
@click.option("--name", help="Name of the business, as customers read it.")
@click.option("--address", help="Mail address that customers write to.")
@click.option("--zone", help="Time zone.  [default: this machine's]")
@click.option("--hours", help="Opening hours, as: mon-fri 09:00-17:00, sat 10:00-13:00")
@click.option("--holidays", help="Region of the public holidays, as GB-ENG or US-CA.")
@click.option("--prefix", help="Letters before a case's number.  [default: from the name]")
@click.option("--phone", help="Telephone number that customers may call.")
@click.option("--language", help="Language of the desk.", default="en-gb", show_default=True)
@click.option("--member", "members", multiple=True, help="A first member: “Ada Bell <mail> role”.")
@click.option("--password", help="Password of the first member; better in GOODWORD_INIT_PASSWORD.")
@click.option("--team", help="Name of the first team.", default="Support", show_default=True)
@click.option("--duty", help="Mail address of who answers until a case is taken.")
@click.option("--imap", help="Server that the mail is fetched from, as imap.example.com:993.")
@click.option("--imap-user", help="User name there.  [default: the address]")
@click.option("--imap-security", type=_SECURITY, default="tls", show_default=True)
@click.option("--imap-password", help="Better in GOODWORD_INIT_IMAP_PASSWORD.")
@click.option("--imap-from", default="now", show_default=True, help="now, all, or a date.")
@click.option("--smtp", help="Server that mail leaves by, as smtp.example.com:587.")
@click.option("--smtp-user", help="User name there.  [default: the address]")
@click.option("--smtp-security", type=_SECURITY, default="starttls", show_default=True)
@click.option("--smtp-password", help="Better in GOODWORD_INIT_SMTP_PASSWORD.")
@click.option("--no-input", is_flag=True, help="Ask nothing; refuse where something is missing.")
def init(no_input: bool, **given: Any) -> None:
    """Set up a desk: the business, its hours, first members, team and mail.

    Asks for what is not given. Run again it says what is there and adds what is not. Every
    option can stand in the environment, as GOODWORD_INIT_NAME for --name.
    """
    quiet()
    begin(make=True)
    from goodword.config import founding
    from goodword.config.migrating import migrate

    with said_plainly():
        require_sqlite()
        migrate()
        plan, made = _plan(given, ask=not no_input)
        for line in founding.found(plan):
            say(line)
    for email, password in made.items():
        say(f"The password of {email}: {password}")
    say("\nNext: goodword check, then goodword serve")


def _plan(given: dict[str, Any], *, ask: bool) -> tuple[Any, dict[str, str]]:
    """What was given and what was asked, and the passwords that were made up."""
    from goodword.config import founding
    from goodword.staff.models import Business, Member

    here = Business.objects.select_related("schedule").first()
    if here is not None:
        given["name"] = given["name"] or here.name
        given["address"] = given["address"] or here.mail_address
        ask = False
    _complete(given, ask=ask)
    people = [founding.read_person(text) for text in given["members"]]
    if not people and not Member.objects.exists():
        people = [_first_person(ask=ask)]
    made = _passwords(people, given["password"], ask=ask)
    plan = founding.Plan(
        name=given["name"],
        address=given["address"].lower(),
        zone=given["zone"] or local_zone(),
        hours=given["hours"] or "mon-fri 09:00-17:00",
        holidays=given["holidays"] or "",
        prefix=given["prefix"] or "",
        phone=given["phone"] or "",
        language=given["language"],
        team=given["team"],
        people=people,
        duty=given["duty"] or "",
        mailbox=mailbox_fields(given),
        passwords={use: given[f"{use}_password"] or "" for use in ("imap", "smtp")},
    )
    return plan, made


def _complete(given: dict[str, Any], *, ask: bool) -> None:
    from goodword.config.founding import read_schedule, require_answerable

    missing = [flag for field, flag in _REQUIRED.items() if not given[field]]
    if missing and not ask:
        raise click.UsageError(f"Still missing: {', '.join(missing)}. Or leave --no-input away.")
    if not ask:
        return
    given["name"] = given["name"] or click.prompt("Name of the business")
    given["address"] = given["address"] or click.prompt("Mail address that customers write to")
    require_answerable(given["address"])
    given["zone"] = given["zone"] or click.prompt("Time zone", default=local_zone())
    given["hours"] = given["hours"] or click.prompt("Opening hours", default="mon-fri 09:00-17:00")
    read_schedule(given["zone"], given["hours"])
    if given["imap"] is None:
        given["imap"] = click.prompt("IMAP server to fetch mail from (empty: none)", default="")
    if given["smtp"] is None:
        given["smtp"] = click.prompt("SMTP server that mail leaves by (empty: none)", default="")
    for use in ("imap", "smtp"):
        if given[use] and not given[f"{use}_password"]:
            given[f"{use}_password"] = click.prompt(
                f"Password for {given[use]}", hide_input=True, default="", show_default=False
            )


def _first_person(*, ask: bool) -> Any:
    from goodword.config.founding import Person

    if not ask:
        raise click.UsageError(
            "Still missing: --member. Somebody has to answer: “Ada Bell <ada@example.com> leader”."
        )
    name = click.prompt("Your name, as customers read it")
    email = click.prompt("Your mail address, to sign in with")
    role = click.prompt(
        "Your role",
        type=click.Choice(["leader", "lead", "agent", "operator"]),
        default="leader",
    )
    return Person(name, email.lower(), role)


def _passwords(people: list[Any], first: str | None, *, ask: bool) -> dict[str, str]:
    """Give each a password; those that were made up are returned, to be said once."""
    from goodword.staff.models import Member

    made = {}
    for number, person in enumerate(people):
        if Member.objects.filter(email__iexact=person.email).exists():
            continue
        if first and number == 0:
            person.password = first
        elif ask and number == 0:
            person.password = ask_password(person.name)
        else:
            person.password = made[person.email] = chance.token_urlsafe(12)
    return made


def ask_password(name: str) -> str:
    return str(
        click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt="Once more")
    )


def mailbox_fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Mailbox out of the options for IMAP and SMTP. Raises Trouble."""
    fields: dict[str, Any] = {}
    for use, port in (("imap", 993), ("smtp", 587)):
        if not given[use]:
            continue
        host, _, number = given[use].partition(":")
        if number and not number.isdecimal():
            raise Trouble(f"“{given[use]}” is no server; write it like {use}.example.com:{port}.")
        fields[f"{use}_host"] = host
        fields[f"{use}_port"] = int(number or port)
        fields[f"{use}_security"] = given[f"{use}_security"]
        has_password = bool(given[f"{use}_password"] or given[f"{use}_user"])
        user = given[f"{use}_user"] or (given["address"] if has_password else "")
        fields[f"{use}_user"] = user
    if given["imap"]:
        fields["imap_start"] = _start(given["imap_from"])
    return fields


def _start(text: str) -> str:
    from goodword.worker.fetching import start_of

    try:
        start_of(text)
    except ValueError as error:
        raise Trouble(f"“{text}” is not now, all, or a date like 2026-11-01.") from error
    return text


def local_zone() -> str:
    """The zone of this machine, or London's where it does not say."""
    from pathlib import Path
    from zoneinfo import ZoneInfo

    for name in (_read(Path("/etc/timezone")), _linked(Path("/etc/localtime"))):
        try:
            if name and name not in {"Etc/UTC", "UTC", "Etc/UCT"}:
                return ZoneInfo(name).key
        except (ValueError, OSError):
            continue
    return "Europe/London"


def _read(path: Any) -> str:
    try:
        return str(path.read_text().strip())
    except OSError:
        return ""


def _linked(path: Any) -> str:
    try:
        return str(path.resolve()).partition("zoneinfo/")[2]
    except OSError:
        return ""
