"""A person who is erased is found nowhere any more, and the journal stays whole."""

import json
import os
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from goodword.cases.models import Attachment, Case, CaseLink, Message, OutgoingMessage
from goodword.core import files
from goodword.core.refusals import Refused
from goodword.erasing import erase
from goodword.erasing.words import BY_HAND, PLACES, WITHOUT_WORDS
from goodword.finding.keeping import catch_up
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.people.meeting import customer_of
from goodword.promises.models import Promise
from goodword.staff.models import Member
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.erasing.lived import CANARIES, in_rows

ROOT = Path(__file__).resolve().parents[2]
FREE_ROOM = {"finding_words_data", "finding_people_data"}
TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def erased(data: Path, **env: str) -> dict[str, Any]:
    """What the program of tests/erasing/lived.py found before and after."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")}
    said = {"GOODWORD_DATA": str(data), "DJANGO_SETTINGS_MODULE": "goodword.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.erasing.lived"], cwd=ROOT, env=kept | said | env,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert not any(word in done.stderr.lower() for word in CANARIES), "the log holds their words"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_five_words_are_nowhere_in_the_database_file_or_beside_it(tmp_path: Path) -> None:
    said = erased(tmp_path)
    tables = {each.partition(":")[0] for each in said["rows before"]}
    assert {"cases_message", "cases_draft", "cases_scheduled", "cases_case", "people_pinnednote",
            "mail_rawmail", "mail_incomingmail", "cases_sidethread", "promises_promise",
            "cases_recollection", "cases_verdict", "people_criticaldate", "finding_name",
            "finding_view", "cases_outgoingmessage", "cases_tag"} <= tables  # fmt: skip
    assert len({each.partition(": ")[2] for each in said["files before"]}) >= 5
    # Until the database is written anew, an index of SQLite holds what was taken out of it.
    assert {each.partition(":")[0] for each in said["rows"]} <= FREE_ROOM
    assert said["rows wiped"] == [] and said["files"] == []
    assert said["damage"] == []
    assert said["due"] == [True, False] and said["wiped"] == [False, False, True]


def test_nor_on_postgresql(postgres_cluster: str, tmp_path: Path) -> None:
    said = erased(tmp_path, GOODWORD_DATABASE_URL=postgres_cluster)
    assert len(said["rows before"]) > 40
    assert said["rows"] == [] and said["files"] == [] and said["damage"] == []
    assert said["due"] == [True, False] and said["wiped"] == [False, False, True]


def test_every_place_of_words_is_in_the_table() -> None:
    """A model that comes later and hangs on a case or a person has to say what becomes of it."""
    known = {place.model for place in PLACES} | BY_HAND | set(WITHOUT_WORDS)
    near = {"cases.Case", "cases.Message", "people.Customer", "promises.Promise"}
    for model in apps.get_models():
        label = model._meta.label
        if not model.__module__.startswith("goodword") or label in known:
            continue
        to = {f.related_model._meta.label for f in model._meta.fields if f.is_relation}  # type: ignore[union-attr]
        assert not (to & near and any(isinstance(f, TEXT) for f in model._meta.fields)), (
            f"erasing/words.py does not say what becomes of the words of {label}"
        )


def test_every_place_names_columns_that_are_there() -> None:
    for place in PLACES:
        model = apps.get_model(place.model)
        assert {f.name for f in model._meta.fields} >= set(place.without), place.model
        assert place.is_deleted or place.without


def test_only_a_leader_and_only_with_the_name(desk: Desk) -> None:
    desk.heard()
    for member, typed, code in (
        (desk.priya, "Ellen Whitcombe", "NOT_YOUR_RIGHT"),
        (desk.olu, "Ellen Whitcombe", "NOT_YOUR_RIGHT"),
        (desk.jonas, "Ellen", "NOT_MEANT"),
        (desk.jonas, "", "NOT_MEANT"),
    ):
        with pytest.raises(Refused) as refused:
            erase(desk.ellen, by=member, typed=typed)
        assert refused.value.code == code
    desk.ellen.refresh_from_db()
    assert desk.ellen.erased_at is None


def test_nothing_runs_on_and_nothing_goes_out(desk: Desk) -> None:
    case = desk.answered()
    link = CaseLink.for_customer(case, desk.ellen).token
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    assert not Promise.objects.filter(case=case).open().exists()
    assert not OutgoingMessage.objects.filter(message__case=case, done_at=None).exists()
    assert CaseLink.by_token(link) is None
    assert Case.objects.get(pk=case.pk).set_aside_at is not None
    with pytest.raises(Refused):
        erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)


def test_the_journal_says_who_did_it_and_not_what_was_said(desk: Desk) -> None:
    case = desk.answered()
    hashes = Entry.objects.order_by("id").values_list("hash", flat=True)
    before = list(hashes)
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    assert list(hashes.all())[: len(before)] == before
    assert Entry.objects.get(kind="person_erased").member_id == desk.jonas.pk
    assert case.entries.filter(kind="words_erased").count() == 1
    assert list(damage()) == []
    Message.objects.filter(case=case).update(text="Put in its place")
    assert any("its words are not those" in each for each in damage())


def test_a_row_that_calls_itself_erased_is_damage(desk: Desk) -> None:
    case = desk.heard()
    case.messages.update(text="", salt="", erased_at=case.opened_at)
    assert any("its words are not those" in each for each in damage())


def test_a_file_that_somebody_else_sent_too_stays(desk: Desk) -> None:
    ours = desk.last(desk.heard())
    theirs = desk.last(desk.heard(customer_of("ada@pine.example", "Ada Pine")))
    same = Attachment.keep("plan.txt", b"The plan of both", "text/plain", message=ours).sha256
    Attachment.keep("plan.txt", b"The plan of both", "text/plain", message=theirs)
    alone = Attachment.keep("own.txt", b"Ellen's alone 81", "text/plain", message=ours).sha256
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    assert files.is_whole(same)
    assert Attachment.objects.filter(sha256=alone).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_file_of_theirs_alone_goes_from_the_disk(desk: Desk) -> None:
    message = desk.last(desk.heard())
    alone = Attachment.keep("own.txt", b"Ellen's alone 82", "text/plain", message=message).sha256
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    assert not files.path_of(alone).exists()


def test_what_others_wrote_stays_without_their_name(desk: Desk) -> None:
    case = desk.heard(desk.daniel, "Ask Ellen Whitcombe: ellen@whitcombe.example. It is dark.")
    case.hear(desk.ellen, "It is dark indeed")
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    texts = [message.text for message in case.messages.order_by("id")]
    assert texts == ["Ask [erased]: [erased]. It is dark.", ""]
    assert Case.objects.get(pk=case.pk).set_aside_at is None
    assert list(damage()) == []


def test_they_may_come_back_as_somebody_new(desk: Desk) -> None:
    desk.heard()
    erase(desk.ellen, by=desk.jonas, typed=desk.ellen.name)
    again = customer_of("ellen@whitcombe.example", "Ellen Whitcombe")
    assert again.pk != desk.ellen.pk


def test_the_page_says_what_goes_and_does_it_once(desk: Desk) -> None:
    case = desk.heard(text="The gallopavo fell down")
    catch_up()
    url = f"/customers/{desk.ellen.pk}/erase"
    jonas: Member = desk.jonas
    leader = signed_in(jonas)
    assert "Erase at their wish" in text_of(leader.get(f"/customers/{desk.ellen.pk}/"))
    assert "Erase at their wish" not in text_of(
        signed_in(desk.priya).get(f"/customers/{desk.ellen.pk}/")
    )
    page = text_of(leader.get(url))
    assert "What stays, and why" in page and "1 message" in page and "cannot be undone" in page
    refused = leader.post(url, {"name": "Ellen"})
    assert refused.status_code == 422 and "Type the name exactly" in text_of(refused)
    assert signed_in(desk.priya).post(url, {"name": "Ellen Whitcombe"}).status_code == 403
    leader.post(url, {"name": "Ellen Whitcombe"})
    assert not any("gallopavo" in each for each in in_rows() if "finding_words" not in each)
    for path in (f"/cases/{case.pk}/", f"/customers/{desk.ellen.pk}/", url, "/search/?q=gallopavo"):
        answer = leader.get(path)
        assert answer.status_code == 200
        assert "Whitcombe" not in text_of(answer).replace("gallopavo", "")
