"""The list of customers, and the ledger of promises, as files."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodword.core.sheets import as_file, sheet
from goodword.core.time import now
from goodword.desk.asked import Asked
from goodword.desk.directory import Directory
from goodword.desk.views.promises import question_of
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.promises.models import PromiseQuerySet
from goodword.promises.taking_out import COLUMNS, as_cells, as_json, in_order
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


@require_safe
@needs(Right.EXPORT)
def ledger_csv(request: MemberRequest) -> StreamingHttpResponse:
    """The promises that the same address of the board shows, with their arithmetic."""
    cells = as_cells(in_order(_taken_out(request, "csv")), now())
    return sheet("promises.csv", COLUMNS, cells)


@require_safe
@needs(Right.EXPORT)
def ledger_json(request: MemberRequest) -> StreamingHttpResponse:
    parts = as_json(in_order(_taken_out(request, "json")), now())
    return as_file("promises.json", "application/json", parts)


def _taken_out(request: MemberRequest, form: str) -> PromiseQuerySet:
    """What is asked for; that somebody took it out is noted, with how it was asked."""
    asked = Asked.read(request.GET)
    found = question_of(request, asked).found
    with transaction.atomic():
        facts = {"promises": found.count(), "as": form, "asked": asked.address(find="")}
        record(None, "ledger_exported", by=request.user, facts=facts)
    return found


urls = [
    path("customers/export.csv", customers_csv, name="customers_csv"),
    path("promises/export.csv", ledger_csv, name="ledger_csv"),
    path("promises/export.json", ledger_json, name="ledger_json"),
]
