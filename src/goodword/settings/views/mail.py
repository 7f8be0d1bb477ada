"""Senders whose mail is set aside, marks of spam that count, and sources that make cases."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from goodword.cases.states import AsideReason
from goodword.channels.mail.marks import KNOWN_MARKS
from goodword.desk.typed import line
from goodword.people.models import SenderRule
from goodword.settings.changing import Subject, Values, save
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.subjects.chosen import Sources, SpamMarks
from goodword.settings.subjects.rules import Rule
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest
from goodword.staff.models import Team

BLANK_ROWS = 2
MOST_ROWS = 40
MARK, SOURCE = ("header", "says", "least", "hop"), ("name", "sender", "subject", "team", "form")
# What a source may promise by itself, in the forms of the business clock.
FORMS = (
    ("", gettext_lazy("no promise")),
    ("within:60", gettext_lazy("within one open hour")),
    ("within:240", gettext_lazy("within four open hours")),
    ("by_close_today", gettext_lazy("by the close of the day")),
    ("end_of_nth_business_day:1", gettext_lazy("by the end of the next working day")),
    ("end_of_nth_business_day:5", gettext_lazy("within five working days")),
)


@reads_and_writes
@manages
def rules(request: MemberRequest) -> HttpResponse:
    """The rules in force, and one more."""
    sender = line(request.POST, "sender", longest=320).lower()
    editing = Editing(request, Rule(sender or "?"))
    if request.method == "POST":
        # A rule is made, or made again; there is nothing of somebody else's to overwrite.
        to = {"reason": request.POST.get("reason", "")}
        if editing.save(to, _("Their mail is set aside from now on."), seen=editing.seen):
            return redirect("settings_rules")
    context = {
        "here": "rules",
        "editing": editing,
        "rules": SenderRule.objects.filter(ended_at=None).select_related("by").order_by("-at"),
        "reasons": AsideReason.choices,
        "typed": request.POST,
        "past": past(kind="rule"),
    }
    return show(request, "settings/mail/rules.html", context, editing.status)


@require_POST
@manages
def rule_ended(request: MemberRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(SenderRule, pk=pk)
    done = save(Rule(rule.sender), None, by=request.user)
    tell(request, done, _("Mail from %(sender)s makes cases again.") % {"sender": rule.sender})
    return redirect("settings_rules")


@reads_and_writes
@manages
def spam(request: MemberRequest) -> HttpResponse:
    context = {"headers": sorted(KNOWN_MARKS.values())}
    return _rows_page(request, SpamMarks(), "marks", MARK, ("header",), "spam", context)


@reads_and_writes
@manages
def sources(request: MemberRequest) -> HttpResponse:
    context = {"teams": Team.objects.values_list("slug", "name"), "forms": FORMS}
    needed = ("name", "sender", "subject")
    return _rows_page(request, Sources(), "sources", SOURCE, needed, "sources", context)


def _rows_page(
    request: MemberRequest,
    subject: Subject,
    field: str,
    names: tuple[str, ...],
    needed: tuple[str, ...],
    here: str,
    context: dict[str, Any],
) -> HttpResponse:
    """A page whose one value is a list of rows."""
    editing = Editing(request, subject)
    assert editing.there is not None
    rows = editing.there[field]
    if request.method == "POST":
        rows = _typed(request.POST, names, needed)
        if editing.save({field: rows}, _("Saved.")):
            return redirect(f"settings_{here}")
    blank = dict.fromkeys(names, "")
    padded = [*rows, *([blank] * BLANK_ROWS)]
    numbered = [{**row, "number": number} for number, row in enumerate(padded)]
    whole = {"here": here, "editing": editing, "rows": numbered, "past": past(here), **context}
    return show(request, f"settings/mail/{here}.html", whole, editing.status)


def _typed(posted: QueryDict, names: tuple[str, ...], needed: tuple[str, ...]) -> list[Values]:
    """The rows in which something was written."""
    rows = []
    for number in range(MOST_ROWS):
        row = {name: posted.get(f"{name}-{number}", "").strip() for name in names}
        if any(row[name] for name in needed):
            rows.append(row)
    return rows


urls = [
    path("rules/", rules, name="settings_rules"),
    path("rules/<int:pk>/end/", rule_ended, name="settings_rule_end"),
    path("spam/", spam, name="settings_spam"),
    path("sources/", sources, name="settings_sources"),
]
