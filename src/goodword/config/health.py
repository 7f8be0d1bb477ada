"""Whether this process can do its work: for whoever watches it from outside."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from goodword.staff.access import open_to_all


@require_safe
@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    """200 and “ok” while the database answers, 503 while it does not. Nothing else is told."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
