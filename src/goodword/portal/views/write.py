"""“Write to us” and “Ring me back” for somebody who has no case yet: the open door."""

from collections.abc import Callable

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.cases.maydaywords import standing
from goodword.cases.models import Case, Mayday
from goodword.cases.writing_in import ask_in, mayday_in, write_in
from goodword.channels.mail.addresses import belongs_to, is_no_reply, normalise
from goodword.channels.mail.models import Mailbox
from goodword.core.refusals import Refused
from goodword.desk.models import new_token
from goodword.journal.recording import alone
from goodword.people.numbers import read_number
from goodword.people.reaching import read_address
from goodword.portal import forms, openly
from goodword.portal.models import Knock, ReceivedForm
from goodword.promises.kinds import Kind
from goodword.staff.models import Business

LONGEST_NAME = 80
TRAP = "website"  # a field that no person sees; a machine that fills in everything fills it in
_SALT = "goodword.written"
_LASTS = 60 * 60 * 24 * 7  # seconds


@require_http_methods(["GET", "HEAD", "POST"])
@openly.open_form
def write(request: HttpRequest, business: Business) -> HttpResponse:
    """The form; sent, a case with its clocks."""
    if request.method != "POST":
        return _form(request, business)
    return _received(request, business, lambda: open_case(request))


@require_POST
@openly.open_form
def ring(request: HttpRequest, business: Business) -> HttpResponse:
    """Sent, a case with a callback promised."""
    return _received(request, business, lambda: _open_for_call(request))


def _form(request: HttpRequest, business: Business, refusal: Refused | None = None) -> HttpResponse:
    context = {
        "typed": request.POST.dict(),
        "refusal": refusal,
        "form_id": new_token(),
        "trap": TRAP,
        "calls": request.path == reverse("ring"),
        "canonical": openly.absolute(request, reverse("write")),
    }
    status = refusal.status if refusal else 200
    return openly.show(request, "portal/help/write.html", business, context, status)


def _received(request: HttpRequest, business: Business, do: Callable[[], Case]) -> HttpResponse:
    """Once for each form, however often it is sent; refused, with everything typed."""
    form_id = forms.one_line(request, "form_id", 40)
    try:
        with transaction.atomic():
            alone(f"form:{form_id}")
            case_id = ReceivedForm.case_of(form_id)
            if case_id is None:
                _is_a_person(request)
                case_id = do().pk
                ReceivedForm.note(form_id, case_id)
    except Refused as refusal:
        return _form(request, business, refusal)
    return redirect("written", signing.dumps(case_id, salt=_SALT, compress=True))


def _is_a_person(request: HttpRequest) -> None:
    if request.POST.get(TRAP):
        sentence = _(
            "The field “Leave this empty” is a trap for machines. Empty it and send again."
        )
        raise Refused("TRAPPED", sentence, 422)


def open_case(request: HttpRequest, *, words: str = "", about: str = "") -> Case:
    """The case of whoever filled in a form: a name, a mail address, and words."""
    words = words or forms.words(request, "words")
    address = _address(request)
    name = _name(request, needed=False)
    Knock.count("write", request, to=address)
    case, _message = write_in(
        name=name, address=address, words=words, about=about, language=get_language() or ""
    )
    return case


def _open_for_call(request: HttpRequest) -> Case:
    typed = forms.one_line(request, "number", 40)
    if not typed:
        raise Refused("NO_NUMBER", _("Write the number on which we reach you."), 422)
    number = read_number(typed)
    name = _name(request, needed=True)
    words = forms.words(request, "about", needed=False)
    when = forms.one_line(request, "when", 120)
    Knock.count("write", request, to=number)
    return ask_in(name=name, number=number, words=words, when=when, language=get_language() or "")


@require_POST
@openly.open_form
def stopped(request: HttpRequest, business: Business) -> HttpResponse:
    """Sent, a MAYDAY: a person gets in touch within a quarter of an hour."""
    return _received(request, business, lambda: _open_mayday(request))


def _open_mayday(request: HttpRequest) -> Case:
    """Never refused for coming often; where it does, it is in every list and wakes nobody."""
    typed = forms.one_line(request, "reach", 320)
    if not typed:
        sentence = _("Write a number or a mail address, so that we reach you.")
        raise Refused("NO_NUMBER", sentence, 422)
    by_mail = "@" in typed
    value = _address(request, "reach") if by_mail else read_number(typed)
    is_quiet = False
    try:
        Knock.count("mayday", request, to=value)
    except Refused:
        is_quiet = True
    return mayday_in(
        name=_name(request, needed=False),
        value=value,
        by_mail=by_mail,
        is_quiet=is_quiet,
        language=get_language() or "",
    )


def _address(request: HttpRequest, field: str = "mail") -> str:
    """Where we answer. Refused where nobody would read it, or where it is our own."""
    typed = forms.one_line(request, field, 320)
    if not typed:
        raise Refused("NO_ADDRESS", _("Write your mail address, so that we can answer."), 422)
    address = normalise(read_address(typed))
    if is_no_reply(address):
        raise Refused("NO_REPLY_PATH", _("Nobody reads that address. Write one of yours."), 422)
    ours = Mailbox.objects.values_list("address", flat=True)
    if any(belongs_to(address, mailbox) for mailbox in ours):
        raise Refused("NO_REPLY_PATH", _("That is our own address. Write yours."), 422)
    return address


def _name(request: HttpRequest, *, needed: bool) -> str:
    """A name goes into our mails to that address, so it carries no links."""
    name = forms.one_line(request, "name", LONGEST_NAME)
    if needed and not name:
        raise Refused("NO_NAME", _("Write your name, so that we know whom to ask for."), 422)
    if "//" in name or "www." in name.lower():
        raise Refused("NO_NAME", _("A name has no web address in it."), 422)
    return name


@require_safe
@openly.open_view
def written(request: HttpRequest, business: Business, token: str) -> HttpResponse:
    """What we have and by when they hear from us. It says nothing of who they are, and it is no
    way into the case: that link goes to their own address alone."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        raise Http404 from None
    case = Case.objects.select_related("owner").get(pk=pk)
    owed = case.promises.filter(kind__in=(Kind.CALLBACK, Kind.ACKNOWLEDGE)).order_by("id")
    promises = {promise.kind: promise for promise in owed}
    context = {
        "case": case,
        "promise": promises.get(Kind.CALLBACK) or promises.get(Kind.ACKNOWLEDGE),
        "calls": Kind.CALLBACK in promises,
        "mayday": _standing(case),
    }
    return openly.show(request, "portal/help/written.html", business, context)


def _standing(case: Case) -> list[str]:
    there = Mayday.standing(case) if case.is_mayday else None
    if there is None:
        return []
    there.case = case
    return standing(there)


urls = [
    path("write/", write, name="write"),
    path("write/call/", ring, name="ring"),
    path("write/stopped/", stopped, name="write_stopped"),
    path("write/done/<str:token>/", written, name="written"),
]
