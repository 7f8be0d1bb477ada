"""What each role may see and do, and of whom a second factor is asked."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.settings.editing import show
from goodword.settings.views.doors import reads_and_writes
from goodword.settings.views.members import manages_members
from goodword.staff.access import MemberRequest
from goodword.staff.appointing import ask_second_factor, change_rights, make_role, remove_role
from goodword.staff.models import Role
from goodword.staff.rights import BUILT_IN, Right

DAYS = (0, 7, 14, 30)


@require_safe
@manages_members
def roles(request: MemberRequest) -> HttpResponse:
    return _listed(request)


def _listed(request: MemberRequest, refusal: Refused | None = None) -> HttpResponse:
    have = Count("members", filter=Q(members__is_active=True))
    context = {
        "here": "roles",
        "roles": sorted(Role.objects.annotate(have=have), key=_place),
        "rights": _offered(request, request.POST.getlist("right") if refusal else []),
        "every_right": list(Right),
        "days": DAYS,
        "refusal": refusal,
        "typed": request.POST if refusal else {},
    }
    return show(request, "settings/roles/list.html", context, refusal.status if refusal else 200)


def _place(role: Role) -> tuple[int, str]:
    """The built-in ones in their own order, then those that were made."""
    order = list(BUILT_IN)
    return (order.index(role.slug) if role.is_built_in else len(order), role.name)


def _offered(request: MemberRequest, chosen: list[str]) -> list[tuple[Right, bool, bool]]:
    """Every right: whether it is chosen, and whether this member may give it."""
    return [(right, right in chosen, request.user.has(right)) for right in Right]


@require_POST
@manages_members
def new(request: MemberRequest) -> HttpResponse:
    try:
        role = make_role(
            request.POST.get("name", ""), request.POST.getlist("right"), by=request.user
        )
    except Refused as refusal:
        return _listed(request, refusal)
    said = _("The role “%(name)s” is there.") % {"name": role.title}
    messages.success(request, said, extra_tags=reverse("role_remove", args=[role.slug]))
    return redirect("roles")


def _role(slug: str) -> Role:
    found = Role.objects.filter(pk=slug).first()
    if found is None:
        raise Http404
    return found


@reads_and_writes
@manages_members
def one(request: MemberRequest, role: str) -> HttpResponse:
    found, refusal = _role(role), None
    chosen = [str(right) for right in found.rights]
    if request.method == "POST":
        chosen = request.POST.getlist("right")
        try:
            change_rights(found, request.POST.get("name", ""), chosen, by=request.user)
            said = _("What this role may do holds from the next page on.")
            messages.success(request, said)
            return redirect("role", found.slug)
        except Refused as refused:
            refusal = refused
    context = {
        "here": "roles",
        "role": found,
        "rights": _offered(request, chosen),
        "refusal": refusal,
        "count": found.members.filter(is_active=True).count(),
    }
    return show(request, "settings/roles/one.html", context, refusal.status if refusal else 200)


@require_POST
@manages_members
def remove(request: MemberRequest, role: str) -> HttpResponse:
    found = _role(role)
    try:
        remove_role(found, by=request.user)
        messages.success(request, _("The role “%(name)s” is gone.") % {"name": found.title})
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
    return redirect("roles")


@require_POST
@manages_members
def second_factor(request: MemberRequest) -> HttpResponse:
    """Of one role, or of all; after so many days, or of nobody."""
    asked, days = request.POST.get("role", ""), request.POST.get("days", "")
    found = Role.objects.all() if asked == "*" else Role.objects.filter(pk=asked)
    whole = int(days) if days.isascii() and days.isdigit() and int(days) <= 365 else None
    try:
        ask_second_factor(found, whole, by=request.user)
        messages.success(request, _("It is asked for at sign-in."))
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
    return redirect("roles")


urls = [
    path("roles/", roles, name="roles"),
    path("roles/new/", new, name="role_new"),
    path("roles/second-factor/", second_factor, name="roles_second_factor"),
    path("roles/<slug:role>/", one, name="role"),
    path("roles/<slug:role>/remove/", remove, name="role_remove"),
]
