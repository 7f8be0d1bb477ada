"""Who else has this case open, told within a second or two."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.access import case_to_see
from goodword.core.time import now
from goodword.desk.shell import part, shell_for
from goodword.desk.typed import number
from goodword.staff.access import MemberRequest, light_too, members_only
from goodword.staff.models import Presence


@require_POST
@members_only
@light_too
def presence(request: MemberRequest, pk: int) -> HttpResponse:
    """This member has the case open, and writes or does not; the answer is who else does."""
    found = case_to_see(request.user, pk)
    Presence.note(found.pk, request.user, writing=bool(request.POST.get("writing")))
    return _others(request, found.pk)


@require_safe
@members_only
def present(request: MemberRequest, pk: int) -> HttpResponse:
    return _others(request, case_to_see(request.user, pk).pk)


@require_safe
@members_only
def side(request: MemberRequest) -> HttpResponse:
    """What stands around every page, anew: the counts, the team views, the shop's clock."""
    context: dict[str, object] = {
        "desk": shell_for(request.user),
        "nav": request.GET.get("nav", ""),
    }
    if (chosen := number(request.GET, "view")) is not None:
        context["on"] = {"view": {"pk": chosen}}
    return part(request, "core/parts/side_anew.html", context)


def _others(request: MemberRequest, pk: int) -> HttpResponse:
    others = Presence.others(pk, request.user, now())
    return part(request, "desk/case/present.html", {"others": others, "pk": pk})


urls = [
    path("side", side, name="side"),
    path("cases/<int:pk>/presence", presence, name="case_presence"),
    path("cases/<int:pk>/present", present, name="case_present"),
]
