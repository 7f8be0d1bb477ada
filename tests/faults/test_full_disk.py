"""The disk is full: said in plain words, what is there can be read, and room heals it by itself."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.server import until
from tests.faults.desk import Agent, Hurt, hurt
from tests.faults.test_without_database import answer_to_a_mail

pytestmark = pytest.mark.peers
HEALS_WITHIN = 30
NO_DISK = "A disk of a few megabytes can be made by root alone, so no disk was filled"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip(NO_DISK)
    yield place
    subprocess.run(["umount", str(place)], check=True)


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
    assert desk.mail("Before it was full")
    case = desk.case_of("Before it was full")
    agent = Agent(desk.server.url).sign_in()
    desk.quiet()
    theirs = desk.server.inside(
        "from goodword.cases.models import Case, CaseLink; c = Case.objects.get();"
        "print(CaseLink.for_customer(c, c.customer).url)"
    ).strip()
    form = agent.composer(case, "Words that I do not want to write twice. " * 100)
    weight = filled(small)
    said = until(lambda: answer_to_a_mail(desk) == 452, "mail is still taken", 20)
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
