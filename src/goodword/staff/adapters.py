"""What django-allauth asks us: how secrets are kept, what a passkey is called, who a person is
whom the company's own sign-in sends."""

from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from requests.adapters import HTTPAdapter

from goodword.core.outward import outside
from goodword.staff.models import Business, Member


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        """A copy of the database alone gives nobody a code."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        business = Business.objects.first()
        return business.name if business else "Goodword"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host that members know. A passkey works there and nowhere else."""
        host = urlsplit(settings.PUBLIC_URL).hostname
        seen = context.request.get_host().rpartition("@")[2].partition(":")[0]
        if host and (seen == host or seen.endswith(f".{host}")):
            seen = host
        return {"id": seen, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: Member) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.name, "name": user.email}


def _vault() -> Fernet:
    import base64

    key = salted_hmac("goodword.factors", "vault", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


class _Guarded(HTTPAdapter):
    """A provider that the operator named may stand inside; one outside sends nobody inside."""

    def send(self, *args: Any, **kwargs: Any) -> Any:
        apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        named = urlsplit(apps[0]["settings"]["server_url"]).hostname if apps else ""
        with outside(named=named or ""):
            return super().send(*args, **kwargs)


class CompanySignIn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Nobody comes in by allauth itself: whoever the provider sends is handed to our own door."""

    def get_requests_session(self) -> Any:
        """Every question to the provider goes under the guard of what leaves the desk."""
        session = super().get_requests_session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Guarded())
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        from goodword.staff.company import meet

        raise ImmediateHttpResponse(meet(request, sociallogin))

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        from goodword.staff.company import refuse

        raise ImmediateHttpResponse(refuse(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: Any) -> None:
        return None
