"""The operator's page: queues, mailboxes, what went astray, and the machine underneath."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.access import case_for
from goodword.cases.models import OutgoingMessage
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.rescuing import place_again, rescue, send_now
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.operating_lists import LISTS, seen_by, shown
from goodword.desk.operation import Operation, mailboxes
from goodword.desk.shell import business_of, page, part
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.people.models import SenderRule
from goodword.staff.access import MemberRequest, operators_only

LAST_MAILS = 50
MOST_DAMAGE = 20
# About four seconds on a small machine; a page must not hold a thread for longer.
MOST_ENTRIES = 100_000
Act = Callable[[MemberRequest, int], str]


@require_safe
@operators_only
def operating(request: MemberRequest) -> HttpResponse:
    zone = ZoneInfo(business_of(request).schedule.zone)
    context: dict[str, object] = {
        "nav": "operator",
        "operation": Operation.look(zone),
        "lists": LISTS.values(),
        "shown": shown(request.user, request.GET.get("list", ""), request.GET.get("page", "")),
        "verified": _verified(request),
    }
    if request.headers.get("HX-Request"):
        return part(request, "desk/operating/parts/all.html", context)
    return page(request, "desk/operating/page.html", context)


def _verified(request: MemberRequest) -> dict[str, Any] | None:
    """What this member's last look through the journal found."""
    found = request.session.get("verified")
    return {**found, "at": datetime.fromisoformat(found["at"])} if found else None


@require_safe
@operators_only
def mailbox(request: MemberRequest, pk: int) -> HttpResponse:
    box = next((each for each in mailboxes() if each.pk == pk), None)
    box = box or get_object_or_404(Mailbox, pk=pk)
    mails = IncomingMail.objects.filter(mailbox=box).select_related("message__case")
    last = list(mails.order_by("-pk")[:LAST_MAILS])
    visible = seen_by(request.user, last)
    context: dict[str, object] = {"nav": "operator", "box": box, "mails": last, "visible": visible}
    return page(request, "desk/operating/mailbox.html", context)


def act(back: str) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """A POST of an operator: do it, come back to the list and say what was done, or why not."""

    def wrap(verb: Act) -> Callable[..., HttpResponseBase]:
        @require_POST
        @operators_only
        def view(request: MemberRequest, pk: int = 0) -> HttpResponse:
            try:
                messages.success(request, verb(request, pk))
            except Refused as refusal:
                messages.error(request, str(refusal.sentence))
            return redirect(f"{reverse('operating')}?list={back}#lists")

        return view

    return wrap


@act("incoming")
def retry_mail(request: MemberRequest, pk: int) -> str:
    if place_again(get_object_or_404(IncomingMail, pk=pk), by=request.user):
        return _("It is tried again now.")
    return _("It is being worked on already.")


@act("automatic")
def from_a_person(request: MemberRequest, pk: int) -> str:
    message = rescue(get_object_or_404(IncomingMail, pk=pk), by=request.user)
    return _("It is case %(case)s now, and its clocks run.") % {"case": message.case.reference}


@act("outgoing")
def send_copy(request: MemberRequest, pk: int) -> str:
    copies = OutgoingMessage.objects.select_related("message__case", "point__customer")
    copy = get_object_or_404(copies, pk=pk)
    if send_now(copy, by=request.user):
        return _("It goes out to %(address)s now.") % {"address": copy.address}
    return _("It is on its way already.")


@act("aside")
def bring_back(request: MemberRequest, pk: int) -> str:
    case = case_for(request.user, pk)
    if case.bring_back(by=request.user):
        return _("%(case)s is back in the queue.") % {"case": case.reference}
    return _("It was back already.")


@act("rules")
def end_rule(request: MemberRequest, pk: int) -> str:
    rule = get_object_or_404(SenderRule, pk=pk)
    rule.end(by=request.user)
    return _("Mail from %(sender)s makes cases again.") % {"sender": rule.sender}


@require_POST
@operators_only
def verify(request: MemberRequest) -> HttpResponse:
    """Look through the whole journal; the result stays on the page of whoever asked."""
    entries = Entry.objects.count()
    if entries > MOST_ENTRIES:
        sentence = _("The journal has too many entries (%(n)s) to look through from a page.")
        messages.error(request, sentence % {"n": entries})
        return redirect("operating")
    found = list(islice(damage(), MOST_DAMAGE))
    request.session["verified"] = {
        "at": now().isoformat(),
        "entries": entries,
        "damage": found,
        "is_cut": len(found) == MOST_DAMAGE,
    }
    return redirect(f"{reverse('operating')}#journal")


urls = [
    path("operator/", operating, name="operating"),
    path("operator/mailboxes/<int:pk>/", mailbox, name="mailbox"),
    path("operator/mails/<int:pk>/retry/", retry_mail, name="mail_retry"),
    path("operator/mails/<int:pk>/person/", from_a_person, name="mail_from_person"),
    path("operator/copies/<int:pk>/send/", send_copy, name="copy_send"),
    path("operator/cases/<int:pk>/bring-back/", bring_back, name="operator_bring_back"),
    path("operator/rules/<int:pk>/end/", end_rule, name="rule_end"),
    path("operator/journal/verify/", verify, name="journal_verify"),
]
