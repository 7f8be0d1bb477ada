"""mailbox: the addresses of ours, where their mail comes from and how answers leave."""

from typing import Any

import click

from goodword.config.beginning import begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option
from goodword.config.commands.setting_up import mailbox_fields
from goodword.config.commands.staffing import _table, _team

_SECURITY = click.Choice(["tls", "starttls", "none"])


@click.group(epilog="Example: goodword mailbox add billing@example.com --team Billing")
def mailbox() -> None:
    """Add and list the addresses that customers write to."""


@mailbox.command(
    "add",
    epilog="Example: goodword mailbox add billing@example.com --team Billing "
    "--imap imap.example.com --smtp smtp.example.com:587",
)
@data_option
@click.argument("address")
@click.option("--name", help="Name of the mailbox.  [default: the team's]")
@click.option("--team", required=True, help="The team that answers.")
@click.option("--imap", help="Server that the mail is fetched from, as imap.example.com:993.")
@click.option("--imap-user", help="User name there.  [default: the address]")
@click.option("--imap-security", type=_SECURITY, default="tls", show_default=True)
@click.option("--imap-password", help="Better in GOODWORD_MAILBOX_ADD_IMAP_PASSWORD.")
@click.option("--imap-from", default="now", show_default=True, help="now, all, or a date.")
@click.option("--smtp", help="Server that mail leaves by, as smtp.example.com:587.")
@click.option("--smtp-user", help="User name there.  [default: the address]")
@click.option("--smtp-security", type=_SECURITY, default="starttls", show_default=True)
@click.option("--smtp-password", help="Better in GOODWORD_MAILBOX_ADD_SMTP_PASSWORD.")
def mailbox_add(address: str, name: str | None, team: str, **given: Any) -> None:
    """Add an address. Passwords are kept under the installation's key."""
    quiet()
    begin_ready()
    with said_plainly():
        from goodword.channels.mail.models import Mailbox
        from goodword.config.founding import add_mailbox

        address = address.lower()
        if Mailbox.objects.filter(address__iexact=address).exists():
            say(f"The mailbox is here already: {address}")
            return
        where = _team(team)
        fields = mailbox_fields({**given, "address": address})
        passwords = {use: given[f"{use}_password"] or "" for use in ("imap", "smtp")}
        add_mailbox(address, name or where.name, where, fields, passwords)
    say(f"Mail to {address} goes to {where.name} now; a running desk notices within ten seconds")


@mailbox.command("list", epilog="Example: goodword mailbox list")
@data_option
def mailbox_list() -> None:
    """List the addresses, and whether each can be read and sent from."""
    quiet()
    begin_ready()
    from goodword.channels.mail.models import Mailbox

    rows = [
        (
            box.address,
            box.team.name,
            f"{box.imap_host}:{box.imap_port}" if box.imap_host else "SMTP listener",
            f"{box.smtp_host}:{box.smtp_port}" if box.smtp_host else "this machine",
            box.trouble or box.sending_trouble or ("" if box.is_active else "switched off"),
        )
        for box in Mailbox.objects.select_related("team")
    ]
    _table(("Address", "Team", "Comes in by", "Goes out by", ""), rows)
