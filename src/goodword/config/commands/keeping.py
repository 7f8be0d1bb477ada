"""backup, restore, verify, scrub: that nothing is lost, and how we know."""

import os
from pathlib import Path

import click

from goodword.config.beginning import Trouble, begin, data_folder, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.command(epilog="Example: goodword backup /srv/backups --keep 14")
@data_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(0), help="How many whole ones stay; 0: all.")
def backup(folder: Path | None, keep: int | None) -> None:
    """Copy everything while the desk works: database, files, secrets.

    The copy is restored into a scratch place and verified before it is called a backup. FOLDER
    and how many stay are those of GOODWORD_BACKUP_FOLDER and GOODWORD_BACKUP_KEEP unless named.
    Whoever holds a backup can read the mail in it and sign in with its keys: keep it safe.
    """
    quiet()
    begin()
    with said_plainly():
        from goodword.backup.folder import NoBackup
        from goodword.backup.making import make
        from goodword.config import options
        from goodword.config.migrating import refuse_the_future

        refuse_the_future()
        where = folder or options.folder("GOODWORD_BACKUP_FOLDER")
        if where is None:
            raise Trouble("Say where to: goodword backup FOLDER, or set GOODWORD_BACKUP_FOLDER.")
        stay = options.number("GOODWORD_BACKUP_KEEP") if keep is None else keep
        try:
            made = make(where.expanduser().absolute(), keep=stay,
                        say=lambda step: click.echo(step, err=True))  # fmt: skip
        except NoBackup as error:
            raise Trouble(str(error)) from error
    say(f"{made.path}: whole, restored and verified, {made.size / 1e6:.1f} MB")


@click.command(
    epilog="Example: goodword restore /backups/goodword-20261122T021500Z --data /srv/new"
)
@data_option
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Put a backup back, into a data folder that is empty, and verify it there.

    For PostgreSQL name an empty database in GOODWORD_DATABASE_URL. Nothing is overwritten.
    """
    quiet()
    # Loading the settings would make a key, and with it the folder would not be empty.
    os.environ.setdefault("GOODWORD_SECRET_KEY", "only while it is restored")
    begin(make=True)
    with said_plainly():
        from goodword.backup.folder import NoBackup
        from goodword.backup.restoring import restore as put_back

        try:
            done = put_back(folder.absolute(), data_folder())
        except NoBackup as error:
            raise Trouble(str(error)) from error
    _verify()
    say(f"Restored into {data_folder()}, as it was on {done.at:%Y-%m-%d %H:%M} UTC.")


@click.command(epilog="Example: goodword verify --data /srv/goodword")
@data_option
def verify() -> None:
    """Look whether everything is as it was written, and name every row that is not.

    The journal's chains and seals, the words that it vouches for, files and mails by their hash,
    and the database itself. Exit code 1 where anything is damaged.
    """
    quiet()
    begin()
    with said_plainly():
        _verify()
    say("Everything is as it was written.")


@click.command(epilog="Example: goodword scrub --data /srv/goodword")
@data_option
@click.option("--if-due", is_flag=True, help="Only where somebody was erased since the last time.")
def scrub(if_due: bool) -> None:
    """Wipe what was erased out of the free room of the database, by writing it anew.

    Nobody can write meanwhile: do it at night. Copies made before are not touched; throw away
    the backups that were made before an erasure.
    """
    quiet()
    begin()
    with said_plainly():
        from goodword.erasing import is_scrubbing_due
        from goodword.erasing import scrub as wipe

        if if_due and not is_scrubbing_due():
            say("Nobody was erased since the last time.")
            return
        wipe()
    say("What was erased is wiped.")


def _verify() -> None:
    from goodword.backup.verifying import look_through, parts

    wrong = 0
    for part in parts():
        click.echo(part.name, err=True)
        for sentence in look_through(part):
            wrong += 1
            say(f"✗ {sentence}")
    if wrong:
        raise Trouble(f"{wrong} damaged. Restore the last backup beside it and compare.")
