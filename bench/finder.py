"""How long promises in words are looked for: drafts as they are typed, in time of the processor."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from time import thread_time

from bench.clock import LONDON
from bench.figures import Figure, figure

NEEDS_DATABASE = False

AT = datetime(2026, 11, 19, 16, 33, tzinfo=UTC)
LENGTHS = (200, 2_000, 10_000)
# What agents write: promises, times that are none, and sentences without either.
DRAFTS = {
    "en": """Thank you for the photograph, that helps a great deal. I have looked at the order and
the second box left our warehouse on Tuesday. I will call you tomorrow before noon and tell you
what the carrier said. If the box is not found we send another one within two business days. The
manual says that the lamp blinks at 4 for twelve seconds; that is as it should be. Could you tell
me which of the two you still have? Somebody comes by on Friday between 9 and 12.
""",
    "de": """Vielen Dank für das Foto, das hilft uns sehr. Ich habe mir die Bestellung angesehen,
das zweite Paket ging am Dienstag hinaus. Ich rufe Sie morgen Vormittag an und sage Ihnen, was der
Bote gesagt hat. Findet sich das Paket nicht, schicken wir innerhalb von zwei Werktagen ein neues.
In der Anleitung steht, dass die Lampe um 4 blinkt; das soll so sein. Welches haben Sie noch?
""",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=15, help="of each draft")


def run(args: argparse.Namespace) -> Iterator[Figure]:
    from goodword.clock import Schedule
    from goodword.promises.in_words import find

    hours = Schedule.from_data(LONDON)
    for language, said in DRAFTS.items():
        for length in LENGTHS:
            text = (said.replace("\n", " ") * (length // len(said) + 1))[:length]
            found = find(text, AT, hours)
            assert found, "A draft with promises in it has some."
            taken = []
            for _ in range(args.rounds):
                begun = thread_time()
                find(text, AT, hours)
                taken.append((thread_time() - begun) * 1e3)
            name = f"finder.{length}_chars" if language == "en" else f"finder.{length}_chars_de"
            yield figure(f"{name}_ms", median(taken), "ms")
