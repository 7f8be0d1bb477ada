"""The page of policies: begun from a preset, edited as sentences, tried before it is saved."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.journal.models import Entry
from goodword.promises.models import Policy, Promise
from goodword.promises.presets import preset
from goodword.settings.changing import save
from goodword.settings.exporting import Plan, export
from goodword.settings.foreseeing import foresee
from goodword.settings.models import SettingChange
from goodword.settings.subjects.policies import PolicyInForce, PolicySubject
from goodword.staff.models import Business
from tests.cast import Desk, london
from tests.desk.conftest import signed_in

PLAIN = "/settings/policies/plain/"


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def typed(client: Client, url: str = PLAIN, **changes: Any) -> dict[str, Any]:
    """The form as the page shows it, with some fields typed over."""
    context = client.get(url).context
    to = context["to"]
    fields = {
        "seen": context["editing"].seen,
        "name": to["name"],
        "teams": to["teams"],
        "accounts": "\n".join(to["accounts"]),
        "waiting": to["waiting"],
        "next_update": to["next_update"],
        "check_ins": ", ".join(map(str, to["check_ins"])),
        "check_ins_after_failure": ", ".join(map(str, to["check_ins_after_failure"])),
    }
    for row in context["rules"]:
        at = f"r-{row.number}-"
        fields |= {f"{at}{name}": row.rule[name] for name in ("key", "kind", "who", "when", "why")}
        fields |= {f"{at}form": row.form, f"{at}n": row.numbers[0], f"{at}grace": row.numbers[1],
                   f"{at}morning": row.numbers[2]}  # fmt: skip
        fields |= {f"{at}words-{code}": text for code, _language, text in row.words}
    return {**fields, **{name.replace("__", "-"): value for name, value in changes.items()}}


def said(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.replace("&#x27;", "'").split())


def rules_in_force() -> list[dict[str, Any]]:
    content = PolicySubject(Business.current().policy).values()
    return list((content or {})["rules"])


def test_the_list_says_each_promise_as_a_sentence(desk: Desk, olu: Client) -> None:
    text = said(olu.get("/settings/policies/"))
    first_word = "A first word from a person within 60 open minutes, today if 15 minutes are left"
    assert f"{first_word}, else within 30 minutes of the next opening everybody, each" in text
    assert "Today by 17:00" in text and "everybody without a policy of their own" in text
    for each in ("DISP 1.6.2 R", "RG 271.56", "Code 6.3", "Manual 8.1", "Not covered"):
        assert each in text
    assert "within 8 weeks cases tagged “complaint”, once, from their words" in text
    # Looking writes nothing down.
    assert not Policy.objects.exists() and not SettingChange.objects.exists()


def test_a_policy_begins_from_a_preset_and_is_put_in_force(desk: Desk, olu: Client) -> None:
    begun = {"preset": "fca-disp", "name": "Complaints at Harbour Lane"}
    answer = olu.post("/settings/policies/new/", begun, follow=True)
    assert answer.redirect_chain[-1][0] == "/settings/policies/complaints-at-harbou/"
    text = said(answer)
    assert "Not in force; “Plain small business” is." in text and "holding reply" in text
    assert Business.current().policy == "plain"
    used = olu.post("/settings/policies/complaints-at-harbou/use/", follow=True)
    assert "In force for everybody" in said(used)
    case = desk.heard()
    case.tag("complaint", by=desk.priya)
    assert case.promises.filter(rule="final").exists()
    change = SettingChange.objects.get(subject="promised")
    olu.post(f"/settings/changes/{change.pk}/undo/")
    assert Business.current().policy == "plain"
    assert [entry.facts["to"] for entry in Entry.objects.filter(kind="setting_changed")
            if entry.facts["setting"] == "promised"][-1] == {"policy": "plain"}  # fmt: skip


def test_an_unknown_preset_and_an_unknown_policy_are_refused(desk: Desk, olu: Client) -> None:
    assert olu.post("/settings/policies/new/", {"preset": "nowhere"}).status_code == 422
    assert olu.get("/settings/policies/nowhere/").status_code == 404
    assert olu.post("/settings/policies/nowhere/use/").status_code == 422
    assert olu.post("/settings/policies/nowhere/drop/").status_code == 404
    assert olu.post(PLAIN + "drop/").status_code == 409


def test_a_rule_is_added_changed_taken_out_and_all_of_it_undone(desk: Desk, olu: Client) -> None:
    before = rules_in_force()
    new = {"r-2-kind": "callback", "r-2-form": "within", "r-2-n": "120", "r-2-who": "channel:phone",
           "r-2-when": "contact", "r-2-words-en-gb": "Bob rings you", "r-0-n": "30"}  # fmt: skip
    assert olu.post(PLAIN, typed(olu) | new).status_code == 302
    rules = rules_in_force()
    assert [rule["form"] for rule in rules] == [
        "acknowledge:30:15:30", "end_of_nth_business_day:1", "within:120",
    ]  # fmt: skip
    assert rules[2] | {"key": "callback"} == rules[2]
    assert "Bob rings you" in said(olu.get(PLAIN)) and Policy.objects.count() == 2
    olu.post(PLAIN, typed(olu) | {"r-2-kind": ""})
    assert len(rules_in_force()) == 2
    for change in SettingChange.objects.order_by("-pk"):
        olu.post(f"/settings/changes/{change.pk}/undo/")
    assert rules_in_force() == before
    assert Policy.objects.current().get().version == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"r-1-kind": ""}, "promised an answer"),
        ({"r-0-grace": "90"}, "Choose “the same day”"),
        ({"r-1-n": "many"}, "whole number"),
        ({"r-1-form": "by", "r-1-n": "2026-12-01T10:00+00:00"}, "counts from when they write"),
        ({"check_ins": "7, soon"}, "numbers of days"),
        ({"check_ins_after_failure": "7"}, "thirty days"),
        ({"waiting": "40"}, "1 to 5"),
        ({"name": ""}, "Give the policy a name"),
        ({"accounts": "Nowhere Ltd"}, "Nowhere Ltd"),
        ({"r-2-kind": "resolution", "r-2-n": "5", "r-2-who": "<script>"}, "says nobody"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    desk: Desk, olu: Client, changes: dict[str, str], sentence: str
) -> None:
    for preview in ({}, {"preview": "1"}):
        sent = typed(olu) | {"r-1-why": "Our own reason"} | changes | preview
        answer = olu.post(PLAIN, sent)
        assert answer.status_code == 422
        assert sentence in said(answer) and "Our own reason" in answer.content.decode()
    assert not Policy.objects.exists()


def test_two_members_at_once_see_both(desk: Desk, olu: Client) -> None:
    mine = typed(olu) | {"next_update": "3"}
    jonas = signed_in(desk.jonas)
    assert jonas.post(PLAIN, typed(jonas) | {"next_update": "2"}).status_code == 302
    answer = olu.post(PLAIN, mine)
    assert answer.status_code == 409 and "Jonas Weber" in said(answer)
    assert PolicySubject("plain").values()["next_update"] == 2  # type: ignore[index]


# The preview


def month(desk: Desk, rows: int = 1) -> None:
    """Answered in 40 minutes, answered next day, and one that nobody answered."""
    for _n in range(rows):
        desk.at("2026-11-17 10:00")
        quick, slow, _silent = desk.heard(), desk.heard(desk.daniel), desk.heard(desk.internal)
        desk.at("2026-11-17 10:40")
        desk.answered(quick)
        desk.at("2026-11-18 09:30")
        desk.answered(slow)
    desk.at("2026-11-19 16:33")


def test_the_preview_says_what_last_month_would_have_got(desk: Desk, olu: Client) -> None:
    month(desk)
    before = list(Promise.objects.order_by("pk").values()), Entry.objects.count()
    stricter = {"preview": "1", "r-0-n": "30", "r-1-form": "within", "r-1-n": "120"}
    answer = olu.post(PLAIN, typed(olu) | stricter)
    assert "as typed, not saved" in said(answer)
    found = answer.context["foreseen"]
    assert (found["counted"], found["is_sample"]) == (3, False)
    rows = [(r["tally"].promised, r["tally"].answered, r["tally"].in_time, r["tally"].was_in_time,
             r["tally"].late) for r in found["tallies"]]  # fmt: skip
    assert rows == [(3, 2, 0, 1, 3), (3, 2, 1, 2, 2)]
    assert (found["shown"], found["unseen"]) == ([], 3)  # operators see no cases
    shown = signed_in(desk.jonas).post(PLAIN, typed(olu) | stricter).context["foreseen"]["shown"]
    first = next(vow for each in shown for vow in each.vows
                 if each.case.customer_id == desk.ellen.pk)  # fmt: skip
    assert (first.due, first.had) == (london("2026-11-17 10:30"), london("2026-11-17 11:00"))
    assert first.answered == london("2026-11-17 10:40") and first.is_late
    assert (list(Promise.objects.order_by("pk").values()), Entry.objects.count()) == before
    assert not SettingChange.objects.exists()
    assert [p.version for p in Policy.objects.all()] == [1]  # made by the cases themselves


def test_the_policy_as_it_is_foresees_what_really_was_promised(desk: Desk) -> None:
    month(desk)
    rested = desk.heard(text="Just so you know.")
    rested.rest(by=desk.priya)
    called = desk.heard()
    called.log_call("They said it works.", by=desk.priya, answers=True)
    again = desk.heard()
    again.reply(by=desk.priya, text="Seen.", then="promise", first_word=True)
    again.hear(desk.ellen, "And?")
    terms = PolicySubject("plain").policy()
    assert terms is not None
    found = foresee(terms.terms, desk.jonas, desk.business)
    vows = [vow for each in found.shown for vow in each.vows]
    made = Promise.objects.filter(rule__in=("acknowledge", "reply")).exclude(state="void")
    assert {vow.had for vow in vows} == {vow.due for vow in vows} == {p.due for p in made}
    assert len(vows) == made.count() == 11
    assert sum(vow.answered is not None for vow in vows) == made.exclude(kept_at=None).count()


def test_complaints_are_foreseen_from_their_tag_and_the_acknowledgement(desk: Desk) -> None:
    case = desk.heard()
    case.tag("Complaint", by=desk.priya)
    desk.at("2026-11-20 10:00")
    case.reply(by=desk.priya, text="We have it.", then="promise", first_word=True)
    save(PolicySubject("housing"), preset("housing-ombudsman").content(), by=desk.olu)
    policy = PolicySubject("housing").policy()
    assert policy is not None
    [walked] = foresee(policy.terms, desk.jonas, desk.business).shown
    dues = {vow.rule.key: vow.due for vow in walked.vows}
    assert dues["stage-1"] == london("2026-12-04 17:00") and "stage-2" not in dues


def test_the_preview_asks_as_much_for_two_as_for_many_and_says_its_sample(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = PolicySubject("plain").policy()
    assert policy is not None

    def asked() -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as queries:
            found = foresee(policy.terms, desk.jonas, desk.business)
        return len(queries), found

    month(desk)
    few, found = asked()
    assert (few, found.counted, found.is_sample) == (4, 3, False)
    month(desk, rows=4)
    assert asked()[0] == few
    monkeypatch.setattr("goodword.settings.foreseeing.MOST_CASES", 4)
    assert (asked()[1].counted, asked()[1].is_sample) == (4, True)
    monkeypatch.setattr("goodword.settings.foreseeing.MOST_CASES", 200)
    monkeypatch.setattr("goodword.settings.foreseeing.MOST_MESSAGES", 7)
    cut = asked()[1]
    assert 0 < cut.counted < 15 and cut.is_sample


def test_cases_that_somebody_may_not_see_count_and_are_not_shown(desk: Desk) -> None:
    month(desk)
    policy = PolicySubject("plain").policy()
    assert policy is not None
    theirs, hers = (foresee(policy.terms, who, desk.business) for who in (desk.ines, desk.marta))
    assert (theirs.counted, theirs.unseen, theirs.shown) == (3, 3, [])
    assert (hers.counted, hers.unseen, len(hers.shown)) == (3, 0, 3)


def test_a_month_without_cases_is_told_by_examples(desk: Desk, olu: Client) -> None:
    answer = olu.get(PLAIN)
    text = said(answer)
    assert "No case of the last 30 days comes under it." in text
    dues = [[vow.due for vow in vows] for _at, vows in answer.context["examples"]]
    assert dues == [
        [london("2026-11-25 17:00"), london("2026-11-26 17:00")],
        [london("2026-11-20 17:00"), london("2026-11-23 17:00")],
        [london("2026-11-23 09:30"), london("2026-11-23 17:00")],
    ]


# The file, and the smooth way


def test_policies_are_in_the_file_and_applying_it_brings_them_back(desk: Desk) -> None:
    account = desk.ellen.account
    assert account is not None
    content = {**preset("cfpb").content(), "teams": ["virtual-offices"], "accounts": [account.name]}
    save(PolicySubject("cfpb"), content, by=desk.olu)
    save(PolicyInForce(), {"policy": "cfpb"}, by=desk.olu)
    text = export()
    assert Plan(text).tried(by=desk.olu) == []
    there = PolicySubject("cfpb").values()
    save(PolicyInForce(), {"policy": "plain"}, by=desk.olu)
    save(PolicySubject("cfpb"), None, by=desk.olu)
    steps = Plan(text).apply(by="system")
    assert {step.subject for step in steps} == {"policy:cfpb", "promised"}
    assert PolicySubject("cfpb").values() == there and Business.current().policy == "cfpb"
    assert export() == text


def test_the_preview_alone_comes_by_htmx(desk: Desk, olu: Client) -> None:
    sent = typed(olu) | {"preview": "1", "next_update": "4"}
    answer = olu.post(PLAIN, sent, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200 and 'id="foreseen"' in answer.content.decode()
    assert not Policy.objects.exists()
