"""How long pages take, by one client and by eight, over HTTP from the desk in its own process."""

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING

from bench.asking import Answers, Client, ask_each, ask_together, signed_in
from bench.figures import Figure, figure, times
from bench.load import AGENT, desk
from bench.serving import served

if TYPE_CHECKING:
    from goodword.cases.models import Case

LONG, DIFFERENT = 200, 40
EIGHT = 8
# Of which the figure of eight clients speaks; “anywhere” is Today, the promises and customers too.
OPENED_MOST = ("inbox", "case", "portal")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100, help="of each page by one client")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    desk(args.cases)
    pages = _pages()
    cookie = signed_in(AGENT)
    with served("web") as running:
        client = Client(running.port, cookie)
        asked = [(name, path) for name in pages for path in _some(pages[name], args.rounds + 1)]
        answers = _clean(ask_each(client, asked))
        for name, taken in answers.taken.items():
            yield from times(f"pages.{name}", taken)
        most = {name: pages[name] for name in OPENED_MOST}
        rest = {name: pages[name] for name in pages if name not in ("long_case", "search")}
        for what, opened in ((f"{EIGHT}_clients", most), (f"{EIGHT}_clients_anywhere", rest)):
            work = [_client(running.port, cookie, opened, n, args.rounds) for n in range(EIGHT)]
            together = _clean(ask_together(work))
            for name, taken in together.taken.items():
                yield from times(f"pages.{name}.{what}", taken)
            yield figure(f"pages.{what}.per_s", together.per_s, "requests/s")


def _pages() -> dict[str, list[str]]:
    """Addresses of each page: of many cases, so that nothing is measured from one warm place."""
    from goodword.cases.models import Case, CaseLink
    from goodword.staff.models import Member

    chance = random.Random(5)
    me = Member.objects.get(email=AGENT)
    team = me.teams.get()
    open_ones = list(Case.objects.filter(team=team, move="ours").order_by("pk")[:400])
    settled = list(Case.objects.filter(team=team, move="settled").order_by("-pk")[:400])
    cases = chance.sample(open_ones, min(len(open_ones), DIFFERENT // 2))
    cases += chance.sample(settled, min(len(settled), DIFFERENT // 2))
    long = open_ones[-1]
    _lengthen(long)
    links = [CaseLink.for_customer(case, case.customer).path for case in cases]
    return {
        "today": ["/today/"],
        "inbox": ["/inbox/"],
        "case": [f"/cases/{case.pk}/" for case in cases],
        "long_case": [f"/cases/{long.pk}/"],
        "customer": [f"/customers/{case.customer_id}/" for case in cases],
        "promises": ["/promises/"],
        "portal": links,
        "search": [f"/search/?q={case.title.split()[-1]}" for case in cases],
    }


def _lengthen(case: "Case") -> None:
    """A case in which LONG messages were said."""
    for n in range(LONG - case.messages.count()):
        case.hear(case.customer, f"Word {n} of a long story about the printer and the invoice.")


def _client(
    port: int, cookie: str, pages: dict[str, list[str]], number: int, rounds: int
) -> Callable[[Answers], None]:
    """The work of one of several: these pages, in an order of its own."""
    chance = random.Random(number)
    order = [
        (name, chance.choice(pages[name]))
        for _ in range(rounds)
        for name in chance.sample(list(pages), 3)
    ]

    def work(answers: Answers) -> None:
        client = Client(port, cookie)
        found = ask_each(client, order, warms_up=False)
        answers.taken, answers.failed = found.taken, found.failed
        client.close()

    return work


def _some(paths: Sequence[str], number: int) -> Iterator[str]:
    return islice(cycle(paths), number)


def _clean(answers: Answers) -> Answers:
    """A page that failed is no figure."""
    if answers.failed:
        raise SystemExit("\n".join(answers.failed[:5]))
    return answers
