"""Who works here: invited, given a role and teams, let go, let in again."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.leaving import Taken, appoint, restore, revoke, sign_out
from goodword.core.refusals import Refused
from goodword.settings.editing import show
from goodword.staff import inviting
from goodword.staff.access import MemberRequest, needs
from goodword.staff.appointing import change_teams, must_be_theirs_to_give
from goodword.staff.factors import take_all_away
from goodword.staff.models import Member, Role, Team
from goodword.staff.rights import Right

manages_members = needs(Right.MEMBERS)
Act = Callable[[MemberRequest, Member], tuple[str, str]]


def _members() -> "QuerySet[Member]":
    factors = Count("authenticator", distinct=True, filter=~Q(authenticator__type="recovery_codes"))
    seen = Max("sessions__seen_at")
    rows = Member.objects.select_related("role").prefetch_related("teams", "duty_for")
    return rows.annotate(factors=factors, seen=seen).order_by("-is_active", "name", "pk")


def _to_give(member: Member) -> list[Role]:
    """The roles that this member may give: none with a right that they do not have."""
    return [role for role in Role.objects.all() if role.rights <= member.rights]


@require_safe
@manages_members
def members(request: MemberRequest) -> HttpResponse:
    return _listed(request)


def _listed(request: MemberRequest, refusal: Refused | None = None) -> HttpResponse:
    rows = list(_members())
    context = {
        "here": "members",
        "active": [row for row in rows if row.is_active],
        "invited": [row for row in rows if row.joined_at is None],
        "gone": [row for row in rows if not row.is_active and row.joined_at],
        "roles": _to_give(request.user),
        "teams": Team.objects.all(),
        "refusal": refusal,
        "typed": request.POST if refusal else {"role": Role.AGENT},
        "typed_teams": request.POST.getlist("team"),
    }
    return show(request, "settings/members/list.html", context, refusal.status if refusal else 200)


@require_POST
@manages_members
def invite(request: MemberRequest) -> HttpResponse:
    typed = request.POST
    teams = Team.objects.filter(pk__in=_ids(typed.getlist("team")))
    name, email = typed.get("name", ""), typed.get("email", "")
    try:
        key = inviting.invite(name, email, typed.get("role", ""), by=request.user, teams=teams)
    except Refused as refusal:
        return _listed(request, refusal)
    said = _("An invitation goes out to %(address)s. It works for seven days.")
    assert key.member is not None
    undo = reverse("member_withdraw", args=[key.member.pk])
    messages.success(request, said % {"address": key.member.email}, extra_tags=undo)
    return redirect("members")


def _ids(typed: list[str]) -> list[int]:
    return [int(each) for each in typed if each.isascii() and each.isdigit()][:200]


def _member(pk: int) -> Member:
    found = _members().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@manages_members
def member(request: MemberRequest, pk: int) -> HttpResponse:
    found = _member(pk)
    context = {
        "here": "members",
        "member": found,
        "roles": _to_give(request.user),
        "teams": Team.objects.all(),
        "theirs": {team.pk for team in found.teams.all()},
        "factors": Authenticator.objects.filter(user=found).exclude(type="recovery_codes"),
        "is_me": found.pk == request.user.pk,
        "is_above_me": not found.rights <= request.user.rights,
    }
    return show(request, "settings/members/one.html", context)


def act(verb: Act) -> Callable[..., HttpResponseBase]:
    """A POST about one member: do it, say so with the way back, or say why not."""

    @require_POST
    @manages_members
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = _member(pk)
        try:
            said, undo = verb(request, found)
            messages.success(request, said, extra_tags=undo)
        except Refused as refusal:
            messages.error(request, str(refusal.sentence))
        there = Member.objects.filter(pk=pk).exists()
        return redirect("member", pk) if there else redirect("members")

    return view


def _sent(request: MemberRequest, name: str) -> list[str]:
    """What a form sent; the way back carries it in its address."""
    return request.POST.getlist(name) or request.GET.getlist(name)


def role(request: MemberRequest, found: Member) -> tuple[str, str]:
    wanted = Role.objects.filter(pk__in=_sent(request, "role")[:1]).first()
    if wanted is None:
        raise Refused("NO_ROLE", _("Choose a role."), 422)
    before = found.role
    taken = appoint(found, wanted, by=request.user)
    said = _("%(name)s is now: %(role)s.") % {"name": found.name, "role": wanted.title}
    undo = f"{reverse('member_role', args=[found.pk])}?{urlencode({'role': before.slug})}"
    return " ".join([said, *_fell(taken)]), undo if before != wanted else ""


def _fell(taken: list[Taken]) -> list[str]:
    said = _("%(name)s has %(cases)s cases and %(promises)s promises of theirs now.")
    return [
        said % {"name": each.member.name, "cases": each.cases, "promises": each.promises}
        for each in taken
    ]


def teams(request: MemberRequest, found: Member) -> tuple[str, str]:
    must_be_theirs_to_give(found.role, request.user)
    wanted = Team.objects.filter(pk__in=_ids(_sent(request, "team")))
    before = change_teams(found, wanted, by=request.user)
    undo = f"{reverse('member_teams', args=[found.pk])}?{urlencode({'team': before}, doseq=True)}"
    return _("The teams of %(name)s are changed.") % {"name": found.name}, undo


def end(request: MemberRequest, found: Member) -> tuple[str, str]:
    must_be_theirs_to_give(found.role, request.user)
    taken = revoke(found, by=request.user)
    said = _("%(name)s can no longer sign in.") % {"name": found.name}
    return " ".join([said, *_fell(taken)]), reverse("member_restore", args=[found.pk])


def let_in(request: MemberRequest, found: Member) -> tuple[str, str]:
    must_be_theirs_to_give(found.role, request.user)
    restore(found, by=request.user)
    said = _("%(name)s can sign in again. What fell to others stays with them.")
    return said % {"name": found.name}, reverse("member_revoke", args=[found.pk])


def new_password(request: MemberRequest, found: Member) -> tuple[str, str]:
    must_be_theirs_to_give(found.role, request.user)
    inviting.reset(found, by=request.user)
    return _("A link to a new password goes out to %(to)s.") % {"to": found.email}, ""


def no_factors(request: MemberRequest, found: Member) -> tuple[str, str]:
    must_be_theirs_to_give(found.role, request.user)
    if found.pk == request.user.pk:
        raise Refused("NOT_YOURSELF", _("Take your own away on your own page."), 403)
    take_all_away(found, by=request.user)
    sign_out(found)
    return _("%(name)s comes in without a second factor now.") % {"name": found.name}, ""


def again(request: MemberRequest, found: Member) -> tuple[str, str]:
    inviting.invite_again(found, by=request.user)
    said = _("Another invitation goes out to %(to)s. The one before it works no more.")
    return said % {"to": found.email}, ""


def withdraw(request: MemberRequest, found: Member) -> tuple[str, str]:
    inviting.withdraw(found, by=request.user)
    return _("The invitation of %(name)s is withdrawn.") % {"name": found.name}, ""


ACTS: dict[str, Any] = {
    "role": role, "teams": teams, "revoke": end, "restore": let_in, "reset": new_password,
    "factors": no_factors, "again": again, "withdraw": withdraw,
}  # fmt: skip
urls = [
    path("members/", members, name="members"),
    path("members/invite/", invite, name="member_invite"),
    path("members/<int:pk>/", member, name="member"),
    *(
        path(f"members/<int:pk>/{name}/", act(verb), name=f"member_{name}")
        for name, verb in ACTS.items()
    ),
]
