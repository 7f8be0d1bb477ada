"""The customer's page: what we promised and what became of it, and every act by POST.

A link is a capability to one case: opening it changes nothing, so that scanners that fetch
links do nothing (standards.md, RFC 8058).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goodword.cases.calling import ask_for_call
from goodword.cases.mayday import call_mayday
from goodword.cases.maydaywords import standing
from goodword.cases.models import (
    Case,
    CaseLink,
    CustomerAct,
    Mayday,
    Message,
    Recollection,
    Verdict,
)
from goodword.cases.models.message import Attachment, Channel, Direction
from goodword.cases.models.verdict import Degree
from goodword.cases.recalling import recall, recall_elsewhere, refuse_time, take_time
from goodword.cases.recalling import withdraw as withdraw_recollection
from goodword.cases.waiting import dont_wait
from goodword.core.downloads import download, picture
from goodword.core.languages import of_browser
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.typed import number
from goodword.people.reading import chosen_on_page
from goodword.portal import access, forms, openly, reading
from goodword.portal.promises import vows_for
from goodword.promises.disputing import dispute, take_back
from goodword.staff.access import open_to_all

P = ParamSpec("P")
Act = Callable[Concatenate[HttpRequest, CaseLink, P], CaseLink | None]
MOST_VERDICTS = 20  # a page; whoever changed their mind oftener finds the latest
TOKEN = "<str:token>/"  # noqa: S105 - a part of the path


def show(
    request: HttpRequest,
    link: CaseLink,
    *,
    refusal: Refused | None = None,
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    """The whole page; after a refusal with its sentence and everything that was typed."""
    case = link.case
    sees = access.may_see_the_past(link)
    after = number(request.GET, "after") or 0
    said, has_older = access.some_messages(link, after=after)
    vows, older = vows_for(link) if sees else ([], [])
    standing = case.verdicts.filter(undone_at=None).select_related("marked_by")
    verdicts = list(standing.order_by("-at", "-id")[:MOST_VERDICTS])
    context = {
        "link": link,
        "case": case,
        "business": openly.business_of(request),
        "owner": case.owner,
        "now": now(),
        "decides": access.decides(link),
        "sees": sees,
        "vows": vows,
        "older_vows": older,
        "messages_said": said,
        "after": after,
        "older_after": after + access.AT_ONCE if has_older else 0,
        "verdict": verdicts[0] if verdicts else None,
        "merges": access.merges_in(link) if sees else [],
        "parts": access.parts_of(link) if sees else [],
        "mayday": _mayday(link) if sees else [],
        "understood": _understood(verdicts) if access.decides(link) else [],
        "degrees": Degree.choices,
        "recalled": access.recollections_of(link) if sees else [],
        "wheres": Recollection.Where.choices,
        "typed": typed or {},
        "refusal": refusal,
        "phone": link.customer.phone_number(),
        "done": request.GET.get("done", ""),
        "beside": _beside(case, said) if sees else [],
        "open_count": sum(vow.promise.is_outstanding for vow in vows),
    }
    status = refusal.status if refusal else 200
    answer = render(request, "portal/case.html", context, status=status)
    answer["Content-Language"] = get_language() or ""
    return answer


def _beside(case: Case, said: list[Message]) -> list[reading.Title]:
    """What they may read meanwhile: never where we broke our word, or where nothing is open."""
    if case.has_broken or case.is_ended:
        return []
    theirs = [each.text for each in said if each.direction == Direction.IN]
    return reading.beside(f"{case.title} {' '.join(theirs[-2:])}", get_language() or "")


def _understood(verdicts: "list[Verdict]") -> "list[Verdict]":
    """Words of theirs that a member took for a verdict, and that they may still take back."""
    return [verdict for verdict in verdicts if verdict.message_id is not None][:1]


def _mayday(link: CaseLink) -> list[str]:
    """How their call for help stands; nothing where none stands."""
    there = Mayday.standing(link.case) if link.case.is_mayday else None
    if there is None:
        return []
    there.case = link.case
    return standing(there)


def _language(request: HttpRequest, link: CaseLink) -> str:
    """As they chose or their mail tells; else as the browser asks, else the business's."""
    chosen: str = link.customer.language
    return chosen or of_browser(request) or openly.business_of(request).language


def act(done: str) -> Callable[[Act[P]], Callable[..., HttpResponse]]:
    """A POST on the page: do it, come back; refused, show why with the words kept."""

    def wrap(verb: Act[P]) -> Callable[..., HttpResponse]:
        @open_to_all
        @require_POST
        @wraps(verb)
        def view(
            request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            link = access.link_for(token)
            with override(_language(request, link)):
                try:
                    link = verb(request, link, *args, **kwargs) or link
                except Refused as refusal:
                    return show(request, link, refusal=refusal, typed=request.POST.dict())
            return redirect(f"{link.path}?done={done}#done")

        return view

    return wrap


@open_to_all
@require_GET
def case(request: HttpRequest, token: str) -> HttpResponse:
    link = access.link_for(token)
    with override(_language(request, link)):
        return show(request, link)


@open_to_all
@require_GET
def attachment(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    return download(access.attachment_for(access.link_for(token), pk))


@open_to_all
@require_GET
def attachment_picture(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A picture that stands in a message of ours."""
    return picture(access.attachment_for(access.link_for(token), pk))


@act("said")
def say(request: HttpRequest, link: CaseLink) -> None:
    """Write back, with files. The same form sent twice is one message, whole or not at all."""
    words = forms.words(request, "words")
    files = request.FILES.getlist("files")
    forms.check_files(files)
    with link.case.held():
        message = _hear_once(request, link, words)
        for file in files if message else []:
            Attachment.keep(
                file.name or "file",
                file.read(),
                file.content_type or "",
                message=message,
            )


@act("language")
def language(request: HttpRequest, link: CaseLink) -> None:
    """Another language, on this page and in our mail from now on; no cookie is needed for it."""
    chosen_on_page(link.customer, forms.one_line(request, "language", 10))


@act("call")
def call_me(request: HttpRequest, link: CaseLink) -> None:
    """“Ring me back”: a callback that the desk promises by its policy of a first word."""
    phone = forms.one_line(request, "number", 40)
    when = forms.one_line(request, "when", 120)
    if not any(letter.isdigit() for letter in phone):
        raise Refused("NO_NUMBER", _("Write the number on which we reach you."), 422)
    known = access.may_see_the_past(link)
    ask_for_call(link.case, link.customer, number=phone, when=when, is_confirmed=known)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def mayday(request: HttpRequest, token: str) -> HttpResponse:
    """“My business is stopped”: a page with one button, for the link in every mail; no words."""
    link = access.link_for(token)
    with override(_language(request, link)):
        if request.method == "POST":
            there = _called(link)
            return redirect(f"{there.path}?done=mayday#mayday")
        context = {
            "link": link,
            "case": link.case,
            "business": openly.business_of(request),
            "owner": link.case.owner,
            "mayday": _mayday(link) if access.may_see_the_past(link) else [],
        }
        return render(request, "portal/mayday.html", context)


def _called(link: CaseLink) -> CaseLink:
    """A stranger to this case gets one of their own: it wakes us all the same."""
    case = link.case
    if not access.may_see_the_past(link):
        own = Case.objects.filter(customer=link.customer, is_mayday=True).first()
        title = str(_("My business is stopped."))
        case = own or Case.open(
            link.customer, title=title, by=link.customer, team=case.team, channel=Channel.PAGE
        )
    call_mayday(case, link.customer, by=link.customer, channel=Channel.PAGE)
    return link if case.pk == link.case_id else CaseLink.for_customer(case, link.customer)


@act("settled")
def settled(request: HttpRequest, link: CaseLink) -> None:
    degree = forms.one_line(request, "degree", 20)
    words = forms.words(request, "verdict_words", needed=False)
    link.case.settle(CustomerAct.on_page(link), degree=degree, words=words)


@act("not-yet")
def not_yet(request: HttpRequest, link: CaseLink) -> None:
    words = forms.words(request, "missing", needed=False)
    link.case.not_yet(CustomerAct.on_page(link), words=words)


@act("withdrawn")
def withdraw(request: HttpRequest, link: CaseLink) -> None:
    words = forms.words(request, "why", needed=False)
    link.case.withdraw(CustomerAct.on_page(link), words=words)


@act("undone")
def undo(request: HttpRequest, link: CaseLink, pk: int) -> None:
    """“That is not what I said.”"""
    verdict = link.case.verdicts.filter(pk=pk).first()
    if verdict is None:
        raise Refused("NOT_FOUND", _("There is nothing to take back."), 404)
    verdict.case = link.case
    verdict.undo(CustomerAct.on_page(link))


@act("move-asked")
def another_time(request: HttpRequest, link: CaseLink, pk: int) -> None:
    promise = access.promise_for(link, pk)
    CustomerAct.on_page(link)
    to = forms.instant(request, "to", link.case.schedule_in_force().zone)
    reason = forms.one_line(request, "reason", 300)
    promise.ask_to_move(to, by=link.customer, reason=reason)


@act("agreed")
def agree(request: HttpRequest, link: CaseLink, pk: int) -> None:
    CustomerAct.on_page(link)
    access.move_request_for(link, pk).agree(by=link.customer)
    link.case.reckon()


@act("declined")
def decline(request: HttpRequest, link: CaseLink, pk: int) -> None:
    CustomerAct.on_page(link)
    answer = forms.one_line(request, "answer", 300)
    access.move_request_for(link, pk).decline(by=link.customer, answer=answer)


@act("released")
def release(request: HttpRequest, link: CaseLink, pk: int) -> None:
    CustomerAct.on_page(link)
    promise = access.promise_for(link, pk)
    if not promise.release(by=link.customer, words=forms.one_line(request, "words", 300)):
        raise Refused("ENDED", _("This promise is no longer open."))
    link.case.reckon()


@act("forgiven")
def forgive(request: HttpRequest, link: CaseLink, pk: int) -> None:
    CustomerAct.on_page(link)
    if not access.promise_for(link, pk).forgive(by=link.customer):
        raise Refused("ENDED", _("There is nothing late about this one any more."))


@act("held")
def hold(request: HttpRequest, link: CaseLink, pk: int) -> None:
    """They were warned, and hold us to the time that we gave."""
    CustomerAct.on_page(link)
    if not access.promise_for(link, pk).hold_to(by=link.customer):
        raise Refused("ENDED", _("This promise is no longer open."))


@act("disputed")
def not_happened(request: HttpRequest, link: CaseLink, pk: int) -> None:
    CustomerAct.on_page(link)
    promise = access.promise_for(link, pk)
    dispute(promise, by=link.customer, words=forms.words(request, "why_not", needed=False))


@act("happened")
def happened(request: HttpRequest, link: CaseLink, pk: int) -> None:
    """It had happened after all."""
    CustomerAct.on_page(link)
    if not take_back(access.dispute_for(link, pk), by=link.customer):
        raise Refused("ENDED", _("You took this back already."))


@act("go-on")
def do_not_wait(request: HttpRequest, link: CaseLink) -> None:
    if not dont_wait(link.case, CustomerAct.on_page(link)):
        raise Refused("ENDED", _("We do not wait for anything of yours any more."))


@act("recalled")
def you_told_me(request: HttpRequest, link: CaseLink) -> CaseLink | None:
    """“You told me…”; about something else it opens a case of its own, with its own page."""
    told = forms.one_line(request, "told", 400)
    by_when = None
    if request.POST.get("told_when", "").strip():
        by_when = forms.instant(request, "told_when", link.case.schedule_in_force().zone)
    how: dict[str, Any] = {"by_when": by_when, "where": forms.one_line(request, "told_where", 8)}
    how["said_by"] = forms.one_line(request, "told_by", 100)
    act = CustomerAct.on_page(link)
    if not request.POST.get("elsewhere"):
        recall(link.case, act, told, **how)
        return None
    return recall_elsewhere(link.case, act, told, **how)


@act("recall-undone")
def mistaken(request: HttpRequest, link: CaseLink, pk: int) -> None:
    if not withdraw_recollection(access.recollection_for(link, pk), CustomerAct.on_page(link)):
        raise Refused("ANSWERED", _("This was already answered."))


@act("agreed")
def other_time(request: HttpRequest, link: CaseLink, pk: int) -> None:
    take_time(access.recollection_for(link, pk), CustomerAct.on_page(link))


@act("time-refused")
def no_other_time(request: HttpRequest, link: CaseLink, pk: int) -> None:
    refuse_time(access.recollection_for(link, pk), CustomerAct.on_page(link))


def _hear_once(request: HttpRequest, link: CaseLink, words: str) -> Message | None:
    """Hear the words, unless this very form was sent already (two taps on a slow phone)."""
    form_id = forms.one_line(request, "form_id", 60)
    token = f"<page-{form_id}@goodword.invalid>" if form_id else ""
    if token and link.case.messages.filter(message_id=token, customer=link.customer).exists():
        return None
    return link.case.hear(
        link.customer,
        words,
        channel=Channel.PAGE,
        is_confirmed=access.may_see_the_past(link),
        fields={"message_id": token},
    )


urls = [
    path(TOKEN, case, name="portal"),
    path(f"{TOKEN}say/", say, name="portal_say"),
    path(f"{TOKEN}language/", language, name="portal_language"),
    path(f"{TOKEN}call/", call_me, name="portal_call"),
    path(f"{TOKEN}mayday/", mayday, name="portal_mayday"),
    path(f"{TOKEN}settled/", settled, name="portal_settled"),
    path(f"{TOKEN}not-yet/", not_yet, name="portal_not_yet"),
    path(f"{TOKEN}withdraw/", withdraw, name="portal_withdraw"),
    path(f"{TOKEN}undo/<int:pk>/", undo, name="portal_undo"),
    path(f"{TOKEN}another-time/<int:pk>/", another_time, name="portal_another_time"),
    path(f"{TOKEN}agree/<int:pk>/", agree, name="portal_agree"),
    path(f"{TOKEN}decline/<int:pk>/", decline, name="portal_decline"),
    path(f"{TOKEN}release/<int:pk>/", release, name="portal_release"),
    path(f"{TOKEN}forgive/<int:pk>/", forgive, name="portal_forgive"),
    path(f"{TOKEN}hold/<int:pk>/", hold, name="portal_hold"),
    path(f"{TOKEN}not-happened/<int:pk>/", not_happened, name="portal_not_happened"),
    path(f"{TOKEN}happened/<int:pk>/", happened, name="portal_happened"),
    path(f"{TOKEN}go-on/", do_not_wait, name="portal_go_on"),
    path(f"{TOKEN}told/", you_told_me, name="portal_told"),
    path(f"{TOKEN}mistaken/<int:pk>/", mistaken, name="portal_mistaken"),
    path(f"{TOKEN}other-time/<int:pk>/", other_time, name="portal_other_time"),
    path(f"{TOKEN}no-other-time/<int:pk>/", no_other_time, name="portal_no_other_time"),
    path(f"{TOKEN}files/<int:pk>/", attachment, name="portal_file"),
    path(f"{TOKEN}files/<int:pk>/picture/", attachment_picture, name="portal_picture"),
]
