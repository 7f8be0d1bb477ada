"""Tags: on and off a case, and the page where leads and operators keep them in order."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.cases.models import Case, Tag
from goodword.core.refusals import Refused
from goodword.desk.acts import case_act
from goodword.desk.answering import done
from goodword.desk.shell import page
from goodword.desk.typed import key, line, number
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Team
from goodword.staff.rights import Right

TagAct = Callable[[MemberRequest, Tag], tuple[str, str]]


def tag(request: MemberRequest, found: Case) -> HttpResponse:
    put = found.tag(line(request.POST, "name"), by=request.user)
    said = _("Tagged “%(name)s”.") % {"name": put.name}
    undo = f"{reverse('case_untag', args=[found.pk])}?tag={put.pk}"
    return done(request, found.get_absolute_url(), said, undo=undo)


def untag(request: MemberRequest, found: Case) -> HttpResponse:
    asked = number(request.POST, "tag") or number(request.GET, "tag") or 0
    there = Tag.objects.filter(pk=asked).first()
    if there is None or not found.untag(there, by=request.user):
        raise Refused("NOT_TAGGED", _("That tag is not on this case any more."))
    said = _("“%(name)s” is off.") % {"name": there.name}
    undo = f"{reverse('case_retag', args=[found.pk])}?tag={there.pk}"
    return done(request, found.get_absolute_url(), said, undo=undo)


def retag(request: MemberRequest, found: Case) -> HttpResponse:
    """The way back from taking a tag off."""
    there = Tag.objects.filter(pk=number(request.GET, "tag") or 0).first()
    if there is None:
        raise Refused("NOT_CHOSEN", _("That tag is not there any more."), 422)
    found.tag(there.slug, by=request.user)
    said = _("Tagged “%(name)s”.") % {"name": there.name}
    return done(request, found.get_absolute_url(), said)


# The page of all tags


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def tags(request: MemberRequest) -> HttpResponse:
    """Every tag with how many cases carry it; a new one by POST."""
    _must_keep_order(request)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            made = Tag.make(line(request.POST, "name"), by=request.user, team=_team(request))
            return done(request, reverse("tags"), _("“%(name)s” is there.") % {"name": made.name})
        except Refused as error:
            refusal = error
    return _shown(request, refusal)


def _shown(request: MemberRequest, refusal: Refused | None = None) -> HttpResponse:
    found = Tag.objects.select_related("team", "merged_into").annotate(
        cases=Count("taggings"),
        open=Count("taggings", filter=Q(taggings__case__ended_at=None)),
    )
    rows = list(found.order_by("name"))
    context: dict[str, object] = {
        "nav": "settings",
        "tags": [row for row in rows if not (row.retired_at or row.merged_into_id)],
        "gone": [row for row in rows if row.retired_at or row.merged_into_id],
        "all_teams": list(Team.objects.all()),
        "refusal": refusal,
        "typed": request.POST,
    }
    return page(request, "desk/tags/page.html", context, refusal.status if refusal else 200)


def _act(name: str, act: TagAct) -> object:
    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        _must_keep_order(request)
        there = get_object_or_404(Tag, pk=pk)
        try:
            said, undo = act(request, there)
        except Refused as error:
            return _shown(request, error)
        messages.success(request, said, extra_tags=undo)
        return redirect("tags")

    return path(f"settings/tags/<int:pk>/{name}", view, name=f"tag_{name}")


def change(request: MemberRequest, there: Tag) -> tuple[str, str]:
    before, seen = there.name, request.POST.get("seen")
    hue = number(request.POST, "hue")
    there.alter(
        by=request.user,
        name=line(request.POST, "name"),
        hue=there.hue if hue is None else hue,
        team=_team(request),
        seen=seen,
    )
    said = _("Changed. Its search word is still tag:%(slug)s.") % {"slug": there.slug}
    if before == there.name:
        return said, ""
    return said, f"{reverse('tag_name_back', args=[there.pk])}?{urlencode({'name': before})}"


def name_back(request: MemberRequest, there: Tag) -> tuple[str, str]:
    name = request.GET.get("name", "")
    there.alter(by=request.user, name=name, hue=there.hue, team=there.team)
    return _("It is called “%(name)s” again.") % {"name": there.name}, ""


def merge(request: MemberRequest, there: Tag) -> tuple[str, str]:
    into = Tag.objects.filter(pk=key(request.POST, "into")).first()
    if into is None:
        raise Refused("NOT_CHOSEN", _("Choose the tag that it is to stand for."), 422)
    there.merge_into(into, by=request.user)
    facts = {"name": there.name, "into": into.name}
    said = _("“%(name)s” stands for “%(into)s” now, on every case.") % facts
    return said, reverse("tag_part", args=[there.pk])


def part(request: MemberRequest, there: Tag) -> tuple[str, str]:
    there.part(by=request.user)
    return _("“%(name)s” stands for itself again.") % {"name": there.name}, ""


def retire(request: MemberRequest, there: Tag) -> tuple[str, str]:
    there.retire(by=request.user)
    said = _("“%(name)s” is retired. The cases that carry it keep it.") % {"name": there.name}
    return said, reverse("tag_restore", args=[there.pk])


def restore(request: MemberRequest, there: Tag) -> tuple[str, str]:
    there.restore(by=request.user)
    return _("“%(name)s” may be used again.") % {"name": there.name}, ""


def _must_keep_order(request: MemberRequest) -> None:
    if not (request.user.has(Right.LEAD) or request.user.has(Right.SETTINGS)):
        raise PermissionDenied(_("Leads and operators keep the tags in order."))


def _team(request: MemberRequest) -> Team | None:
    return Team.objects.filter(pk=key(request.POST, "team")).first()


urls = [
    case_act("tag", tag),
    case_act("untag", untag),
    case_act("retag", retag),
    path("settings/tags/", tags, name="tags"),
    _act("change", change),
    _act("name_back", name_back),
    _act("merge", merge),
    _act("part", part),
    _act("retire", retire),
    _act("restore", restore),
]
