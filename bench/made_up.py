"""Made-up customers, cases and messages in any number, always the same for the same seed."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

_NAMES = (
    "Ellen Daniel Hannah Marsha Priya Dele Ines Jonas Olu Tom Ada Grace Alan Noor Mila Emil Luca "
    "Sofia Peter Karin Jürgen Zoë Chloé Björn Aoife Siobhan Mateo Lucía Wei Yuki Amara Kofi Fatima"
)
_ENDS = "son mann berg field worth ley ton ham well smith ford stein baum quist ez ini ova"
_SOUNDS = (
    "ba be bi bo bu da de di do fa fe ga go ha he ka ke ki la le li lo ma me mi mo na ne no pa "
    "pe po ra re ri ro sa se si so ta te ti to va ve wa we za"
)
GIVEN, ENDS, SOUNDS = _NAMES.split(), _ENDS.split(), _SOUNDS.split()
COMMON, RARE_EVERY = "please", 10_000
DAYS = 700


class World:
    """Words as a language has them: few that stand everywhere, many that hardly do."""

    def __init__(self, seed: int = 7, vocabulary: int = 30_000) -> None:
        self.chance = random.Random(seed)
        made: dict[str, None] = {COMMON: None, "the": None, "printer": None, "invoice": None}
        while len(made) < vocabulary:
            made["".join(self.chance.choices(SOUNDS, k=self.chance.randint(2, 5)))] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / (place + 2) for place in range(vocabulary)))

    def text(self) -> str:
        length = min(max(int(self.chance.lognormvariate(3.7, 0.8)), 4), 600)
        words = self.chance.choices(self.words, cum_weights=self._weights, k=length)
        if self.chance.random() < 0.15:
            words.insert(len(words) // 2, self.order())
        return " ".join(words).capitalize() + "."

    def order(self) -> str:
        return f"AB-{self.chance.randint(10_000, 99_999)}-{self.chance.randint(10, 99)}"

    def name(self) -> str:
        root = "".join(self.chance.choices(SOUNDS, k=self.chance.randint(1, 3))).capitalize()
        return f"{self.chance.choice(GIVEN)} {root}{self.chance.choice(ENDS)}"


def fill(messages: int, seed: int = 7) -> World:
    """So many messages in a quarter as many cases of four teams, in bulk; and who asks."""
    from goodword.core.time import now
    from goodword.staff.models import Business, Member, Role, Schedule, Team

    world = World(seed)
    hours = {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "17:00"]]}}
    schedule = Schedule.objects.create(name="Opening hours", content=hours)
    Business.objects.create(name="Made up", prefix="MU", schedule=schedule)
    agent = Member.objects.create(email="agent@made.example", name="Ada Agent", role_id=Role.AGENT)
    Member.objects.create(email="leader@made.example", name="Lee Leader", role_id=Role.LEADER)
    teams = [Team.objects.create(name=f"Team {n}", slug=f"team-{n}", duty=agent) for n in range(4)]
    teams[0].members.add(agent)
    Business.objects.update(home_team=teams[0])
    _people(world, max(messages // 10, 10))
    begin = now() - timedelta(days=DAYS)
    for start in range(0, messages, 20_000):
        _cases(world, start, min(20_000, messages - start), messages, begin, teams, agent)
    return world


def _people(world: World, number: int) -> None:
    from goodword.people.models import Account, ContactPoint, Customer

    accounts = Account.objects.bulk_create(
        Account(name=f"{world.name().split()[1]} {n} Ltd", domain=f"firm{n}.example")
        for n in range(max(number // 10, 2))
    )
    customers = Customer.objects.bulk_create(
        (Customer(name=world.name(), account=world.chance.choice(accounts)) for _ in range(number)),
        batch_size=5000,
    )
    ContactPoint.objects.bulk_create(
        (
            ContactPoint(customer=each, kind="mail", value=f"c{n}@{each.account.domain}")  # type: ignore[union-attr]
            for n, each in enumerate(customers)
        ),
        batch_size=5000,
    )


def _cases(world, start, number, whole, begin, teams, agent) -> None:  # type: ignore[no-untyped-def]
    from goodword.cases.models import Case, Message, Participant
    from goodword.people.models import Customer

    customers = list(Customer.objects.values_list("pk", "account_id"))
    step = timedelta(days=DAYS) / whole
    rows, people = [], []
    for place in range(start, start + number, 4):
        customer, account = world.chance.choice(customers)
        at = begin + step * place
        team = teams[place // 4 % 4]
        is_old = place < whole * 0.97
        pk = place // 4 + 1
        rows.append(
            Case(id=pk, reference=f"MU-{pk}", title=" ".join(world.text().split()[:7]),
                 customer_id=customer, account_id=account, team=team, owner=agent,
                 taken_at=at if is_old else None, opened_at=at, last_at=at + 3 * step,
                 state="settled" if is_old else "in_progress",
                 move="settled" if is_old else "ours", is_unread=False, last_said="Thanks.")
        )  # fmt: skip
        people.append(Participant(case_id=pk, customer_id=customer, role="customer"))
    Case.objects.bulk_create(rows, batch_size=2000)
    Participant.objects.bulk_create(people, batch_size=5000)
    Message.objects.bulk_create(_messages(world, rows, agent, step), batch_size=1000)


def _messages(world, cases, agent, step) -> Iterator[object]:  # type: ignore[no-untyped-def]
    from goodword.cases.models import Message

    for case in cases:
        for turn, direction in enumerate(("in", "out", "in", "note")):
            is_theirs = direction == "in"
            yield Message(
                case=case, direction=direction, at=case.opened_at + step * turn, text=world.text(),
                customer_id=case.customer_id if is_theirs else None,
                member=None if is_theirs else agent, subject=case.title,
            )  # fmt: skip
