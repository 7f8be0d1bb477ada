"""What each role may see and do, and of whom a second factor is asked."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.settings.changing import Values, save
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.models import SettingChange
from goodword.settings.subjects.roles import RoleSubject
from goodword.settings.views.doors import reads_and_writes
from goodword.settings.views.members import manages_members
from goodword.settings.views.pages import taken_back
from goodword.staff.access import MemberRequest
from goodword.staff.models import Member, Role
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
        "past": past(kind="role"),
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
    name = request.POST.get("name", "")
    subject = RoleSubject(slugify(name)[:40])
    try:
        if subject.role() is not None or not subject.key:
            sentence = _("There is a role of that name already, or the name has no letters.")
            raise Refused("ROLE_NAME", sentence, 422)
        to = {"name": name, "rights": _known(request.POST.getlist("right"))}
        change = save(subject, to, by=request.user)
    except Refused as refusal:
        return _listed(request, refusal)
    tell(request, change, _("The role “%(name)s” is there.") % {"name": name})
    return redirect("roles")


def _known(chosen: list[str]) -> list[str]:
    """A form of another version may name a right that is no more."""
    return [each for each in chosen if each in Right.values]


def _role(slug: str) -> Role:
    found = Role.objects.filter(pk=slug).first()
    if found is None:
        raise Http404
    return found


@reads_and_writes
@manages_members
def one(request: MemberRequest, role: str) -> HttpResponse:
    found = _role(role)
    editing = Editing(request, RoleSubject(found.slug))
    name, chosen = found.name, [str(right) for right in found.rights]
    if request.method == "POST":
        name = request.POST.get("name", "")
        chosen = _known(request.POST.getlist("right")) + _kept(request, found)
        said = _("What this role may do holds from the next page on.")
        if editing.save(_named(found, name, chosen), said):
            return redirect("role", found.slug)
    context = {
        "here": "roles",
        "role": found,
        "name": name,
        "rights": _offered(request, chosen),
        "editing": editing,
        "past": past(f"role:{found.slug}"),
        "count": found.members.filter(is_active=True).count(),
    }
    return show(request, "settings/roles/one.html", context, editing.status)


def _named(found: Role, name: str, chosen: list[str]) -> Values:
    if found.is_built_in:
        sentence = _("This role is built in. Make a role of your own beside it.")
        raise Refused("BUILT_IN", sentence, 422)
    return {"name": name.strip() or found.name, "rights": chosen}


def _kept(request: MemberRequest, found: Role) -> list[str]:
    """What the form could not send, since nobody takes a right that they do not have."""
    return [str(right) for right in found.rights if not request.user.has(right)]


@require_POST
@manages_members
def remove(request: MemberRequest, role: str) -> HttpResponse:
    found = _role(role)
    try:
        if found.is_built_in:
            raise Refused("BUILT_IN", _("A built-in role stays."), 422)
        change = save(RoleSubject(found.slug), None, by=request.user)
        tell(request, change, _("The role “%(name)s” is gone.") % {"name": found.title})
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
    return redirect("roles")


@require_POST
@manages_members
def take_back(request: MemberRequest, role_change: int) -> HttpResponse:
    """Undo a change of a role, by whoever may change roles."""
    kinds = Q(subject__startswith="role:") | Q(subject__startswith="member:")
    return taken_back(
        request, get_object_or_404(SettingChange.objects.filter(kinds), pk=role_change)
    )


@require_POST
@manages_members
def second_factor(request: MemberRequest) -> HttpResponse:
    """Of one role, or of all; after so many days, or of nobody."""
    asked, days = request.POST.get("role", ""), request.POST.get("days", "")
    found = Role.objects.all() if asked == "*" else Role.objects.filter(pk=asked)
    whole = int(days) if days.isascii() and days.isdigit() and int(days) <= 365 else None
    try:
        _ask(found, "" if whole is None else whole, request.user)
        messages.success(request, _("It is asked for at sign-in."))
    except Refused as refusal:
        messages.error(request, str(refusal.sentence))
    return redirect("roles")


@transaction.atomic
def _ask(roles: "QuerySet[Role]", days: int | str, by: Member) -> None:
    for each in roles:
        save(RoleSubject(each.slug), {"second_factor": days}, by=by)


urls = [
    path("roles/", roles, name="roles"),
    path("roles/new/", new, name="role_new"),
    path("roles/second-factor/", second_factor, name="roles_second_factor"),
    path("roles/changes/<int:role_change>/undo/", take_back, name="role_undo"),
    path("roles/<slug:role>/", one, name="role"),
    path("roles/<slug:role>/remove/", remove, name="role_remove"),
]
