"""Marking the customer's yes in their own words; their page then shows how we understood it."""

import re

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases.access import case_for, message_for
from goodword.cases.models import Case, CustomerAct, Message
from goodword.cases.understanding import agree_in_words
from goodword.core.refusals import Refused
from goodword.core.zone import business_zone
from goodword.desk.answering import done, is_htmx
from goodword.desk.forms import MarkForm
from goodword.desk.presets import read_local
from goodword.desk.shell import page, part
from goodword.desk.typed import whole
from goodword.staff.access import MemberRequest, members_only

_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
MOST_SENTENCES = 40
LISTENED = 3


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def mark(request: MemberRequest, pk: int) -> HttpResponse:
    found = case_for(request.user, pk)
    form = MarkForm(request.POST if request.method == "POST" else None)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return done(request, found.get_absolute_url(), _marked(request, found, form))
        except Refused as error:
            refusal = error
    status = refusal.status if refusal else 200
    context = {
        "case": found,
        "nav": "inbox",
        "form": form,
        "refusal": refusal,
        "heard": [(message, sentences(message.text)) for message in last_words(found)],
        "promises": found.promises.open().filter(made_by__isnull=False).order_by("due"),
    }
    if is_htmx(request):
        return part(request, "desk/case/mark.html", context, status)
    return page(request, "desk/case/form_page.html", {**context, "form_part": "mark"}, status)


def last_words(found: Case) -> list[Message]:
    """What the case's own customer said last, in writing or on the phone: no stranger's words."""
    theirs = found.messages.filter(direction__in=("in", "call"), customer=found.customer_id)
    return list(theirs.filter(automatic="", is_unconfirmed=False).order_by("-at", "-id")[:LISTENED])


def sentences(text: str) -> list[str]:
    """The sentences of a message, each as it stands there."""
    return [said.strip() for said in _ENDS.split(text) if said.strip()][:MOST_SENTENCES]


def _marked(request: MemberRequest, found: Case, form: MarkForm) -> str:
    if not form.is_valid():
        raise Refused("UNREADABLE", str(next(iter(form.errors.values()))[0]), 422)
    typed = form.cleaned_data
    message, sentence = _chosen(request, typed["sentence"])
    act = CustomerAct.in_words(message, sentence, marked_by=request.user)
    act.must_be_for(found)
    name = {"name": found.customer.given}
    if typed["means"] == "settled":
        found.settle(act)
        return _("Settled, in %(name)s’s own words. Their page shows how we understood it.") % name
    if typed["means"] == "not_yet":
        found.not_yet(act)
        return _("Not yet, says %(name)s. It is ours to move.") % name
    _agree_to_move(found, act, typed["promise"], typed["to"])
    return _("Moved, and %(name)s agreed.") % name


def _chosen(request: MemberRequest, chosen: str) -> tuple[Message, str]:
    """The message and the sentence of it that were chosen, from “message:place”."""
    which, _colon, at = chosen.partition(":")
    pk, place = whole(which), whole(at)
    if pk is None or place is None:
        raise Refused("NOT_THEIR_WORDS", _("Choose the sentence in which they say it."), 422)
    message = message_for(request.user, pk)
    said = sentences(message.text)
    return message, said[place] if place < len(said) else ""


def _agree_to_move(found: Case, act: CustomerAct, pk: int | None, to: str) -> None:
    """The time that we asked for, or the one that the member reads in their words."""
    promise = found.promises.filter(pk=pk).select_related("case", "owner").first() if pk else None
    if promise is None or act.marked_by is None:
        raise Refused("NO_PROMISE", _("Choose the promise that is moved."), 422)
    try:
        instant = read_local(to, business_zone())
    except ValueError as error:
        raise Refused("NO_TIME", _("“%(text)s” is no time.") % {"text": to}, 422) from error
    agree_in_words(promise, act, instant)


urls = [path("cases/<int:pk>/mark", mark, name="case_mark")]
