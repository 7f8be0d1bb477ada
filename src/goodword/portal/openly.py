"""Pages that everybody may open: in the reader's language, without a cookie, kept by caches."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from goodword.core.languages import of_browser, supported
from goodword.core.views import error
from goodword.staff.access import open_to_all
from goodword.staff.models import Business

View = Callable[..., HttpResponse]


def language_for(request: HttpRequest, business: Business) -> str:
    """The language of the page: as chosen on it, the reader's where we have it, else ours."""
    return supported(request.GET.get("lang", "")) or of_browser(request) or business.language


def choose(wanted: list[str], there: list[str]) -> str:
    """The first wanted language that is there, “en-us” being answered by “en-gb”; else ""."""
    for code in wanted:
        base = code.split("-")[0]
        exact = [each for each in there if each.lower() == code]
        alike = [each for each in there if each.lower().split("-")[0] == base]
        if exact or alike:
            return (exact or alike)[0]
    return ""


def business_of(request: HttpRequest) -> Business:
    """The business that the request was already given, so that no page asks for it twice."""
    there: Business | None = getattr(request, "business", None)
    return there or Business.current()


def open_page(view: View) -> View:
    """A page of the help centre: no session and no token, so that any cache may keep it.

    It is asked for again each time (ETag), since what is retired must be gone at once.
    """

    @wraps(view)
    def answer(request: HttpRequest, business: Business, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, business, *args, **kwargs)
        if response.status_code == 200 and request.method in ("GET", "HEAD"):
            response["Cache-Control"] = "public, no-cache"
        return response

    return open_to_all(conditional_page(open_view(answer)))


def open_view(view: View) -> View:
    """A page that everybody may open and nobody keeps."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        business = business_of(request)
        with translation.override(language_for(request, business)):
            response = view(request, business, *args, **kwargs)
            response["Content-Language"] = translation.get_language() or ""
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return open_to_all(answer)


def open_form(view: View) -> View:
    """A form that everybody may send, without a cookie: it must come from a page of ours.

    A token proves that a browser's session is not misused. There is no session here; what is
    left to stop is another site that makes its visitors send our form.
    """

    @wraps(view)
    def guarded(
        request: HttpRequest, business: Business, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.method == "POST" and not _comes_from_us(request):
            sentence = _("This form was sent from another site. Open our page and send it.")
            return error(request, sentence, 403)
        return view(request, business, *args, **kwargs)

    return csrf_exempt(open_view(guarded))


def _comes_from_us(request: HttpRequest) -> bool:
    if getattr(request, "_dont_enforce_csrf_checks", False):  # as Django's own check is told
        return True
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    parts = urlsplit(origin)
    whole = f"{parts.scheme}://{parts.netloc}"
    return parts.netloc == request.get_host() or whole in settings.CSRF_TRUSTED_ORIGINS


def show(
    request: HttpRequest,
    template: str,
    business: Business,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """A page in the portal's shell, with the person who is on duty standing on it."""
    team = business.home_team
    whole = {"business": business, "person": team.duty if team else None, **context}
    return render(request, template, whole, status=status)


def absolute(request: HttpRequest, path: str) -> str:
    return f"{settings.PUBLIC_URL or request.build_absolute_uri('/').rstrip('/')}{path}"
