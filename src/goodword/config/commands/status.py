"""status: how the desk stands, in one look."""

import json
from datetime import timedelta

import click

from goodword.config.beginning import begin, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.command(epilog="Example: goodword status --json")
@data_option
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def status(as_json: bool) -> None:
    """Say how the desk stands: what waits, what is owed, how far it lags, the last backup."""
    quiet()
    begin()
    with said_plainly():
        from django.utils.translation import gettext

        from goodword.config.standing import figures
        from goodword.core.templatetags.goodword import span

        found = list(figures())
    if as_json:
        click.echo(json.dumps({each.name: each.value for each in found}, indent=1))
        return
    for each in found:
        if each.name.endswith("_seconds"):
            shown = span(timedelta(seconds=each.value)) if each.value >= 1 else "0"
        elif each.name.endswith("_bytes"):
            shown = f"{each.value / 1e9:.1f} GB"
        else:
            shown = f"{each.value:.0f}"
        say(f"{shown:>12}  {gettext(each.about)}")
