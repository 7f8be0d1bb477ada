"""The index of settings, the pages of plain ones, and the way back from any change."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.desk.shell import business_of
from goodword.settings.changing import undo
from goodword.settings.editing import Editing, past, show, tell
from goodword.settings.models import SettingChange
from goodword.settings.places import Look, found
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.business import PageOfSettings, SettingsForm
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest
from goodword.staff.settings import PAGES, settings_on


@require_safe
@manages
def index(request: MemberRequest) -> HttpResponse:
    asked = request.GET.get("q", "")[:80]
    groups = found(Look(business_of(request)), asked)
    return show(request, "settings/index.html", {"groups": groups, "asked": asked})


@reads_and_writes
@manages
def plain(request: MemberRequest, name: str) -> HttpResponse:
    """A page whose settings all stand in the registry."""
    if name not in PAGES:
        raise Http404
    editing = Editing(request, PageOfSettings(name))
    form = _form(editing, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and editing.save(form.cleaned_data, _("Saved.")):
        return redirect("settings_page", name)
    return _shown(request, editing, form)


def look(request: MemberRequest, editing: Editing) -> HttpResponse:
    """The page of the look with what stood in the way of a logo."""
    return _shown(request, editing, _form(editing, None))


def _form(editing: Editing, posted: QueryDict | None) -> SettingsForm:
    return SettingsForm(settings_on(editing.subject.kind), posted, initial=editing.there)


def _shown(request: MemberRequest, editing: Editing, form: SettingsForm) -> HttpResponse:
    name = editing.subject.kind
    context = {
        "here": name,
        "page": PAGES[name],
        "editing": editing,
        "form": form,
        "past": past(name),
    }
    status = 422 if form.is_bound and not form.is_valid() else editing.status
    return show(request, f"settings/{'look' if name == 'look' else 'plain'}.html", context, status)


@require_POST
@manages
def take_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo one change, and go back to where the button was."""
    return taken_back(request, get_object_or_404(SettingChange, pk=pk))


def taken_back(request: MemberRequest, change: SettingChange) -> HttpResponse:
    try:
        tell(request, undo(change, subject_of, by=request.user), _("It is as it was."))
    except (Refused, KeyError) as refused:
        sentence = getattr(refused, "sentence", _("This setting is there no more."))
        messages.error(request, str(sentence))
    return redirect(_where_from(request))


def _where_from(request: MemberRequest) -> str:
    came = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure())
    return came if is_ours and "/undo/" not in came else "settings"


urls = [
    path("", index, name="settings"),
    path("changes/<int:pk>/undo/", take_back, name="setting_undo"),
]
# Last of all, so that it stands in the way of no page with a view of its own.
last = [path("<slug:name>/", plain, name="settings_page")]
