"""Whether this process can do its work, and how the desk stands: for who watches from outside."""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from goodword.config.migrating import pending
from goodword.config.standing import figures
from goodword.core.processes import this_process
from goodword.staff.access import open_to_all

PLAIN = "text/plain; charset=utf-8"
_is_up_to_date = False


@require_safe
@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    """200 and “ok” while the database answers, 503 while it does not. Nothing else is told."""
    return _told("ok") if _answers() else _told("database", 503)


@require_safe
@open_to_all
def ready(request: HttpRequest) -> HttpResponse:
    """200 where requests may be sent here: the database answers and is of this version."""
    global _is_up_to_date  # what was taken stays taken as long as this process lives
    if not _answers():
        return _told("database", 503)
    if not _is_up_to_date:
        _is_up_to_date = not pending()
    return _told("ok") if _is_up_to_date else _told("steps of this version are missing", 503)


@require_safe
@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus’s text, for whoever says GOODWORD_METRICS_TOKEN; nobody where none is set.

    https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    token = settings.METRICS_TOKEN
    said = request.headers.get("Authorization", "")
    if not token or not secrets.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return HttpResponse("Not found\n", status=404, content_type=PLAIN)
    own = CollectorRegistry()
    own.register(_Standing())
    ours = CollectorRegistry()
    ours.register(_OfThisProcess())
    content = generate_latest(ours) + generate_latest(own)
    return HttpResponse(content, content_type="text/plain; version=0.0.4; charset=utf-8")


class _OfThisProcess(Collector):
    """What this process counted. Whoever asks may meet another one the next time: each is named."""

    def collect(self) -> Iterator[Metric]:
        for family in REGISTRY.collect():
            family.samples = [
                each._replace(labels={**each.labels, "part": this_process()})
                for each in family.samples
            ]
            yield family


class _Standing(Collector):
    """What the database says, read when it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in figures():
            yield GaugeMetricFamily(f"goodword_{figure.name}", figure.about, figure.value)


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception:
        return False
    return True


def _told(what: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{what}\n", status=status, content_type=PLAIN)
