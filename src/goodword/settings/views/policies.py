"""Policies: what is promised by itself, edited as sentences, and seen on last month's cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword import clock
from goodword.cases.models import Tag
from goodword.cases.models.message import Channel
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import KINDS as KINDS_SHOWN
from goodword.core.time import now
from goodword.desk.shell import business_of
from goodword.desk.typed import line, number
from goodword.promises.policies import (
    ACKNOWLEDGED,
    CONTACT,
    EVERYBODY,
    FORMS,
    KINDS,
    MOST_RULES,
    ONCE,
    Content,
    Rule,
    Terms,
)
from goodword.promises.policy import Policy
from goodword.promises.presets import preset, presets
from goodword.promises.saying import form_in_words, when_in_words, who_in_words
from goodword.settings.changing import Values, save
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.foreseeing import examples, foresee
from goodword.settings.subjects.policies import PolicyInForce, PolicySubject, policies
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest
from goodword.staff.models import Business, Team

MOST_TAGS = 200
COMPLAINT = "tag:complaint"


@dataclass(frozen=True)
class Said:
    """A rule as it is read: a sentence, whom and what it is for, and when it would be due."""

    kind: str
    words: str
    by: str
    who: str
    when: str
    why: str
    language: str
    due: datetime | None = None


@dataclass(frozen=True)
class Row:
    """One rule as fields; `said` is None for a line to write a new one on."""

    number: int
    rule: Values
    form: str
    numbers: list[str]
    words: list[tuple[str, str, str]]
    said: Said | None


@require_safe
@manages
def listed(request: MemberRequest) -> HttpResponse:
    business = business_of(request)
    rows = policies(business.policy)
    in_force = rows[0]
    teams = dict(Team.objects.values_list("slug", "name"))
    context = {
        "here": "policies",
        "at": now(),
        "policy": in_force,
        "contact": [_said(rule, business, now()) for rule in in_force.terms.rules],
        "rows": [(each, _kept_by(each, in_force, teams)) for each in rows],
        "presets": [(each, _of_preset(each.content(), business)) for each in presets().values()],
        "past": past(kind="policy"),
        "past_in_force": past("promised"),
    }
    return show(request, "settings/policies/list.html", context)


def _kept_by(policy: Policy, in_force: Policy, teams: dict[str, str]) -> list[str]:
    """Who is under this policy, in words."""
    every = [_("everybody without a policy of their own")] if policy is in_force else []
    accounts = PolicySubject(policy.slug).values() if policy.terms.accounts else None
    return [
        *every,
        *(teams.get(slug, slug) for slug in policy.terms.teams),
        *(accounts["accounts"] if accounts else ()),
    ]


def _of_preset(content: Content, business: Business) -> list[Said]:
    return [_said(rule, business) for rule in Terms.read(content).rules]


def _said(rule: Rule, business: Business, start: datetime | None = None) -> Said:
    due = clock.due(rule.form, start, business.schedule.hours).at if start else None
    return Said(rule.kind, rule.words_in(business.language), form_in_words(rule.form),
                who_in_words(rule.who), when_in_words(rule.when), rule.why,
                business.language, due)  # fmt: skip


@require_POST
@manages
def added(request: MemberRequest) -> HttpResponse:
    """A policy that begins from a preset. It promises nothing until it is put in force."""
    chosen = request.POST.get("preset", "")
    if chosen not in presets():
        raise Refused("NO_PRESET", _("Choose what the policy begins from."), 422)
    content = preset(chosen).content()
    name = line(request.POST, "name", longest=80) or content["name"]
    slug = _free_slug(name)
    change = save(PolicySubject(slug), {**content, "name": name}, by=request.user)
    tell(request, change, _("Added. Look at it, change it, and put it in force."))
    return redirect("settings_policy", slug)


def _free_slug(name: str) -> str:
    base = slugify(name)[:20].strip("-") or "policy"
    taken = {each.slug for each in policies()} | set(
        Policy.objects.values_list("slug", flat=True).distinct()
    )
    names = (base, *(f"{base[:17].strip('-')}-{n}" for n in range(2, 100)))
    return next(each for each in names if each not in taken)


@reads_and_writes
@manages
def one(request: MemberRequest, policy: str) -> HttpResponse:
    business = business_of(request)
    editing = Editing(request, PolicySubject(policy))
    if editing.there is None:
        raise Http404
    typed = request.POST if request.method == "POST" else None
    to = _typed(typed, editing.there) if typed is not None else editing.there
    lines = _typed_rules(typed) if typed is not None else to["rules"]
    is_tried = typed is not None and "preview" in typed
    if typed is not None and not is_tried and editing.save(to, _saved(policy, business)):
        return redirect("settings_policy", policy)
    rows = policies(business.policy)
    row = next((each for each in rows if each.slug == policy), None)
    terms = row.terms if typed is None and row else _read(editing, to)
    others = [each.terms for each in rows if each.slug != policy]
    context = {
        "here": "policies",
        "slug": policy,
        "editing": editing,
        "to": to,
        "name": editing.there["name"] if editing.there else to["name"],
        "is_in_force": policy == business.policy,
        "in_force": rows[0].terms.name,
        "preset": presets().get(to.get("preset", "")),
        "rules": _rows(lines, business),
        "choices": _choices(to),
        "is_tried": is_tried,
        "examples": examples(terms, business) if terms else [],
        "foreseen": _foreseen(terms, request, business, others),
        "past": past(f"policy:{policy}"),
    }
    return show(request, "settings/policies/one.html", context, editing.status)


def _foreseen(
    terms: Terms | None, request: MemberRequest, business: Business, others: list[Terms]
) -> Values:
    if terms is None:
        return {}
    found = foresee(terms, request.user, business, others)
    tallies = [{"tally": each, "words": each.rule.words_in(business.language),
                "language": business.language,
                "who": who_in_words(each.rule.who)} for each in found.tallies]  # fmt: skip
    return {"counted": found.counted, "is_sample": found.is_sample, "shown": found.shown,
            "more": found.more, "unseen": found.unseen, "tallies": tallies}  # fmt: skip


def _saved(slug: str, business: Business) -> str:
    if slug == business.policy:
        return _("Saved. It holds from now on; what was promised stands as it was.")
    return _("Saved. What was promised stands as it was.")


def _read(editing: Editing, to: Values) -> Terms | None:
    """What was typed, or None with the refusal on the page."""
    if editing.refusal and not editing.differences:
        return None
    try:
        subject = PolicySubject(editing.subject.key)
        whole = subject.normal({**(editing.there or {}), **to})
        return Terms.read({**whole, "accounts": subject.account_keys(whole)})
    except Refused as refused:
        editing.refusal = refused
        return None


# The form


def _typed(typed: QueryDict, there: Values) -> Values:
    return {
        "name": typed.get("name", ""),
        "preset": there.get("preset", ""),
        "teams": typed.getlist("teams"),
        "accounts": [name for each in typed.get("accounts", "").splitlines()
                     if (name := each.strip())],
        "rules": [each for each in _typed_rules(typed) if each["kind"]],
        "check_ins": _days(typed.get("check_ins", "")),
        "check_ins_after_failure": _days(typed.get("check_ins_after_failure", "")),
        "waiting": number(typed, "waiting") or 0,
        "next_update": number(typed, "next_update") or 0,
    }  # fmt: skip


def _typed_rules(typed: QueryDict) -> list[Values]:
    """Every line of the form; one that was left out stays on the page until it is saved."""
    lines = [_typed_rule(typed, f"r-{n}-") for n in range(MOST_RULES + 1)]
    return [each for each in lines if each["kind"] or each["key"]]


def _typed_rule(typed: QueryDict, at: str) -> Values:
    words = {code: typed.get(f"{at}words-{code}", "").strip() for code, _l in settings.LANGUAGES}
    return {
        "key": typed.get(f"{at}key", ""),
        "kind": typed.get(f"{at}kind", ""),
        "form": _form(typed, at),
        "who": typed.get(f"{at}who", EVERYBODY),
        "when": typed.get(f"{at}when", CONTACT),
        "words": {code: text for code, text in words.items() if text},
        "why": typed.get(f"{at}why", "").strip(),
    }


def _form(typed: QueryDict, at: str) -> str:
    name = typed.get(f"{at}form", "")
    n, grace, morning = (
        typed.get(f"{at}{field}", "").strip() for field in ("n", "grace", "morning")
    )
    if name == "by_close_today":
        return name
    if name == "acknowledge":
        return f"{name}:{n or 60}:{grace or 15}:{morning or 30}"
    return f"{name}:{n}"


def _days(said: str) -> list[Any]:
    """“7, 7, 7, 9” as numbers; what is no number stays for the sentence that refuses it."""
    return [int(each) if each.isdecimal() and len(each) < 5 else each
            for each in said.replace(",", " ").split()]  # fmt: skip


def _rows(rules: list[Values], business: Business) -> list[Row]:
    there = [_row(n, each, business) for n, each in enumerate(rules)]
    blank: Values = {"key": "", "kind": "", "form": "end_of_nth_business_day:1", "who": COMPLAINT,
                     "when": ONCE, "words": {}, "why": ""}  # fmt: skip
    return [*there, _row(len(rules), blank, business)] if len(rules) < MOST_RULES else there


def _row(n: int, rule: Values, business: Business) -> Row:
    name, *numbers = str(rule["form"]).split(":")
    if name == "acknowledge":
        numbers = [*numbers, *("60", "15", "30")[len(numbers) :]]
    words = [
        (code, str(language), rule["words"].get(code, "")) for code, language in settings.LANGUAGES
    ]
    said = None
    if rule["kind"] in KINDS:
        said = _said(Rule(**rule), business)
    return Row(n, rule, name, [*numbers, "", "", ""][:3], words, said)


def _choices(to: Values) -> Values:
    teams = list(Team.objects.values_list("slug", "name"))
    tags = Tag.objects.in_use().order_by("name").values_list("slug", flat=True)[:MOST_TAGS]
    named = [rule["who"] for rule in to.get("rules", [])]
    who = [EVERYBODY, "internal", "external", *(f"channel:{each}" for each in Channel.values),
           *(f"team:{slug}" for slug, _name in teams), COMPLAINT,
           *(f"tag:{slug}" for slug in tags), *named]  # fmt: skip
    return {
        "kinds": [(kind, KINDS_SHOWN[kind][1]) for kind in KINDS],
        "forms": [(form, FORM_LABELS[form]()) for form in FORMS],
        "who": [(each, who_in_words(each)) for each in dict.fromkeys(who)],
        "when": [(each, when_in_words(each)) for each in (CONTACT, ONCE, ACKNOWLEDGED)],
        "teams": teams,
    }


FORM_LABELS = {
    "acknowledge": lambda: _("the same day: open minutes"),
    "within": lambda: _("open minutes"),
    "by_close_today": lambda: _("by the end of the day"),
    "first_thing": lambda: _("first minutes of the next day"),
    "end_of_nth_business_day": lambda: _("end of a business day: days"),
    "calendar_days": lambda: _("calendar days"),
}


# In force, and gone


@require_POST
@manages
def used(request: MemberRequest, policy: str) -> HttpResponse:
    """Everybody without a policy of their own is under it from now on."""
    change = save(PolicyInForce(), {"policy": policy}, by=request.user)
    tell(request, change, _("It is in force; what was promised stands as it was."))
    return redirect("settings_policy", policy)


@require_POST
@manages
def dropped(request: MemberRequest, policy: str) -> HttpResponse:
    editing = Editing(request, PolicySubject(policy))
    if editing.there is None:
        raise Http404
    if not editing.save(None, _("The policy is gone. What it promised stands.")):
        assert editing.refusal is not None
        raise editing.refusal
    return redirect("settings_policies")


urls = [
    path("policies/", listed, name="settings_policies"),
    path("policies/new/", added, name="settings_policy_new"),
    path("policies/<slug:policy>/", one, name="settings_policy"),
    path("policies/<slug:policy>/use/", used, name="settings_policy_use"),
    path("policies/<slug:policy>/drop/", dropped, name="settings_policy_drop"),
]
