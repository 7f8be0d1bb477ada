"""The logo: taken, drawn anew, shown to everybody, and put away again."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goodword.core import files
from goodword.core.refusals import Refused
from goodword.settings.drawing import LARGEST, kept
from goodword.settings.editing import Editing
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.views.doors import manages
from goodword.settings.views.pages import look
from goodword.staff.access import MemberRequest, open_to_all
from goodword.staff.models import Business

A_YEAR = 60 * 60 * 24 * 365


@require_POST
@manages
def upload(request: MemberRequest) -> HttpResponse:
    """A new logo, or none; the colour beside it stays as it is."""
    editing = Editing(request, PageOfSettings("look"))
    try:
        which = "logo_night" if request.POST.get("which") == "logo_night" else "logo"
        if editing.save({which: _kept(request)}, _("The logo is changed.")):
            return redirect("settings_page", "look")
    except Refused as refused:
        editing.refusal = refused
    return look(request, editing)


def _kept(request: MemberRequest) -> str:
    """The name of the picture that was sent, kept by its hash."""
    if "none" in request.POST:
        return ""
    sent = request.FILES.get("logo")
    if sent is None:
        raise Refused("NO_LOGO", _("Choose a file first."), 422)
    return kept(sent.read(LARGEST + 1))


@require_GET
@open_to_all
def logo(request: HttpRequest, name: str) -> FileResponse:
    """The logo that is in use, and no other file. Its name changes with its content."""
    business = Business.objects.first()
    if business is None or name not in {business.logo, business.chosen.get("logo_night")} - {""}:
        raise Http404
    kind = "image/svg+xml" if name.endswith(".svg") else "image/png"
    try:
        response = FileResponse(files.opened(name[:64]), content_type=kind)
    except OSError as error:
        raise Http404 from error
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urls = [
    path("look/logo/", upload, name="settings_logo"),
    path("logo/<str:name>", logo, name="logo"),
]
