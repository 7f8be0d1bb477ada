"""Founding a desk: the business, its hours, first people, team and mailboxes. Safe to run again."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from goodword import clock
from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.passwords import keep_password
from goodword.channels.mail.taking import forget_mailboxes
from goodword.config.beginning import Trouble
from goodword.finding.models import default_views
from goodword.journal.recording import record
from goodword.staff.joining import add_member, add_team
from goodword.staff.models import Business, Member, Schedule, Team

_INTERVAL = re.compile(r"\d{1,2}:\d\d-\d{1,2}:\d\d")
_PERSON = re.compile(r"\s*(?P<name>[^<>]+?)\s*<(?P<email>[^<>\s]+)>\s*(?P<role>[a-z]*)\s*")


@dataclass
class Person:
    name: str
    email: str
    role: str
    password: str = field(default="", repr=False)


@dataclass
class Plan:
    """What `init` was told."""

    name: str
    address: str
    zone: str
    hours: str
    holidays: str = ""
    prefix: str = ""
    phone: str = ""
    language: str = "en-gb"
    team: str = "Support"
    people: list[Person] = field(default_factory=list)
    duty: str = ""
    mailbox: dict[str, Any] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict, repr=False)


def read_hours(text: str) -> dict[str, list[list[str]]]:
    """“mon-fri 09:00-12:30 13:30-17:00, sat 10:00-13:00” as a schedule's hours. Raises Trouble."""
    hours: dict[str, list[list[str]]] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;,]\s*(?=[a-z])", text))):
        days, *intervals = part.lower().split()
        if not intervals or not all(map(_INTERVAL.fullmatch, intervals)):
            raise Trouble(f"“{part}” is no opening time; write it like mon-fri 09:00-17:00.")
        hours[days] = [interval.split("-") for interval in intervals]
    return hours


def read_schedule(zone: str, hours: str, holidays: str = "") -> dict[str, Any]:
    """The content of a Schedule that the clock can reckon with. Raises Trouble."""
    content: dict[str, Any] = {"zone": zone.strip(), "hours": read_hours(hours)}
    if holidays:
        content["holidays"] = holidays
    try:
        clock.Schedule.from_data(content)
    except clock.ScheduleError as error:
        raise Trouble(str(error)) from error
    return content


def read_person(text: str, role: str = "leader") -> Person:
    """“Ada Bell <ada@example.com> lead” as a person. Raises Trouble."""
    found = _PERSON.fullmatch(text)
    if found is None:
        raise Trouble(f"“{text}” is no member; write: Ada Bell <ada@example.com> lead")
    return Person(found["name"], found["email"].lower(), found["role"] or role)


def require_answerable(address: str) -> None:
    """Raises Trouble for an address whose answers nobody would read (R09)."""
    if is_no_reply(address):
        raise Trouble(str(NoReplyAddress(address)))


@transaction.atomic
def found(plan: Plan) -> list[str]:
    """Make what is not there yet; one line for each thing, made or found."""
    require_answerable(plan.address)
    said = [_business(plan)]
    people = [_member(person, said) for person in plan.people]
    team = _team(plan, people, said)
    _mailbox(plan, team, said)
    if n := default_views():
        said.append(f"Views to begin with: {n}")
    return said


def _business(plan: Plan) -> str:
    business = Business.objects.first()
    if business is not None:
        return f"The business is here already: {business.name}"
    content = read_schedule(plan.zone, plan.hours, plan.holidays)
    schedule = Schedule.objects.create(name="Opening hours", content=content)
    Business.objects.create(
        name=plan.name,
        prefix=(plan.prefix or prefix_of(plan.name)).upper()[:6],
        mail_address=plan.address,
        phone=plan.phone,
        language=plan.language,
        schedule=schedule,
    )
    record(None, "business_set_up", by="system", facts={"schedule": schedule.pk})
    return f"The business: {plan.name}, {plan.hours}, {plan.zone}"


def prefix_of(name: str) -> str:
    """The letters before a case's number: the initials of the business."""
    letters = "".join(word[0] for word in re.findall(r"[^\W\d_]+", name))
    return letters[:4].upper() if len(letters) > 1 else (name[:2].upper() or "GW")


def _member(person: Person, said: list[str]) -> Member:
    known = Member.objects.filter(email__iexact=person.email).first()
    if known is not None:
        said.append(f"The member is here already: {known.name} <{known.email}>")
        return known
    member = add_member(person.name, person.email, person.role, person.password, by="system")
    said.append(f"A member: {member.name} <{member.email}>, {member.role_id}")
    return member


def _team(plan: Plan, people: list[Member], said: list[str]) -> Team:
    duty = _on_duty(plan, people)
    team = Team.objects.filter(name__iexact=plan.team).first()
    if team is not None:
        said.append(f"The team is here already: {team.name}, {team.duty.name} on duty")
    else:
        team = add_team(plan.team, duty, by="system")
        said.append(f"A team: {team.name}, {duty.name} on duty")
    team.members.add(*people)
    Business.objects.filter(home_team=None).update(home_team=team)
    return team


def _on_duty(plan: Plan, people: list[Member]) -> Member:
    if plan.duty:
        wanted = Member.objects.active().filter(email__iexact=plan.duty).first()
        if wanted is None:
            raise Trouble(f"Nobody here has the address {plan.duty}; name a member with --duty.")
        return wanted
    first = people[0] if people else Member.objects.active().order_by("pk").first()
    if first is None:
        raise Trouble("Somebody has to answer: name a first member with --member.")
    return first


def _mailbox(plan: Plan, team: Team, said: list[str]) -> None:
    known = Mailbox.objects.filter(address__iexact=plan.address).first()
    if known is not None:
        said.append(f"The mailbox is here already: {known.address}")
        return
    add_mailbox(plan.address, plan.name, team, plan.mailbox, plan.passwords)
    ways = [f"IMAP {plan.mailbox['imap_host']}"] if plan.mailbox.get("imap_host") else []
    said.append(f"A mailbox: {plan.address}" + "".join(f", {way}" for way in ways))


def add_mailbox(
    address: str, name: str, team: Team, details: dict[str, Any], passwords: dict[str, str]
) -> Mailbox:
    """A new mailbox; its passwords are kept under the installation's key."""
    require_answerable(address)
    box = Mailbox.add(by="system", address=address, name=name, team=team, **details)
    for use, password in passwords.items():
        if password:
            keep_password(box, use, password, by="system")
    forget_mailboxes()
    return box
