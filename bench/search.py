"""How long the server takes over a search, and how fast the index is filled anew."""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench.figures import Figure, figure, times
from bench.load import AGENT, MESSAGES, desk

if TYPE_CHECKING:
    from bench.made_up import World

INDEXED_ANEW = 20_000  # messages; at a million cases the whole would take an hour


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--rounds", type=int, default=40, help="questions of each kind")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    world = desk(args.cases)
    yield figure("search.messages", args.cases * MESSAGES, "messages")
    yield figure("search.index.mb", _size(), "MB")
    ask = _asker()
    for name, question in _questions(world).items():
        asked = [question() for _ in range(args.rounds)]
        ask(asked[0])
        pairs = [_timed(ask, each) for each in asked]
        yield from times(f"search.{name}", [wall for wall, _cpu in pairs])
        yield figure(f"search.{name}.cpu_p50_ms", statistics.median(cpu for _, cpu in pairs), "ms")
    yield figure("search.seen.ms", _seen(), "ms")
    yield figure("search.index.per_s", _indexed_per_s(), "messages/s")


def _questions(world: "World") -> dict[str, Callable[[], str]]:
    from bench.made_up import COMMON
    from goodword.cases.models import Message
    from goodword.finding.models import Code
    from goodword.people.models import Customer

    pick = world.chance.choice
    rare = world.words[-len(world.words) // 3 :]
    codes = list(Code.objects.values_list("code", flat=True)[:2000])
    names = list(Customer.objects.values_list("name", flat=True)[:2000])
    newest = Message.objects.order_by("-pk").values_list("text", flat=True)[:2000]
    texts = [text.split() for text in newest if len(text.split()) > 8]

    def phrase() -> str:
        words = pick(texts)
        at = world.chance.randrange(len(words) - 4)
        return '"' + " ".join(words[at : at + 3]).strip(".") + '"'

    def slip(text: str) -> str:
        at = world.chance.randrange(1, len(text) - 1)
        return text[:at] + text[at + 1 :]

    def dashed(code: str) -> str:
        return f"{code[:2]}-{code[2:7]}-{code[7:]}"

    return {
        "rare": lambda: pick(rare),
        "common": lambda: COMMON,
        "two_words": lambda: f"{pick(world.words[:300])} {pick(world.words[300:3000])}",
        "phrase": phrase,
        "order_number": lambda: dashed(pick(codes)),
        "order_slip": lambda: slip(pick(codes)),
        "prefix": lambda: pick(world.words[100:5000])[:4] + "*",
        "name": lambda: pick(names),
        "typo": lambda: slip(pick(names)),
        "filters": lambda: f"is:ours silent:<9999d customer:{pick(names).split()[1]}",
        "words_and_filters": lambda: f"{pick(world.words[:50])} owner:me is:ours in:note",
        "in_vain": lambda: "qqxyz nothinglikeit",
    }


def _asker() -> Callable[[str], None]:
    """Asks as a member of one of four teams, through the whole of Django but the socket."""
    from django.conf import settings
    from django.test import Client

    from goodword.staff.models import Member

    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"HX-Request": "true"})
    client.force_login(Member.objects.get(email=AGENT))

    def ask(question: str) -> None:
        answer = client.get("/search/", {"q": question})
        assert answer.status_code == 200, answer.status_code

    return ask


def _timed(ask: Callable[[str], None], question: str) -> tuple[float, float]:
    """By the clock, and of the processor: on a machine that others use only the latter is ours."""
    started, worked = time.perf_counter(), time.thread_time()
    ask(question)
    return (time.perf_counter() - started) * 1000, (time.thread_time() - worked) * 1000


def _seen() -> float:
    """From the commit of one message until it is found, by one turn of the worker."""
    from goodword.cases.models import Case
    from goodword.finding.index import index
    from goodword.finding.keeping import turn
    from goodword.finding.looking import match_of
    from goodword.finding.parsing import parse

    case = Case.objects.order_by("-pk")[0]
    case.hear(case.customer, "The word is zanzibarquartz.")
    started = time.perf_counter()
    turn()
    assert index().newest(match_of(parse("zanzibarquartz")), below=None, limit=1)
    return (time.perf_counter() - started) * 1000


def _indexed_per_s() -> float:
    """How fast the worker reads messages for the index, of the newest there are."""
    from goodword.cases.models import Message
    from goodword.finding.keeping import AT_ONCE, read_messages

    newest = list(Message.objects.order_by("-pk").values_list("pk", flat=True)[:INDEXED_ANEW])
    started = time.perf_counter()
    for start in range(0, len(newest), AT_ONCE):
        read_messages(newest[start : start + AT_ONCE])
    return len(newest) / (time.perf_counter() - started)


def _size() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sizes = (
                "pg_total_relation_size('finding_words') + pg_total_relation_size('finding_people')"
            )
            cursor.execute(f"SELECT {sizes}")
        else:
            cursor.execute("SELECT sum(length(block)) FROM finding_words_data")
        return float(cursor.fetchone()[0]) / 1e6
