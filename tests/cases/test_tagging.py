"""Tags: one word for one thing, merged and parted again without losing a case."""

import pytest

from goodword.cases.models import Case, Tag
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from tests.cast import Desk


def tagged(slug: str) -> set[int]:
    return set(Case.objects.tagged(slug).values_list("pk", flat=True))


def test_a_tag_is_found_by_its_search_word_however_it_is_written(desk: Desk) -> None:
    case = desk.heard()
    tag = case.tag("  Billing   dispute ", by=desk.priya)
    assert (tag.name, tag.slug) == ("Billing dispute", "billing-dispute")
    assert desk.heard(desk.daniel).tag("billing DISPUTE", by=desk.dele) == tag
    case.tag("#billing dispute", by=desk.priya)
    assert case.entries.filter(kind="tagged").count() == 1
    assert len(tagged("billing-dispute")) == 2
    assert case.untag(tag, by=desk.priya) and not case.untag(tag, by=desk.priya)
    assert case.pk not in tagged("billing-dispute")


@pytest.mark.parametrize("name", ["", "   ", "#", "!!!", "x" * 41, "\0"])
def test_what_is_no_name_is_refused_with_a_sentence(desk: Desk, name: str) -> None:
    with pytest.raises(Refused) as refused:
        desk.heard().tag(name, by=desk.priya)
    assert refused.value.status == 422
    assert not Tag.objects.exists()


def test_tags_of_any_script_have_a_search_word(desk: Desk) -> None:
    assert desk.heard().tag("Überfällig, Zürich", by=desk.priya).slug == "überfällig-zürich"
    assert desk.heard(desk.daniel).tag("請求書", by=desk.priya).slug == "請求書"


def test_a_merge_joins_what_carries_either_and_parting_gives_back_each_its_own(
    desk: Desk,
) -> None:
    one, two, three = desk.heard(), desk.heard(desk.daniel), desk.heard(desk.internal)
    outage, down, dead = (Tag.make(name, by=desk.marta) for name in ("Outage", "Down", "Dead"))
    for case, tag in ((one, outage), (two, down), (three, dead)):
        case.tag(tag.name, by=desk.priya)
    assert dead.merge_into(down, by=desk.marta)
    down.refresh_from_db()
    assert down.merge_into(outage, by=desk.marta)
    everything = {one.pk, two.pk, three.pk}
    assert tagged("outage") == tagged("down") == tagged("dead") == everything
    assert two.tag("dead", by=desk.priya) == outage
    down.refresh_from_db()
    assert down.part(by=desk.marta) and not down.part(by=desk.marta)
    assert tagged("down") == tagged("dead") == {two.pk, three.pk}
    assert tagged("outage") == {one.pk, two.pk}
    kinds = Entry.objects.filter(kind__startswith="tag_").values_list("kind", flat=True)
    assert sorted(kinds) == ["tag_made"] * 3 + ["tag_merged"] * 2 + ["tag_parted"]


def test_no_circle_can_be_made_of_merges(desk: Desk) -> None:
    outage, down = Tag.make("Outage", by=desk.marta), Tag.make("Down", by=desk.marta)
    down.merge_into(outage, by=desk.marta)
    for first, second in ((outage, down), (outage, outage)):
        with pytest.raises(Refused, match="SAME_TAG"):
            Tag.objects.get(pk=first.pk).merge_into(Tag.objects.get(pk=second.pk), by=desk.marta)


def test_a_retired_tag_stays_on_its_cases_and_goes_on_no_other(desk: Desk) -> None:
    case, tag = desk.heard(), Tag.make("Fax", by=desk.marta)
    case.tag("Fax", by=desk.priya)
    assert tag.retire(by=desk.marta) and not tag.retire(by=desk.marta)
    assert tagged("fax") == {case.pk}
    with pytest.raises(Refused, match="RETIRED"):
        desk.heard(desk.daniel).tag("fax", by=desk.priya)
    assert tag.restore(by=desk.marta)
    assert desk.heard(desk.daniel).tag("fax", by=desk.priya)


def test_a_tag_of_one_team_goes_on_its_cases_alone(desk: Desk) -> None:
    Tag.make("Post room", by=desk.marta, team=desk.offices)
    with pytest.raises(Refused, match="OTHER_TEAM"):
        desk.heard().tag("post room", by=desk.priya)
    assert desk.heard(desk.daniel, team=desk.offices).tag("post room", by=desk.ines)


def test_two_leads_renaming_one_tag_lose_nothing(desk: Desk) -> None:
    tag = Tag.make("Outage", by=desk.marta)
    assert tag.alter(by=desk.marta, name="Network outage", hue=20, seen="Outage")
    with pytest.raises(Refused, match="CHANGED"):
        Tag.objects.get().alter(by=desk.jonas, name="Line down", hue=20, seen="Outage")
    assert (Tag.objects.get().name, Tag.objects.get().slug) == ("Network outage", "outage")
    with pytest.raises(Refused, match="TAG_TAKEN"):
        Tag.make("OUTAGE", by=desk.marta)
