"""A member's own pages: name, password, passkeys, codes, and where they are signed in."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

import segno
from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.core.languages import offered
from goodword.core.refusals import Refused
from goodword.desk.answering import is_htmx
from goodword.desk.shell import page
from goodword.desk.views.arriving import credential
from goodword.desk.views.signing_in import where_to
from goodword.staff import factors, oneself, reading
from goodword.staff.access import MemberRequest, before_second, light_too, members_only
from goodword.staff.entering import is_fresh, no_longer_owes, refresh
from goodword.staff.session import Session
from goodword.staff.signing_in import tries

SECRET = "app_secret"  # noqa: S105
HOW = {
    "password": gettext_lazy("by password"),
    "code": gettext_lazy("by a code in the mail"),
    "passkey": gettext_lazy("by passkey"),
    "sso": gettext_lazy("by the company’s sign-in"),
    "link": gettext_lazy("by a link in the mail"),
}
Act = Callable[..., str]
MeView = Callable[..., HttpResponseBase]


def mine(view: MeView) -> MeView:
    """Open to every member, light ones too, and before the second factor is set up."""
    return members_only(light_too(before_second(view)))


def _back(request: MemberRequest, where: str) -> HttpResponse:
    return redirect(reverse("me") + where)


def _again(request: MemberRequest) -> HttpResponse:
    """Prove first that it is still you; a borrowed screen must not change who may come in."""
    return redirect(f"{reverse('me_again')}?next={reverse('me')}")


def act(verb: Act, where: str = "", *, needs_fresh: bool = False) -> MeView:
    """A POST: do it, come back to the page, and say what was done, or why not."""

    @require_POST
    @mine
    def view(request: MemberRequest, **at: Any) -> HttpResponseBase:
        if needs_fresh and not is_fresh(request):
            return _again(request)
        try:
            messages.success(request, verb(request, **at))
        except Refused as refusal:
            return _shown(request, refusal=refusal, at=where)
        return _back(request, f"#{where}" if where else "")

    return view


@require_safe
@mine
def me(request: MemberRequest) -> HttpResponse:
    return _shown(request)


def _shown(
    request: MemberRequest, *, refusal: Refused | None = None, at: str = "", **more: object
) -> HttpResponse:
    member = request.user
    sessions = list(Session.standing().filter(member=member).order_by("-seen_at"))
    context: dict[str, object] = {
        "nav": "me",
        "factors": factors.Factors.of(member),
        "sessions": [
            {"row": row, "how": HOW.get(row.how, ""), "is_here": row.pk == _here(request)}
            for row in sorted(sessions, key=lambda row: row.pk != _here(request))
        ],
        "refusal": refusal,
        "at": at,
        "typed": request.POST if refusal else {},
        "owes": request.session.get("owes_second"),
        "due": member.second_factor_due,
        "has_password": member.has_usable_password(),
        "languages": offered(),
        "seen_zone": request.session.get(reading.SEEN, ""),
        "zones": sorted(available_timezones()),
        "by_mail": request.session.get("about_session", {}).get("how") in {"code", "link"},
        **more,
    }
    return page(request, "desk/me/page.html", context, status=refusal.status if refusal else 200)


def _here(request: MemberRequest) -> str | None:
    return request.session.session_key


def name(request: MemberRequest) -> str:
    oneself.rename(request.user, request.POST.get("name", ""))
    return _("Customers read this name from now on.")


def reads(request: MemberRequest) -> str:
    language, zone = (request.POST.get(name, "").strip() for name in ("language", "zone"))
    reading.choose(request.user, language=language, zone=zone)
    reading.as_theirs(request, request.user)
    return _("Your pages are shown like this from now on.")


@require_POST
@mine
def seen_zone(request: MemberRequest) -> HttpResponse:
    """A script says where the browser is; nothing is shown for it."""
    reading.seen_in(request, request.POST.get("zone", ""))
    return HttpResponse(status=204)


def password(request: MemberRequest) -> str:
    old, new = request.POST.get("old", ""), request.POST.get("new", "")
    oneself.new_password(request, request.user, old, new)
    refresh(request)
    return _("You have a new password. Everywhere else you are signed out.")


def end_session(request: MemberRequest, digest: str) -> str:
    ended = oneself.sign_out_one(request.user, digest)
    return _("Signed out there.") if ended else _("That one had ended already.")


def end_others(request: MemberRequest) -> str:
    n = oneself.sign_out_elsewhere(request, request.user)
    return _("Signed out everywhere else: %(n)s.") % {"n": n}


def factor_away(request: MemberRequest, pk: int) -> str:
    row = factors.take_away(request.user, pk)
    if row.type == factors.TOTP:
        return _("Codes of that app do not count any more.")
    return _("That passkey does not let you in any more.")


# The app that gives codes


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def app(request: MemberRequest) -> HttpResponseBase:
    """A picture to scan, and the first code, which proves that it was scanned."""
    if not is_fresh(request):
        return _again(request)
    secret = request.session.setdefault(SECRET, factors.begin_app())
    request.session.modified = True
    refusal = None
    if request.method == "POST":
        try:
            factors.add_app(request.user, secret, request.POST.get("code", ""))
            del request.session[SECRET]
            return _made_sure(request, _("Codes of your app count from now on."))
        except Refused as refused:
            refusal = refused
    url = get_adapter().build_totp_url(request.user, secret)
    context: dict[str, object] = {
        "nav": "me",
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": segno.make(url).svg_data_uri(scale=5, border=2, dark="#14181f", light="#fff"),
        "refusal": refusal,
    }
    return page(request, "desk/me/app.html", context, status=refusal.status if refusal else 200)


def _made_sure(request: MemberRequest, said: str) -> HttpResponse:
    """A second factor is there; without recovery codes they are offered next."""
    no_longer_owes(request)
    messages.success(request, said)
    return _back(request, "#codes")


@require_POST
@mine
def codes(request: MemberRequest) -> HttpResponseBase:
    """New recovery codes, on a page that is shown once."""
    if not is_fresh(request):
        return _again(request)
    try:
        made = factors.new_recovery_codes(request.user)
    except Refused as refusal:
        return _shown(request, refusal=refusal, at="codes")
    spaced = [f"{code[:5]} {code[5:]}" for code in made]
    return page(request, "desk/me/codes.html", {"nav": "me", "codes": spaced})


# Passkeys


@require_POST
@mine
def ask_passkey(request: MemberRequest) -> HttpResponseBase:
    if not is_fresh(request):
        return _again(request)
    return JsonResponse(factors.passkey_to_make(request.user))


@require_POST
@mine
def passkey(request: MemberRequest) -> HttpResponseBase:
    if not is_fresh(request):
        return _again(request)
    try:
        factors.add_passkey(request.user, request.POST.get("name", ""), credential(request))
    except Refused as refusal:
        return _shown(request, refusal=refusal, at="passkeys")
    return _made_sure(request, _("This passkey lets you in from now on."))


# Still you?


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def again(request: MemberRequest) -> HttpResponseBase:
    refusal = None
    if request.method == "POST":
        try:
            _prove_again(request)
            refresh(request)
            return redirect(where_to(request, request.POST.get("next", "")))
        except Refused as refused:
            refusal = refused
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("me_again")})
    context: dict[str, object] = {
        "nav": "me",
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "refusal": refusal,
        "factors": factors.Factors.of(request.user),
        "has_password": request.user.has_usable_password(),
    }
    return page(request, "desk/me/again.html", context, status=refusal.status if refusal else 200)


def _prove_again(request: MemberRequest) -> None:
    member = request.user
    trying = tries(request, member.email)
    if trying.are_too_many():
        raise Refused("TOO_MANY", _("Too many attempts. Wait a quarter of an hour."), 429)
    if "credential" in request.POST:
        factors.passkey_shown(credential(request), member)
    elif code := request.POST.get("code", ""):
        if not factors.check_code(member, code):
            raise factors.wrong_code()
    else:
        typed = request.POST.get("password", "")
        if authenticate(request, username=member.email, password=typed) != member:
            raise Refused("WRONG_PASSWORD", _("This is not your present password."), 422)
    trying.went_well()


@require_POST
@mine
def ask_again(request: MemberRequest) -> HttpResponseBase:
    return JsonResponse(factors.passkey_to_show(request.user))


urls = [
    path("me/", me, name="me"),
    path("me/name/", act(name, "name"), name="me_name"),
    path("me/reads/", act(reads, "reads"), name="me_reads"),
    path("me/zone/", seen_zone, name="me_zone"),
    path("me/password/", act(password, "password", needs_fresh=True), name="me_password"),
    path("me/app/", app, name="me_app"),
    path("me/codes/", codes, name="me_codes"),
    path("me/passkeys/", passkey, name="me_passkey"),
    path("me/passkeys/ask/", ask_passkey, name="me_passkey_ask"),
    path("me/factors/<int:pk>/away/", act(factor_away, "passkeys", needs_fresh=True),
         name="me_factor_away"),
    path("me/sessions/end/", act(end_others, "sessions"), name="me_sessions_end"),
    path("me/sessions/<str:digest>/end/", act(end_session, "sessions"), name="me_session_end"),
    path("me/again/", again, name="me_again"),
    path("me/again/ask/", ask_again, name="me_again_ask"),
]  # fmt: skip
