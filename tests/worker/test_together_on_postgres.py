"""What two processes do at the same moment on PostgreSQL: merge both ways, and tell the journal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIRS, CASES = 6, 12

_BEGIN = """
import json, os, sys
import django; django.setup()
from goodword.core.time import clock
from tests.cast import london
clock.fix(london("2026-11-19 16:40"))
"""
_GATHER = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from tests.cast import gather
from goodword.people.meeting import customer_of
desk = gather()
for number in range({CASES}):
    desk.heard(text=f"Case {{number}}")
pairs = []
for number in range({PAIRS}):
    two = [customer_of(f"{{name}}{{number}}@elsewhere.example", "Ann") for name in ("ann", "a.nn")]
    for each in two:
        desk.heard(each)
    pairs.append([each.pk for each in two])
print(json.dumps(pairs))
"""
_MERGE = """
from goodword.cases.merging_people import merge_customers
from goodword.core.refusals import Refused
from goodword.people.models import Customer
from goodword.staff.models import Member
by = Member.objects.get(email="jonas@harbourlane.example")
pairs = json.loads(sys.argv[1])
print("ready", flush=True); sys.stdin.readline()
said = []
for one, other in pairs:
    try:
        merge_customers(Customer.objects.get(pk=one), Customer.objects.get(pk=other), by=by)
        said.append("merged")
    except Refused as refused:
        said.append(refused.code)
print(json.dumps(said))
"""
_TELL = """
from goodword.notifying import telling
telling.AT_ONCE = 5
print("ready", flush=True); sys.stdin.readline()
turns = []
while took := telling.turn():
    turns.append(took)
print(json.dumps(turns))
"""
_LOOK = """
from django.db.models import Count
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.notifying.models import Notification
from goodword.people.models import Customer, Merge
twice = Notification.objects.values("member", "entry").annotate(n=Count("pk")).filter(n__gt=1)
print(json.dumps({
    "merges": Merge.objects.count(),
    "gone": Customer.objects.exclude(merged_into=None).count(),
    "circles": Customer.objects.filter(merged_into__merged_into__isnull=False).count(),
    "entries": Entry.objects.count(),
    "told": Notification.objects.filter(subject="new").count(),
    "twice": twice.count(),
    "damage": len(list(damage())),
}))
"""


class Desk:
    """Python of its own beside ours, on the cluster's database."""

    def __init__(self, url: str, data: Path) -> None:
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "goodword.config.settings",
            "GOODWORD_DATABASE_URL": url,
            "GOODWORD_DATA": str(data),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}",
        }

    def run(self, code: str) -> object:
        return self.together(code, [[]])[0]

    def together(self, code: str, arguments: list[list[str]]) -> list[object]:
        """Let each of them get ready, then go on at the same moment; what each said at last."""
        started = [self._start(code, each) for each in arguments]
        try:
            if len(started) > 1:
                assert all(each.stdout and each.stdout.readline() for each in started)
            for each in started:
                assert each.stdin is not None
                each.stdin.write("go\n")
                each.stdin.flush()
            told = [each.communicate(timeout=300) for each in started]
        finally:
            for each in started:
                each.kill()
        for each, (_said, wrong) in zip(started, told, strict=True):
            assert each.returncode == 0, wrong
        return [json.loads(said.splitlines()[-1]) for said, _wrong in told]

    def _start(self, code: str, arguments: list[str]) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", _BEGIN + code, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=self._environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )


@pytest.fixture(scope="module")
def elsewhere(
    postgres_cluster: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, list[list[int]]]]:
    name = "together"
    import psycopg

    with psycopg.connect(postgres_cluster, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = postgres_cluster.rpartition("/")[0] + f"/{name}"
    desk = Desk(url, tmp_path_factory.mktemp("together"))
    pairs: list[list[int]] = desk.run(_GATHER)  # type: ignore[assignment]
    yield desk, pairs


def test_two_who_merge_both_ways_at_once_leave_one_merge_each(
    elsewhere: tuple[Desk, list[list[int]]],
) -> None:
    desk, pairs = elsewhere
    ways = [pairs, [pair[::-1] for pair in pairs]]
    one, other = desk.together(_MERGE, [[json.dumps(way)] for way in ways])
    for pair in zip(one, other, strict=True):  # type: ignore[call-overload]
        assert sorted(pair) == ["MERGED", "merged"], (one, other)
    there = desk.run(_LOOK)
    assert isinstance(there, dict)
    assert (there["merges"], there["gone"], there["circles"]) == (PAIRS, PAIRS, 0)
    assert there["damage"] == 0


def test_two_who_tell_at_once_tell_everything_and_nothing_twice(
    elsewhere: tuple[Desk, list[list[int]]],
) -> None:
    desk, _pairs = elsewhere
    turns = desk.together(_TELL, [[], []])
    there = desk.run(_LOOK)
    assert isinstance(there, dict)
    # Everybody is told by one of the two, and whoever came second began again behind the first.
    assert sum(map(sum, turns)) == there["entries"]  # type: ignore[arg-type]
    assert (there["told"], there["twice"]) == (CASES + 2 * PAIRS, 0)
