"""Mailboxes on their pages: checked, really tried, paused, and their passwords never shown."""

from typing import Any

import pytest
from django.test import Client

from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.passwords import keep_password, password_of
from goodword.channels.mail.taking import accepts, forget_mailboxes, take
from goodword.core.refusals import Refused
from goodword.core.secrecy import CannotOpen, close, reopen
from goodword.journal.models import Entry
from goodword.settings.changing import save
from goodword.settings.models import SettingChange
from goodword.settings.subjects.mailboxes import MailboxSubject
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.peers.dovecot import PASSWORD, Dovecot
from tests.peers.processes import free_port

NEW = "/settings/mailboxes/new/"


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def form(client: Client, url: str, **typed: Any) -> dict[str, Any]:
    answer = client.get(url)
    shown = answer.context["form"]
    fields = {name: shown[name].value() for name in shown.fields}
    kept = {name: value for name, value in fields.items() if value not in (None, False)}
    return {**kept, "seen": answer.context["editing"].seen, **typed}


def test_a_mailbox_is_added_changed_and_its_password_closed(desk: Desk, olu: Client) -> None:
    typed = form(
        olu,
        NEW,
        address="Billing@harbourlane.example",
        name="Billing",
        team="it-support",
        imap_host="imap.example.com",
        imap_password="hush hush",
    )
    assert olu.post(NEW, typed).status_code == 302
    box = Mailbox.objects.get(address="billing@harbourlane.example")
    assert "hush" not in box.imap_closed and password_of(box.address, "imap") == "hush hush"
    page = olu.get(f"/settings/mailboxes/{box.pk}/").content.decode()
    assert "hush" not in page and "There is one, and nobody is shown it" in page
    assert "hush" not in str(list(SettingChange.objects.values())) + str(
        list(Entry.objects.values())
    )
    assert Entry.objects.filter(kind="mailbox_password", member=desk.olu).count() == 1
    changed = form(olu, f"/settings/mailboxes/{box.pk}/", smtp_host="smtp.example.com")
    assert olu.post(f"/settings/mailboxes/{box.pk}/", changed).status_code == 302
    assert password_of(box.address, "imap") == "hush hush"
    assert olu.post(f"/settings/mailboxes/{box.pk}/", changed).status_code == 409


def test_the_environment_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_password(desk.mailbox, "smtp", "kept", by=desk.olu)
    monkeypatch.setenv("GOODWORD_SMTP_PASSWORD_SUPPORT_HARBOURLANE_EXAMPLE", "given")
    assert password_of(desk.mailbox.address, "smtp") == "given"


def test_another_key_opens_nothing(settings: Any) -> None:
    closed = close("hush", "test")
    assert reopen(closed, "test") == "hush"
    with pytest.raises(CannotOpen):
        reopen(closed, "another")
    settings.SECRET_KEY = "another key"
    with pytest.raises(CannotOpen):
        reopen(closed, "test")


@pytest.mark.parametrize(
    ("address", "fields", "code"),
    [
        ("no-reply@harbourlane.example", {}, "NO_REPLY"),
        ("nowhere", {}, "BAD_ADDRESS"),
        ("a@x.example", {"imap_host": "imap example com"}, "BAD_SERVER"),
        ("a@x.example", {"smtp_port": 0}, "BAD_SERVER"),
        ("a@x.example", {"imap_security": "rot13"}, "BAD_SERVER"),
        ("a@x.example", {"imap_start": "soon"}, "BAD_SETTING"),
        ("a@x.example", {"imap_after": "delete"}, "BAD_SETTING"),
        ("a@x.example", {"team": "nobody"}, "NO_TEAM"),
        ("a@x.example", {"colour": "red"}, "BAD_SETTING"),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, address: str, fields: dict[str, Any], code: str
) -> None:
    to = {"name": "Box", "team": "it-support", **fields}
    with pytest.raises(Refused, match=code):
        save(MailboxSubject(address), to, by=desk.olu)


def test_a_paused_mailbox_takes_no_mail_and_one_with_mail_stays(desk: Desk, olu: Client) -> None:
    url = f"/settings/mailboxes/{desk.mailbox.pk}/"
    take(b"From: a@b.example\n\nHi", envelope_from="a@b.example", recipients=[desk.mailbox.address])
    seen = olu.get(url).context["editing"].seen
    refused = olu.post(f"{url}remove/", {"seen": seen})
    assert refused.status_code == 409 and "Pause it instead" in refused.content.decode()
    typed = form(olu, url)
    del typed["is_active"]
    assert olu.post(url, typed).status_code == 302
    forget_mailboxes()
    assert not accepts(desk.mailbox.address)


def test_try_it_says_in_words_that_nobody_answers(desk: Desk, olu: Client) -> None:
    url = f"/settings/mailboxes/{desk.mailbox.pk}/"
    port = free_port()
    typed = form(
        olu,
        url,
        imap_host="127.0.0.1",
        imap_port=port,
        imap_security="none",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        **{"try": "1"},
    )
    answer = olu.post(url, typed)
    assert answer.status_code == 200
    results = answer.context["results"]
    assert [each.is_well for each in results] == [False, False]
    assert all("refused" in each.said.lower() for each in results)
    assert Mailbox.objects.get(pk=desk.mailbox.pk).imap_host == ""
    nothing = olu.post(url, form(olu, url, **{"try": "1"})).content.decode()
    assert "No server is named" in nothing


def test_try_it_signs_in_at_a_real_server(desk: Desk, olu: Client, dovecot: Dovecot) -> None:
    user = dovecot.add_user("tried@lane.example")
    url = f"/settings/mailboxes/{desk.mailbox.pk}/"
    typed = form(
        olu,
        url,
        imap_host="127.0.0.1",
        imap_port=dovecot.imap_port,
        imap_security="none",
        imap_user=user,
        **{"try": "1"},
    )
    wrong = olu.post(url, {**typed, "imap_password": "wrong"}).context["results"]
    assert not wrong[0].is_well and "does not accept our sign-in" in wrong[0].said
    right = olu.post(url, {**typed, "imap_password": PASSWORD}).context["results"]
    assert right[0].is_well and "INBOX" in right[0].said
