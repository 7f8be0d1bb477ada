"""Bringing customers in from a file: preview, yes, report, undo."""

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.cases import importing
from goodword.core.refusals import Refused
from goodword.core.sheets import sheet
from goodword.desk.answering import done, is_htmx
from goodword.desk.importpage import ImportPage
from goodword.desk.shell import page, part
from goodword.people.importing.columns import FIELDS
from goodword.people.importing.reading import DELIMITERS, ENCODINGS, MOST_BYTES
from goodword.people.models import PeopleImport
from goodword.people.models.imports import What
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member
from goodword.staff.rights import Right

# So few rows are brought in before the page answers; more are the worker's.
AT_ONCE = 200
MOST_SHOWN = 20


def import_for(member: Member, pk: int) -> PeopleImport:
    """A file that this member brought, or any for whoever sees all."""
    found = PeopleImport.objects.filter(pk=pk).select_related("by").first()
    if found is None or not (found.by_id == member.pk or member.has(Right.SEE_ALL)):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def import_new(request: MemberRequest) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            made = _taken(request)
        except Refused as error:
            refusal = error
        else:
            return redirect("import", made.pk)
    mine = PeopleImport.objects.select_related("by").order_by("-pk")
    if not request.user.has(Right.SEE_ALL):
        mine = mine.filter(by=request.user)
    context: dict[str, object] = {
        "nav": "customers",
        "refusal": refusal,
        "imports": list(mine[:MOST_SHOWN]),
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/import_new.html", context, status)


def _taken(request: MemberRequest) -> PeopleImport:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused("NO_FILE", _("Choose a file."), 422)
    content = b"".join(_bounded(file))
    made = importing.take_in(str(file.name or ""), content, by=request.user)
    if made.total <= AT_ONCE:
        importing.finish(made)
    return made


def _bounded(file: "UploadedFile[Any]") -> Iterator[bytes]:
    """No more of it than is taken, however long it is; look_at says the rest."""
    size = 0
    for chunk in file.chunks():
        size += len(chunk)
        yield chunk
        if size > MOST_BYTES:
            return


@require_safe
@members_only
def import_(request: MemberRequest, pk: int) -> HttpResponse:
    """The preview, how far it is, and the report; with HTMX that part alone."""
    return _shown(request, import_for(request.user, pk))


def _shown(
    request: MemberRequest, found: PeopleImport, refusal: Refused | None = None
) -> HttpResponse:
    context = {
        "nav": "customers",
        "of": found,
        "on": ImportPage(found),
        "fields": FIELDS,
        "delimiters": DELIMITERS,
        "encodings": ENCODINGS,
        "refusal": refusal,
    }
    if is_htmx(request):
        return part(request, "desk/customers/import_part.html", context)
    return page(request, "desk/customers/import.html", context, refusal.status if refusal else 200)


@require_POST
@members_only
def import_map(request: MemberRequest, pk: int) -> HttpResponse:
    """Read it otherwise: columns, sign between them, letters."""
    found = import_for(request.user, pk)
    posted = request.POST
    columns = range(len(found.mapping))
    mapping = [posted.get(f"column-{at}", "") for at in columns]
    fields: dict[str, object] = {
        "mapping": [name if name in FIELDS else "" for name in mapping],
        "overwrites": bool(posted.get("overwrites")),
    }
    if found.kind == "csv":
        fields |= _dialect(request, found)
    try:
        importing.change_reading(found, **fields)
    except Refused as error:
        return _shown(request, found, error)
    if found.total <= AT_ONCE:
        importing.finish(found)
    return done(request, reverse("import", args=[pk]), _("Read once more."))


def _dialect(request: MemberRequest, found: PeopleImport) -> dict[str, object]:
    posted = request.POST
    delimiter = posted.get("delimiter", found.delimiter)
    encoding = posted.get("encoding", found.encoding)
    header = bool(posted.get("has_header"))
    total = found.total + found.has_header - header
    return {
        "delimiter": delimiter if delimiter in DELIMITERS else found.delimiter,
        "encoding": encoding if encoding in ENCODINGS else found.encoding,
        "has_header": header,
        "total": total,
    }


@require_POST
@members_only
def import_begin(request: MemberRequest, pk: int) -> HttpResponse:
    found = import_for(request.user, pk)
    try:
        importing.begin(found, by=request.user)
    except Refused as error:
        return _shown(request, found, error)
    if found.total <= AT_ONCE:
        importing.finish(found)
        return redirect("import", pk)
    return done(request, reverse("import", args=[pk]), _("It goes on by itself now."))


@require_POST
@members_only
def import_undo(request: MemberRequest, pk: int) -> HttpResponse:
    found = import_for(request.user, pk)
    try:
        importing.undo(found, by=request.user)
    except Refused as error:
        return _shown(request, found, error)
    if found.total <= AT_ONCE:
        importing.finish(found)
    return redirect("import", pk)


@require_safe
@members_only
def import_report(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """What became of each row, as a file."""
    found = import_for(request.user, pk)
    rows = found.rows.order_by("line", "pk").values_list("line", "what", "said", "why")
    header = (_("Line"), _("What became of it"), _("Who"), _("Why"))
    labels = {each.value: str(each.label) for each in What}
    told = ((line, labels[what], said, why) for line, what, said, why in rows.iterator())
    return sheet("report.csv", header, told)


urls = [
    path("customers/import/", import_new, name="import_new"),
    path("imports/<int:pk>/", import_, name="import"),
    path("imports/<int:pk>/map", import_map, name="import_map"),
    path("imports/<int:pk>/begin", import_begin, name="import_begin"),
    path("imports/<int:pk>/undo", import_undo, name="import_undo"),
    path("imports/<int:pk>/report.csv", import_report, name="import_report"),
]
