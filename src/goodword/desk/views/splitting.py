"""Splitting words about another matter out of a case, and putting them back."""

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from goodword.cases.access import case_for, workable_cases
from goodword.cases.models import Case, Message
from goodword.cases.models.message import AUTOMATIC, Direction
from goodword.core.refusals import Refused
from goodword.desk.answering import is_htmx, moved_on, refused
from goodword.desk.dialogs import dialog
from goodword.desk.typed import number, whole
from goodword.desk.views.cases import show
from goodword.staff.access import MemberRequest, members_only

MOST_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def split(request: MemberRequest, pk: int) -> HttpResponse:
    found = case_for(request.user, pk)
    chosen = {whole(each) or 0 for each in request.POST.getlist("message")}
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return _split(request, found, chosen)
        except Refused as error:
            refusal = error
    chosen |= {number(request.GET, "message") or 0}
    return dialog(request, "split", found, refusal, messages=_messages(found), chosen=chosen)


def _split(request: MemberRequest, found: Case, chosen: set[int]) -> HttpResponse:
    new = found.split(chosen, by=request.user)
    count = len(chosen)
    said = ngettext(
        "One message goes on as %(reference)s.", "%(n)s messages go on as %(reference)s.", count
    )
    facts = {"n": count, "reference": new.reference}
    undo = reverse("case_unsplit", args=[new.pk])
    return moved_on(request, new.get_absolute_url(), said % facts, undo=undo)


def _messages(found: Case) -> list[Message]:
    """What may go, the latest first."""
    said = found.messages.filter(automatic="", is_unconfirmed=False).exclude(purpose__in=AUTOMATIC)
    said = said.exclude(direction=Direction.BACK)
    return list(said.select_related("customer", "member").order_by("-at", "-id")[:MOST_SHOWN])


@require_POST
@members_only
def unsplit(request: MemberRequest, pk: int) -> HttpResponse:
    """The new case is named; all of it goes back to the one that it came from."""
    found = case_for(request.user, pk)
    try:
        merge = found.unsplit(by=request.user)
    except Refused as error:
        if is_htmx(request):
            return refused(request, error)
        request.refusal = error  # type: ignore[attr-defined]
        return show(request, case_for(request.user, pk), status=error.status)
    sees = workable_cases(request.user).filter(pk=merge.into_id).exists()
    to = merge.into.get_absolute_url() if sees else reverse("inbox")
    said = _("Put back into %(other)s.") % {"other": merge.into.reference}
    return moved_on(request, to, said, undo=reverse("case_unmerge", args=[found.pk]))


urls = [
    path("cases/<int:pk>/split", split, name="case_split"),
    path("cases/<int:pk>/unsplit", unsplit, name="case_unsplit"),
]
