"""Watching lets see and no more; a mention reaches nobody who may not see the case."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from goodword.cases.access import case_for, case_to_see, visible_promises, workable_cases
from goodword.cases.mentioning import handle_of, named_in, unseen_by
from goodword.cases.models import MemberMention
from goodword.core.refusals import Refused
from goodword.staff.models import Member, Role
from tests.cast import Desk, member


def test_a_watcher_of_another_team_sees_the_case_and_works_on_nothing(desk: Desk) -> None:
    case = desk.answered()
    with pytest.raises(Http404):
        case_to_see(desk.ines, case.pk)
    assert case.watch(desk.ines, by=desk.priya)
    assert case_to_see(desk.ines, case.pk).only_watched
    with pytest.raises(PermissionDenied, match="IT support"):
        case_for(desk.ines, case.pk)
    assert not workable_cases(desk.ines).exists()
    assert not visible_promises(desk.ines).exists()
    assert case.unwatch(desk.ines, by=desk.ines)
    with pytest.raises(Http404):
        case_to_see(desk.ines, case.pk)


def test_only_the_team_or_its_lead_lets_somebody_in_from_outside(desk: Desk) -> None:
    case = desk.answered()
    case.watch(desk.ines, by=desk.marta)
    for outsider in (desk.ines, desk.olu):
        with pytest.raises(Refused, match="NOT_YOURS"):
            case.watch(desk.olu, by=outsider)
    assert case.watch(desk.olu, by=desk.jonas)
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.unwatch(desk.olu, by=desk.ines)
    case.offer_to(desk.ines, by=desk.priya)
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.watch(member("Nia Moss", Role.AGENT), by=desk.ines)


def test_whoever_is_offered_a_case_cannot_keep_it_in_sight_by_watching(desk: Desk) -> None:
    case = desk.answered()
    case.offer_to(desk.ines, by=desk.priya)
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.watch(desk.ines, by=desk.ines)


def test_the_team_watches_its_own_cases_and_each_entry_names_who(desk: Desk) -> None:
    case = desk.answered()
    assert case.watch(desk.dele, by=desk.dele) and not case.watch(desk.dele, by=desk.priya)
    assert not case_to_see(desk.dele, case.pk).only_watched
    assert case.unwatch(desk.dele, by=desk.priya)
    facts = case.entries.filter(kind__in=("watched", "unwatched")).values_list("facts", flat=True)
    assert list(facts) == [{"member": desk.dele.pk}] * 2


def test_a_colleague_called_in_a_note_is_told_once(desk: Desk) -> None:
    case = desk.answered()
    note = case.note(
        "@dele, and @Dele.Adeyemi again: ring @nobody at x@dele.example", by=desk.priya
    )
    row = MemberMention.objects.get()
    assert (row.member, row.message, row.by) == (desk.dele, note, desk.priya)
    entry = case.entries.get(kind="mentioned")
    assert entry.facts == {"member": desk.dele.pk, "message": note.pk}
    assert list(unseen_by(desk.dele)) == [row]


def test_one_who_may_not_see_it_is_told_as_soon_as_they_may(desk: Desk) -> None:
    case = desk.answered()
    case.note("Is this yours, @ines?", by=desk.priya)
    assert not case.entries.filter(kind="mentioned").exists()
    assert not unseen_by(desk.ines).exists()
    case.watch(desk.ines, by=desk.priya)
    assert unseen_by(desk.ines).count() == 1
    assert case.entries.get(kind="mentioned").facts["member"] == desk.ines.pk


def test_a_given_name_that_two_have_calls_neither(desk: Desk) -> None:
    other = Member.objects.create(email="shah@harbourlane.example", name="Priya Shah")
    everybody = list(Member.objects.active())
    assert named_in("@priya") == []
    assert named_in("(@priya.shah)") == [other]
    assert handle_of(desk.priya, everybody) == "priya.raman"
    assert handle_of(desk.dele, everybody) == "dele"


@pytest.mark.parametrize("text", ["", "@", "@@dele", "me@dele", "dele", "a.@dele"])
def test_what_is_no_mention_calls_nobody(desk: Desk, text: str) -> None:
    assert named_in(text) == []


def test_oneself_and_those_who_left_are_not_called(desk: Desk) -> None:
    Member.objects.filter(pk=desk.tom.pk).update(is_active=False)
    desk.answered().note("@priya @tom", by=desk.priya)
    assert not MemberMention.objects.exists()
