"""Signing in and out. Attempts are limited across processes; the answer never says which part
was wrong, and takes the same time for an address that we do not know."""

from collections.abc import Mapping

from django import forms
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.core.languages import of_browser
from goodword.desk.demo import sign_ins
from goodword.journal.recording import record
from goodword.staff import company
from goodword.staff.access import MemberRequest, before_second, light_too, members_only, open_to_all
from goodword.staff.device import remember
from goodword.staff.entering import arrive
from goodword.staff.models import Business, Member
from goodword.staff.session import digest_of
from goodword.staff.signing_in import attempt


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("Your mail address"),
        error_messages={
            "required": _("Write your mail address."),
            "invalid": _("This is not a whole mail address, as ada@example.com is."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username webauthn"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        error_messages={"required": _("Write your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(where_to(request, asked(request)))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        member, refusal = attempt(request, authenticate, **form.cleaned_data)
        if member is not None:
            return come_in(request, member, "password", asked(request))
        form.add_error(None, refusal)
    return door(request, form, 422 if form.is_bound else 200)


def door(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    context = {"form": form, "demo": sign_ins(), "company": company.name()}
    return at_the_door(request, "desk/sign_in.html", context, status)


def at_the_door(
    request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """A page for whoever is not in yet, in the language of their browser where we have it."""
    if language := of_browser(request):
        activate(language)
    whole = {"next": asked(request), "business": Business.objects.first(), **context}
    return render(request, template, whole, status=status)


def come_in(request: HttpRequest, member: Member, how: str, wanted: str) -> HttpResponse:
    """On to where they wanted to go, or to the second factor first."""
    if not arrive(request, member, how, wanted):
        return redirect("sign_in_second")
    answer = redirect(where_to(request, wanted))
    remember(request, answer)
    return answer


@require_POST
@members_only
@light_too
@before_second
def sign_out(request: MemberRequest) -> HttpResponse:
    ended = [digest_of(request.session.session_key or "")]
    with transaction.atomic():
        record(None, "signed_out", by=request.user, facts={"sessions": ended})
        logout(request)
    answer = redirect("sign_in")
    # Drafts are on the server; whoever uses this browser next finds nothing of ours in it.
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def asked(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def where_to(request: HttpRequest, wanted: str) -> str:
    """Back to where they wanted to go, if that is a page of ours."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else "today"


urls = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
]
