"""What a member was told: the list, what is seen, and what has to be said at once."""

from datetime import datetime

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from goodword.core.time import now
from goodword.desk.answering import moved_on
from goodword.desk.news import News, told, urgent_since
from goodword.desk.shell import page, part
from goodword.desk.typed import number
from goodword.notifying.models import seen, unsee
from goodword.staff.access import MemberRequest, light_too, members_only


@require_safe
@members_only
def notifications(request: MemberRequest) -> HttpResponse:
    everything = request.GET.get("show") == "all"
    news = News(request.user, everything=everything)
    context: dict[str, object] = {"nav": "notifications", "news": news}
    return page(request, "desk/notifications/list.html", context)


@require_POST
@members_only
@light_too
def all_seen(request: MemberRequest) -> HttpResponse:
    """All of them, one of them, or those of one case; undone as it was done."""
    at = now()
    which = {
        name: whole for name in ("pk", "case") if (whole := number(request.POST, name)) is not None
    }
    n = seen(request.user, at=at, **which)
    said = ngettext("%(n)s notification is seen.", "%(n)s notifications are seen.", n) % {"n": n}
    undo = f"{reverse('notifications_unseen')}?at={at:%Y-%m-%dT%H:%M:%S.%f}%2B00:00" if n else ""
    return moved_on(request, reverse("notifications"), said, undo=undo)


@require_POST
@members_only
@light_too
def unseen(request: MemberRequest) -> HttpResponse:
    """The way back: what was marked at that instant is new again."""
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
        n = unsee(request.user, at)
    except (ValueError, TypeError):
        n = 0
    said = _("They are new again.") if n else _("There is nothing to bring back.")
    return moved_on(request, reverse("notifications"), said)


@require_safe
@members_only
def urgent(request: MemberRequest) -> HttpResponse:
    """A toast for each urgent one that came after the page was made."""
    after = number(request.GET, "after") or 0
    newest = told(request.user).values_list("pk", flat=True).first() or after
    context = {"rows": urgent_since(request.user, after), "after": newest, "member": request.user}
    return part(request, "desk/notifications/urgent.html", context)


urls = [
    path("notifications/", notifications, name="notifications"),
    path("notifications/seen/", all_seen, name="notifications_seen"),
    path("notifications/unseen/", unseen, name="notifications_unseen"),
    path("notifications/urgent/", urgent, name="notifications_urgent"),
]
