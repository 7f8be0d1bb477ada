"""What was asked for, and what other desks do: the load table of issue 5, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bench.figures import Figure

PAGES = ("inbox", "case", "long_case", "portal")
SEARCHES = ("rare", "common", "phrase", "order_number", "prefix")


@dataclass(frozen=True)
class Target:
    """At least, at most or exactly so much; of a desk of `cases`, on that `database`, if named."""

    name: str
    sign: Literal["≥", "≤", "="]
    value: float
    cases: int = 0
    database: str = ""

    def is_reached(self, value: float) -> bool:
        if self.sign == "=":
            return value == self.value
        return value >= self.value if self.sign == "≥" else value <= self.value

    def __str__(self) -> str:
        size = f" at {self.cases:,} cases" if self.cases else ""
        return f"{self.sign} {self.value:g}{size}"


TARGETS = (
    Target("intake.accepted_per_s", "≥", 800),
    Target("intake.searchable_per_s", "≥", 300, database="SQLite"),
    Target("intake.searchable_per_s", "≥", 200, database="PostgreSQL"),
    Target("intake.ingest_per_s", "≥", 300, database="SQLite"),
    Target("intake.ingest_per_s", "≥", 200, database="PostgreSQL"),
    *(Target(f"pages.{page}.p50_ms", "≤", 20, cases=100_000) for page in PAGES),
    Target("pages.8_clients.per_s", "≥", 150, cases=100_000),
    *(Target(f"pages.{page}.p95_ms", "≤", 60, cases=1_000_000) for page in PAGES),
    *(Target(f"search.{each}.p95_ms", "≤", 150, cases=1_000_000) for each in SEARCHES),
    *(Target(f"growth.{page}", "≤", 1.5, cases=1_000_000) for page in PAGES),
    Target("mixed.p95_ms", "≤", 300, cases=100_000),
    Target("mixed.errors", "=", 0),
    Target("mixed.with_mail.p95_ms", "≤", 450, cases=100_000),
    Target("mixed.with_mail.errors", "=", 0),
    Target("mixed.burst.p95_ms", "≤", 600, cases=100_000),
    Target("mixed.burst.errors", "=", 0),
    Target("mixed.overload.shed", "≥", 1),
    Target("mixed.overload.without_retry_after", "=", 0),
    Target("mixed.overload.normal_after_s", "≤", 30),
    Target("tick.idle_ms", "≤", 5),
    Target("tick.due_10000_s", "≤", 20),
    Target("memory.all_mb", "≤", 200),
    Target("start.first_page_s", "≤", 3),
    Target("start.after_kill_s", "≤", 5),
    Target("soak.growth_mb_per_h", "≤", 1),
    Target("soak.locked", "=", 0),
    Target("soak.left_in_queues", "=", 0),
    Target("scale.requests_ratio", "≥", 1.6),
    Target("scale.mails_ratio", "≥", 1.6),
    Target("load.seconds", "≤", 900, cases=1_000_000, database="SQLite"),
)

OTHERS_WERE_MEASURED = "November 2026, two cores, 20,000 tickets"
# Beside which figure of ours, what it was called there, and what each of the four did.
OTHERS = {
    "intake.searchable_per_s": (
        "mails to tickets a second",
        "RT 5 2.8, Znuny 5.8, Roundup 8.3, django-helpdesk 53",
    ),
    "pages.inbox.p50_ms": (
        "list page, one client",
        "RT 433, Znuny 319, django-helpdesk 206 (SQLite), Roundup 47",
    ),
    "pages.case.p50_ms": ("ticket page", "RT 233, Znuny 96, Roundup 51, django-helpdesk 35"),
    "search.rare.p50_ms": ("search for a rare word", "91 to 483"),
    "search.common.p50_ms": ("search for a common word", "206 to 832"),
}


# Where the profile of a figure stands: its heading, by how the figure's name begins.
WHY = {
    "intake": "A mail over SMTP",
    "soak": "A desk at work for long",
    "scale": "PostgreSQL on two cores",
    "pages.8_clients": "Eight clients and desk work",
    "mixed": "Eight clients and desk work",
    "pages": "A page",
}
WHY_ON_POSTGRESQL = {"intake": "A mail on PostgreSQL"}


def why(name: str, title: str) -> tuple[str, str]:
    """The heading of its profile, and the anchor of that. `title` is that of the measurement."""
    known = {**WHY, **(WHY_ON_POSTGRESQL if "PostgreSQL" in title else {})}
    heading = next((each for name_of, each in known.items() if name.startswith(name_of)), "A page")
    return heading, heading.lower().replace(" ", "-")


def target_of(name: str, database: str, cases: int | None) -> Target | None:
    """What is asked of this figure on this database; of several sizes the next that is reached."""
    named = [each for each in TARGETS if each.name == name]
    fitting = [each for each in named if each.database in ("", database)]
    due = [each for each in fitting if each.cases <= (cases or 0)]
    return max(due, key=lambda each: each.cases) if due else next(iter(fitting), None)


def judged(figure: Figure, database: str, cases: int | None) -> Figure:
    """The figure with what was asked, and whether it is reached.

    None where the desk is too small for that, or where the measurement itself says that it was
    too short to be a proof (`is_proof`).
    """
    target = target_of(str(figure["name"]), database, cases)
    if target is None:
        return figure
    is_due = target.cases <= (cases or 0) and figure.get("is_proof", True)
    reached = target.is_reached(float(str(figure["value"]))) if is_due else None
    return {**figure, "asked": str(target), "reached": reached}


def verdict(figure: Mapping[str, object]) -> str:
    """As it stands beside the figure; nothing where nothing was asked."""
    if "asked" not in figure:
        return ""
    words = {True: ": reached", False: ": not reached", None: ""}
    reached = figure["reached"]
    assert reached is None or isinstance(reached, bool)
    return f"{figure['asked']}{words[reached]}"
