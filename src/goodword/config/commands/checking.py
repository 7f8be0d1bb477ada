"""check: what is wrong with the configuration, and what to do."""

import click

from goodword.config.beginning import begin, data_folder, quiet, said_plainly, say
from goodword.config.commands.options import data_option


@click.command(epilog="Example: goodword check --offline")
@data_option
@click.option("--offline", is_flag=True, help="Do not try to sign in to mail servers.")
@click.option("--settings", "show_settings", is_flag=True, help="List every setting and its value.")
def check(offline: bool, show_settings: bool) -> None:
    """Say in plain words what is wrong and what to do. Exit code 0 when all is well, else 1."""
    quiet()
    if show_settings:
        _show_settings()
        return
    if not data_folder().is_dir():
        say(f"✗ There is no data folder at {data_folder()}. Run: goodword init")
        raise SystemExit(1)
    begin()
    with said_plainly():
        from goodword.config.checking import findings

        found = list(findings(offline=offline))
    for each in found:
        say(f"{each.sign} {each.sentence}")
    problems = sum(each.is_problem for each in found)
    say(f"\n{problems} to put right" if problems else "\nAll is well")
    if problems:
        raise SystemExit(1)


def _show_settings() -> None:
    from rich.console import Console
    from rich.table import Table

    from goodword.config.options import OPTIONS

    table = Table("Setting", "Now", "Default", "What it is", box=None, pad_edge=False)
    for option in OPTIONS:
        with said_plainly():
            value = option.value()
        secret = any(word in option.name for word in ("SECRET", "PASSWORD", "DATABASE_URL"))
        shown = "(set)" if secret and value else str(value)
        table.add_row(option.name, shown, option.default, option.help)
    Console(soft_wrap=False).print(table)
