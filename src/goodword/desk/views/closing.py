"""Before closing: word to everybody who has heard nothing, exceptions by name, the day's end."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.access import case_for
from goodword.cases.closing import close_day, end_exception, leave_for_later, open_day_again
from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import hour
from goodword.core.time import now
from goodword.desk.answering import is_htmx, moved_on
from goodword.desk.closing import SweepPage, days_of, page_for
from goodword.desk.sendingword import Sending
from goodword.desk.shell import business_of, page, part
from goodword.desk.typed import key
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member, Team


@require_safe
@members_only
def day(request: MemberRequest) -> HttpResponse:
    on = page_for(request.user, business_of(request), request.GET.get("of", ""))
    return page(request, "desk/day/page.html", {"nav": "day", "on": on})


@require_safe
@members_only
def day_part(request: MemberRequest) -> HttpResponse:
    on = _on(request, request.GET.get("of", ""))
    return part(request, "desk/day/body.html", {"on": on})


@require_safe
@members_only
def before(request: MemberRequest) -> HttpResponse:
    """The days of one team, who closed each and whom it left for later."""
    on = page_for(request.user, business_of(request), request.GET.get("of", ""))
    if on is None:
        return redirect("day")  # which says so to whoever is in no team
    return page(request, "desk/day/before.html", {"nav": "day", "on": on, "days": days_of(on.team)})


@require_POST
@members_only
def send(request: MemberRequest) -> HttpResponse:
    """Send what is written. What was refused comes back with its words, and says why."""
    on = _posted(request)
    sending = Sending(on)
    try:
        sending.send(only=key(request.POST, "only"))
    except Refused as error:
        return _given_back(request, on, error)
    if not sending.stopped:
        return moved_on(request, _address(on), _said(sending))
    again = _posted(request)
    again.show(sending.stopped)
    again.report = _said(sending) if sending.sent else ""
    return _shown(request, again, sending.status)


@require_POST
@members_only
def draft(request: MemberRequest) -> HttpResponse:
    """Keep what is typed; the answer is the line that the form shows beside it."""
    kept = Sending(_posted(request)).keep()
    said = _("Draft kept %(when)s") % {"when": hour(now())} if kept else _("Nothing is kept")
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@require_POST
@members_only
def leave(request: MemberRequest, pk: int) -> HttpResponse:
    """An exception, by name and with its reason; what else is typed on the page is kept."""
    found = case_for(request.user, pk)
    on = _posted(request, found.team)
    Sending(on).keep()
    who = key(request.POST, f"who-{pk}") or key(request.POST, "who")
    decided_by = Member.objects.active().select_related("role").filter(pk=who).first()
    reason = request.POST.get(f"why-{pk}") or request.POST.get("why", "")
    try:
        leave_for_later(found, by=request.user, decided_by=decided_by, reason=reason)
    except Refused as error:
        return _given_back(request, on, error, pk)
    said = _("%(name)s hears nothing today. The case stays ours, and its clocks run.")
    return moved_on(request, _beside(on, found), said % {"name": found.customer.name})


@require_POST
@members_only
def leave_not(request: MemberRequest, pk: int) -> HttpResponse:
    """They are to hear from us today after all."""
    found = case_for(request.user, pk)
    for exception in found.day_exceptions.standing().select_related("case"):
        end_exception(exception, by=request.user)
    said = _("%(name)s is on the list again.") % {"name": found.customer.name}
    return moved_on(request, _beside(_posted(request, found.team), found), said)


@require_POST
@members_only
def close(request: MemberRequest) -> HttpResponse:
    on = _posted(request)
    try:
        closed = close_day(on.team, by=request.user)
    except Refused as error:
        return _given_back(request, on, error)
    said = _("The day of %(team)s is closed.") if closed else _("%(team)s was closed already.")
    undo = f"{reverse('day_open_again')}?of={on.team.slug}" if closed else ""
    return moved_on(request, _address(on), said % {"team": on.team.name}, undo=undo)


@require_POST
@members_only
def open_again(request: MemberRequest) -> HttpResponse:
    on = _on(request, request.POST.get("of") or request.GET.get("of", ""))
    try:
        open_day_again(on.team, by=request.user)
    except Refused as error:
        return _given_back(request, on, error)
    return moved_on(request, _address(on), _("The day goes on."))


def _on(request: MemberRequest, asked: str) -> SweepPage:
    on = page_for(request.user, business_of(request), asked)
    if on is None:
        raise Http404
    return on


def _posted(request: MemberRequest, team: Team | None = None) -> SweepPage:
    """The page of the team that the form is of, or of the one whose case was acted on."""
    asked = team.slug if team else request.POST.get("of", "")
    on = page_for(request.user, business_of(request), asked, request.POST, case_of=team)
    if on is None:
        raise Http404
    return on


def _address(on: SweepPage) -> str:
    return f"{reverse('day')}?of={on.team.slug}"


def _beside(on: SweepPage, case: Case) -> str:
    """The sweep, or the case for its owner who is in another team."""
    mine = {team.pk for team in on.teams}
    return _address(on) if on.team.pk in mine else case.get_absolute_url()


def _given_back(
    request: MemberRequest, on: SweepPage, error: Refused, case: int = 0
) -> HttpResponse:
    on.refusal, on.refused_case = str(error.sentence), case
    return _shown(request, on, error.status)


def _shown(request: MemberRequest, on: SweepPage, status: int) -> HttpResponse:
    if is_htmx(request):
        return part(request, "desk/day/body.html", {"on": on}, status)
    return page(request, "desk/day/page.html", {"nav": "day", "on": on}, status)


def _said(sending: Sending) -> str:
    n = len(sending.sent)
    if n == 1:
        return _("Sent to %(name)s.") % {"name": sending.sent[0].case.customer.given}
    return ngettext("Sent to %(n)s person.", "Sent to %(n)s people.", n) % {"n": n}


urls = [
    path("day/", day, name="day"),
    path("day/part", day_part, name="day_part"),
    path("day/before", before, name="days_before"),
    path("day/send", send, name="day_send"),
    path("day/draft", draft, name="day_draft"),
    path("cases/<int:pk>/leave", leave, name="case_leave"),
    path("cases/<int:pk>/leave/undo", leave_not, name="case_leave_undo"),
    path("day/close", close, name="day_close"),
    path("day/open-again", open_again, name="day_open_again"),
]
