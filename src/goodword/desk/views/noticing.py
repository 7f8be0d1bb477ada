"""Notices: prepared by anybody, read and signed by a leader, sent to everybody affected."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.cases import several
from goodword.cases.access import workable_cases
from goodword.cases.models import BulkAct, Case, Notice
from goodword.cases.models.several import Doing
from goodword.core.refusals import Refused
from goodword.desk.shell import business_of, page
from goodword.desk.sleeping import read_until
from goodword.desk.times import typed_local
from goodword.desk.typed import whole, words
from goodword.desk.views.several import Asking, after
from goodword.people.models import ContactPoint
from goodword.staff.access import MemberRequest, members_only, needs
from goodword.staff.rights import Right

MOST_LISTED = 50


@require_safe
@members_only
def notices(request: MemberRequest) -> HttpResponse:
    """Those that wait for a signature first; a leader sees all, others what they prepared."""
    found = _visible(request).select_related("prepared_by", "signed_by", "sending")
    rows = found.annotate(n=Count("cases")).order_by("-prepared_at", "-pk")[:MOST_LISTED]
    context: dict[str, object] = {"nav": "inbox", "notices": list(rows)}
    return page(request, "desk/notices/list.html", context)


@require_POST
@members_only
def new(request: MemberRequest) -> HttpResponse:
    """Written down for a leader to sign. Nothing leaves yet."""
    chosen = [pk for text in request.POST.getlist("case") if (pk := whole(text))]
    theirs = workable_cases(request.user).filter(pk__in=chosen[: several.AT_MOST + 1])
    try:
        if len(chosen) > several.AT_MOST:
            sentence = _("%(there)s are too many at once; choose %(most)s at most.")
            facts = {"there": len(chosen), "most": several.AT_MOST}
            raise Refused("TOO_MANY", sentence % facts, 422)
        notice = Notice.prepare(
            list(theirs.values_list("pk", flat=True)), *_typed(request), by=request.user
        )
    except Refused as error:
        return Asking(request, Doing.NOTICE, chosen).page(error)
    messages.success(
        request, _("Prepared."), extra_tags=reverse("notice_discard", args=[notice.pk])
    )
    return redirect("notice", notice.pk)


def _typed(request: MemberRequest) -> tuple[str, datetime]:
    text = words(request.POST, "text")
    when = read_until(request.POST, ZoneInfo(business_of(request).schedule.zone))
    assert isinstance(when, datetime)
    return text, when


@require_safe
@members_only
def notice(request: MemberRequest, pk: int) -> HttpResponse:
    return _shown(request, _for(request, pk))


def _shown(request: MemberRequest, found: Notice, refusal: Refused | None = None) -> HttpResponse:
    mails = ContactPoint.objects.filter(customer=OuterRef("customer"), kind="mail")
    of_it = Case.objects.filter(notices=found).annotate(reached=Exists(mails))
    cases = list(of_it.select_related("customer", "team").order_by("pk"))
    context: dict[str, object] = {
        "nav": "inbox",
        "notice": found,
        "cases": cases,
        "unreached": sum(not each for each in of_it.values_list("reached", flat=True)),
        "may_sign": request.user.has(Right.SIGN),
        "due_local": typed_local(
            found.next_update_at, ZoneInfo(business_of(request).schedule.zone)
        ),
        "refusal": refusal,
        "typed": request.POST,
    }
    return page(request, "desk/notices/one.html", context, refusal.status if refusal else 200)


@require_POST
@members_only
def reword(request: MemberRequest, pk: int) -> HttpResponse:
    found = _for(request, pk)
    try:
        found.reword(*_typed(request), by=request.user)
    except Refused as error:
        return _shown(request, found, error)
    messages.success(request, _("Changed. It waits for a signature."))
    return redirect("notice", pk)


@require_POST
@needs(Right.SIGN)
def sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Signed and sent, in each case by itself. It cannot be called back, and says so before."""
    found = _for(request, pk)
    try:
        found.sign(by=request.user, read=request.POST.get("read", ""))
    except Refused as error:
        return _shown(request, found, error)
    sending = BulkAct.objects.filter(notice=found).first()
    if sending is None:
        cases = found.cases.order_by("pk").values_list("pk", flat=True)
        sending = several.begin(request.user, Doing.NOTICE, cases, notice=found)
        several.go_on(sending)
    return after(request, sending)


@require_POST
@members_only
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    found = _for(request, pk)
    if not found.discard(by=request.user):
        messages.error(request, _("It is signed or discarded already."))
        return redirect("notice", pk)
    undo = reverse("notice_take_up", args=[pk])
    messages.success(request, _("Discarded. Nobody got it."), extra_tags=undo)
    return redirect("notices")


@require_POST
@members_only
def take_up(request: MemberRequest, pk: int) -> HttpResponse:
    found = _for(request, pk)
    if found.take_up(by=request.user):
        messages.success(request, _("It is there again."))
    return redirect("notice", pk)


def _visible(request: MemberRequest) -> "QuerySet[Notice]":
    if request.user.has(Right.SIGN):
        return Notice.objects.all()
    return Notice.objects.filter(Q(prepared_by=request.user) | Q(signed_by=request.user))


def _for(request: MemberRequest, pk: int) -> Notice:
    found = _visible(request).select_related("prepared_by", "signed_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


urls = [
    path("notices/", notices, name="notices"),
    path("notices/new", new, name="notice_new"),
    path("notices/<int:pk>/", notice, name="notice"),
    path("notices/<int:pk>/reword", reword, name="notice_reword"),
    path("notices/<int:pk>/sign", sign, name="notice_sign"),
    path("notices/<int:pk>/discard", discard, name="notice_discard"),
    path("notices/<int:pk>/take-up", take_up, name="notice_take_up"),
]
