"""ingest: mail out of files and folders, through the very same intake."""

from pathlib import Path

import click

from goodword.config.beginning import begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.command(epilog="Example: goodword ingest ~/Maildir --received header --history")
@data_option
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mailbox", help="Address of ours that the mail came to.  [default: as it says]")
@click.option(
    "--received",
    type=click.Choice(["now", "header"]),
    default="now",
    show_default=True,
    help="When it counts as received: now, or when its Date says.",
)
@click.option("--history", is_flag=True, help="Old mail: clocks open only where they spoke last.")
def ingest(paths: tuple[Path, ...], mailbox: str | None, received: str, history: bool) -> None:
    """Bring in mail: eml files, mbox files, maildirs, and folders of them.

    The same mail twice is kept once. Nothing that is brought in is answered by a receipt. With
    --history what we sent ourselves stands as our words in the case that it answers, and what
    answers nothing begins a case in which no clock runs. Ends with exit code 1 when a file could
    not be taken, and names it.
    """
    quiet()
    begin_ready()
    with said_plainly():
        from goodword.config.ingesting import Ingest, mailbox_of
        from goodword.config.taking_over import ours_here, sent_by_us, take_in_answers

        box, here = mailbox_of(mailbox), ours_here()
        said = sorted(sent_by_us(paths, here), key=lambda each: each.at) if history else []
        ours, taken = {each.message_id for each in said}, []
        work = Ingest(
            box,
            dates_as_written=received == "header",
            is_history=history,
            is_ours=lambda mail: mail.message_id in ours,
            before_clocks=lambda: taken.append(take_in_answers(said, box, here)),
        )
        work.run(paths)
    for trouble in work.troubles:
        click.echo(trouble, err=True)
    for line in work.summary():
        say(line)
    for each in taken:
        if each.answers:
            say(f"{each.answers:>7}  our own answers, in the cases that they answer")
        if each.begun:
            say(f"{each.begun:>7}  cases that we began: nobody had written before")
    if work.troubles:
        raise SystemExit(1)
