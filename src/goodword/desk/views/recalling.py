"""Our yes or no to what a customer remembers being promised."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases.access import recollection_for
from goodword.cases.models import Recollection
from goodword.cases.recalling import confirm, decline, offer
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime
from goodword.core.time import now
from goodword.desk.answering import done
from goodword.desk.presets import schedule_of
from goodword.desk.shell import business_of, page
from goodword.desk.times import read_when
from goodword.desk.typed import number, words
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.staff.access import MemberRequest, members_only


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def recollection(request: MemberRequest, pk: int) -> HttpResponse:
    """What they remember, and the three ways to answer it."""
    found = recollection_for(request.user, pk)
    refusal = None
    if request.method == "POST":
        try:
            said = _answer(request, found)
            return done(request, found.case.get_absolute_url(), said)
        except Refused as error:
            refusal = error
            found = recollection_for(request.user, pk)
    context: dict[str, Any] = {
        "nav": "today",
        "each": found,
        "case": found.case,
        "refusal": refusal,
        "typed": {"kind": Kind.TASK_DONE.value, **request.POST.dict()},
        "kinds": [(kind.value, kind.label) for kind in GIVEN_BY_HAND],
        "zone": schedule_of(found.case, business_of(request)).zone,
        "is_past": found.by_when is not None and found.by_when <= now(),
        "seen": found.case.newest_message_id(),
    }
    return page(request, "desk/recollection.html", context, refusal.status if refusal else 200)


def _answer(request: MemberRequest, found: Recollection) -> str:
    answer = request.POST.get("answer")
    how: dict[str, Any] = {"by": request.user, "words": words(request.POST, f"words_{answer}")}
    how["seen"] = number(request.POST, "seen")
    name = {"name": found.customer.given}
    if answer == "no":
        decline(found, **how)
        return _("%(name)s reads why not, by mail and on their page.") % name
    typed = request.POST.get(f"due_{answer}", "").strip()
    schedule = schedule_of(found.case, business_of(request))
    due = read_when(typed, schedule.hours.zone_info, now()) if typed else None
    if answer == "time":
        if due is None:
            raise Refused("NO_TIME", _("Choose the time that you offer."), 422)
        offer(found, due, **how)
        return _("Offered. It is a promise as soon as %(name)s says yes.") % name
    if answer != "yes":
        raise Refused("NOT_CHOSEN", _("Choose one of the three answers."), 422)
    promise = confirm(found, due=due, kind=request.POST.get("kind", ""), **how)
    return _("It is a promise now, by %(when)s.") % {"when": clocktime(promise.due)}


urls = [path("recollections/<int:pk>/", recollection, name="recollection")]
