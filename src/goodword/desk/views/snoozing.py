"""Snoozing a case: until when, and the way back."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases.access import case_for
from goodword.cases.models import Case
from goodword.cases.snoozing import PastAPromise
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime
from goodword.core.time import now
from goodword.desk.acts import case_act
from goodword.desk.answering import done, is_htmx
from goodword.desk.presets import schedule_of
from goodword.desk.shell import business_of, page, part
from goodword.desk.sleeping import promised, read_until, times
from goodword.staff.access import MemberRequest, members_only


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def snooze(request: MemberRequest, pk: int) -> HttpResponse:
    """Until when, as a dialog or a page; what is refused comes back as it was typed."""
    found = case_for(request.user, pk)
    if request.method != "POST":
        return _form(request, found)
    zone = ZoneInfo(schedule_of(found, business_of(request)).zone)
    asked = request.POST if "until" in request.POST else request.GET
    try:
        until = read_until(asked, zone, found)
        at = found.snooze(until, by=request.user, beyond=bool(asked.get("beyond")))
    except Refused as error:
        return _form(request, found, error)
    said = _("Snoozed until %(when)s. Any word of %(name)s brings it back at once.")
    said = said % {"when": clocktime(at), "name": found.customer.given}
    undo = reverse("case_unsnooze", args=[found.pk])
    return done(request, found.get_absolute_url(), said, undo=undo)


def _form(request: MemberRequest, found: Case, refusal: Refused | None = None) -> HttpResponse:
    schedule = schedule_of(found, business_of(request))
    context = {
        "case": found,
        "nav": "inbox",
        "choices": [*promised(found, now()), *times(schedule, now())],
        "refusal": refusal,
        "is_past": isinstance(refusal, PastAPromise),
        "typed": request.POST,
    }
    status = refusal.status if refusal else 200
    if is_htmx(request):
        return part(request, "desk/case/snooze.html", context, status)
    return page(request, "desk/case/snooze_page.html", context, status)


def unsnooze(request: MemberRequest, found: Case) -> HttpResponse:
    until = found.snoozed_until
    if not found.unsnooze(by=request.user):
        raise Refused("AWAKE", _("It is in the lists already."))
    undo = ""
    if until is not None and until > now():
        undo = (
            f"{reverse('case_snooze', args=[found.pk])}?until={until:%Y-%m-%dT%H:%M:%SZ}&beyond=1"
        )
    return done(request, found.get_absolute_url(), _("Back in the lists."), undo=undo)


urls = [
    path("cases/<int:pk>/snooze", snooze, name="case_snooze"),
    case_act("unsnooze", unsnooze),
]
