"""Watching a case, letting a colleague watch it, and whom a note may call."""

from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword.cases.access import case_to_see, visible_cases
from goodword.cases.mentioning import handles
from goodword.cases.models import Case
from goodword.cases.watching import sees
from goodword.core.refusals import Refused
from goodword.desk.acts import case_act
from goodword.desk.answering import done, moved_on
from goodword.desk.typed import number
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member

MOST_SUGGESTED = 8


def watch(request: MemberRequest, found: Case) -> HttpResponse:
    member = _named(request)
    found.watch(member, by=request.user)
    undo = f"{reverse('case_unwatch', args=[found.pk])}?member={member.pk}"
    return done(request, found.get_absolute_url(), _said(request, member), undo=undo)


def unwatch(request: MemberRequest, found: Case) -> HttpResponse:
    member = _named(request)
    if not found.unwatch(member, by=request.user):
        raise Refused("NOT_WATCHED", _("Nobody of that name watches it any more."))
    said = _("%(name)s no longer watches it.") % {"name": member.given}
    if not visible_cases(request.user).filter(pk=found.pk).exists():
        return moved_on(request, reverse("inbox"), said)
    undo = f"{reverse('case_watch', args=[found.pk])}?member={member.pk}"
    return done(request, found.get_absolute_url(), said, undo=undo)


@require_safe
@members_only
def mentionable(request: MemberRequest, pk: int) -> JsonResponse:
    """Whom “@” may call here, by what is typed so far; who does not see the case comes last."""
    found = case_to_see(request.user, pk)
    typed = request.GET.get("q", "").casefold()[:60]
    everybody = list(Member.objects.active().order_by("name"))
    shortest: dict[int, str] = {}
    for handle, member in handles(everybody).items():
        if len(handle) < len(shortest.get(member.pk, handle + " ")):
            shortest[member.pk] = handle
    fit = [
        member
        for member in everybody
        if member.pk != request.user.pk
        and (shortest[member.pk].startswith(typed) or typed in member.name.casefold())
    ][:MOST_SUGGESTED]
    team = set(found.team.members.values_list("pk", flat=True)) | {found.owner_id}
    rows = [
        {
            "handle": shortest[member.pk],
            "name": member.name,
            "sees": member.pk in team or sees(member, found),
        }
        for member in fit
    ]
    answer = {"rows": sorted(rows, key=lambda row: not row["sees"]),
              "outside": _("does not see this case yet")}  # fmt: skip
    return JsonResponse(answer)


def _named(request: MemberRequest) -> Member:
    """Whom the form or the undo names; without a name, whoever asks."""
    asked = number(request.POST, "member") or number(request.GET, "member")
    if asked is None and not request.POST.get("member"):
        return request.user
    member = Member.objects.active().filter(pk=asked or 0).first()
    if member is None:
        raise Refused("NOT_CHOSEN", _("Choose a colleague."), 422)
    return member


def _said(request: MemberRequest, member: Member) -> str:
    if member.pk == request.user.pk:
        return _("You watch it. You hear whatever happens in it.")
    return _("%(name)s watches it, and sees it from now on.") % {"name": member.name}


urls = [
    case_act("watch", watch, door=case_to_see, light=True),
    case_act("unwatch", unwatch, door=case_to_see, light=True),
    path("cases/<int:pk>/mentionable", mentionable, name="case_mentionable"),
]
