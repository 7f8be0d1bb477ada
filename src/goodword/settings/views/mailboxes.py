"""Mailboxes: added, changed, tried, paused, and taken away while no mail hangs on them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from goodword.channels.mail.models import Auth, Mailbox, Security
from goodword.channels.mail.passwords import USES, has_password, keep_password, password_of
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.settings.changing import Values
from goodword.settings.editing import Editing, past, show
from goodword.settings.subjects.mailboxes import DEFAULTS, MailboxSubject
from goodword.settings.trying import tried
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.views.sign_ins import let_forms_lead, sign_in_of
from goodword.staff.access import MemberRequest
from goodword.staff.models import Team

PORT = gettext_lazy("A port is a number from 1 to 65535.")
IN = ("imap_host", "imap_port", "imap_security", "imap_user", "imap_password", "imap_folder",
      "imap_after", "imap_start")  # fmt: skip
OUT = ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password")


def _port() -> forms.IntegerField:
    said = dict.fromkeys(("invalid", "required", "min_value", "max_value"), PORT)
    return forms.IntegerField(min_value=1, max_value=65535, label=_("Port"), error_messages=said)


class MailboxForm(forms.Form):
    """Everything about one mailbox but its address, which stays."""

    name = forms.CharField(
        max_length=120, label=gettext_lazy("Name"),
        help_text=gettext_lazy("Stands beside the address, as in “Support”."),
        error_messages={"required": gettext_lazy("Give the mailbox a name.")},
    )  # fmt: skip
    team = forms.ChoiceField(
        label=gettext_lazy("Team"), help_text=gettext_lazy("Its mail becomes cases of this team.")
    )
    is_active = forms.BooleanField(
        required=False, label=gettext_lazy("In use"),
        help_text=gettext_lazy("Paused: nothing is fetched or taken, and what it holds stays."),
        widget=forms.CheckboxInput(attrs={"role": "switch"}),
    )  # fmt: skip
    auth = forms.ChoiceField(choices=Auth.choices, label=gettext_lazy("The desk signs in"))
    imap_host = forms.CharField(
        required=False, max_length=253, label=gettext_lazy("IMAP server"),
        help_text=gettext_lazy("Empty: mail is brought to this desk’s own listener."),
    )  # fmt: skip
    imap_security = forms.ChoiceField(choices=Security.choices, label=gettext_lazy("Security"))
    imap_user = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("User name"),
        help_text=gettext_lazy("Empty: the address."),
    )  # fmt: skip
    imap_folder = forms.CharField(max_length=200, label=gettext_lazy("Folder"))
    imap_after = forms.CharField(
        max_length=200, label=gettext_lazy("After a mail is taken"),
        help_text=gettext_lazy("“nothing”, “seen”, or “move:” and a folder, as move:Done."),
    )  # fmt: skip
    imap_start = forms.CharField(
        max_length=20, label=gettext_lazy("Mail is ours from"),
        help_text=gettext_lazy("“now”, “all”, or a date like 2026-11-01."),
    )  # fmt: skip
    smtp_host = forms.CharField(
        required=False, max_length=253, label=gettext_lazy("SMTP server"),
        help_text=gettext_lazy("Empty: this machine’s own mail server."),
    )  # fmt: skip
    smtp_security = forms.ChoiceField(choices=Security.choices, label=gettext_lazy("Security"))
    smtp_user = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("User name"),
        help_text=gettext_lazy("Empty: no sign-in."),
    )  # fmt: skip

    def __init__(self, box: Mailbox | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = forms.ChoiceField(
            choices=list(Team.objects.values_list("slug", "name")),
            label=_("Team"), help_text=_("Its mail becomes cases of this team."),
        )  # fmt: skip
        for use in USES:
            self.fields[f"{use}_port"] = _port()
            self.fields[f"{use}_password"] = _password(box, use)
        self._has_token = box is not None and box.auth == Auth.OAUTH
        if self._has_token:
            self.fields["smtp_user"].help_text = _("Empty: the address.")

    def values(self) -> Values:
        return {name: self.cleaned_data[name] for name in DEFAULTS}

    def passwords(self) -> dict[str, str]:
        return {use: self.cleaned_data[f"{use}_password"] for use in USES}

    def group(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        asked = [name for name in names if not (self._has_token and name.endswith("_password"))]
        return [self[name] for name in asked]

    def incoming(self) -> list[forms.BoundField]:
        return self.group(IN)

    def outgoing(self) -> list[forms.BoundField]:
        return self.group(OUT)

    def general(self) -> list[forms.BoundField]:
        return self.group(("name", "team", "auth", "is_active"))


def _password(box: Mailbox | None, use: str) -> forms.CharField:
    there = box is not None and has_password(box, use)
    said = _("There is one, and nobody is shown it. Empty leaves it as it is.") if there else ""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        required=False, strip=False, max_length=500, label=_("Password"), help_text=said,
        widget=widget,
    )  # fmt: skip


@require_safe
@manages
def listed(request: MemberRequest) -> HttpResponse:
    host, smtp, lmtp = settings.MAIL_LISTENER
    context = {
        "here": "mailboxes",
        "boxes": Mailbox.objects.select_related("team"),
        "host": host,
        "smtp": smtp,
        "lmtp": lmtp,
        "past": past(kind="mailbox"),
    }
    return show(request, "settings/mailboxes/list.html", context)


@reads_and_writes
@manages
def added(request: MemberRequest) -> HttpResponse:
    """A new mailbox; its address is checked, and never changes afterwards."""
    address = request.POST.get("address", "").strip().lower()
    subject = MailboxSubject(address or "?")
    form = MailboxForm(None, request.POST or None, initial={**DEFAULTS, "is_active": True})
    editing = Editing(request, subject)
    results = _try(request, address, form, None)
    if request.method == "POST" and form.is_valid() and not results:
        if subject.box() is not None:
            editing.refusal = Refused("KNOWN", _("There is a mailbox of that address already."))
        elif _save(editing, form, _("The mailbox is there. A running desk notices in seconds.")):
            box = subject.box()
            assert box is not None
            return redirect("settings_mailbox", box.pk)
    context = {"here": "mailboxes", "form": form, "editing": editing, "address": address,
               "results": results, "box": None}  # fmt: skip
    return show(request, "settings/mailboxes/one.html", context, _status(form, editing))


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    box = get_object_or_404(Mailbox, pk=pk)
    subject = MailboxSubject(box.address)
    editing = Editing(request, subject)
    form = MailboxForm(box, request.POST or None, initial=editing.there)
    results = _try(request, box.address, form, box)
    is_meant = request.method == "POST" and form.is_valid() and not results
    if is_meant and _save(editing, form, _("Saved. A running desk notices in seconds.")):
        return redirect("settings_mailbox", pk)
    context = {
        "here": "mailboxes",
        "form": form,
        "editing": editing,
        "address": box.address,
        "results": results,
        "box": box,
        "past": past(subject.name),
        "sign_in": sign_in_of(box) if box.auth == Auth.OAUTH else None,
    }
    answer = show(request, "settings/mailboxes/one.html", context, _status(form, editing))
    return let_forms_lead(answer, box)


def _status(form: MailboxForm, editing: Editing) -> int:
    return 422 if form.is_bound and not form.is_valid() else editing.status


def _save(editing: Editing, form: MailboxForm, said: str) -> bool:
    """The settings and the passwords that were written, both or neither."""
    with transaction.atomic():
        if not editing.save(form.values(), said):
            return False
        box = MailboxSubject(editing.subject.key).box()
        assert box is not None
        written = {use: password for use, password in form.passwords().items() if password}
        for use, password in written.items():
            keep_password(box, use, password, by=editing.request.user)
    if written:
        messages.info(editing.request, _("The new password is kept; nobody is shown it again."))
    return True


def _try(request: MemberRequest, address: str, form: MailboxForm, box: Mailbox | None) -> list[Any]:
    """What the servers say to what is typed; nothing where that was not asked."""
    if "try" not in request.POST or not form.is_valid():
        return []
    typed = form.passwords()
    kept = {use: typed[use] or (password_of(address, use) if box else "") for use in USES}
    results = tried(address, form.values(), kept, box)
    plus = next((each.plus for each in results if each.plus is not None), None)
    if box is not None and plus is not None:
        change(box, {}, {"plus_parts_work": plus})
    return results or [None]


@require_POST
@manages
def removed(request: MemberRequest, pk: int) -> HttpResponse:
    box = get_object_or_404(Mailbox, pk=pk)
    editing = Editing(request, MailboxSubject(box.address))
    if editing.there is None:
        raise Http404
    if not editing.save(None, _("The mailbox is gone.")):
        assert editing.refusal is not None
        raise editing.refusal
    return redirect("settings_mailboxes")


urls = [
    path("mailboxes/", listed, name="settings_mailboxes"),
    path("mailboxes/new/", added, name="settings_mailbox_new"),
    path("mailboxes/<int:pk>/", one, name="settings_mailbox"),
    path("mailboxes/<int:pk>/remove/", removed, name="settings_mailbox_remove"),
]
