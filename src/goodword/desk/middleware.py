"""The language of a page: the business's own; the customer's where we know it (portal)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from goodword.staff.models import Business

Answer = Callable[[HttpRequest], HttpResponse]


def language(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/static/"):
            return get_response(request)
        business = Business.objects.select_related("schedule", "home_team__schedule").first()
        request.business = business  # type: ignore[attr-defined]
        with translation.override(business.language if business else None):
            response = get_response(request)
            response.setdefault("Content-Language", translation.get_language() or "en-gb")
        return response

    return answer
