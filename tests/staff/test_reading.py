"""A member reads in their own language, with their own time beside the business's."""

from datetime import timedelta

import pytest
from django.test import Client

from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.staff import reading
from tests.cast import Desk
from tests.desk.conftest import signed_in

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "fr, de-AT;q=0.8"}


def tongue(client: Client, path: str = "/today/", **headers: str) -> str:
    answer = client.get(path, **headers)
    assert answer.status_code == 200
    return answer["Content-Language"]


def test_the_browser_speaks_until_the_member_does(desk: Desk) -> None:
    client = signed_in(desk.priya)
    assert tongue(client) == "en-gb"
    assert tongue(client, **GERMAN) == "de"
    reading.choose(desk.priya, language="en-gb", zone="")
    assert tongue(client, **GERMAN) == "en-gb"
    assert Entry.objects.filter(kind="member_reads").count() == 1
    reading.choose(desk.priya, language="en-gb", zone="")
    assert Entry.objects.filter(kind="member_reads").count() == 1


def test_one_members_language_is_nobody_elses(desk: Desk) -> None:
    reading.choose(desk.priya, language="de", zone="Asia/Tokyo")
    assert tongue(signed_in(desk.priya)) == "de"
    assert tongue(signed_in(desk.dele)) == "en-gb"
    assert signed_in(desk.priya).get("/cases/99999/")["Content-Language"]
    assert Client().get("/sign-in/")["Content-Language"] == "en-gb"


def test_whoever_is_not_in_yet_reads_the_door_in_the_language_of_their_browser(desk: Desk) -> None:
    door = Client().get("/sign-in/", **GERMAN)
    assert door["Content-Language"] == "de" and 'lang="de"' in door.content.decode()
    assert tongue(Client(), "/sign-in/", HTTP_ACCEPT_LANGUAGE="fr") == "en-gb"
    refused = Client().post("/sign-in/", {"email": "x"}, **GERMAN)
    assert (refused.status_code, refused["Content-Language"]) == (422, "de")
    assert Client().get("/join/nothing/", **GERMAN)["Content-Language"] == "de"
    assert tongue(Client(), "/sign-in/") == "en-gb"


@pytest.mark.parametrize(("language", "zone"), [("xx", ""), ("", "Moon/Base"), ("", "../etc")])
def test_nonsense_is_refused_with_a_sentence(desk: Desk, language: str, zone: str) -> None:
    with pytest.raises(Refused):
        reading.choose(desk.priya, language=language, zone=zone)
    sent = signed_in(desk.priya).post("/me/reads/", {"language": language, "zone": zone})
    assert sent.status_code == 422
    assert 'id="refusal"' in sent.content.decode()


def test_their_time_stands_beside_ours_and_never_instead(desk: Desk) -> None:
    promise = desk.promise(desk.answered(), "callback")
    client = signed_in(desk.priya)
    page = f"/promises/{promise.pk}/"
    assert "your time" not in client.get(page).content.decode()
    assert client.post("/me/zone/", {"zone": "Europe/Berlin"}).status_code == 204
    told = client.get(page).content.decode()
    ours = promise.due.astimezone(desk.business.schedule.hours.zone_info)
    assert f"{ours:%H:%M}" in told
    assert f"{ours.hour + 1:02}:{ours:%M} your time" in told
    # Inside a sentence too
    case = promise.case
    case.snooze(promise.due - timedelta(hours=1), by=desk.priya)
    assert (
        f"{ours.hour:02}:{ours:%M} your time" in client.get(f"/cases/{case.pk}/").content.decode()
    )
    client.post("/me/zone/", {"zone": "nowhere at all"})
    assert "your time" in client.get(page).content.decode()
    reading.choose(desk.priya, language="", zone="Europe/London")
    assert "your time" not in client.get(page).content.decode()


def test_another_day_is_said(desk: Desk) -> None:
    promise = desk.promise(desk.answered(), "callback")
    reading.choose(desk.priya, language="", zone="Pacific/Kiritimati")
    assert "(Sat 0" in signed_in(desk.priya).get(f"/promises/{promise.pk}/").content.decode()
