"""The words of the receipt and the reminder, seen as the customer would."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword import clock
from goodword.cases.wording import WORDINGS, Wording, must_be_sound, own_words, text_of
from goodword.core.dates import full_day
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.shell import business_of
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


urls = [
    path("words/", words, name="settings_words"),
]
