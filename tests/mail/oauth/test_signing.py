"""Signing in at a provider through the pages: only the browser that went there comes back."""

import re
import tomllib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from goodword.channels.mail.models import MailApp, Mailbox, SignIn, SignInBegun
from goodword.channels.mail.oauth.providers import GOOGLE, MICROSOFT, PROVIDERS, is_safe, keep_app
from goodword.channels.mail.oauth.signing import account_of, begin, sign_out
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.settings.exporting import export
from goodword.settings.models import SettingChange
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.mail.oauth.conftest import BACK
from tests.peers.oauth import SECRET, Authority, walk

APP = "/settings/mailboxes/oauth/another/"


@pytest.fixture
def olu(desk: Desk) -> Client:
    return signed_in(desk.olu)


def page(box: Mailbox) -> str:
    return f"/settings/mailboxes/{box.pk}/"


def go(client: Client, box: Mailbox) -> str:
    """Press the button; the address that the provider sends the browser back to."""
    answer = client.post(f"{page(box)}sign-in/", {"provider": "another"})
    assert answer.status_code == 302
    return walk(answer["Location"]).removeprefix("http://desk.test")


def test_the_app_is_written_down_and_its_secret_never_shown(
    desk: Desk, olu: Client, provider: Authority
) -> None:
    shown = olu.get(APP).content.decode()
    assert f'value="{BACK}" readonly' in shown
    assert olu.post(APP, seen(olu) | provider.app()).status_code == 302
    assert SECRET not in olu.get(APP).content.decode()
    assert SECRET not in str(list(MailApp.objects.values()) + list(Entry.objects.values()))
    kept = MailApp.objects.get().secret_closed
    as_before = seen(olu)
    assert olu.post(APP, as_before | provider.app() | {"secret": ""}).status_code == 302
    assert MailApp.objects.get().secret_closed == kept
    bad = olu.post(APP, as_before | provider.app() | {"token_url": "http://login.example/token"})
    assert bad.status_code == 422 and "begin with https" in bad.content.decode()
    assert SECRET not in bad.content.decode() and "goodword-desk" in bad.content.decode()
    assert olu.get("/settings/mailboxes/oauth/nobody/").status_code == 404


def seen(client: Client) -> dict[str, str]:
    """What the form of the app was shown."""
    return {"seen": client.get(APP).context["editing"].seen}


def test_two_who_write_the_app_at_once_do_not_undo_each_other(
    desk: Desk, olu: Client, provider: Authority
) -> None:
    shown = seen(olu)
    assert olu.post(APP, shown | provider.app()).status_code == 302
    late = olu.post(APP, shown | provider.app() | {"client_id": "another-app"})
    assert late.status_code == 409 and "another-app" in late.content.decode()
    assert MailApp.objects.get().client_id == provider.app()["client_id"]
    gone = olu.post(f"{APP}forget/", follow=True).content.decode()
    assert "its secret with it" in gone and not MailApp.objects.exists()
    [undo] = re.findall(r'action="(/settings/changes/\d+/undo/)"', gone)
    olu.post(undo)
    back = MailApp.objects.get()
    assert (back.client_id, back.secret_closed) == (provider.app()["client_id"], "")


def test_there_and_back_and_out(desk: Desk, olu: Client, provider: Authority, box: Mailbox) -> None:
    before = olu.get(page(box))
    assert "Nobody is signed in" in before.content.decode()
    assert f"form-action 'self' {provider.url}" in before["Content-Security-Policy"]
    back = go(olu, box)
    answer = olu.get(back)
    assert answer.status_code == 302 and answer["Location"] == page(box)
    assert answer["Referrer-Policy"] == "no-referrer"
    kept = SignIn.objects.get(mailbox=box)
    assert kept.account == box.address and kept.by == desk.olu
    after = olu.get(page(box)).content.decode()
    assert "Signed in as" in after and "is not support@" not in after
    assert "cannot be undone" in after
    secrets = [*provider.good, *provider.lasting, SECRET]
    told = [
        after,
        export(),
        *map(str, Entry.objects.values()),
        *map(str, SettingChange.objects.values()),
    ]
    assert not [each for each in secrets if each in str(told)]
    assert tomllib.loads(export())["mailbox"][box.address]["auth"] == "oauth"
    out = olu.post(f"{page(box)}sign-out/", follow=True)
    assert "the provider took them back" in out.content.decode()
    assert not provider.good and not provider.lasting
    assert provider.seen[-1]["token_type_hint"] == "refresh_token"
    assert not SignIn.objects.exists() and not sign_out(box, by=desk.olu)
    kinds = Entry.objects.filter(kind__startswith="mailbox_signed").values_list("kind", flat=True)
    assert set(kinds) == {"mailbox_signed_in", "mailbox_signed_out"}


def test_what_the_provider_is_asked_is_what_it_publishes(desk: Desk) -> None:
    app = {"client_id": "id-1", "secret": "s"}
    keep_app(GOOGLE, app, by=desk.olu)
    keep_app(MICROSOFT, {**app, "tenant": "harbourlane.example"}, by=desk.olu)
    asked = {}
    for key in ("google", "microsoft"):
        there = begin(desk.mailbox, key, session="n", back=BACK, by=desk.olu)
        asked[key] = there, {n: v[0] for n, v in parse_qs(urlsplit(there).query).items()}
    where, google = asked["google"]
    assert where.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert "https://mail.google.com/" in google["scope"].split()
    assert (google["access_type"], google["prompt"]) == ("offline", "consent")
    where, microsoft = asked["microsoft"]
    begins = "https://login.microsoftonline.com/harbourlane.example/oauth2/v2.0/authorize?"
    assert where.startswith(begins)
    wanted = {"IMAP.AccessAsUser.All", "SMTP.Send"}
    scopes = microsoft["scope"].split()
    assert {f"https://outlook.office.com/{each}" for each in wanted} < set(scopes)
    assert "offline_access" in scopes
    for said in (google, microsoft):
        assert said["redirect_uri"] == BACK and said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256" and len(said["code_challenge"]) == 43
        assert said["login_hint"] == desk.mailbox.address and len(said["state"]) >= 43
    assert google["state"] != microsoft["state"]
    with pytest.raises(Refused, match="BAD_TENANT"):
        keep_app(MICROSOFT, {**app, "tenant": "evil.example/x#"}, by=desk.olu)


@pytest.mark.parametrize("trouble", ["refuses", "no address", "another key"])
def test_who_signs_out_is_told_where_the_provider_keeps_what_it_gave(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox, settings: Any, trouble: str
) -> None:
    olu.get(go(olu, box))
    if trouble == "refuses":
        provider.answer = (503, b"")
    elif trouble == "no address":
        MailApp.objects.update(revoke_url="")
    else:
        SignIn.objects.update(refresh_closed="nonsense")
    out = olu.post(f"{page(box)}sign-out/", follow=True).content.decode()
    assert "Take its access away" in out
    assert not SignIn.objects.exists() and provider.lasting


def refused(answer: Any) -> bool:
    return bool(answer.status_code == 403) and "begin again" in answer.content.decode()


def test_a_state_is_of_one_session_one_member_one_time(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox
) -> None:
    back = go(olu, box)
    jonas = signed_in(desk.jonas)
    assert refused(jonas.get(back))
    assert refused(signed_in(desk.olu).get(back))
    go(jonas, box)
    assert refused(jonas.get(back)), "a leader with a nonce of their own is not that browser"
    assert refused(olu.get(re.sub(r"state=[^&]+", "state=guessed", back)))
    assert refused(olu.get("/settings/mailboxes/oauth/"))
    assert not SignIn.objects.exists() and provider.seen == []
    assert olu.get(back).status_code == 302 and SignIn.objects.count() == 1
    assert refused(olu.get(back)) and len(provider.seen) == 1


def test_a_state_that_is_too_old_is_refused(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox
) -> None:
    back = go(olu, box)
    desk.later(minutes=16)
    assert refused(olu.get(back)) and not SignIn.objects.exists()
    go(olu, box)
    assert SignInBegun.objects.count() == 1, "what is old was swept out"


def test_who_may_not_change_settings_neither_goes_nor_comes(
    desk: Desk, provider: Authority, box: Mailbox, olu: Client
) -> None:
    back = go(olu, box)
    priya = signed_in(desk.priya)
    assert priya.post(f"{page(box)}sign-in/", {"provider": "another"}).status_code == 403
    assert priya.get(back).status_code == 403 and Client().get(back).status_code == 302
    assert priya.get(APP).status_code == 403 and not SignIn.objects.exists()


@pytest.mark.parametrize("fault", ["no", "code", "verifier", "refresh", "down"])
def test_a_way_back_without_a_token_changes_nothing(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox, fault: str
) -> None:
    there = olu.post(f"{page(box)}sign-in/", {"provider": "another"})["Location"]
    if fault == "verifier":
        there = re.sub(r"code_challenge=[^&]+", f"code_challenge={'A' * 43}", there)
    back = provider.consent(there, refuse=fault == "no").removeprefix("http://desk.test")
    if fault == "code":
        back = re.sub(r"code=[^&]+", "code=guessed", back)
    provider.gives_refresh = fault != "refresh"
    provider.answer = (500, b"{}") if fault == "down" else None
    answer = olu.get(back, follow=True)
    said = {
        "no": "The provider let nobody in",
        "refresh": "let us in for an hour only",
    }.get(fault, "Nobody is signed in by this; begin again")
    assert said in answer.content.decode()
    assert not SignIn.objects.exists()


def test_another_address_than_the_mailbox_is_said(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox
) -> None:
    provider.account = "olu@harbourlane.example"
    olu.get(go(olu, box))
    said = olu.get(page(box)).content.decode()
    assert "olu@harbourlane.example is not support@harbourlane.example" in said


def test_the_page_asks_little_and_shows_no_field_for_a_password(
    desk: Desk,
    olu: Client,
    provider: Authority,
    box: Mailbox,
    django_assert_max_num_queries: Any,
) -> None:
    olu.get(go(olu, box))
    olu.get(page(box))
    with django_assert_max_num_queries(15):
        said = olu.get(page(box)).content.decode()
    assert 'type="password"' not in said and "Empty: the address." in said
    assert "Sign out here" in said


def test_no_app_and_an_app_in_use(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox
) -> None:
    answer = olu.post(f"{page(box)}sign-in/", {"provider": "google"})
    assert answer.status_code == 409 and "Set it up first" in answer.content.decode()
    assert "Set Google up first" in olu.get(page(box)).content.decode()
    olu.get(go(olu, box))
    busy = olu.post(f"{APP}forget/")
    assert busy.status_code == 409 and "Sign it out first" in busy.content.decode()
    sign_out(box, by=desk.olu)
    assert olu.post(f"{APP}forget/").status_code == 302 and not MailApp.objects.exists()


def test_a_mailbox_without_servers_gets_the_providers(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    there = replace(PROVIDERS["another"], imap=GOOGLE.imap, smtp=GOOGLE.smtp)
    monkeypatch.setitem(PROVIDERS, "another", there)
    shown = olu.get(go(olu, box), follow=True).content.decode()
    box.refresh_from_db()
    assert (box.imap_host, box.imap_port, box.imap_security) == GOOGLE.imap
    assert (box.smtp_host, box.smtp_port, box.smtp_security) == GOOGLE.smtp
    assert f"/settings/undo/{SettingChange.objects.latest('pk').pk}/" in shown or "Undo" in shown


def test_the_operators_page_has_the_way_back_in(
    desk: Desk, olu: Client, provider: Authority, box: Mailbox
) -> None:
    from goodword.channels.mail.oauth.renewing import token_of
    from goodword.channels.mail.sasl import NoToken

    olu.get(go(olu, box))
    provider.revoke()
    desk.later(hours=2)
    with pytest.raises(NoToken):
        token_of(box.pk)
    said = olu.get("/operator/").content.decode()
    assert "has to be signed in again" in said and f'href="{page(box)}#sign-in"' in said
    assert "Sign in again with" in olu.get(page(box)).content.decode()


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://login.example.com/token", True),
        ("http://127.0.0.1:8080/token", True),
        ("http://localhost/token", True),
        ("http://login.example.com/token", False),
        ("http://127.0.0.1.example.com/", False),
        ("https://user:word@login.example.com/", False),
        ("https://", False),
        ("https://login.example.com:99999/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_https_or_this_machine_is_asked(url: str, is_good: bool) -> None:
    assert is_safe(url) is is_good


@pytest.mark.parametrize("token", ["", "a.b", "e30.!!!.x", "e30.W10.x", "e30.eyJlbWFpbCI6MX0.x"])
def test_an_id_token_that_says_nothing_names_nobody(token: str) -> None:
    assert account_of(token) == ""


def test_a_page_left_open_too_long_gives_back_no_secret(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.olu)
    typed = {"secret": "a long secret that was typed", "scope": "a long scope that was typed"}
    said = client.post(APP, {**typed, "imap_password": "a long password that was typed"})
    shown = said.content.decode()
    assert (
        "a long scope" in shown and "a long secret" not in shown and "a long password" not in shown
    )
