"""The command `goodword`."""

import os

import click

from goodword import __version__
from goodword.config.commands.auditing import audit
from goodword.config.commands.bringing_in import ingest
from goodword.config.commands.checking import check
from goodword.config.commands.demonstrating import demo
from goodword.config.commands.finding_promises import find_promises
from goodword.config.commands.indexing import reindex
from goodword.config.commands.keeping import backup, restore, scrub, verify
from goodword.config.commands.ledger import ledger
from goodword.config.commands.mailboxes import mailbox
from goodword.config.commands.moving import migrate_to
from goodword.config.commands.reading import read
from goodword.config.commands.reckoning import due
from goodword.config.commands.serving import mail, serve, web, worker
from goodword.config.commands.setting_up import init
from goodword.config.commands.settings_file import settings
from goodword.config.commands.staffing import member, team
from goodword.config.commands.status import status

_HELP = """The customer-service desk that keeps its word.

\b
Try it out:  goodword demo
Set it up:   goodword init, then goodword check, then goodword serve

\b
Exit codes:  0 done
             1 it could not be done, or check found something; stderr says what to do
             2 the command was not written as it has to be
             130 stopped by Ctrl C

Settings come from the environment; goodword check --settings lists them.
"""


class _Commands(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which a newcomer needs them."""
        return list(self.commands)


commands = _Commands(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
SETTING_UP = (demo, init, check, serve, web, mail, worker, member, team, mailbox, settings)
KEEPING = (status, backup, restore, verify, scrub, migrate_to)
LOOKING = (audit, ledger, ingest, reindex, read, due, find_promises)
for each in (*SETTING_UP, *KEEPING, *LOOKING):
    commands.add_command(each)
click.version_option(__version__, prog_name="goodword")(commands)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.config.settings")
    commands(prog_name="goodword", auto_envvar_prefix="GOODWORD")
