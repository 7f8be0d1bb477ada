"""Signing in and out. Attempts are limited across processes; the answer never says which part
was wrong, and takes the same time for an address that we do not know."""

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.core.compare import change
from goodword.core.time import now
from goodword.desk.demo import sign_ins
from goodword.staff.access import MemberRequest, light_too, members_only, open_to_all
from goodword.staff.models import Business, Member
from goodword.staff.signing_in import attempt


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("Your mail address"),
        error_messages={
            "required": _("Write your mail address."),
            "invalid": _("This is not a whole mail address, as ada@example.com is."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
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
        return redirect(_where_to(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        member, refusal = attempt(request, authenticate, **form.cleaned_data)
        if member is not None:
            _let_in(request, member)
            return redirect(_where_to(request))
        form.add_error(None, refusal)
    context = {
        "form": form,
        "next": _next(request),
        "business": Business.objects.first(),
        "demo": sign_ins(),
    }
    return render(request, "desk/sign_in.html", context, status=422 if form.is_bound else 200)


def _let_in(request: HttpRequest, member: Member) -> None:
    login(request, member)
    # Django notes it by the machine's clock; every other time here is the desk's.
    change(member, {}, {"last_login": now()})


@require_POST
@members_only
@light_too
def sign_out(request: MemberRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def _where_to(request: HttpRequest) -> str:
    """Back to where they wanted to go, if that is a page of ours."""
    wanted = _next(request)
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else "today"


urls = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-out/", sign_out, name="sign_out"),
]
