"""The disk is full: said in plain words, what is there can be read, and room heals it by itself."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.browser.server import until
from tests.faults.desk import Agent, Hurt, hurt
from tests.faults.test_without_database import answer_to_a_mail
from tests.peers import processes

pytestmark = pytest.mark.peers
HEALS_WITHIN = 30
NO_DISK = "A disk of a few megabytes can be made by root alone, so no disk was filled"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    with mounted(tmp_path / "small", 24) as place:
        yield place


@contextmanager
def mounted(place: Path, megabytes: int) -> Iterator[Path]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip(NO_DISK)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def disk_of_postgresql(postgres_cluster: str) -> Iterator[tuple[str, Path]]:
    """A database whose tables stand on a disk of 64 MB, while its journal has room elsewhere."""
    user = processes.first_user("postgres", "nobody")
    with (
        processes.folder_for(user) as folder,
        mounted(folder / "small", 64) as place,
        psycopg.connect(postgres_cluster, autocommit=True) as cluster,
    ):
        (tables := place / "tables").mkdir()
        shutil.chown(tables, user)  # type: ignore[arg-type]
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{tables}'")  # type: ignore[arg-type]
        cluster.execute("CREATE DATABASE full_disk TABLESPACE small")
        try:
            yield postgres_cluster.rpartition("/")[0] + "/full_disk", place
        finally:
            cluster.execute("DROP DATABASE full_disk WITH (FORCE)")
            cluster.execute("DROP TABLESPACE small")


@pytest.fixture
def desk(small: Path) -> Iterator[Hurt]:
    with hurt(small) as there:
        there.set_up()
        there.start()
        yield there


def filled(small: Path) -> Path:
    """Every last octet of the disk is taken, by somebody else's file."""
    weight = small / "somebody-elses"
    with weight.open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return weight


def test_a_full_disk_loses_nothing_and_heals_by_itself(desk: Hurt, small: Path) -> None:
    _loses_nothing(desk, small)


def test_nor_does_one_of_postgresql(disk_of_postgresql: tuple[str, Path]) -> None:
    url, small = disk_of_postgresql
    with hurt() as desk:
        desk.server.more["GOODWORD_DATABASE_URL"] = url
        desk.set_up()
        desk.start()
        _loses_nothing(desk, small)


def _loses_nothing(desk: Hurt, small: Path) -> None:
    assert desk.mail("Before it was full")
    case = desk.case_of("Before it was full")
    agent = Agent(desk.server.url).sign_in()
    desk.quiet()
    theirs = desk.server.inside(
        "from goodword.cases.models import Case, CaseLink; c = Case.objects.get();"
        "print(CaseLink.for_customer(c, c.customer).url)"
    ).strip()
    # Nothing that could be packed into a page that is there already.
    words = f"Words that I do not want to write twice. {secrets.token_hex(20_000)}"
    form = agent.composer(case, words)
    weight = filled(small)
    said = until(lambda: answer_to_a_mail(desk, weight=30_000) == 452, "mail is still taken", 20)
    assert said
    refused = until(lambda: _refused(agent, case, form), "it is still written", 20)
    assert "no room left on the disk" in refused
    assert "Words that I do not want to write twice." in refused
    theirs = theirs.removeprefix(desk.server.url)
    for page in ("/inbox/", "/today/", f"/cases/{case}/", theirs, "/help/", "/write/"):
        assert agent.get(page).status_code == 200, page
    weight.unlink()
    began = time.monotonic()
    until(lambda: desk.mail("After there was room"), "no mail is taken", HEALS_WITHIN)
    fresh = agent.composer(case, form["text"])
    assert agent.post(f"/cases/{case}/reply", fresh).status_code == 302
    desk.case_of("After there was room")
    desk.quiet(HEALS_WITHIN)
    assert time.monotonic() - began < HEALS_WITHIN
    desk.server.stop()
    desk.server.run("verify")


def _refused(agent: Agent, case: int, form: dict[str, str]) -> str:
    answer = agent.post(f"/cases/{case}/reply", form)
    return answer.text if answer.status_code == 507 else ""
