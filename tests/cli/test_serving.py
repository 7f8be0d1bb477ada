"""One process serves it all, stops when asked, and loses nothing when it is killed."""

import smtplib
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.cli.conftest import Ask
from tests.cli.running import (
    ADDRESS,
    GOODWORD,
    Running,
    a_mail,
    environment,
    goodword,
    serving,
    wait_until,
)

WAITING = "SELECT count(*) FROM mail_incomingmail WHERE done_at IS NULL"


def test_a_mail_becomes_a_case_and_sigterm_ends_everything_cleanly(data: Path, ask: Ask) -> None:
    with serving(data) as desk:
        assert desk.get("/healthz") == (200, "ok\n")
        assert desk.get("/sign-in/")[0] == 200
        desk.mail("The server is down")
        wait_until(lambda: ask("SELECT title FROM cases_case") == [("The server is down",)])
        began = time.monotonic()
        assert desk.stop() == 0
        assert time.monotonic() - began < 10


def test_an_unknown_recipient_is_refused_at_the_door(data: Path, ask: Ask) -> None:
    with serving(data) as desk, smtplib.SMTP("127.0.0.1", desk.smtp, timeout=10) as server:
        server.ehlo()
        server.mail("eve@client.example")
        assert server.rcpt("nobody@elsewhere.example")[0] == 550
        assert server.rcpt(f"{ADDRESS.replace('@', '+any@')}")[0] == 250


def test_a_kill_right_after_the_yes_loses_no_mail(data: Path, ask: Ask) -> None:
    """Ten times: the instant after 250 the process is gone, as in a power cut of the process."""
    acknowledged = []
    for number in range(10):
        with serving(data) as desk:
            for part in range(2):
                subject = f"Round {number} mail {part}"
                desk.mail(subject)
                acknowledged.append(subject)
            desk.kill()
    with serving(data):
        wait_until(lambda: ask("SELECT count(*) FROM cases_case") == [(20,)])
    titles = [row[0] for row in ask("SELECT title FROM cases_case ORDER BY id")]
    assert sorted(titles) == sorted(acknowledged)  # type: ignore[type-var]
    assert ask(WAITING) == [(0,)]


def test_a_lease_of_a_killed_worker_does_not_delay_the_next_start(data: Path, ask: Ask) -> None:
    with serving(data) as desk:
        desk.mail("Held by the dead")
        wait_until(lambda: ask("SELECT count(*) FROM cases_case") == [(1,)])
        desk.kill()
    connection = sqlite3.connect(data / "goodword.sqlite3")
    with connection:
        connection.execute(
            "UPDATE mail_incomingmail SET done_at=NULL, state='taken', message_id=NULL, "
            "lease_token='00000000000000000000000000000001', lease_until='2999-01-01'"
        )
    connection.close()
    with serving(data):
        wait_until(lambda: ask(WAITING) == [(0,)])


def test_a_taken_port_is_said_aloud_and_the_next_one_used(data: Path) -> None:
    with serving(data) as first:
        port = first.url.rpartition(":")[2]
        second = subprocess.Popen(
            [*GOODWORD, "web", "--port", port],
            stdout=subprocess.PIPE, text=True, env=environment(data),
        )  # fmt: skip
        try:
            assert second.stdout is not None
            said = second.stdout.readline() + second.stdout.readline()
        finally:
            second.terminate()
            second.wait(12)
            second.stdout.close()  # type: ignore[union-attr]
    assert f"Port {port} is taken" in said
    assert "The desk is at http://127.0.0.1:" in said
    assert f":{port}\n" not in said


def test_a_second_start_answers_within_three_seconds(data: Path) -> None:
    with serving(data) as desk:
        desk.stop()
    began = time.monotonic()
    with serving(data) as desk:
        desk.get("/sign-in/")
        # Two cores are shared with other tests here; on its own it is a second and a half.
        assert time.monotonic() - began < 6


def test_parts_run_apart_and_together_make_a_case(data: Path, ask: Ask) -> None:
    processes = [
        subprocess.Popen(
            [*GOODWORD, *part], stdout=subprocess.PIPE, text=True, env=environment(data)
        )
        for part in (("mail", "--smtp-port", "0"), ("worker",))
    ]
    try:
        said, other = (process.stdout.readline() for process in processes)  # type: ignore[union-attr]
        assert other == "The outbox and the clock run\n"
        desk = Running(processes[0], f"The desk http://127.0.0.1:1/ \n{said}")
        desk.mail("By a part alone")
        wait_until(lambda: ask("SELECT title FROM cases_case") == [("By a part alone",)])
    finally:
        for process in processes:
            process.terminate()
        codes = [process.wait(12) for process in processes]
        for process in processes:
            process.stdout.close()  # type: ignore[union-attr]
    assert codes == [0, 0]


def test_data_of_a_newer_version_is_refused_in_plain_words(data: Path) -> None:
    connection = sqlite3.connect(data / "goodword.sqlite3")
    with connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('cases', '9999_from_the_future', '2027-01-01')"
        )
    connection.close()
    done = goodword(data, "serve", "--port", "0", "--smtp-port", "0")
    assert done.returncode == 1
    assert "newer Goodword" in done.stderr
    assert "Traceback" not in done.stderr


def test_serving_before_init_says_what_to_run(tmp_path: Path) -> None:
    done = goodword(tmp_path / "none", "serve", "--port", "0")
    assert (done.returncode, done.stderr) == (
        1,
        f"Error: There is no data folder at {tmp_path / 'none'}. Run: goodword init\n",
    )


def test_a_mail_of_the_same_content_is_one_case(data: Path, ask: Ask) -> None:
    with serving(data) as desk:
        for _ in range(3):
            with smtplib.SMTP("127.0.0.1", desk.smtp, timeout=10) as server:
                server.sendmail("eve@client.example", [ADDRESS], a_mail("Once"))
        wait_until(lambda: ask("SELECT count(*) FROM cases_case") == [(1,)])
        assert ask("SELECT copies FROM mail_incomingmail") == [(2,)]
