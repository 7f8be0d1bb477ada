"""The language and the zone of a page: the business's own."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from goodword.core.prepared import prepared
from goodword.core.zone import set_business_zone
from goodword.staff.models import Business

Answer = Callable[[HttpRequest], HttpResponse]


@prepared
def _business() -> QuerySet[Business]:
    found = Business.objects.select_related("schedule", "home_team__schedule")
    return found.order_by("pk")[:1]


def language(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/healthz", "/readyz", "/metrics")):
            return get_response(request)
        business = next(iter(_business()), None)
        request.business = business  # type: ignore[attr-defined]
        if business is not None:
            set_business_zone(ZoneInfo(business.schedule.zone))
        with translation.override(business.language if business else None):
            response = get_response(request)
            response.setdefault("Content-Language", translation.get_language() or "en-gb")
        return response

    return answer
