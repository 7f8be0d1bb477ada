"""ledger: the promises as a file."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from goodword.config.beginning import Trouble, begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.group(epilog="Example: goodword ledger export promises.csv")
def ledger() -> None:
    """What was promised, and what came of it."""


@ledger.command(
    "export",
    epilog="Example: goodword ledger export --asked state=kept_late late.json",
)
@data_option
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as", "form", type=click.Choice(["csv", "json"]), help="[default: as FILE ends, else csv]"
)
@click.option(
    "--asked",
    default="state=all",
    show_default=True,
    help="What stands after the ? in the address of the Promises page.",
)
@click.option("--member", "email", help="Only what this member may see; “me” is them.")
def ledger_export(file: Path | None, form: str | None, asked: str, email: str | None) -> None:
    """Write every promise with its arithmetic to FILE, or to the screen.

    The columns are those of docs/using/promises.md. Memory stays small, whatever the ledger holds.
    """
    quiet()
    begin_ready()
    as_json = (form or ("json" if file and file.suffix == ".json" else "csv")) == "json"
    with said_plainly():
        _write(file, _parts(as_json, asked, email))
    if file is not None:
        say(f"Written to {file}")


def _write(file: Path | None, parts: Iterable[str]) -> None:
    # Lines end as the format says, whatever this machine would make of them.
    with (
        open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False)
        if file is None
        else file.open("w", encoding="utf-8", newline="")
    ) as out:
        for part in parts:
            out.write(part)


def _parts(as_json: bool, asked: str, email: str | None) -> Iterable[str]:
    from django.http import QueryDict

    from goodword.cases.access import visible_promises
    from goodword.core.sheets import lines
    from goodword.core.time import now
    from goodword.desk.asked import Asked, Question
    from goodword.promises import taking_out
    from goodword.promises.models import Promise
    from goodword.staff.models import Business, Member

    member = Member.objects.filter(email__iexact=email).first() if email else None
    if email and member is None:
        raise Trouble(f"No member has the address {email}. See: goodword member list")
    wanted = Asked.read(QueryDict(asked.lstrip("?")))
    if wanted.owner in ("me", "teams") and member is None:
        raise Trouble("Say whose promises “me” are: --member and their mail address.")
    business = Business.objects.select_related("schedule").first()
    if business is None:
        raise Trouble("There is no business on this desk yet. Run: goodword init")
    seen = visible_promises(member) if member else Promise.objects.all()
    question = Question(seen, wanted, business.schedule, now(), member)
    promises = taking_out.in_order(question.found)
    if as_json:
        return taking_out.as_json(promises, now())
    return lines(taking_out.COLUMNS, taking_out.as_cells(promises, now()))
