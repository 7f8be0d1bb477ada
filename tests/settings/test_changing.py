"""Every setting: checked, recorded, undone, and never overwritten unseen."""

import pytest
from django.test import Client

from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.settings.changing import Edited, mark, save, undo
from goodword.settings.models import SettingChange
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.business import PageOfSettings
from goodword.staff.models import Business
from goodword.staff.settings import PAGES, SETTINGS, Setting, number
from tests.cast import Desk
from tests.desk.conftest import signed_in

PAGE = "/settings/business/"


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def business() -> PageOfSettings:
    return PageOfSettings("business")


def form(client: Client, url: str = PAGE) -> dict[str, str]:
    """What the page shows, as a browser would send it back."""
    answer = client.get(url)
    assert answer.status_code == 200
    shown = answer.context["form"]
    values = {name: shown[name].value() for name in shown.fields}
    return {**values, "seen": answer.context["editing"].seen}


def test_every_setting_says_what_it_does_and_stands_on_a_page(desk: Desk) -> None:
    for each in SETTINGS:
        assert each.page in PAGES
        assert str(each.label) and str(each.sentence).endswith((".", "?"))
        each.of(desk.business)
    assert len({each.name for each in SETTINGS}) == len(SETTINGS)


def test_a_change_is_kept_recorded_and_undone(desk: Desk) -> None:
    change = save(business(), {"prefix": "HQ", "phone": "020 7946 0999"}, by=desk.olu)
    assert change is not None
    assert Business.current().prefix == "HQ"
    entry = Entry.objects.get(kind="setting_changed")
    assert entry.member == desk.olu
    assert entry.facts["from"] == {"prefix": "HL"}
    assert entry.facts["to"] == {"prefix": "HQ"}
    assert "0999" not in str(entry.facts)
    assert entry.digests == {f"settingchange:{change.pk}": change.digest()}
    assert undo(change, subject_of, by=desk.jonas)
    assert Business.current().prefix == "HL"
    assert Business.current().phone == "020 7946 0140"
    assert undo(change, subject_of, by=desk.jonas) is None
    assert list(damage()) == []


def test_words_of_a_change_that_were_tampered_with_are_found(desk: Desk) -> None:
    change = save(business(), {"phone": "1"}, by=desk.olu)
    assert change is not None
    SettingChange.objects.filter(pk=change.pk).update(after={"phone": "2"})
    assert len(list(damage())) == 1


def test_the_same_values_are_no_change(desk: Desk) -> None:
    assert save(business(), {"prefix": "HL"}, by=desk.olu) is None
    assert not Entry.objects.filter(kind="setting_changed").exists()


def test_what_was_changed_since_is_not_undone(desk: Desk) -> None:
    first = save(business(), {"prefix": "HQ"}, by=desk.olu)
    save(business(), {"prefix": "HX"}, by=desk.jonas)
    assert first is not None
    with pytest.raises(Refused, match="CHANGED_SINCE"):
        undo(first, subject_of, by=desk.olu)
    assert Business.current().prefix == "HX"


def test_whoever_saves_second_gets_both_versions_and_overwrites_nothing(desk: Desk) -> None:
    seen = mark(business().values())
    save(business(), {"phone": "1"}, by=desk.jonas, seen=seen)
    with pytest.raises(Edited) as refused:
        save(business(), {"phone": "2"}, by=desk.olu, seen=seen)
    assert refused.value.there is not None and refused.value.there["phone"] == "1"
    assert Business.current().phone == "1"


@pytest.mark.parametrize(
    ("name", "value"),
    [("prefix", "H L!"), ("prefix", "TOOLONG"), ("name", ""), ("language", "tlh"),
     ("mail_address", "nowhere"), ("mail_address", "no-reply@harbourlane.example")],
)  # fmt: skip
def test_bad_values_are_refused_through_the_verb_and_on_the_page(
    desk: Desk, olu: Client, name: str, value: str
) -> None:
    with pytest.raises(Refused, match="BAD_SETTING"):
        save(business(), {name: value}, by=desk.olu)
    answer = olu.post(PAGE, {**form(olu), "postal_address": "1 Quay", name: value})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Nothing is saved yet" in text and "1 Quay" in text
    assert Business.current().postal_address == ""


@pytest.mark.parametrize("hue", [25, 66, 158, 360, -1])
def test_a_hue_that_means_something_is_refused(desk: Desk, hue: int) -> None:
    with pytest.raises(Refused, match="BAD_SETTING"):
        save(PageOfSettings("look"), {"brand_hue": hue}, by=desk.olu)


def test_a_page_saves_and_offers_its_undo(desk: Desk, olu: Client) -> None:
    answer = olu.post(PAGE, {**form(olu), "phone": "020 7946 0199"}, follow=True)
    change = SettingChange.objects.get()
    text = answer.content.decode()
    assert f"/settings/changes/{change.pk}/undo/" in text
    assert "Olu Bello" in text
    answer = olu.post(
        f"/settings/changes/{change.pk}/undo/", HTTP_REFERER="http://testserver" + PAGE
    )
    assert answer["Location"].endswith(PAGE)
    assert Business.current().phone == "020 7946 0140"


def test_two_members_at_once_on_the_page(desk: Desk, olu: Client) -> None:
    typed = {**form(olu), "phone": "222"}
    jonas = signed_in(desk.jonas)
    jonas.post(PAGE, {**form(jonas), "phone": "111"})
    answer = olu.post(PAGE, typed)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "111" in text and "222" in text and "Jonas Weber" in text
    assert Business.current().phone == "111"
    again = {**typed, "seen": answer.context["editing"].seen}
    assert olu.post(PAGE, again).status_code == 302
    assert Business.current().phone == "222"


def test_a_form_without_its_mark_changes_nothing(desk: Desk, olu: Client) -> None:
    assert olu.post(PAGE, {"name": "Ours now", "prefix": "X", "language": "de"}).status_code == 409
    assert Business.current().name == "Harbour Lane"


def test_the_index_finds_by_words(desk: Desk, olu: Client) -> None:
    text = olu.get("/settings/?q=telephone").content.decode()
    assert "What customers read of you" in text and "One hue" not in text
    assert "No setting has these words" in olu.get("/settings/?q=zzz").content.decode()


def test_a_setting_without_a_column_is_kept_and_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Setting("undo_seconds", "business", "Undo", "How long.", 10, number(0, 60))
    monkeypatch.setattr("goodword.staff.settings.SETTINGS", (*SETTINGS, row))
    monkeypatch.setitem(
        __import__("goodword.staff.settings").staff.settings._BY_NAME, row.name, row
    )
    assert Business.current().setting("undo_seconds") == 10
    change = save(business(), {"undo_seconds": 20}, by=desk.olu)
    assert Business.current().setting("undo_seconds") == 20
    with pytest.raises(Refused, match="BAD_SETTING"):
        save(business(), {"undo_seconds": 61}, by=desk.olu)
    assert change is not None and undo(change, subject_of, by=desk.olu)
    assert Business.current().setting("undo_seconds") == 10


def test_an_agent_is_kept_out(desk: Desk) -> None:
    priya = signed_in(desk.priya)
    assert priya.get(PAGE).status_code == 403
    assert "nav-settings" not in priya.get("/today/").content.decode()
