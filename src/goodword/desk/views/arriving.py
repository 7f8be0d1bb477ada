"""The other ways in: a code by mail, a passkey, the company's sign-in, an invitation; and the
second factor, which every way but a passkey leads to where a member has one."""

import json
from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.core.refusals import Refused
from goodword.desk.views.signing_in import SignInForm, asked, at_the_door, come_in, door, where_to
from goodword.staff import code_by_mail, company
from goodword.staff.access import open_to_all
from goodword.staff.attempts import Tries
from goodword.staff.device import remember
from goodword.staff.entering import let_in, who_arrives
from goodword.staff.factors import (
    Factors,
    check_code,
    not_that_passkey,
    passkey_shown,
    passkey_to_show,
    wrong_code,
)
from goodword.staff.inviting import accept
from goodword.staff.key import Key
from goodword.staff.models import Member
from goodword.staff.session import network
from goodword.staff.signing_in import note_refused

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])

# A code by mail


@require_POST
@open_to_all
def ask_code(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    form.fields["password"].required = False
    if not form.is_valid():
        return door(request, form, 422)
    try:
        code_by_mail.ask(request, form.cleaned_data["email"])
    except Refused as refusal:
        form.add_error(None, str(refusal.sentence))
        return door(request, form, refusal.status)
    request.session["code_next"] = asked(request)
    return redirect("sign_in_code_enter")


@reads_and_writes
@open_to_all
def enter_code(request: HttpRequest) -> HttpResponse:
    address = code_by_mail.address_of(request)
    if not address:
        return redirect("sign_in")
    refusal = None
    if request.method == "POST":
        try:
            member = code_by_mail.who(request, request.POST.get("code", ""))
            return come_in(request, member, "code", request.session.pop("code_next", ""))
        except Refused as refused:
            refusal = refused
    context = {"address": address, "refusal": refusal}
    return at_the_door(request, "desk/arriving/code.html", context, 422 if refusal else 200)


# A passkey


@require_POST
@open_to_all
def ask_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser needs to show a passkey, whoever's it is."""
    return JsonResponse(passkey_to_show())


@require_POST
@open_to_all
def passkey(request: HttpRequest) -> HttpResponse:
    try:
        trying = Tries(f"from:{network(request)}")
        if trying.are_too_many():
            raise Refused("TOO_MANY", _("Too many attempts. Wait a quarter of an hour."), 429)
        member = passkey_shown(credential(request))
        trying.went_well()
    except Refused as refusal:
        note_refused(request, "passkey", is_entry=refusal.status != 429)
        messages.error(request, str(refusal.sentence))
        return redirect("sign_in")
    return come_in(request, member, "passkey", asked(request))


def credential(request: HttpRequest) -> Any:
    """What the browser told of a passkey."""
    try:
        found = json.loads(request.POST.get("credential", ""))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise not_that_passkey()
    return found


# The second factor


@reads_and_writes
@open_to_all
def second(request: HttpRequest) -> HttpResponse:
    member, said = who_arrives(request)
    if member is None:
        return redirect("sign_in")
    refusal = None
    if request.method == "POST":
        try:
            _prove(request, member)
            let_in(request, member, said["how"])
            answer = redirect(where_to(request, said["next"]))
            remember(request, answer)
            return answer
        except Refused as refused:
            note_refused(request, "second", member, is_entry=refused.status != 429)
            refusal = refused
    context = {"arriving": member, "factors": Factors.of(member), "refusal": refusal}
    status = refusal.status if refusal else 200
    return at_the_door(request, "desk/arriving/second.html", context, status)


def _prove(request: HttpRequest, member: Member) -> None:
    """Refused unless what was sent is a passkey, a code or a recovery code of theirs."""
    trying = Tries(f"second:{member.pk}|{network(request)}", f"mail:second:{member.pk}")
    if trying.are_too_many():
        raise Refused("TOO_MANY", _("Too many attempts. Wait a quarter of an hour."), 429)
    if "credential" in request.POST:
        passkey_shown(credential(request), member)
    elif not check_code(member, request.POST.get("code", "")):
        raise wrong_code()
    trying.went_well()


@require_POST
@open_to_all
def ask_second(request: HttpRequest) -> HttpResponse:
    member, _said = who_arrives(request)
    if member is None:
        return redirect("sign_in")
    return JsonResponse(passkey_to_show(member))


# The company's own sign-in


@require_safe
@open_to_all
def to_company(request: HttpRequest) -> HttpResponseBase:
    try:
        return company.go(request, asked(request))
    except SocialApp.DoesNotExist:
        raise Http404 from None


@require_safe
@open_to_all
def from_company(request: HttpRequest) -> HttpResponseBase:
    try:
        adapter = company.adapter(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    remember(request, answer)
    return answer


# An invitation, or a new password


@reads_and_writes
@open_to_all
def join(request: HttpRequest, token: str) -> HttpResponse:
    key = Key.by_token(token)
    if key is None:
        return at_the_door(request, "desk/arriving/join.html", {"key": None}, 404)
    typed, refusal = request.POST, None
    if request.method == "POST":
        name, password = typed.get("name", ""), typed.get("password", "")
        try:
            member = accept(key, name=name, password=password)
            member = Member.objects.select_related("role").get(pk=member.pk)
            return come_in(request, member, "link", "/me/" if not password else "")
        except Refused as refused:
            refusal = refused
    context = {"key": key, "typed": typed, "refusal": refusal}
    return at_the_door(
        request, "desk/arriving/join.html", context, refusal.status if refusal else 200
    )


urls = [
    path("sign-in/code/", ask_code, name="sign_in_code"),
    path("sign-in/code/enter/", enter_code, name="sign_in_code_enter"),
    path("sign-in/passkey/", passkey, name="sign_in_passkey"),
    path("sign-in/passkey/ask/", ask_passkey, name="sign_in_passkey_ask"),
    path("sign-in/second/", second, name="sign_in_second"),
    path("sign-in/second/ask/", ask_second, name="sign_in_second_ask"),
    path("sign-in/company/", to_company, name="sso"),
    path("sign-in/company/back/", from_company, name="sso_back"),
    path("join/<str:token>/", join, name="join"),
]
