"""reindex: read everything that can be found anew."""

import click

from goodword.config.beginning import begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.command(epilog="Example: goodword reindex")
@data_option
@click.option("--anew", is_flag=True, help="Begin again where an earlier run was stopped half way.")
def reindex(anew: bool) -> None:
    """Make the index of the search anew, the newest first.

    Safe while the desk is served, and searching goes on meanwhile. Stopped with Ctrl C, it goes
    on from there the next time, or with the next goodword serve.
    """
    quiet()
    begin_ready()
    with said_plainly():
        from goodword.config.indexing import fill_with_progress

        say(fill_with_progress(anew=anew))
