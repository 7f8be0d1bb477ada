"""Harbour Lane, IT support and virtual offices for small firms: who works there, and for whom."""

from datetime import date
from typing import NamedTuple

from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.taking import forget_mailboxes
from goodword.config.demo.stage import Stage
from goodword.finding.models import default_views
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer
from goodword.staff.joining import add_member, add_team
from goodword.staff.models import Business, Role, Schedule, Team

PASSWORD = "every word is kept"  # noqa: S105 - everybody may read it, that is what it is for
DOMAIN = "harbourlane.example"
HOURS = {
    "zone": "Europe/London",
    "hours": {"mon-fri": [["09:00", "17:00"]]},
    "holidays": "GB-ENG",
}
PHONE = "020 7946 0140"


class Known(NamedTuple):
    """A customer, as Harbour Lane knew them before the stories begin."""

    key: str
    name: str
    mail: str
    account: str
    since: str
    phone: str = ""
    about: str = ""


MEMBERS = (
    ("priya", "Priya Raman", Role.AGENT),
    ("tom", "Tom Hale", Role.AGENT),
    ("dele", "Dele Akande", Role.AGENT),
    ("ines", "Ines Duarte", Role.AGENT),
    ("farah", "Farah Aziz", Role.AGENT),
    ("marta", "Marta Nowak", Role.LEAD),
    ("jonas", "Jonas Lindqvist", Role.LEADER),
    ("olu", "Olu Bello", Role.OPERATOR),
)
TEAMS = (
    ("support", "IT support", "priya", ("tom", "dele", "marta"), 264),
    ("offices", "Virtual offices", "ines", ("priya", "marta", "jonas"), 160),
    ("billing", "Billing", "ines", ("farah", "priya", "marta"), 60),
)
CUSTOMERS = (
    Known("ellen", "Ellen Whitcombe", "ellen@whitcombe.example", "Whitcombe Consulting",
          "2020-05-11", "020 7946 0142", "Facilitates workshops. Works on the road."),
    Known("daniel", "Daniel Reyes", "daniel@reyes.example", "Reyes Translations",
          "2026-09-14", "020 7946 0151"),
    Known("ruth", "Ruth Calloway", "ruth@ferndale.example", "Ferndale Medical Practice",
          "2022-03-01", "020 7946 0177", "Practice manager, decides."),
    Known("ben", "Ben Trask", "ben@ferndale.example", "Ferndale Medical Practice",
          "2022-03-01", "", "Reception. Knows where everything is."),
    Known("grace", "Grace Okafor", "grace@okafor-legal.example", "Okafor Legal", "2023-02-06",
          "020 7946 0163"),
    Known("sam", "Sam Petrie", "sam@petriejoinery.example", "Petrie Joinery", "2021-08-23",
          "07700 900461"),
    Known("mei", "Mei Tanaka", "mei@tanakadental.example", "Tanaka Dental", "2019-11-04",
          "020 7946 0118"),
    Known("yusuf", "Yusuf Demir", "yusuf@demirbakery.example", "Demir Bakery", "2024-01-15",
          "07700 900318"),
    Known("leyla", "Leyla Demir", "leyla@demirbakery.example", "Demir Bakery", "2024-01-15"),
    Known("siobhan", "Siobhan Kelly", "siobhan@kellyanddaughters.example", "Kelly & Daughters",
          "2018-06-18", "020 7946 0129"),
    Known("hannah", "Hannah Brandt", "hannah@brandt-architects.example", "Brandt Architects",
          "2025-03-03"),
    Known("luca", "Luca Bianchi", "luca@bianchi-opticians.example", "Bianchi Opticians",
          "2017-10-09", "020 7946 0135"),
    Known("peter", "Peter Lindgren", "peter@lindgren-surveying.example", "Lindgren Surveying",
          "2025-07-21", "07700 900207"),
    Known("aisha", "Aisha Khan", "aisha@khan-partners.example", "Khan & Partners", "2023-09-04"),
    Known("owen", "Owen Price", "owen@pricepottery.example", "Price Pottery", "2025-11-24"),
    Known("harriet", "Harriet Moss", "harriet@mossandvine.example", "Moss & Vine", "2024-06-10",
          "07700 900712"),
    Known("aiko", "Aiko Mori", "aiko@moripaper.example", "Mori Paper", "2022-10-17"),
    Known("clara", "Clara Holm", "clara@holmdesign.example", "Holm Design", "2026-02-02"),
    Known("print", "Harrow Print", "scanner@harrowprint.example", "Harrow Print", "2021-01-11"),
    Known("pitch", "Growth Guru", "hello@growth-guru.example", "Growth Guru", "2026-11-16"),
)  # fmt: skip


def gather() -> Stage:
    """Put everybody into an empty database."""
    stage = Stage()
    _business(stage)
    _teams(stage)
    for known in CUSTOMERS:
        stage.customers[known.key] = _customer(known)
    return stage


def _business(stage: Stage) -> None:
    schedule = Schedule.objects.create(name="Opening hours", content=HOURS)
    Business.objects.create(
        name="Harbour Lane",
        prefix="HL",
        mail_address=f"support@{DOMAIN}",
        phone=PHONE,
        postal_address="12 Harbour Lane, London E1W 2AB",
        schedule=schedule,
    )
    for key, name, role in MEMBERS:
        member = add_member(
            name, f"{key}@{DOMAIN}", role, PASSWORD, by="system", is_trainee=key == "tom"
        )
        setattr(stage, key, member)


def _teams(stage: Stage) -> None:
    for key, name, duty, others, hue in TEAMS:
        team = add_team(name, getattr(stage, duty), by="system")
        team.members.add(*(getattr(stage, other) for other in others))
        Team.objects.filter(pk=team.pk).update(hue=hue)
        address = f"{key}@{DOMAIN}"
        setattr(stage, key, Mailbox.add(by="system", address=address, name=name, team=team))
    Business.objects.update(home_team=stage.support.team)
    default_views()
    forget_mailboxes()


def _customer(known: Known) -> Customer:
    domain = known.mail.rpartition("@")[2]
    customer = customer_of(known.mail, known.name, account_domain=domain)
    since = date.fromisoformat(known.since)
    Account.objects.filter(domain=domain).update(name=known.account, since=since)
    Customer.objects.filter(pk=customer.pk).update(since=since, about=known.about)
    if known.phone:
        ContactPoint.objects.create(customer=customer, kind="phone", value=known.phone)
    return Customer.objects.select_related("account").get(pk=customer.pk)
