"""What every answer carries, and how a refusal becomes a page."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

from goodword.core.refusals import Refused
from goodword.core.room import WEB_PATIENCE, wait_at_most
from goodword.core.views import error, not_that_way

log = logging.getLogger("goodword.access")
Answer = Callable[[HttpRequest], HttpResponse]
REQUESTS = Histogram(
    "goodword_request_seconds",
    "How long requests took, by the name of the page",
    ["page", "method", "status"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10),
)


def timed(get_response: Answer) -> Answer:
    """Count the request and its time, by the page's name and never by its address."""

    def answer(request: HttpRequest) -> HttpResponse:
        begun = perf_counter()
        response = get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in ("GET", "POST", "HEAD") else "other"
        REQUESTS.labels(page, method, response.status_code).observe(perf_counter() - begun)
        return response

    return answer


def headers(get_response: Answer) -> Answer:
    """Headers that Django does not set. Pages are private, so no cache between us keeps them."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")
        return response

    return answer


def patience(get_response: Answer) -> Answer:
    """Whoever waits for a page hears within five seconds that the database is locked.

    What runs by itself has the twenty seconds of the settings.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        wait_at_most(WEB_PATIENCE)
        return get_response(request)

    return answer


def _note_no(request: HttpRequest, status: int) -> None:
    """Who was refused what, by the page's name: an address may open something."""
    if status in (401, 403) or (status == 404 and request.resolver_match):
        page = request.resolver_match.view_name if request.resolver_match else "none"
        user = getattr(request, "_cached_user", None)  # asked for no earlier than the page did
        log.info("refused (%s): %s %s, %s", status, request.method, page,
                 f"member {user.pk}" if user and user.pk else "a stranger")  # fmt: skip


class refusals:
    """A refusal that no view has answered: a page with its sentence and what was typed."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        _note_no(request, response.status_code)
        if response.status_code != 405 or response.content:
            return response
        page = not_that_way(request)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        if not isinstance(failure, Refused):
            return None
        return error(request, str(failure.sentence), failure.status)
