"""The providers as they publish themselves, and the app that is registered with each."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodword.channels.mail.models import MailApp, SignIn
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.secrecy import CannotOpen, close, reopen
from goodword.journal.recording import record
from goodword.staff.models import Member

ANOTHER = "another"
_PURPOSE = "mail-app-secret"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Provider:
    """Where a provider is asked. `extra` is what only this one wants at the beginning."""

    key: str
    name: "str | LazyText"
    authorize_url: str
    token_url: str
    scope: str
    extra: tuple[tuple[str, str], ...] = ()
    imap: tuple[str, int, str] | None = None
    smtp: tuple[str, int, str] | None = None
    console: str = ""
    has_tenant: bool = False
    # Where a token is taken back (RFC 7009), and where a person does it themselves
    revoke_url: str = ""
    account_url: str = ""


# `openid email` (Microsoft: `profile` too) beside the mail: it says as whom somebody signed in.
GOOGLE = Provider(
    "google",
    "Google",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    "https://mail.google.com/ openid email",
    extra=(("access_type", "offline"), ("prompt", "consent")),
    imap=("imap.gmail.com", 993, "tls"),
    smtp=("smtp.gmail.com", 587, "starttls"),
    console="https://console.cloud.google.com/apis/credentials",
    # https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    revoke_url="https://oauth2.googleapis.com/revoke",
    account_url="https://myaccount.google.com/connections",
)
MICROSOFT = Provider(
    "microsoft",
    "Microsoft",
    "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send "
    "offline_access openid profile email",
    extra=(("prompt", "select_account"), ("response_mode", "query")),
    imap=("outlook.office365.com", 993, "tls"),
    smtp=("smtp.office365.com", 587, "starttls"),
    console="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    has_tenant=True,
    # Microsoft publishes no address of RFC 7009: apps are taken away by the person, or the admin.
    account_url="https://myapps.microsoft.com/",
)
OTHER = Provider(ANOTHER, gettext_lazy("Another provider"), "", "", "")
PROVIDERS = {each.key: each for each in (GOOGLE, MICROSOFT, OTHER)}


@dataclass(frozen=True)
class Ready:
    """A provider with our app: everything that is needed to ask it."""

    provider: Provider
    client_id: str
    secret: str
    authorize_url: str
    token_url: str
    scope: str
    revoke_url: str = ""

    @property
    def name(self) -> str:
        return str(self.provider.name)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.authorize_url)
        return f"{parts.scheme}://{parts.netloc}"


def ready(key: str) -> Ready:
    """Refused where no app is set up for this provider, or its secret cannot be read."""
    provider, app = PROVIDERS.get(key), MailApp.objects.filter(provider=key).first()
    if provider is None or app is None:
        sentence = _("No app is set up for this provider yet. Set it up first, then sign in.")
        raise Refused("NO_APP", sentence)
    tenant = app.tenant or "common"
    return Ready(
        provider,
        app.client_id,
        _secret_of(app),
        (provider.authorize_url or app.authorize_url).format(tenant=tenant),
        (provider.token_url or app.token_url).format(tenant=tenant),
        provider.scope or app.scope,
        provider.revoke_url or app.revoke_url,
    )


def _secret_of(app: MailApp) -> str:
    try:
        return reopen(app.secret_closed, _PURPOSE) if app.secret_closed else ""
    except CannotOpen as error:
        sentence = _("The app’s secret was closed with another key. Write it again.")
        raise Refused("NO_SECRET", sentence) from error


def checked(provider: Provider, to: dict[str, str]) -> dict[str, str]:
    """Everything about the app that is no secret, as it is kept. Refused for what is not sound."""
    found = {"client_id": _one_line(to.get("client_id", ""), _("Write the client ID."), 300)}
    if provider.has_tenant:
        found["tenant"] = _tenant(to.get("tenant", ""))
    if provider.key == ANOTHER:
        found["authorize_url"] = _safe_url(to.get("authorize_url", ""))
        found["token_url"] = _safe_url(to.get("token_url", ""))
        revoke = to.get("revoke_url", "").strip()
        found["revoke_url"] = _safe_url(revoke) if revoke else ""
        scope = to.get("scope", "")
        found["scope"] = _one_line(scope, _("Write the scope that mail needs."), 500)
    return found


@transaction.atomic
def keep_app(provider: Provider, to: dict[str, str], *, by: Member | str) -> MailApp:
    """Write down the app; an empty secret leaves the one that is kept."""
    app = MailApp.objects.filter(provider=provider.key).first() or MailApp(provider=provider.key)
    for name, value in checked(provider, to).items():
        setattr(app, name, value)
    if to.get("secret"):
        app.secret_closed = close(to["secret"].strip(), _PURPOSE)
    app.save()
    record(None, "mail_app_changed", by=by, facts={"provider": provider.key})
    return app


@transaction.atomic
def keep_secret(app: MailApp, secret: str, *, by: Member | str) -> None:
    """The app's secret alone. Nobody is shown it again."""
    change(app, {}, {"secret_closed": close(secret.strip(), _PURPOSE)})
    record(None, "mail_app_changed", by=by, facts={"provider": app.provider})


@transaction.atomic
def forget_app(provider: Provider, *, by: Member | str) -> None:
    """Refused while a mailbox is signed in by it: nobody could renew that sign-in."""
    if SignIn.objects.filter(provider=provider.key).exists():
        sentence = _("A mailbox is signed in by this app. Sign it out first.")
        raise Refused("IN_USE", sentence)
    if MailApp.objects.filter(provider=provider.key).delete()[0]:
        record(None, "mail_app_removed", by=by, facts={"provider": provider.key})


def is_safe(url: str) -> bool:
    """Only https, but for a server on this very machine."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    is_here = parts.hostname in LOOPBACK
    return parts.scheme == "https" or (parts.scheme == "http" and is_here)


def _safe_url(url: str) -> str:
    found = _one_line(url, _("Write the provider’s two addresses."), 500)
    if not is_safe(found) or "{" in found:
        sentence = _("“%(url)s” is no address that is asked: it has to begin with https://.")
        raise Refused("BAD_ADDRESS", sentence % {"url": found[:80]}, 422)
    return found


def _tenant(text: str) -> str:
    tenant = text.strip() or "common"
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,100}", tenant):
        sentence = _("A tenant is its ID or its domain, or “common” or “organizations”.")
        raise Refused("BAD_TENANT", sentence, 422)
    return tenant


def _one_line(text: str, missing: str, longest: int) -> str:
    found = " ".join(text.split())
    if not found:
        raise Refused("MISSING", missing, 422)
    if len(found) > longest:
        raise Refused("TOO_LONG", _("“%s” is too long.") % found[:40], 422)
    return found
