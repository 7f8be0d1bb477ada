"""How the desk stands: for a person, for Prometheus, and for whoever sends requests here."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from goodword.config import health
from goodword.config.standing import figures
from goodword.core.logs import AsJSON
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.cli.running import INIT, a_mail, goodword


def figure(name: str) -> float:
    return next(each.value for each in figures() if each.name == name)


def test_what_waits_is_counted_and_its_age_told(desk: Desk) -> None:
    case = desk.heard()
    assert figure("cases_unanswered") == 1
    assert figure("promises_open") == case.promises.open().count()
    assert figure("tick_lag_seconds") == 0
    desk.later(days=3)
    assert figure("silence_oldest_seconds") == pytest.approx(3 * 86_400, abs=5)
    assert figure("tick_lag_seconds") > 0
    tick()
    assert figure("tick_lag_seconds") == 0
    assert figure("promises_broken") >= 1


def test_a_dozen_questions_however_much_is_stored(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for _each in range(3):
        desk.heard()
    with django_assert_max_num_queries(12):
        names = [each.name for each in figures()]
    assert len(set(names)) == len(names)


def test_prometheus_reads_it_with_the_token_and_nobody_without(
    desk: Desk, settings: Any, client: Client
) -> None:
    desk.heard()
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a long word"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
    client.get("/healthz")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a long word"})
    assert answer.status_code == 200
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    assert families["goodword_cases_unanswered"].samples[0].value == 1
    pages = {each.labels["page"] for each in families["goodword_request_seconds"].samples}
    assert "health" in pages
    assert all("/" not in page for page in pages)


def test_not_ready_while_steps_are_missing(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_is_up_to_date", False)
    monkeypatch.setattr(health, "pending", lambda: ["cases.0099_more"])
    assert client.get("/readyz").status_code == 503
    monkeypatch.setattr(health, "pending", list)
    assert client.get("/readyz").status_code == 200


def test_the_command_says_it_in_words_and_in_json(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert goodword(data, *INIT).returncode == 0
    (tmp_path / "one.eml").write_bytes(a_mail("Matter"))
    assert goodword(data, "ingest", str(tmp_path / "one.eml")).returncode == 0
    said = json.loads(goodword(data, "status", "--json").stdout)
    assert said["cases_unanswered"] == 1
    assert said["disk_free_bytes"] > 0
    assert "Customers who wait for an answer" in goodword(data, "status").stdout


def test_a_log_of_json_has_no_token_in_it() -> None:
    try:
        raise ValueError("/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAA/ is gone")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    path = "/c/BBBBBBBBBBBBBBBBBBBBBBBBBBBB/"
    record = logging.LogRecord("goodword", 40, __file__, 1, "failed: %s", (path,), info)
    said = json.loads(AsJSON().format(record))
    assert said["level"] == "ERROR"
    assert "AAAA" not in json.dumps(said)
    assert "BBBB" not in json.dumps(said)
