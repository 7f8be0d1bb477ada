"""All settings as one file: taken down, and put back after it was seen what it changes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from goodword.core.refusals import Refused
from goodword.settings.editing import show
from goodword.settings.exporting import LARGEST, Plan, Step, export
from goodword.settings.owing import owed
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest


@reads_and_writes
@manages
def file(request: MemberRequest) -> HttpResponse:
    """Put a file back: first what it would change, then, with the same words, done."""
    text, steps, refusal = "", None, None
    if request.method == "POST":
        try:
            text = _sent(request)
            plan = Plan(text)
            if "apply" in request.POST:
                return _applied(request, plan, plan.apply(by=request.user))
            steps = plan.tried(by=request.user)
        except Refused as refused:
            refusal = refused
    context = {
        "here": "file",
        "text": text,
        "steps": steps,
        "complaints": str(refusal.sentence).splitlines() if refusal else [],
    }
    return show(request, "settings/file.html", context, refusal.status if refusal else 200)


def _sent(request: MemberRequest) -> str:
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("text", "").replace("\r\n", "\n")
    try:
        content: bytes = sent.read(LARGEST + 1)
        return content.decode()
    except UnicodeDecodeError as error:
        sentence = _("This file is no text in UTF-8, so it is no file of settings.")
        raise Refused("BAD_FILE", sentence, 422) from error


def _applied(request: MemberRequest, plan: Plan, steps: list[Step]) -> HttpResponse:
    n = len(steps)
    said = ngettext("%(n)s page of settings is changed.", "%(n)s pages of settings are changed.", n)
    messages.success(request, said % {"n": n} if n else _("Everything stood like that already."))
    for each in owed(plan.subjects):
        sentence = _("%(what)s is still missing, since no file holds it. Write it on its page.")
        messages.warning(request, sentence % {"what": each.what})
    return redirect("settings_file")


@require_GET
@manages
def download(request: MemberRequest) -> HttpResponse:
    response = HttpResponse(export(), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="goodword-settings.toml"'
    return response


urls = [
    path("file/", file, name="settings_file"),
    path("file/download/", download, name="settings_download"),
]
