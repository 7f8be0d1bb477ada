"""Policies as data: what they promise, from when, to whom; and what was promised stands."""

from typing import Any

import pytest

from goodword.cases.merging_people import merge_accounts
from goodword.cases.models import Case, CustomerAct
from goodword.core.refusals import Refused
from goodword.people.models import Account
from goodword.promises.models import Policy, Promise
from goodword.promises.policies import Content, checked
from goodword.promises.policy import add_version
from goodword.promises.presets import preset, presets
from goodword.promises.saying import form_in_words
from goodword.settings.changing import save
from goodword.settings.subjects.policies import PolicyInForce, PolicySubject
from goodword.worker.tick import tick
from tests.cast import Desk, london

REGIMES = ["asic-rg-271", "cfpb", "fca-disp", "housing-ombudsman"]


def in_force(desk: Desk, name: str, **changes: Any) -> None:
    """This preset, with some of it changed, holds for everybody."""
    save(PolicySubject(name), {**preset(name).content(), **changes}, by=desk.olu)
    save(PolicyInForce(), {"policy": name}, by=desk.olu)


def rule(kind: str, form: str, **more: Any) -> Content:
    return {"kind": kind, "form": form, **more}


BOTH = [rule("acknowledge", "acknowledge"), rule("reply", "end_of_nth_business_day:1")]


def own(desk: Desk, *rules: Content, slug: str = "ours", **more: Any) -> None:
    save(PolicySubject(slug), {"name": slug, "rules": [*BOTH, *rules], **more}, by=desk.olu)


def due(case: Case, key: str) -> object:
    return case.promises.get(rule=key).due


def settled_by(desk: Desk, case: Case) -> Any:
    return case.settle(CustomerAct.on_page(desk.link(case)))


# What may be written down


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_a_policy_that_says_where_each_rule_comes_from(name: str) -> None:
    said = presets()[name]
    content = said.content()
    assert checked(content) == content
    assert {"en-gb", "de"} <= said.said["name"].keys() & said.said["about"].keys()
    for each in said.said["rules"]:
        assert each["why"]["en-gb"] and each["why"]["de"]
        assert not each.get("words") or each["words"].keys() == {"en-gb", "de"}
        assert form_in_words(each["form"]) != each["form"]
    if name in REGIMES:
        assert said.source.startswith("https://") and said.not_covered


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "Everybody who writes is promised a first word"),
        ([BOTH[0]], "Everybody who writes is promised an answer"),
        ([{**BOTH[0], "who": "internal"}, BOTH[1]], "a first word"),
        ([rule("acknowledge", "calendar_days:3"), BOTH[1]], "the same day"),
        ([rule("acknowledge", "acknowledge:60:120"), BOTH[1]], "the same day"),
        ([rule("acknowledge", "within:600"), BOTH[1]], "the same day"),
        ([*BOTH, rule("next_update", "within:60")], "cannot promise"),
        ([*BOTH, rule("resolution", "soon")], "soon"),
        ([*BOTH, rule("resolution", "by:2026-12-01T10:00+00:00")], "counts from when they write"),
        ([*BOTH, rule("resolution", "on_event:parts/within:60")], "counts from when they write"),
        ([*BOTH, rule("resolution", "calendar_days:9999")], "further away"),
        ([*BOTH, rule("resolution", "calendar_days:3", who="vips")], "says nobody"),
        ([*BOTH, rule("resolution", "calendar_days:3", when="later")], "starts nothing"),
        ([*BOTH, rule("reply", "within:60", when="once")], "each time they write"),
        ([*BOTH, rule("resolution", "calendar_days:3", colour="red")], "colour"),
        ([*BOTH, rule("resolution", "calendar_days:3", words={"en-gb": "x" * 300})], "too long"),
        ("rules", "a list"),
    ],
)
def test_a_policy_that_answers_too_few_or_too_late_is_refused(rules: Any, said: str) -> None:
    with pytest.raises(Refused, match="BAD_POLICY") as refused:
        checked({"name": "Ours", "rules": rules})
    assert said in str(refused.value.sentence)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"check_ins": [7]}, "at least once more"),
        ({"check_ins": ["soon", 7]}, "numbers of days"),
        ({"check_ins_after_failure": [7, 7]}, "thirty days"),
        ({"waiting": 6}, "1 to 5"),
        ({"next_update": 0}, "1 to 10"),
        ({"name": " "}, "a name"),
        ({"teams": ["nobody"]}, "no team"),
        ({"accounts": ["Nowhere Ltd"]}, "no account"),
        ({"rules": [*BOTH, rule("callback", "within:60", who="team:nobody")]}, "no team"),
        ({"rules": [*BOTH, rule("callback", "within:60", who="channel:fax")]}, "no channel"),
        ({"rules": [*BOTH, rule("callback", "within:60", words={"tlh": "x"})]}, "tlh"),
    ],
)
def test_what_a_policy_names_has_to_be_there(desk: Desk, changes: Content, said: str) -> None:
    with pytest.raises(Refused, match="BAD_POLICY") as refused:
        save(PolicySubject("ours"), {"name": "Ours", "rules": BOTH, **changes}, by=desk.olu)
    assert said in str(refused.value.sentence)
    assert not Policy.objects.exists()


# A new version


def everything(desk: Desk) -> list[dict[str, Any]]:
    return list(Promise.objects.order_by("pk").values())


def busy(desk: Desk) -> None:
    """Promises of every kind of policy, outstanding in every way."""
    desk.heard()
    desk.answered(desk.heard(desk.daniel))
    desk.asked(desk.heard(desk.internal))
    waiting = desk.heard()
    waiting.reply(by=desk.priya, text="Which one?", then="wait", question="Which one?")
    complaint = desk.heard()
    complaint.tag("Complaint", by=desk.priya)
    first_word = desk.heard(desk.daniel)
    first_word.reply(by=desk.priya, text="I have it.", then="promise", first_word=True)


def test_a_changed_policy_moves_no_promise_that_was_made(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    busy(desk)
    assert Promise.objects.outstanding().count() > 10
    assert {"resolution", "check_in", "next_update", "reply", "acknowledge", "callback"} == set(
        Promise.objects.outstanding().values_list("kind", flat=True)
    )
    before = everything(desk)
    stricter = [rule("acknowledge", "within:5"), rule("reply", "within:10")]
    changes = {"rules": stricter, "waiting": 1, "next_update": 1, "check_ins": [1, 1]}
    save(PolicySubject("fca-disp"), changes, by=desk.olu)
    assert everything(desk) == before
    in_force(desk, "cfpb")
    assert everything(desk) == before
    case = desk.heard()
    assert case.promises.get(kind="reply").policy.slug == "cfpb"  # type: ignore[union-attr]


def test_a_promise_keeps_the_version_that_made_it(desk: Desk) -> None:
    first = desk.heard()
    save(PolicySubject("plain"), {"next_update": 3}, by=desk.olu)
    second = desk.heard()
    versions = [each.promises.get(kind="reply").policy for each in (first, second)]
    assert [(each.slug, each.version) for each in versions if each] == [("plain", 1), ("plain", 2)]
    assert Policy.objects.get(version=1).content["next_update"] == 1
    callback = desk.promise(desk.answered(first), "callback")
    assert (callback.policy, callback.rule) == (None, "")
    reply = second.promises.get(kind="reply")
    moved = reply.ask_to_move(london("2026-11-24 12:00"), by=desk.priya, reason="Parts.").agree(
        by=desk.ellen
    )
    assert (moved.policy, moved.rule) == (reply.policy, "reply")


def test_no_version_is_ever_edited(desk: Desk) -> None:
    content = preset("plain").content()
    one, two = (add_version("plain", {**content, "waiting": n}, by=desk.olu) for n in (1, 2))
    assert (one.version, two.version) == (1, 2)
    assert list(Policy.objects.current()) == [two]
    assert Policy.objects.get(version=1).content["waiting"] == 1


# What the regimes ask


def test_eight_weeks_from_the_words_that_complain(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    case = desk.heard()
    assert not case.promises.exclude(kind__in=("acknowledge", "reply")).exists()
    desk.at("2026-11-20 11:00")
    case.tag("Complaint", by=desk.priya)
    assert due(case, "final") == london("2027-01-14 16:33")
    assert due(case, "third-day") == london("2026-11-24 17:00")
    assert case.promises.get(rule="final").text == "Our final response to your complaint"
    case.tag("Complaint", by=desk.dele)
    case.hear(desk.ellen, "And another thing.")
    assert case.promises.filter(rule="final").count() == 1


def test_thirty_days_in_australia_and_forty_five_for_super(desk: Desk) -> None:
    in_force(desk, "asic-rg-271")
    case, other = desk.heard(), desk.heard()
    case.tag("Complaint", by=desk.priya)
    other.tag("Super complaint", by=desk.priya)
    assert due(case, "final") == london("2026-12-19 16:33")
    assert due(other, "super") == london("2027-01-03 16:33")


def test_ten_working_days_from_the_acknowledgement(desk: Desk) -> None:
    in_force(desk, "housing-ombudsman")
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    assert not case.promises.filter(rule="stage-1").exists()
    desk.at("2026-11-20 10:00")
    case.reply(by=desk.priya, text="We have it.", then="promise", first_word=True)
    # Friday 20 November is the day of the acknowledgement and does not count.
    assert due(case, "stage-1") == london("2026-12-04 17:00")
    desk.at("2026-11-23 10:00")
    case.reply(by=desk.priya, text="More on Friday.", then="promise",
               next_update=london("2026-11-27 12:00"))  # fmt: skip
    assert case.promises.filter(rule="stage-1").count() == 1
    desk.at("2026-12-07 10:00")
    case.hear(desk.ellen, "I want stage 2.")
    case.tag("Complaint stage 2", by=desk.priya)
    assert not case.promises.filter(rule="stage-2").exists()
    case.reply(by=desk.marta, text="We have it.", then="promise", first_word=True)
    assert due(case, "stage-2") == london("2027-01-06 17:00")  # 25 and 28 December are closed


def test_an_acknowledgement_before_the_tag_counts_all_the_same(desk: Desk) -> None:
    in_force(desk, "housing-ombudsman")
    case = desk.heard()
    desk.at("2026-11-20 10:00")
    case.reply(by=desk.priya, text="We have it.", then="promise", first_word=True)
    desk.at("2026-11-23 10:00")
    case.tag("Complaint", by=desk.priya)
    assert due(case, "stage-1") == london("2026-12-04 17:00")


def test_an_acknowledgement_that_is_taken_back_takes_its_clock_along(desk: Desk) -> None:
    in_force(desk, "housing-ombudsman")
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    sent = case.reply(by=desk.priya, text="We have it.", then="promise", first_word=True, typed={})
    case.take_back(sent, by=desk.priya)
    assert case.promises.get(rule="stage-1").state == "void"
    desk.at("2026-11-20 10:00")
    case.reply(by=desk.priya, text="We have it.", then="promise", first_word=True)
    assert case.promises.open().get(rule="stage-1").due == london("2026-12-04 17:00")


def test_fifteen_days_and_sixty_are_two_promises(desk: Desk) -> None:
    in_force(desk, "cfpb")
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    assert due(case, "response") == london("2026-12-04 16:33")
    assert due(case, "final") == london("2027-01-18 16:33")
    response = case.promises.get(rule="response")
    case.reply(by=desk.priya, text="It is in progress.", then="promise", keeps=[response.pk],
               next_update=london("2026-11-27 12:00"))  # fmt: skip
    states = dict(case.promises.filter(kind="resolution").values_list("rule", "state"))
    assert states == {"response": "kept", "final": "open"}


# Far promises and short ones


def test_while_a_final_answer_is_weeks_away_they_hear_from_us_besides(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    case = desk.answered()
    case.tag("Complaint", by=desk.priya)
    desk.promise(case, "callback").keep(by=desk.priya, evidence="I called.")
    for promise in case.promises.open().exclude(kind="resolution"):
        promise.keep(by=desk.priya, evidence="Done.")
    kinds = set(case.promises.open().values_list("kind", flat=True))
    assert kinds == {"resolution", "next_update"}
    assert Case.objects.get(pk=case.pk).move == "ours"


def test_only_their_yes_keeps_it_without_an_answer_and_its_undo_opens_it(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    verdict = settled_by(desk, case)
    final = case.promises.get(rule="final")
    assert final.state == "kept" and final.evidence == "You said that it is settled"
    assert case.promises.get(rule="third-day").state == "open"
    case.refresh_from_db()
    case.resume_after_verdict()
    assert verdict and case.promises.get(rule="final").state == "open"


def test_the_tick_breaks_what_was_not_answered_in_time(desk: Desk) -> None:
    in_force(desk, "asic-rg-271")
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    desk.at("2026-12-19 16:34")
    tick()
    assert case.promises.get(rule="final").state == "broken"
    assert Case.objects.get(pk=case.pk).has_broken


def test_a_slip_with_a_tag_promises_nothing_and_a_tag_that_stood_does(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    case = desk.heard()
    tag = case.tag("Complaint", by=desk.priya)
    desk.later(minutes=5)
    case.untag(tag, by=desk.priya)
    assert case.promises.get(rule="final").state == "void"
    case.tag("Complaint", by=desk.priya)
    desk.later(minutes=11)
    case.untag(tag, by=desk.priya)
    assert case.promises.filter(rule="final", state="open").count() == 1


def test_two_that_become_one_keep_the_earlier(desk: Desk) -> None:
    in_force(desk, "fca-disp")
    first = desk.heard()
    first.tag("Complaint", by=desk.priya)
    desk.later(hours=1)
    second = desk.heard()
    second.tag("Complaint", by=desk.priya)
    earlier, later = first.promises.get(rule="final"), second.promises.get(rule="final")
    second.merge_into(first, by=desk.priya)
    assert first.promises.open().get(rule="final") == earlier
    Case.objects.get(pk=second.pk).unmerge(by=desk.priya)
    later.refresh_from_db()
    assert (later.state, later.case_id) == ("open", second.pk)


# For whom


def test_of_two_that_hold_the_stricter_counts(desk: Desk) -> None:
    own(
        desk,
        rule("reply", "within:60", who="internal"),
        rule("reply", "calendar_days:9", who="tag:vip"),
    )
    save(PolicyInForce(), {"policy": "ours"}, by=desk.olu)
    assert desk.heard(desk.internal).promises.get(kind="reply").rule == "reply-2"
    assert desk.heard(desk.ellen).promises.get(kind="reply").rule == "reply"


def test_a_team_and_an_account_may_have_their_own(desk: Desk) -> None:
    own(desk, rule("callback", "within:30"), slug="team", teams=["virtual-offices"])
    account = desk.ellen.account
    assert account is not None and account.domain
    own(desk, rule("callback", "within:10"), slug="account", accounts=[account.domain])

    def slugs(case: Case) -> set[str]:
        return set(case.promises.values_list("policy__slug", flat=True))

    assert slugs(desk.heard(desk.internal)) == {"plain"}
    assert slugs(desk.heard(desk.internal, team=desk.offices)) == {"team"}
    assert slugs(desk.heard(desk.ellen, team=desk.offices)) == {"account"}
    bigger = Account.objects.create(name="Bigger", domain="bigger.example")
    merge_accounts(account, bigger, by=desk.jonas)
    desk.ellen.refresh_from_db()
    assert slugs(desk.heard(desk.ellen)) == {"account"}
    assert PolicySubject("account").values()["accounts"] == ["bigger.example"]  # type: ignore[index]


def test_no_team_is_under_two(desk: Desk) -> None:
    own(desk, slug="one", teams=["it-support"])
    with pytest.raises(Refused, match="BAD_POLICY"):
        own(desk, slug="two", teams=["it-support"])


def test_the_policy_in_force_stays_and_another_can_go(desk: Desk) -> None:
    in_force(desk, "cfpb")
    with pytest.raises(Refused, match="IN_USE"):
        save(PolicySubject("cfpb"), None, by=desk.olu)
    case = desk.heard()
    save(PolicyInForce(), {"policy": "plain"}, by=desk.olu)
    save(PolicySubject("cfpb"), None, by=desk.olu)
    assert PolicySubject("cfpb").values() is None
    assert case.promises.get(kind="reply").policy.slug == "cfpb"  # type: ignore[union-attr]
    with pytest.raises(Refused, match="BAD_POLICY"):
        save(PolicyInForce(), {"policy": "cfpb"}, by=desk.olu)


def test_words_are_the_business_own_in_their_language_or_the_desks(desk: Desk) -> None:
    own(desk, rule("callback", "within:60", words={"en-gb": "Bob rings you"}))
    save(PolicyInForce(), {"policy": "ours"}, by=desk.olu)
    assert desk.heard().promises.get(kind="callback").text == "Bob rings you"
    desk.daniel.language = "de"
    desk.daniel.save()
    assert desk.heard(desk.daniel).promises.get(kind="callback").text != "Bob rings you"


def test_what_comes_by_phone_may_be_called_back(desk: Desk) -> None:
    own(desk, rule("callback", "within:60", who="channel:phone"))
    save(PolicyInForce(), {"policy": "ours"}, by=desk.olu)
    assert desk.heard(channel="phone").promises.filter(kind="callback").exists()
    assert not desk.heard().promises.filter(kind="callback").exists()
