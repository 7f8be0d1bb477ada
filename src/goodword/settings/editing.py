"""One form on one subject: what was shown, what was typed, and what stood in the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.refusals import Refused
from goodword.desk.shell import page
from goodword.settings.changing import Edited, Subject, Values, mark, save
from goodword.settings.models import SettingChange
from goodword.settings.places import places, shown_value
from goodword.staff.access import MemberRequest
from goodword.staff.settings import SETTINGS

LAST_CHANGES = 6
Labels = Callable[[str], str]


@dataclass(frozen=True)
class Difference:
    """One field that two people changed at once: how it stands, and what was typed here."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Past:
    """One change in a line, and what undoes it while it still stands."""

    change: SettingChange
    what: str
    fields: list[Difference]
    undo: str


class Editing:
    """The state of a page with one form."""

    def __init__(self, request: MemberRequest, subject: Subject) -> None:
        self.request, self.subject = request, subject
        self.there = subject.values()
        self.seen = mark(self.there)
        self.refusal: Refused | None = None
        self.differences: list[Difference] = []
        self.by_whom: SettingChange | None = None
        self.change: SettingChange | None = None

    @property
    def status(self) -> int:
        return self.refusal.status if self.refusal else 200

    def save(self, to: Values | None, said: str, *, seen: str | None = None) -> bool:
        """Save what was typed and say so, with its undo; False where something stood in the way."""
        try:
            shown = self.request.POST.get("seen", "") if seen is None else seen
            change = save(self.subject, to, by=self.request.user, seen=shown)
        except Edited as edited:
            self._show_both(edited, to)
            return False
        except Refused as refused:
            self.refusal = refused
            return False
        self.change = change
        tell(self.request, change, said)
        return True

    def _show_both(self, edited: Edited, to: Values | None) -> None:
        self.refusal, self.there, self.seen = edited, edited.there, mark(edited.there)
        there = edited.there or {}
        self.by_whom = changes_of([self.subject.name]).first()
        self.differences = [
            Difference(label_of(name), shown_value(there.get(name)), shown_value(value))
            for name, value in (to or {}).items()
            if there.get(name) != value
        ]


def tell(request: MemberRequest, change: SettingChange | None, said: str) -> None:
    """A line at the foot of the page, with the way back."""
    if change is None:
        messages.info(request, _("Nothing was changed."))
        return
    messages.success(request, said, extra_tags=undo_url(change))


def undo_url(change: SettingChange) -> str:
    """The way back, with the door of the page that it is of."""
    name = "role_undo" if change.kind in ("role", "member") else "setting_undo"
    return reverse(name, args=[change.pk])


def changes_of(names: Iterable[str], *, kind: str = "") -> Any:
    rows = SettingChange.objects.select_related("by", "undone_by").order_by("-pk")
    return rows.filter(subject__startswith=f"{kind}:") if kind else rows.filter(subject__in=names)


def past(subject: str = "", *, kind: str = "") -> list[Past]:
    """The last changes of one subject, or of all of a kind, newest first."""
    rows = list(changes_of([subject], kind=kind)[:LAST_CHANGES])
    return [_past(row) for row in rows]


def _past(change: SettingChange) -> Past:
    before, after = change.before or {}, change.after or {}
    fields = [
        Difference(label_of(name), shown_value(before.get(name)), shown_value(after.get(name)))
        for name in change.fields
    ]
    is_undone = getattr(change, "undone_by", None) is not None
    undo = "" if is_undone else undo_url(change)
    return Past(change, _what(change, fields), fields, undo)


def _what(change: SettingChange, fields: list[Difference]) -> str:
    key = change.subject.partition(":")[2]
    if change.before is None:
        return _("added %(what)s") % {"what": key}
    if change.after is None:
        return _("took %(what)s away") % {"what": key}
    labels = ", ".join(each.label for each in fields)
    if change.undoes_id:
        return _("put %(fields)s back as it was") % {"fields": labels}
    return _("changed %(fields)s") % {"fields": labels}


LABELS: dict[str, Any] = {
    **{each.name: each.label for each in SETTINGS},
    "hours": gettext_lazy("the week"),
    "zone": gettext_lazy("the time zone"),
    "holidays": gettext_lazy("public holidays"),
    "closed": gettext_lazy("closed days"),
    "special": gettext_lazy("days with other hours"),
    "breaks": gettext_lazy("pauses by date"),
    "worked": gettext_lazy("holidays on which we are open"),
    "versions": gettext_lazy("what is planned"),
    "hue": gettext_lazy("the colour"),
    "members": gettext_lazy("the members"),
    "duty": gettext_lazy("who is on duty"),
    "covers": gettext_lazy("covers"),
    "team": gettext_lazy("the team"),
    "is_active": gettext_lazy("whether it is in use"),
    "rights": gettext_lazy("what it may do"),
    "second_factor": gettext_lazy("after how many days a second factor is asked for"),
    "role": gettext_lazy("the role"),
    "into": gettext_lazy("what it stands for"),
    "reason": gettext_lazy("what their mail is"),
    "marks": gettext_lazy("the marks that count"),
    "sources": gettext_lazy("the sources"),
    "auth": gettext_lazy("how the desk signs in"),
    "rules": gettext_lazy("the promises"),
    "teams": gettext_lazy("the teams"),
    "accounts": gettext_lazy("the accounts"),
    "check_ins": gettext_lazy("the check-ins"),
    "check_ins_after_failure": gettext_lazy("the check-ins after a failure"),
    "waiting": gettext_lazy("what they hear while we wait"),
    "next_update": gettext_lazy("what they hear where nothing else is promised"),
    "policy": gettext_lazy("the policy in force"),
    "views": gettext_lazy("the views"),
    "client_id": gettext_lazy("the client ID"),
    **{
        f"{use}_{field}": f"{use.upper()} {field}"
        for use in ("imap", "smtp")
        for field in ("host", "port", "security", "user", "folder", "after", "start")
    },
}


def label_of(field: str) -> str:
    return str(LABELS.get(field, field))


def show(
    request: MemberRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the settings room, with its own list of places beside it."""
    whole = {"nav": "settings", "places": places(), "here": "", **context}
    return page(request, template, whole, status=status)
