"""A member's promises in their own calendar: the page of the link, and what the link answers."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_POST, require_safe

from goodword.core.time import now
from goodword.desk.answering import moved_on
from goodword.desk.shell import business_of, page
from goodword.promises.in_calendars import calendar_of
from goodword.staff.access import MemberRequest, light_too, members_only, open_to_all
from goodword.staff.entering import is_fresh
from goodword.staff.feed import Feed, is_guessed_too_often
from goodword.staff.models import Business
from goodword.staff.rights import Right


@require_safe
@members_only
def my_calendar(request: MemberRequest) -> HttpResponse:
    return _shown(request)


@require_POST
@members_only
@light_too
def make(request: MemberRequest) -> HttpResponseBase:
    """A new link on a page that is shown once; the one before ends."""
    if not is_fresh(request):
        return redirect(f"{reverse('me_again')}?next={reverse('my_calendar')}")
    return _shown(request, address=Feed.make(request.user))


@require_POST
@members_only
@light_too
def end(request: MemberRequest) -> HttpResponse:
    ended = Feed.end(request.user, by=request.user)
    said = _("No calendar reads your promises any more.") if ended else _("There was no link.")
    return moved_on(request, reverse("my_calendar"), said)


def _shown(request: MemberRequest, *, address: str = "") -> HttpResponse:
    context: dict[str, object] = {
        "nav": "me",
        "feed": Feed.of(request.user),
        "address": address,
        "with_words": business_of(request).setting("calendar_words"),
        "may_set": request.user.has(Right.SETTINGS),
    }
    return page(request, "desk/me/calendar.html", context)


@require_safe
@open_to_all
@conditional_page
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar reads: no session and no cookie, the link alone opens it."""
    found = Feed.opened_by(secret)
    if found is None:
        if is_guessed_too_often(request):
            return _said(_("Too many tries. Wait a quarter of an hour."), 429)
        return _said(_("This link has ended. Make a new one on your own page in Goodword."), 404)
    if found.is_read_too_often():
        return _said(_("Read too often. Once in half an hour is enough."), 429)
    found.note_reading()
    business: Business = request.business  # type: ignore[attr-defined]
    with translation.override(found.member.language or business.language):
        words = business.setting("calendar_words") == "words"
        raw = calendar_of(found.member, now(), with_words=words)
    answer = HttpResponse(raw, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="promises.ics"'
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _said(sentence: str, status: int) -> HttpResponse:
    answer = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    if status == 429:
        answer["Retry-After"] = "900"
    return answer


urls = [
    path("me/calendar/", my_calendar, name="my_calendar"),
    path("me/calendar/make/", make, name="my_calendar_make"),
    path("me/calendar/end/", end, name="my_calendar_end"),
    path("feeds/<str:secret>/promises.ics", feed, name="feed"),
]
