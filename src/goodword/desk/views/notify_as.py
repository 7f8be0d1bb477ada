"""How a member is told: what by which way, when, their browsers and their services."""

import json
from datetime import time

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.desk.shell import page
from goodword.notifying import choosing, webpush
from goodword.notifying.choosing import channel_of
from goodword.notifying.models import Channel, Preferences
from goodword.notifying.outward import NotSent
from goodword.notifying.pushing import try_out
from goodword.notifying.subjects import SUBJECTS, Way
from goodword.staff.access import MemberRequest, light_too, members_only
from goodword.staff.session import device

COLUMNS = (Way.PAGE, Way.MAIL, Way.BROWSER, Way.SERVICE)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
@light_too
def notify_as(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request)
    try:
        _choose(request)
    except Refused as refusal:
        return _shown(request, refusal)
    messages.success(request, _("From now on you are told like this."))
    return redirect("me_notifications")


def _choose(request: MemberRequest) -> None:
    typed = request.POST
    choosing.choose(
        request.user,
        {name: typed.getlist(f"ways-{name}") for name in SUBJECTS if not SUBJECTS[name].is_page},
        digest=typed.get("digest", ""),
        quiet_from=_clock(typed.get("quiet_from", "")),
        quiet_until=_clock(typed.get("quiet_until", "")),
        shows_more=bool(typed.get("shows_more")),
    )


def _clock(typed: str) -> time | None:
    try:
        return time.fromisoformat(typed) if typed.strip() else None
    except ValueError as error:
        raise Refused("NO_TIME", _("Write a time as 20:00."), 422) from error


def _shown(
    request: MemberRequest, refusal: Refused | None = None, *, at: str = "choose"
) -> HttpResponse:
    kept = Preferences.of(request.user)
    typed = request.POST if refusal and at == "choose" else None
    rows = [
        (name, subject.label, [(way, way in _chosen(kept, name, typed)) for way in COLUMNS])
        for name, subject in SUBJECTS.items()
        if not subject.is_page
    ]
    standing = Channel.objects.standing().filter(member=request.user).order_by("pk")
    channels = list(standing)
    context: dict[str, object] = {
        "nav": "me",
        "rows": rows,
        "kept": kept,
        "typed": request.POST if refusal else None,
        "digests": Preferences.Digest.choices,
        "browsers": [each for each in channels if each.way == Channel.Way.BROWSER],
        "services": [each for each in channels if each.way == Channel.Way.SERVICE],
        "push_key": webpush.public_key(),
        "refusal": refusal,
        "at": at if refusal else "",
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/me/notifications.html", context, status=status)


def _chosen(kept: Preferences, name: str, typed: "object | None") -> frozenset[str]:
    if typed is not None:
        return frozenset(typed.getlist(f"ways-{name}"))  # type: ignore[attr-defined]
    return frozenset(kept.wants(name))


@require_POST
@members_only
@light_too
def add_service(request: MemberRequest) -> HttpResponse:
    try:
        made = choosing.add_service(
            request.user, request.POST.get("url", ""), request.POST.get("name", "")
        )
    except Refused as refusal:
        return _shown(request, refusal, at="services")
    messages.success(request, _("%(name)s is added. Try it.") % {"name": made.name})
    return _back("services")


@require_POST
@members_only
@light_too
def add_browser(request: MemberRequest) -> JsonResponse:
    """Asked by the script, which alone can speak with the browser's push."""
    try:
        typed = json.loads(request.POST.get("subscription", ""))
        choosing.add_browser(request.user, typed, device(request.headers.get("User-Agent", "")))
    except (ValueError, Refused) as error:
        said = error.sentence if isinstance(error, Refused) else _("The browser said nothing.")
        return JsonResponse({"said": str(said)}, status=422)
    messages.success(request, _("This browser tells you from now on."))
    return JsonResponse({"to": reverse("me_notifications") + "#browsers"})


@require_POST
@members_only
@light_too
def try_channel(request: MemberRequest, pk: int) -> HttpResponse:
    channel = channel_of(request.user, pk)
    try:
        try_out(channel, as_page="page" in request.POST)
        messages.success(request, _("It was sent. Look whether it arrived."))
    except NotSent as error:
        messages.error(request, str(error))
    return _back(f"{channel.way}s")


@require_POST
@members_only
@light_too
def remove_channel(request: MemberRequest, pk: int) -> HttpResponse:
    channel = channel_of(request.user, pk)
    choosing.remove(channel)
    messages.success(request, _("%(name)s tells you nothing any more.") % {"name": channel.name})
    return _back(f"{channel.way}s")


def _back(where: str) -> HttpResponse:
    return redirect(f"{reverse('me_notifications')}#{where}")


@require_safe
@members_only
def push_worker(request: MemberRequest) -> HttpResponse:
    """The script that a browser wakes for a push. Its scope is where it lies: the whole desk."""
    found = finders.find("goodword/push-worker.js")
    with open(str(found), encoding="utf-8") as file:
        answer = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


urls = [
    path("me/notifications/", notify_as, name="me_notifications"),
    path("me/notifications/services/", add_service, name="me_service"),
    path("me/notifications/browsers/", add_browser, name="me_browser"),
    path("me/channels/<int:pk>/try/", try_channel, name="me_channel_try"),
    path("me/channels/<int:pk>/remove/", remove_channel, name="me_channel_remove"),
    path("push-worker.js", push_worker, name="push_worker"),
]
