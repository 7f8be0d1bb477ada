"""The words of the receipt and the reminder, seen as the customer would; and what is promised."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from goodword import clock
from goodword.cases.wording import WORDINGS, Wording, must_be_sound, own_words, text_of
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.shell import business_of
from goodword.promises.policies import POLICIES, Rule
from goodword.settings.editing import Editing, past, show
from goodword.settings.subjects.chosen import Words
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest
from goodword.staff.models import Business


@dataclass(frozen=True)
class Text:
    """One text in one language: what stands in the form, and what the customer would read."""

    field: str
    wording: Wording
    language: str
    words: str
    is_own: bool
    seen: str
    wrong: str

    @property
    def code(self) -> str:
        """The code of its language, which its field ends with."""
        return self.field.rpartition(".")[2]


@reads_and_writes
@manages
def words(request: MemberRequest) -> HttpResponse:
    editing = Editing(request, Words())
    assert editing.there is not None
    typed = dict(editing.there)
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in typed}
        if put_back := request.POST.get("own"):
            typed[put_back] = ""
        if "preview" not in request.POST and editing.save(typed, _("Saved.")):
            return redirect("settings_words")
    context = {
        "here": "words",
        "editing": editing,
        "texts": [_text(request, name, said) for name, said in typed.items()],
        "is_tried": "preview" in request.POST,
        "past": past("words"),
    }
    return show(request, "settings/words/words.html", context, editing.status)


def _text(request: MemberRequest, name: str, said: str) -> Text:
    purpose, _dot, language = name.partition(".")
    wording = WORDINGS[purpose]
    own = own_words(wording, language)
    words, wrong = said.strip() or own, ""
    try:
        must_be_sound(wording, words)
    except Refused as refused:
        wrong = str(refused.sentence)
    seen = "" if wrong else _as_read(request, wording, language, words)
    names = dict(settings.LANGUAGES)
    return Text(name, wording, names[language], words, words == own, seen, wrong)


def _as_read(request: MemberRequest, wording: Wording, language: str, words: str) -> str:
    """The whole text for somebody who writes now, in words that are not saved yet."""
    business = business_of(request)
    at = now()
    due = clock.due("acknowledge", at, business.schedule.hours).at
    with override(language):
        facts = {"name": "Ada", "received": _instant(at, business), "due": _instant(due, business),
                 "owner": request.user.name, "title": _("The server is down")}  # fmt: skip
    return text_of(wording, language, facts, words=words)


def _instant(at: datetime, business: Business) -> str:
    local = at.astimezone(ZoneInfo(business.schedule.zone))
    return f"{full_day(local)}, {date_format(local, 'H:i')}"


@require_safe
@manages
def policies(request: MemberRequest) -> HttpResponse:
    """What is promised by itself, and what it would mean for a mail that came now."""
    business = business_of(request)
    policy = POLICIES[business.policy]
    hours, at = business.schedule.hours, now()

    def row(rule: Rule, start: datetime) -> dict[str, Any]:
        due = clock.due(rule.form, start, hours).at
        return {"kind": rule.kind.value, "words": rule.words_in(business.language), "due": due,
                "form": rule.form, "open": clock.between(start, due, hours)}  # fmt: skip

    context = {
        "here": "policies",
        "policy": policy,
        "at": at,
        "contact": [row(rule, at) for rule in policy.contact],
        "waiting": row(policy.waiting, at),
        "next_update": row(policy.next_update, at),
        "check_ins": policy.check_ins,
        "after_failure": policy.check_ins_after_failure,
        "asks": [row(policy.check_ins[0], at)],
    }
    return show(request, "settings/words/policies.html", context)


urls = [
    path("words/", words, name="settings_words"),
    path("policies/", policies, name="settings_policies"),
]
