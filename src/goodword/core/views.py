"""Pages that belong to no room: errors, each with a plain sentence and a way on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def error(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    typed = [value for value in request.POST.values() if len(value) > 20]
    context = {"sentence": sentence, "status": status, "typed": typed}
    return render(request, "core/error.html", context, status=status)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed: nearly always a page left open too long. Typed words are shown."""
    sentence = _("This page was open for too long. Copy what you typed, go back and send it again.")
    return error(request, sentence, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, _("There is nothing here, or it is not yours to see."), 404)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, str(exception) or _("This is not yours to do."), 403)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, _("The browser sent something that we could not read."), 400)


def broken(request: HttpRequest) -> HttpResponse:
    """Something of ours failed. Nothing of the failure is shown; what was typed is."""
    return error(request, _("Something failed on our side. It is noted. Try again."), 500)
