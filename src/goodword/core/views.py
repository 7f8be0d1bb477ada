"""Pages that belong to no room: errors, each with a plain sentence and a way on."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.core.room import no_database, no_room

# What to do next, beside the sentence that says what is wrong.
HINTS = {
    400: gettext_lazy("Go back and try again. If it happens twice, tell us what you were doing."),
    403: gettext_lazy("If you should be able to do this, ask the lead of your team."),
    404: gettext_lazy("Look whether the whole address is there, or use the newest link you have."),
    405: gettext_lazy("Open the page itself and use the button on it."),
    409: gettext_lazy("Open the page again to see how it stands now."),
    413: gettext_lazy("Send it in smaller parts."),
    422: gettext_lazy("Go back, put it right and send it again."),
    500: gettext_lazy("Nothing that you sent before is lost."),
    503: gettext_lazy("Wait a few seconds and load the page again."),
    507: gettext_lazy("Keep your text and tell the person who runs the desk."),
}
RETRY_AFTER = "5"
# Shorter fields are choices and names, not words that somebody would miss.
WORTH_SHOWING = 20
NOT_TYPED = ("csrfmiddlewaretoken", "form_id", "next")
# Shown on no page, whatever field of whatever form they were typed into.
SECRETS = ("password", "secret")


def error(
    request: HttpRequest, sentence: str, status: int, hint: str | None = None
) -> HttpResponse:
    """A page that says what is wrong and what to do, and gives back what was typed."""
    context = {
        "sentence": sentence,
        "hint": HINTS.get(status, "") if hint is None else hint,
        "status": status,
        "typed": _typed(request),
    }
    return render(request, "core/error.html", context, status=status)


def _typed(request: HttpRequest) -> list[str]:
    posted = request.POST.items()
    return [
        str(value)
        for name, value in posted
        if len(value) > WORTH_SHOWING
        and name not in NOT_TYPED
        and not any(each in name for each in SECRETS)
    ]


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed: nearly always a page left open too long. Typed words are shown."""
    sentence = _("This page was open for too long. Copy what you typed, go back and send it again.")
    return error(request, sentence, 403, hint="")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, _("There is nothing here, or it is not yours to see."), 404)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, str(exception) or _("This is not yours to do."), 403)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error(request, _("The browser sent something that we could not read."), 400)


def not_that_way(request: HttpRequest) -> HttpResponse:
    """A link was opened that only a form may use, or the other way round."""
    return error(request, _("This address does something, so it cannot be opened as a page."), 405)


def broken(request: HttpRequest) -> HttpResponse:
    """Something of ours failed. Nothing of the failure is shown; what was typed is."""
    failure = sys.exception()
    if no_room(failure):
        sentence = _("There is no room left on the disk of this desk. Nothing was saved.")
        return error(request, sentence, 507)
    if no_database(failure):
        return _come_again(request)
    return error(request, _("Something failed on our side. It is noted. Try again."), 500)


def _come_again(request: HttpRequest) -> HttpResponse:
    sentence = _("The database of this desk does not answer at this moment. Nothing was saved.")
    page = error(request, sentence, 503)
    page["Retry-After"] = RETRY_AFTER
    return page
