"""The company's own sign-in (OpenID Connect): who of ours the provider says is there.

An address counts only where the provider says that it verified it, and only for a member who
is in already; from then on the provider's own name for the person (`sub`) is what counts.
"""

from typing import Any

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.entering import arrive
from goodword.staff.joining import check_newcomer, new_member
from goodword.staff.models import Member, Role
from goodword.staff.signing_in import note_refused

PROVIDER = "company"
WANTED = "sso_next"


def is_set_up() -> bool:
    return bool(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"])


def name() -> str:
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(apps[0]["name"]) if apps else ""


class Company(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Stricter than the library: the signature of the token counts whatever way it came, and
    what else the provider tells must be about the same person (OpenID Connect Core, 5.3.2)."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("no id_token")
        said = self._decode_id_token(app, id_token)
        data = {"id_token": said, "userinfo": said}
        if "email" not in said:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != said["sub"]:
                raise OAuth2Error("userinfo is about somebody else")
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            decoded: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, ValueError, requests.RequestException) as error:
            raise OAuth2Error("the id_token cannot be checked") from error
        return decoded

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        base = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
        return base + reverse("sso_back")


def meet(request: HttpRequest, sociallogin: Any) -> HttpResponse:
    """Whoever the provider sends: let in where they are a member, else told why not."""
    wanted = request.session.pop(WANTED, "")
    said = sociallogin.account.extra_data.get("userinfo", {})
    try:
        member = _member(str(sociallogin.account.uid), said)
    except Refused as refusal:
        note_refused(request, "sso")
        messages.error(request, str(refusal.sentence))
        return redirect("sign_in")
    if not arrive(request, member, "sso", wanted):
        return redirect("sign_in_second")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return redirect(wanted if is_ours and wanted.startswith("/") else "today")


@transaction.atomic
def _member(uid: str, said: dict[str, Any]) -> Member:
    known = SocialAccount.objects.filter(provider=PROVIDER, uid=uid).first()
    if known is not None:
        member = Member.objects.active().select_related("role").filter(pk=known.user_id).first()
        if member is None:
            raise _nobody()
        return member
    member = _by_address(said)
    if SocialAccount.objects.filter(provider=PROVIDER, user=member).exists():
        # The address was given to somebody else at the company since.
        raise _nobody()
    SocialAccount.objects.create(provider=PROVIDER, uid=uid, user=member)
    record(None, "sign_in_linked", by=member, facts={"member": member.pk})
    return member


def _by_address(said: dict[str, Any]) -> Member:
    address = str(said.get("email") or "").lower()
    # Some providers write the word instead of the value; "false" must not count as true.
    if not address or said.get("email_verified") not in (True, "true"):
        raise Refused("NOT_VERIFIED", _("Your company has not verified your mail address."), 403)
    member = Member.objects.select_related("role").filter(email__iexact=address).first()
    if member is None:
        return _joining(address, said)
    if not member.is_active:
        raise _nobody()
    return member


def _joining(address: str, said: dict[str, Any]) -> Member:
    """Where the operator allows it, somebody of these domains joins as a light member."""
    domains = {domain.lower() for domain in settings.SSO_JOIN}
    if address.rpartition("@")[2] not in domains:
        raise _nobody()
    given = str(said.get("name") or address.partition("@")[0])[:120]
    check_newcomer(given, address, Role.LIGHT)
    member = new_member(given, address, Role.LIGHT)
    member.set_unusable_password()
    member.save()
    facts = {"member": member.pk, "role": Role.LIGHT}
    record(None, "member_added", by="system", facts=facts)
    return member


def _nobody() -> Refused:
    sentence = _("Nobody here has this sign-in. Ask whoever runs this desk to invite you.")
    return Refused("NO_MEMBER", sentence, 403)


def refuse(request: HttpRequest) -> HttpResponse:
    """The way to the provider and back went wrong, or was broken off."""
    note_refused(request, "sso", is_entry=False)
    messages.error(request, _("Your company’s sign-in did not let you in. Try again."))
    return redirect("sign_in")


def forget(member: Member) -> None:
    SocialAccount.objects.filter(provider=PROVIDER, user=member).delete()


def adapter(request: HttpRequest) -> Company:
    get_adapter(request).get_app(request, provider=PROVIDER)  # DoesNotExist where none is set
    return Company(request, PROVIDER)


def go(request: HttpRequest, wanted: str) -> HttpResponse:
    """On to the company's own page."""
    there = adapter(request).get_provider()
    there.oauth2_adapter_class = Company
    request.session[WANTED] = wanted
    try:
        answer: HttpResponse = there.redirect(request, AuthProcess.LOGIN)
    except (requests.RequestException, KeyError, ValueError):
        return refuse(request)
    return answer
