"""member and team: who answers, and who is on duty."""

import secrets as chance
from collections.abc import Sequence
from typing import Any

import click

from goodword.config.beginning import Trouble, begin_ready, quiet, said_plainly, say
from goodword.config.commands.options import data_option
from goodword.config.commands.setting_up import ask_password


@click.group(epilog='Example: goodword member add "Ada Bell" ada@example.com --team Support')
def member() -> None:
    """Add people, end their access, give new passwords."""


@click.group(epilog="Example: goodword team duty Support ada@example.com")
def team() -> None:
    """Add teams, and say who is on duty in them."""


@member.command("add", epilog='Example: goodword member add "Ada Bell" ada@example.com --role lead')
@data_option
@click.argument("name")
@click.argument("email")
@click.option("--role", default="agent", show_default=True, help="agent, lead, leader, …")
@click.option("--team", "teams", multiple=True, help="A team they belong to; may be repeated.")
@click.option("--trainee", is_flag=True, help="They are learning.")
@click.option("--password", help="Better in GOODWORD_MEMBER_ADD_PASSWORD.  [default: made up]")
def member_add(
    name: str, email: str, role: str, teams: tuple[str, ...], trainee: bool, password: str | None
) -> None:
    """Add a member, who can sign in at once."""
    with _desk():
        from goodword.staff.joining import add_member

        found = [_team(each) for each in teams]
        chosen = password or chance.token_urlsafe(12)
        person = add_member(name, email, role, chosen, by="system", teams=found, is_trainee=trainee)
    say(f"{person.name} <{person.email}> is {_with_article(role)} now")
    if not password:
        say(f"Password: {chosen}")


@member.command(
    "invite", epilog='Example: goodword member invite "Ada Bell" ada@example.com --team Support'
)
@data_option
@click.argument("name")
@click.argument("email")
@click.option("--role", default="agent", show_default=True, help="agent, lead, leader, …")
@click.option("--team", "teams", multiple=True, help="A team they belong to; may be repeated.")
def member_invite(name: str, email: str, role: str, teams: tuple[str, ...]) -> None:
    """Send somebody a link by mail to come in: good once, for seven days."""
    with _desk():
        from goodword.staff.inviting import invite

        key = invite(name, email, role, by="system", teams=[_team(each) for each in teams])
    say(f"An invitation goes out to {email}, and comes in by this link too:\n{key.url}")


@member.command("reset", epilog="Example: goodword member reset ada@example.com")
@data_option
@click.argument("email")
@click.option("--factors", is_flag=True, help="Take their passkeys, app and codes away as well.")
def member_reset(email: str, factors: bool) -> None:
    """Send somebody a link by mail to a new password: good once, for a day."""
    with _desk():
        from goodword.staff.factors import take_all_away
        from goodword.staff.inviting import invite_again, reset

        person = _member(email)
        if person.joined_at is None:
            key = invite_again(person, by="system")
        else:
            key = reset(person, by="system")
        gone = take_all_away(person, by="system") if factors else 0
    say(f"A link goes out to {person.email}, and works from here too:\n{key.url}")
    if gone:
        say(f"{person.name} comes in without a second factor now")


@member.command("list", epilog="Example: goodword member list")
@data_option
def member_list() -> None:
    """List everybody, with role, teams and whether they may sign in."""
    with _desk():
        from goodword.staff.models import Member

        rows = [
            (
                person.name,
                person.email,
                str(person.role_id),
                ", ".join(team.name for team in person.teams.all()),
                _standing(person),
            )
            for person in Member.objects.get_queryset().order_by("name").prefetch_related("teams")
        ]
    _table(("Name", "Mail", "Role", "Teams", ""), rows)


@member.command("revoke", epilog="Example: goodword member revoke ada@example.com")
@data_option
@click.argument("email")
def member_revoke(email: str) -> None:
    """End somebody's access at once; their cases and promises fall to the lead."""
    with _desk():
        from goodword.cases.leaving import revoke

        person = _member(email)
        taken = revoke(person, by="system")
        active = person.is_active
    say(f"{person.name} can no longer sign in" if not active else f"{person.name} still can")
    for each in taken:
        say(
            f"{each.member.name} has {each.cases} cases and {each.promises} promises of theirs"
            + (f", and the duty of {each.teams} teams" if each.teams else "")
        )


@member.command("restore", epilog="Example: goodword member restore ada@example.com")
@data_option
@click.argument("email")
def member_restore(email: str) -> None:
    """Let somebody in again; what fell to others stays with them."""
    with _desk():
        from goodword.cases.leaving import restore

        person = _member(email)
        restore(person, by="system")
    say(f"{person.name} can sign in")


@member.command("password", epilog="Example: goodword member password ada@example.com")
@data_option
@click.argument("email")
@click.option("--password", help="Better in GOODWORD_MEMBER_PASSWORD_PASSWORD.  [default: asked]")
def member_password(email: str, password: str | None) -> None:
    """Give somebody a new password; they are signed out everywhere."""
    with _desk():
        from goodword.staff.joining import set_password

        person = _member(email)
        set_password(person, password or ask_password(person.name), by="system")
    say(f"{person.name} has a new password")


@team.command("add", epilog='Example: goodword team add "Billing" --duty ada@example.com')
@data_option
@click.argument("name")
@click.option("--duty", required=True, help="Mail address of who answers until a case is taken.")
@click.option("--member", "members", multiple=True, help="Mail address of another member.")
def team_add(name: str, duty: str, members: tuple[str, ...]) -> None:
    """Add a team."""
    with _desk():
        from goodword.staff.joining import add_team

        others = [_member(each) for each in members]
        new = add_team(name, _member(duty), by="system")
        new.members.add(*others)
    say(f"The team {new.name}: {new.duty.name} is on duty")


@team.command("list", epilog="Example: goodword team list")
@data_option
def team_list() -> None:
    """List the teams, who is on duty, and who belongs to them."""
    with _desk():
        from goodword.staff.models import Team

        rows = [
            (each.name, each.duty.name, ", ".join(person.name for person in each.members.all()))
            for each in Team.objects.select_related("duty")
        ]
    _table(("Team", "On duty", "Members"), rows)


@team.command("duty", epilog="Example: goodword team duty Support ada@example.com")
@data_option
@click.argument("name")
@click.argument("email")
def team_duty(name: str, email: str) -> None:
    """Say who answers for the cases of a team that nobody has taken."""
    with _desk():
        from goodword.cases.duty import put_on_duty

        where, person = _team(name), _member(email)
        passed = put_on_duty(where, person, by="system")
        where.members.add(person)
    say(f"{person.name} is on duty in {where.name}; {passed} cases that nobody took are theirs now")


class _desk:
    """Django on the data folder, and every refusal as one sentence."""

    def __enter__(self) -> None:
        quiet()
        begin_ready()
        self._plainly = said_plainly()
        self._plainly.__enter__()

    def __exit__(self, *error: Any) -> bool | None:
        return self._plainly.__exit__(*error)


def _member(email: str) -> Any:
    from goodword.staff.models import Member

    person = Member.objects.filter(email__iexact=email).first()
    if person is None:
        raise Trouble(f"No member has the address {email}. See: goodword member list")
    return person


def _team(name: str) -> Any:
    from django.db.models import Q

    from goodword.staff.models import Team

    found = Team.objects.filter(Q(name__iexact=name) | Q(slug=name)).first()
    if found is None:
        raise Trouble(f"There is no team “{name}”. See: goodword team list")
    return found


def _standing(person: Any) -> str:
    if person.joined_at is None:
        return "invited"
    return "" if person.is_active else "revoked"


def _with_article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(line[n]) for line in (heads, *rows)) for n in range(len(heads))]
    for line in (heads, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
