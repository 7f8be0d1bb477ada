"""The palette: every room by name, and what `search_quick` finds, on a page and as JSON."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword.desk.quick import quick
from goodword.desk.rooms import Room, found, rooms
from goodword.desk.shell import business_of, page
from goodword.staff.access import MemberRequest, members_only


@require_safe
@members_only
def palette(request: MemberRequest) -> HttpResponse:
    """What the palette does, without JavaScript: one field, and links."""
    asked = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:100]
    zone = ZoneInfo(business_of(request).schedule.zone)
    context: dict[str, object] = {
        "nav": "palette",
        "asked": asked,
        "groups": quick(asked, request.user, zone) if asked else [],
        "rooms": _grouped(found(request.user, asked)),
    }
    return page(request, "desk/palette.html", context)


@require_safe
@members_only
def palette_rooms(request: MemberRequest) -> JsonResponse:
    """Every room that this member may enter. What can be done on a page, the page says itself."""
    return JsonResponse({"rooms": [room.as_json() for room in rooms(request.user)]})


def _grouped(listed: list[Room]) -> list[tuple[str, list[Room]]]:
    groups: dict[str, list[Room]] = {}
    for room in listed:
        groups.setdefault(room.group or _("Rooms"), []).append(room)
    return list(groups.items())


urls = [
    path("palette/", palette, name="palette"),
    path("palette/rooms", palette_rooms, name="palette_rooms"),
]
