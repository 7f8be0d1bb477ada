"""A form in a dialog of its page, and as a page of its own without JavaScript."""

from __future__ import annotations

from django.http import HttpResponse

from goodword.cases.models import Case
from goodword.core.refusals import Refused
from goodword.desk.answering import is_htmx
from goodword.desk.shell import page, part
from goodword.staff.access import MemberRequest


def dialog(
    request: MemberRequest,
    name: str,
    found: Case,
    refusal: Refused | None = None,
    **context: object,
) -> HttpResponse:
    """The form `name` of a case; after a refusal with its sentence and what was typed."""
    status = refusal.status if refusal else 200
    said = {"case": found, "nav": "inbox", "refusal": refusal, "typed": request.POST, **context}
    if is_htmx(request):
        return part(request, f"desk/case/{name}.html", said, status)
    return page(request, "desk/case/form_page.html", {**said, "form_part": name}, status)
