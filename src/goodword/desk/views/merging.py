"""Merging a case into another, and undoing it."""

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.cases.access import case_called, case_for, merged_case_for, workable_cases
from goodword.cases.models import Case, Participant
from goodword.cases.models.case import PartOfAnother
from goodword.cases.states import ENDED
from goodword.core.refusals import Refused
from goodword.desk.answering import is_htmx, moved_on, refused
from goodword.desk.dialogs import dialog
from goodword.desk.typed import line, number
from goodword.desk.views.cases import show
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member

MOST_OTHERS = 8


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def merge(request: MemberRequest, pk: int) -> HttpResponse:
    found = case_for(request.user, pk)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return _merged(request, found)
        except Refused as error:
            refusal = error
    others = _others(request.user, found)
    return dialog(request, "merge", found, refusal, others=others, newcomers=_names(found))


def _merged(request: MemberRequest, found: Case) -> HttpResponse:
    into = _chosen(request)
    found.merge_into(into, by=request.user, joins=bool(request.POST.get("joins")))
    said = _("%(this)s goes on as %(other)s.")
    facts = {"this": found.reference, "other": into.reference}
    undo = reverse("case_unmerge", args=[found.pk])
    return moved_on(request, into.get_absolute_url(), said % facts, undo=undo)


def _chosen(request: MemberRequest) -> Case:
    typed = line(request.POST, "reference", longest=20)
    into = case_called(request.user, typed or str(number(request.POST, "into") or ""))
    if into is None:
        sentence = _("Choose the case, or write its reference. It must be one that you may see.")
        raise Refused("NOT_CHOSEN", sentence, 422)
    return into


def _others(member: Member, found: Case) -> list[Case]:
    """Where this one most probably belongs: their other cases that are open."""
    theirs = workable_cases(member).with_people().filter(customer=found.customer_id)
    open_ = theirs.exclude(pk=found.pk).exclude(state__in=ENDED).filter(set_aside_at=None)
    return list(open_.order_by("-last_at")[:MOST_OTHERS])


def _names(found: Case) -> str:
    """Who reads along here, beside its customer."""
    along = found.participants.filter(role=Participant.Role.COPY).select_related("customer")
    return ", ".join(each.customer.name for each in along.order_by("id"))


@require_POST
@members_only
def unmerge(request: MemberRequest, pk: int) -> HttpResponse:
    """The merged case is named; whoever sees the survivor may undo it."""
    try:
        found = case_for(request.user, pk)
    except PartOfAnother:
        found = merged_case_for(request.user, pk)
    into = found.survivor()
    try:
        found.unmerge(by=request.user)
    except Refused as error:
        if is_htmx(request):
            return refused(request, error)
        request.refusal = error  # type: ignore[attr-defined]
        return show(request, case_for(request.user, into.pk), status=error.status)
    sees = workable_cases(request.user).filter(pk=found.pk).exists()
    said = _("%(this)s stands by itself again, with all that it had.")
    to = found if sees else into
    return moved_on(request, to.get_absolute_url(), said % {"this": found.reference})


urls = [
    path("cases/<int:pk>/merge", merge, name="case_merge"),
    path("cases/<int:pk>/unmerge", unmerge, name="case_unmerge"),
]
