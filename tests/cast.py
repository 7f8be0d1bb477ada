"""The cast: one business, its people and its customers, as every test knows them.

Harbour Lane, Mon–Fri 09:00–17:00 in London. Time stands still at Thursday 19 November 2026,
16:33, until a test moves it with `desk.at(...)`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from goodword.cases.models import Case, CaseLink, Message
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.taking import forget_mailboxes
from goodword.core.time import clock
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member, Role, Schedule, Team

LONDON = ZoneInfo("Europe/London")
HOURS = {
    "zone": "Europe/London",
    "hours": {"mon-fri": [["09:00", "17:00"]]},
    "closed": ["2026-12-25", "2026-12-28"],
}
PASSWORD = "nine plain words"


def london(text: str) -> datetime:
    """“2026-11-19 16:33” as London writes it, as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def member(name: str, role: str, **fields: object) -> Member:
    address = f"{name.split()[0].lower()}@harbourlane.example"
    person = Member(email=address, name=name, role_id=role, **fields)
    person.set_password(PASSWORD)
    person.save()
    return person


@dataclass
class Desk:
    """Everybody, and the few acts that nearly every test begins with."""

    business: Business
    support: Team
    offices: Team
    mailbox: Mailbox
    priya: Member  # agent of IT support, on duty
    dele: Member  # agent of IT support
    ines: Member  # agent of the other team
    marta: Member  # lead of IT support
    jonas: Member  # leader
    olu: Member  # operator
    tom: Member  # trainee of IT support
    luz: Member  # light member of IT support
    ellen: Customer
    daniel: Customer
    internal: Customer
    extra: dict[str, object] = field(default_factory=dict)

    def at(self, text: str) -> datetime:
        """Let it be this time in London."""
        instant = london(text)
        clock.fix(instant)
        return instant

    def later(self, **span: float) -> datetime:
        instant = clock.now() + timedelta(**span)
        clock.fix(instant)
        return instant

    def heard(
        self,
        customer: Customer | None = None,
        text: str = "The server is down again.",
        **kw: object,
    ) -> Case:
        """A new case by mail, with the customer's first message."""
        customer = customer or self.ellen
        title = str(kw.pop("title", text))
        case = Case.open(customer, title=title, by=customer, team=kw.pop("team", self.support))
        case.hear(customer, text, **kw)
        return Case.objects.get(pk=case.pk)

    def answered(self, case: Case | None = None, **kw: object) -> Case:
        """A case that Priya answered, with a callback promised."""
        case = case or self.heard()
        kw.setdefault("then", "promise")
        kw.setdefault(
            "promises", [{"kind": "callback", "text": "I call you", "form": "within:240"}]
        )
        case.reply(by=self.priya, text=str(kw.pop("text", "I am on it.")), **kw)
        return Case.objects.get(pk=case.pk)

    def asked(self, case: Case | None = None) -> Case:
        case = case or self.heard()
        case.reply(by=self.priya, text="It is fixed. Is it settled?", then="ask")
        return Case.objects.get(pk=case.pk)

    def link(self, case: Case, customer: Customer | None = None) -> CaseLink:
        return CaseLink.for_customer(case, customer or case.customer)

    def promise(self, case: Case, kind: str) -> Promise:
        """The newest promise of that kind."""
        return case.promises.filter(kind=kind).order_by("-id")[0]

    def last(self, case: Case) -> Message:
        return case.messages.order_by("-id")[0]


def gather() -> Desk:
    """Put everybody into an empty database."""
    clock.fix(london("2026-11-19 16:33"))
    schedule = Schedule.objects.create(name="Opening hours", content=HOURS)
    business = Business.objects.create(
        name="Harbour Lane",
        prefix="HL",
        mail_address="support@harbourlane.example",
        phone="020 7946 0140",
        schedule=schedule,
    )
    Role.ensure_built_in()
    priya = member("Priya Raman", Role.AGENT)
    dele = member("Dele Adeyemi", Role.AGENT, hue=2)
    ines = member("Ines Costa", Role.AGENT, hue=3)
    marta = member("Marta Nowak", Role.LEAD, hue=4)
    jonas = member("Jonas Weber", Role.LEADER, hue=5)
    olu = member("Olu Bello", Role.OPERATOR, hue=6)
    tom = member("Tom Hale", Role.AGENT, is_trainee=True)
    luz = member("Luz Prieto", Role.LIGHT, hue=2)
    support = Team.objects.create(name="IT support", slug="it-support", duty=priya)
    offices = Team.objects.create(name="Virtual offices", slug="virtual-offices", duty=ines)
    support.members.add(priya, dele, marta, tom, luz)
    offices.members.add(ines, jonas)
    business.home_team = support
    business.save()
    forget_mailboxes()
    mailbox = Mailbox.add(
        by="system", address="support@harbourlane.example", name="Support", team=support
    )
    account = Account.objects.create(name="Whitcombe Consulting", domain="whitcombe.example")
    ellen = customer_of("ellen@whitcombe.example", "Ellen Whitcombe")
    Customer.objects.filter(pk=ellen.pk).update(account=account)
    ellen.refresh_from_db()
    ContactPoint.objects.create(customer=ellen, kind="phone", value="+442079460142")
    daniel = customer_of("daniel@reyes.example", "Daniel Reyes", account_domain="reyes.example")
    internal = customer_of("dele@harbourlane.example", "Dele Adeyemi", is_internal=True)
    return Desk(
        business,
        support,
        offices,
        mailbox,
        priya,
        dele,
        ines,
        marta,
        jonas,
        olu,
        tom,
        luz,
        ellen,
        daniel,
        internal,
    )
