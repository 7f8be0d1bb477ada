"""The list of customers as a file."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword.core.sheets import sheet
from goodword.desk.directory import Directory
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.staff.access import MemberRequest, needs
from goodword.staff.rights import Right

AT_ONCE = 500


@require_safe
@needs(Right.EXPORT)
def customers_csv(request: MemberRequest) -> StreamingHttpResponse:
    """Whoever this member may see and asked for; a list of people that leaves is noted."""
    everybody = Directory(request.user, request.GET).everybody()
    with transaction.atomic():
        facts = {"customers": everybody.count()}
        record(None, "customers_exported", by=request.user, facts=facts)
    header = (
        _("Name"),
        _("Organisation"),
        _("Mail"),
        _("Phone"),
        _("Language"),
        _("About"),
        _("Internal"),
        _("Since"),
    )
    return sheet("customers.csv", header, _rows(everybody.prefetch_related("points")))


def _rows(everybody: QuerySet[Customer]) -> Iterator[tuple[object, ...]]:
    for customer in everybody.iterator(chunk_size=AT_ONCE):
        yield _row(customer)


def _row(customer: Customer) -> tuple[object, ...]:
    by_kind: dict[str, list[str]] = {"mail": [], "phone": []}
    for point in sorted(customer.points.all(), key=lambda point: not point.is_first):
        by_kind[point.kind].append(point.value)
    return (
        customer.name,
        customer.account.name if customer.account else "",
        "; ".join(by_kind["mail"]),
        "; ".join(by_kind["phone"]),
        customer.language,
        customer.about,
        _("yes") if customer.is_internal else "",
        customer.since or "",
    )


urls = [path("customers/export.csv", customers_csv, name="customers_csv")]
