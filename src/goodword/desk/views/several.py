"""Several cases at once: choose, say what, see what became of each, undo as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from goodword.cases import several
from goodword.cases.access import visible_cases, workable_cases
from goodword.cases.models import BulkAct, BulkStep, Case, Tag
from goodword.cases.models.several import Doing
from goodword.cases.models.tag import slug_of
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.answering import done, is_htmx, next_page, refused
from goodword.desk.shell import business_of, page
from goodword.desk.sleeping import read_until, times
from goodword.desk.typed import line, whole
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right

# What has to be asked first: to whom, which tag, until when, or whether it is really meant.
ASKS = (Doing.HAND, Doing.TEAM, Doing.TAG, Doing.SNOOZE, Doing.REST, Doing.NOTICE)


@require_POST
@members_only
def begin(request: MemberRequest) -> HttpResponse:
    """Do it, or ask first what is missing. Works from any list whose boxes are named `case`."""
    chosen = [pk for text in request.POST.getlist("case") if (pk := whole(text))]
    doing = request.POST.get("act", "")
    if doing not in Doing.values or not chosen:
        messages.error(request, _("Choose the cases first, then what to do with them."))
        return redirect(next_page(request, reverse("inbox")))
    asking = Asking(request, Doing(doing), chosen)
    if doing == Doing.NOTICE or (doing in ASKS and "asked" not in request.POST):
        return asking.page()
    try:
        act = several.begin(request.user, doing, chosen, asking.wanted())
    except Refused as error:
        return asking.page(error)
    several.go_on(act)
    return after(request, act)


def after(request: MemberRequest, act: BulkAct) -> HttpResponse:
    """Back to the list when all went well, else to what became of each."""
    act.refresh_from_db()
    rest = act.steps.exclude(state=BulkStep.State.DONE).exists()
    if rest or act.done_at is None:
        return redirect("several_act", act.pk)
    undo = reverse("several_undo", args=[act.pk]) if several.may_be_undone(act) else ""
    messages.success(request, said_of(act), extra_tags=undo)
    return redirect(next_page(request, reverse("inbox")))


def said_of(act: BulkAct) -> str:
    n = act.steps.filter(state=BulkStep.State.DONE).count()
    done = ngettext("Done for %(n)s case.", "Done for %(n)s cases.", n) % {"n": n}
    return f"{act.get_doing_display()}: {done}"


@dataclass
class Asking:
    """The page that asks what an act needs, with the cases as boxes that can be taken out."""

    request: MemberRequest
    doing: Doing
    chosen: list[int]

    def page(self, refusal: Refused | None = None) -> HttpResponse:
        request = self.request
        found = workable_cases(request.user).filter(pk__in=self.chosen).with_people()
        cases = list(found.order_by("id")[: several.AT_MOST + 1])
        context: dict[str, Any] = {
            "nav": "inbox",
            "doing": self.doing,
            "cases": cases,
            "waiting": sum(case.unanswered_since is not None for case in cases),
            "refusal": refusal,
            "typed": request.POST,
            "next": next_page(request, reverse("inbox")),
            **self._choices(cases),
        }
        status = refusal.status if refusal else 200
        return page(request, "desk/several/ask.html", context, status)

    def _choices(self, cases: list[Case]) -> dict[str, Any]:
        if self.doing == Doing.HAND:
            able = Member.objects.active().able(Right.OWN).filter(is_contractor=False)
            return {"members": list(able.order_by("name"))}
        if self.doing == Doing.TEAM:
            return {"all_teams": list(Team.objects.select_related("duty"))}
        if self.doing == Doing.TAG:
            return {"tags": list(Tag.objects.in_use())}
        if self.doing in (Doing.SNOOZE, Doing.NOTICE):
            return {"times": times(business_of(self.request).schedule, now())}
        return {}

    def wanted(self) -> dict[str, Any]:
        """What the form says, as ids and instants. Refused (422) where something is missing."""
        posted = self.request.POST
        if self.doing == Doing.HAND:
            return {"member": _chosen(Member.objects.active(), posted.get("member"))}
        if self.doing == Doing.TEAM:
            return {"team": _chosen(Team.objects.all(), posted.get("team"))}
        if self.doing == Doing.TAG:
            name = line(posted, "name")
            there = Tag.objects.filter(slug=slug_of(name)).first() if name else None
            return {"tag": (there or Tag.make(name, by=self.request.user)).pk}
        if self.doing == Doing.SNOOZE:
            zone = ZoneInfo(business_of(self.request).schedule.zone)
            until = read_until(posted, zone)
            assert isinstance(until, datetime)
            at = until.astimezone(UTC).isoformat()
            return {"until": at, "beyond": bool(posted.get("beyond"))}
        return {}


def _chosen(rows: Any, asked: str | None) -> int:
    found = rows.filter(pk=whole(asked or "") or 0).values_list("pk", flat=True).first()
    if found is None:
        raise Refused("NOT_CHOSEN", _("Choose one of the list."), 422)
    return int(found)


# What became of it


@require_safe
@members_only
def act(request: MemberRequest, pk: int) -> HttpResponse:
    """How far it is, and what was refused and why. The page goes on by itself."""
    return _shown(request, _mine(request, pk))


def _shown(request: MemberRequest, found: BulkAct, status: int = 200) -> HttpResponse:
    steps = list(found.steps.select_related("case__customer").order_by("pk"))
    count = {state: sum(step.state == state for step in steps) for state in BulkStep.State.values}
    context = {
        "nav": "inbox",
        "act": found,
        "steps": steps,
        "count": count,
        "ended": len(steps) - count["waiting"],
        "may_undo": several.may_be_undone(found) and count["done"],
    }
    return page(request, "desk/several/act.html", context, status)


@require_POST
@members_only
def go(request: MemberRequest, pk: int) -> HttpResponse:
    """The next steps; the page asks again while there are more."""
    found = _mine(request, pk)
    several.go_on(found)
    return redirect("several_act", pk)


@require_POST
@members_only
def undo(request: MemberRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    try:
        n = several.undo(found, by=request.user)
    except Refused as error:
        messages.error(request, str(error.sentence))
        return redirect("several_act", pk)
    said = ngettext("Undone for %(n)s case.", "Undone for %(n)s cases.", n) % {"n": n}
    alone = found.steps.first() if found.steps.count() == 1 else None
    if alone is not None:
        return _of_one(request, alone, said)
    messages.success(request, said)
    if found.steps.filter(state=BulkStep.State.STAYS).exists():
        return redirect("several_act", pk)
    return redirect(next_page(request, reverse("inbox")))


def _of_one(request: MemberRequest, step: BulkStep, said: str) -> HttpResponse:
    """Back to the case, or to the inbox for whoever no longer sees it."""
    there = visible_cases(request.user).filter(pk=step.case_id).exists()
    if step.state == BulkStep.State.STAYS:
        error = Refused(step.code, step.sentence)
        if is_htmx(request):
            return refused(request, error)
        messages.error(request, step.sentence)
        return redirect("case" if there else "inbox", *([step.case_id] if there else []))
    to = reverse("case", args=[step.case_id]) if there else reverse("inbox")
    return done(request, to, said)


def _mine(request: MemberRequest, pk: int) -> BulkAct:
    """Whoever did it sees it, and nobody else."""
    found = BulkAct.objects.filter(pk=pk, member=request.user)
    act = found.select_related("member", "notice__signed_by").first()
    if act is None:
        raise Http404
    return act


urls = [
    path("inbox/several", begin, name="several"),
    path("several/<int:pk>/", act, name="several_act"),
    path("several/<int:pk>/go", go, name="several_go"),
    path("several/<int:pk>/undo", undo, name="several_undo"),
]
