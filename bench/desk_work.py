"""What members do all day: they look, and every tenth time they write, in the forms of the page."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser as Page

from bench.arrivals import Answer
from bench.asking import Client, signed_in
from bench.load import AGENT, AGENTS

Form = dict[str, str]
READ, WRITE = "read", "write"
# How often, of a hundred.
PAGES = {"case": 45, "inbox": 25, "today": 8, "customer": 8, "promises": 6, "search": 8}
WRITTEN = {"reply": 40, "note": 30, "take": 15, "tag": 15}
_CASE = re.compile(rb'href="/cases/(\d+)/"')
SAID = "Thank you, I have looked at it. The second box left on Tuesday and is with the carrier now."


@dataclass(frozen=True)
class Place:
    """A case that this member works on, and words to look for."""

    case: int
    customer: int
    word: str


class Agent:
    """One member at one connection. Nobody else writes on these cases.

    Who `keeps_up` opens what the inbox shows, so that what comes in is answered: of the cases of
    a team so many agents have a share each, and `share` is how many, and the which.
    """

    def __init__(
        self,
        port: int,
        cookie: str,
        places: Sequence[Place],
        seed: int,
        share: tuple[int, int] | None = None,
    ) -> None:
        self._client, self._places = Client(port, cookie), places
        self._share = share
        self._waiting: list[int] = []  # what the inbox showed of this agent's share, last first
        self._chance = random.Random(seed)
        self._forms: dict[str, Form] = {}
        self._case = 0
        self._owes = False

    def begin(self) -> None:
        """Open a case, so that there is something to write in. SystemExit where that fails."""
        name, status, _when = self._look("case")
        if status != 200:
            raise SystemExit(f"{name} answers {status}.")

    def work(self, kind: str) -> Answer:
        """Look or write; who has no form before them opens a case first, and writes next time."""
        if kind == WRITE and not self._forms:
            self._owes = True
            return self._look("case")
        if kind == WRITE or (self._owes and self._forms):
            self._owes = self._owes and kind == WRITE
            return self._write()
        return self._look(self._of(PAGES))

    def look(self, _kind: str) -> Answer:
        return self._look(self._of(PAGES))

    def _of(self, shares: dict[str, int]) -> str:
        return self._chance.choices(list(shares), list(shares.values()))[0]

    def _look(self, name: str) -> Answer:
        place = self._chance.choice(self._places)
        case = self._waiting.pop() if name == "case" and self._waiting else place.case
        path = {"case": f"/cases/{case}/", "customer": f"/customers/{place.customer}/",
                "search": f"/search/?q={place.word}"}.get(name, f"/{name}/")  # fmt: skip
        status, page = self._client.ask(path)
        if name == "case" and status == 200:
            self._case, self._forms = case, forms_of(page, case)
        if name == "inbox" and status == 200 and self._share is not None:
            peers, which = self._share
            theirs = [each for each in cases_of(page) if each % peers == which]
            self._waiting = theirs[::-1]
        return name, status, "Retry-After" in self._client.headers

    def _write(self) -> Answer:
        name = self._of({each: WRITTEN[each] for each in self._forms})
        form = {**self._forms[name], **_typed(name, self._chance)}
        self._forms = {}
        status, _page = self._client.ask(f"/cases/{self._case}/{name}", urlencode(form))
        # Whoever is refused gets the page back, with the reason.
        return name, 409 if status == 200 else status, "Retry-After" in self._client.headers

    def close(self) -> None:
        self._client.close()


def cases_of(page: bytes) -> list[int]:
    """The cases that a list shows, in its order, each once."""
    return [int(each) for each in dict.fromkeys(_CASE.findall(page))]


def forms_of(page: bytes, case: int) -> dict[str, Form]:
    """What each form of a case hides, by the act that it is for; those that the page has."""
    tree = Page(page)
    found: dict[str, Form] = {}
    for name, selector in {
        "reply": "form#composer",
        "note": "form#composer",
        "take": f'form[action="/cases/{case}/take"]',
        "tag": f'form[action="/cases/{case}/tag"]',
    }.items():
        form = tree.css_first(selector)
        if form is not None:
            hidden = [each.attributes for each in form.css("input[type=hidden]")]
            found[name] = {str(each["name"]): each.get("value") or "" for each in hidden}
    if "note" in found:
        found["note"]["mode"] = "note"
    return found


def _typed(name: str, chance: random.Random) -> Form:
    words = f"{SAID} Number {chance.randrange(10**9)}."
    return {
        "reply": {"text": words, "then": "ask", "reason": "It was tried"},
        "note": {"text": words},
        "take": {},
        "tag": {"name": chance.choice(("carrier", "invoice", "printer", "return"))},
    }[name]


def agents(port: int, number: int, seed: int = 1, *, keep_up: bool = False) -> list[Agent]:
    """So many connections of the members of the desk, each with open cases of its team.

    Where they `keep_up`, what comes in is what they work on.
    """
    from goodword.cases.models import Case
    from goodword.staff.models import Member

    emails = [AGENT, *(f"agent{n}@made.example" for n in range(1, AGENTS))]
    cookies = [signed_in(email) for email in emails[:number]]
    teams = dict(Member.objects.values_list("email", "teams"))
    open_ones: dict[int, list[Place]] = {}
    rows = Case.objects.filter(ended_at=None).order_by("-pk")
    for pk, team, customer, title in rows.values_list("pk", "team", "customer", "title")[:20_000]:
        open_ones.setdefault(team, []).append(Place(pk, customer, title.split()[-1]))
    found = []
    for n in range(number):
        theirs = open_ones[teams[emails[n % AGENTS]]]
        share = max(-(-number // len(open_ones)), 1)
        which = n // len(open_ones)
        mine = [each for each in theirs if each.case % share == which] or theirs
        part = (share, which) if keep_up else None
        found.append(Agent(port, cookies[n % AGENTS], mine, seed + n, part))
    return found
