"""A mailbox's sign-in at its provider: the app, the way there and back, and signing out."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.channels.mail.models import MailApp, Mailbox, SignIn
from goodword.channels.mail.oauth.providers import (
    ANOTHER,
    PROVIDERS,
    Provider,
    keep_secret,
    ready,
)
from goodword.channels.mail.oauth.signing import arrive, begin, begun, withdraw
from goodword.core.refusals import Refused
from goodword.settings.changing import save
from goodword.settings.editing import Editing, show, tell
from goodword.settings.subjects.apps import AppSubject
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.staff.access import MemberRequest

_NONCE = "mailbox_sign_in"


def back_url(request: MemberRequest) -> str:
    """Where providers send people back to; the same for every mailbox and provider."""
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return f"{base}{reverse('settings_mailbox_signed_in')}"


def sign_in_of(box: Mailbox) -> dict[str, Any]:
    """What the page of a mailbox shows of its sign-in, and the ways to one."""
    kept = SignIn.objects.select_related("by").filter(mailbox=box).first()
    apps = set(MailApp.objects.values_list("provider", flat=True))
    offered = [(each, each.key in apps) for each in PROVIDERS.values() if _is_offered(each, apps)]
    # What can be pressed stands first, and first of all what is in use.
    ways = sorted(offered, key=lambda way: (not (kept and way[0].key == kept.provider), not way[1]))
    is_other = bool(kept and kept.account and kept.account.lower() != box.address.lower())
    name = PROVIDERS[kept.provider].name if kept else ""
    return {"kept": kept, "ways": ways, "is_other": is_other, "name": name,
            "has_another": ANOTHER in apps}  # fmt: skip


def _is_offered(provider: Provider, apps: set[str]) -> bool:
    return provider.key != ANOTHER or ANOTHER in apps


def let_forms_lead(answer: HttpResponse, box: Mailbox) -> HttpResponse:
    """The button's answer leads to the provider, which form-action would forbid."""
    origins = []
    for key in MailApp.objects.values_list("provider", flat=True) if box.auth == "oauth" else ():
        try:
            origins.append(ready(key).origin)
        except Refused:
            continue
    if origins:
        answer._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
    return answer


@require_POST
@manages
def begin_sign_in(request: MemberRequest, pk: int) -> HttpResponse:
    box = get_object_or_404(Mailbox, pk=pk)
    nonce = request.session.setdefault(_NONCE, secrets.token_urlsafe(32))
    there = begin(
        box,
        request.POST.get("provider", ""),
        session=nonce,
        back=back_url(request),
        by=request.user,
    )
    return HttpResponseRedirect(there)


@require_safe
@manages
def signed_in(request: MemberRequest) -> HttpResponse:
    """The provider sent somebody back. Only the browser that went there is let through."""
    asked = request.GET
    nonce = str(request.session.get(_NONCE, ""))
    row = begun(asked.get("state", "")[:200], session=nonce, by=request.user)
    page = redirect("settings_mailbox", row.mailbox_id)
    page["Referrer-Policy"] = "no-referrer"
    if "error" in asked or not asked.get("code"):
        messages.error(request, _("The provider let nobody in, and nothing was changed."))
        return page
    try:
        arrive(row, asked["code"][:4096], back=back_url(request), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
        return page
    name = str(PROVIDERS[row.provider].name)
    messages.success(request, _("Signed in with %(name)s.") % {"name": name})
    _name_servers(request, row.mailbox, PROVIDERS[row.provider])
    return page


def _name_servers(request: MemberRequest, box: Mailbox, provider: Provider) -> None:
    """A mailbox without any server gets the provider's, as a change that can be undone."""
    if provider.imap is None or provider.smtp is None or box.imap_host or box.smtp_host:
        return
    to: dict[str, Any] = {}
    for use, (host, port, security) in (("imap", provider.imap), ("smtp", provider.smtp)):
        to |= {f"{use}_host": host, f"{use}_port": port, f"{use}_security": security}
    change = save(MailboxSubject(box.address), to, by=request.user)
    if change is not None:
        said = _("The servers of %(name)s are written in.") % {"name": provider.name}
        messages.success(request, said, extra_tags=reverse("setting_undo", args=[change.pk]))


@require_POST
@manages
def signed_out(request: MemberRequest, pk: int) -> HttpResponse:
    box = get_object_or_404(Mailbox, pk=pk)
    kept = SignIn.objects.filter(mailbox=box).first()
    trouble = withdraw(box, by=request.user)
    if kept is None or trouble is None:
        messages.info(request, _("Nobody was signed in."))
    elif trouble:
        there = PROVIDERS[kept.provider].account_url
        sentence = _(
            "Signed out here: the desk has forgotten its tokens. %(why)s Take its access away in "
            "your account there too: %(there)s"
        )
        facts = {"why": trouble, "there": there or _("under connected apps")}
        messages.warning(request, sentence % facts)
    else:
        said = _("Signed out. The desk has forgotten its tokens, and the provider took them back.")
        messages.success(request, said)
    return redirect("settings_mailbox", pk)


@reads_and_writes
@manages
def app(request: MemberRequest, provider: str) -> HttpResponse:
    """The app that is registered at the provider; its secret is never shown again."""
    known = _provider(provider)
    editing = Editing(request, AppSubject(provider))
    if request.method == "POST" and _app_kept(request, editing):
        return redirect("settings_mail_app", provider)
    kept = MailApp.objects.filter(provider=provider).first()
    typed = request.POST if editing.refusal else kept
    context = {"here": "mailboxes", "provider": known, "kept": kept, "typed": typed,
               "editing": editing, "back": back_url(request)}  # fmt: skip
    return show(request, "settings/mailboxes/app.html", context, editing.status)


def _app_kept(request: MemberRequest, editing: Editing) -> bool:
    """What stands in the form, compared with what it was shown; then the secret, if one is new."""
    typed = {name: request.POST.get(name, "") for name in editing.subject.fields()}
    secret = request.POST.get("secret", "").strip()
    if not editing.save(typed, _("Saved.")):
        return False
    if secret:
        app = MailApp.objects.get(provider=editing.subject.key)
        keep_secret(app, secret, by=request.user)
        messages.success(request, _("The secret is kept; nobody is shown it again."))
    return True


@require_POST
@manages
def app_forgotten(request: MemberRequest, provider: str) -> HttpResponse:
    change = save(AppSubject(_provider(provider).key), None, by=request.user)
    tell(request, change, _("The app is gone, and its secret with it."))
    return redirect("settings_mailboxes")


def _provider(key: str) -> Provider:
    if key not in PROVIDERS:
        raise Http404
    return PROVIDERS[key]


urls = [
    path("mailboxes/<int:pk>/sign-in/", begin_sign_in, name="settings_mailbox_sign_in"),
    path("mailboxes/<int:pk>/sign-out/", signed_out, name="settings_mailbox_sign_out"),
    path("mailboxes/oauth/", signed_in, name="settings_mailbox_signed_in"),
    path("mailboxes/oauth/<slug:provider>/", app, name="settings_mail_app"),
    path("mailboxes/oauth/<slug:provider>/forget/", app_forgotten, name="settings_mail_app_forget"),
]
