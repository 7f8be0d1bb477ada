"""Every way in: the code by mail, the app, recovery codes, invitations; and none around them."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.cases.leaving import restore, revoke
from goodword.cases.mayday import call_mayday
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.staff.attempts import SignInAttempt, Tries
from goodword.staff.inviting import invite, invite_again, reset, withdraw
from goodword.staff.models import Key, Letter, Member, Role, Session
from tests.cast import PASSWORD, Desk
from tests.staff.ways import code_in, letters, link_in, shown_by_app, sign_in, with_app

CODE, ENTER, SECOND = "/sign-in/code/", "/sign-in/code/enter/", "/sign-in/second/"


def is_in(browser: Client) -> bool:
    return browser.get("/today/").status_code == 200


# A code by mail


def test_a_code_by_mail_lets_in_once_and_goes_on_to_where_they_wanted(
    desk: Desk, tmp_path: Path
) -> None:
    browser = Client()
    asked = browser.post(CODE, {"email": "Priya@harbourlane.example", "next": "/promises/"})
    assert asked["Location"] == ENTER
    [(to, subject, words)] = letters(tmp_path)
    assert desk.priya.email in to
    assert code_in(words) in subject
    answer = browser.post(ENTER, {"code": code_in(words)})
    assert answer["Location"] == "/promises/"
    assert is_in(browser)
    again = Client()
    again.post(CODE, {"email": desk.priya.email})
    assert again.post(ENTER, {"code": code_in(words)}).status_code == 422


def test_the_letter_can_be_answered(desk: Desk, tmp_path: Path) -> None:
    Client().post(CODE, {"email": desk.priya.email})
    letters(tmp_path)
    raw = next(tmp_path.glob("new/*")).read_bytes()
    assert b"support@harbourlane.example" in re.search(rb"Reply-To: [^\r]+", raw).group()  # type: ignore[union-attr]
    assert b"A person reads every answer" in raw


def test_nothing_in_the_database_lets_anybody_in(desk: Desk, tmp_path: Path) -> None:
    Client().post(CODE, {"email": desk.priya.email})
    key, letter = Key.objects.get(), Letter.objects.get()
    for field in (*key._meta.concrete_fields, *letter._meta.concrete_fields):
        row = key if field.model is Key else letter
        assert key.code not in str(getattr(row, field.name))


def test_an_address_that_is_nobodys_gets_the_same_answer_by_the_same_work(
    desk: Desk, tmp_path: Path
) -> None:
    revoke(desk.dele, by=desk.jonas)
    said, asked = [], []
    for email in (desk.priya.email, "nobody@harbourlane.example", desk.dele.email):
        browser = Client()
        browser.get("/sign-in/")
        with CaptureQueriesContext(connection) as queries:
            answer = browser.post(CODE, {"email": email})
        kinds = [query["sql"].split(" ")[0] for query in queries]
        asked.append({kind: kinds.count(kind) for kind in ("SELECT", "INSERT")})
        page = browser.get(answer["Location"]).content.decode()
        said.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page).replace(email, ""))
        assert browser.post(ENTER, {"code": "0000 0000"}).status_code == 422
    assert said[0] == said[1] == said[2]
    assert asked[0] == asked[1] == asked[2]
    assert len(letters(tmp_path)) == 1


def test_a_code_is_of_use_only_in_the_browser_that_asked(desk: Desk, tmp_path: Path) -> None:
    Client().post(CODE, {"email": desk.priya.email})
    [(_to, _subject, words)] = letters(tmp_path)
    thief = Client()
    thief.post(CODE, {"email": "nobody@harbourlane.example"})
    assert thief.post(ENTER, {"code": code_in(words)}).status_code == 422
    assert Client().post(ENTER, {"code": code_in(words)})["Location"] == "/sign-in/"


def test_a_code_is_guessed_five_times_and_lasts_a_quarter_of_an_hour(
    desk: Desk, tmp_path: Path
) -> None:
    browser = Client()
    browser.post(CODE, {"email": desk.priya.email})
    right = code_in(letters(tmp_path)[0][2])
    for _guess in range(5):
        assert browser.post(ENTER, {"code": "12345678"}).status_code == 422
    assert browser.post(ENTER, {"code": right}).status_code == 422
    browser.post(CODE, {"email": desk.priya.email})
    right = Key.objects.latest("pk").code
    desk.later(minutes=16)
    assert browser.post(ENTER, {"code": right}).status_code == 422


def test_nobody_fills_the_mailbox_of_another(desk: Desk, tmp_path: Path) -> None:
    for _ask in range(5):
        assert Client().post(CODE, {"email": desk.priya.email}).status_code == 302
    answer = Client().post(CODE, {"email": desk.priya.email})
    assert answer.status_code == 429
    assert "Too many codes" in answer.content.decode()
    desk.later(hours=2)
    assert Client().post(CODE, {"email": desk.priya.email}).status_code == 302


# Limits


def test_a_stranger_elsewhere_locks_nobody_out(desk: Desk) -> None:
    for _guess in range(9):
        Client(REMOTE_ADDR="203.0.113.5").post(
            "/sign-in/", {"email": desk.priya.email, "password": "wrong"}
        )
    blocked = Client(REMOTE_ADDR="203.0.113.5").post(
        "/sign-in/", {"email": desk.priya.email, "password": PASSWORD}
    )
    assert blocked.status_code == 422
    assert "code sent to you by mail" in blocked.content.decode()
    assert is_in(sign_in(desk.priya.email, REMOTE_ADDR="198.51.100.7"))


def test_a_hundred_places_together_are_slowed_all_the_same(desk: Desk) -> None:
    for number in range(41):
        Client(REMOTE_ADDR=f"203.0.113.{number}").post(
            "/sign-in/", {"email": desk.priya.email, "password": "wrong"}
        )
    late = Client(REMOTE_ADDR="198.51.100.7").post(
        "/sign-in/", {"email": desk.priya.email, "password": PASSWORD}
    )
    assert late.status_code == 422


def test_tries_at_the_same_moment_are_all_counted_before_one_is_answered(desk: Desk) -> None:
    """Each notes itself first; so of twenty that began together none gets past the limit."""
    together = [Tries("pair:priya|here") for _try in range(20)]
    assert all(each.are_too_many() for each in together[:12])
    assert not any(each.are_too_many() for each in together[12:])
    assert SignInAttempt.objects.count() == 8


# The app


def test_the_app_is_asked_for_after_the_password_and_a_code_is_good_once(desk: Desk) -> None:
    _browser, secret = with_app(desk)
    browser = sign_in(desk.priya.email)
    assert not is_in(browser)
    code = shown_by_app(secret)
    assert browser.post(SECOND, {"code": "000000"}).status_code == 422
    assert browser.post(SECOND, {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/today/"
    assert is_in(browser)
    other = sign_in(desk.priya.email)
    assert other.post(SECOND, {"code": code}).status_code == 422, "replayed"
    assert other.post(SECOND, {"code": shown_by_app(secret, steps=-1)}).status_code == 422
    desk.later(seconds=60)
    assert other.post(SECOND, {"code": shown_by_app(secret)}).status_code == 302


def test_no_way_leads_around_the_app(desk: Desk, tmp_path: Path) -> None:
    _browser, secret = with_app(desk)
    letters(tmp_path)
    by_mail = Client()
    by_mail.post(CODE, {"email": desk.priya.email})
    words = letters(tmp_path)[-1][2]
    assert by_mail.post(ENTER, {"code": code_in(words)})["Location"] == SECOND
    assert not is_in(by_mail)
    by_link = Client()
    link = reset(desk.priya, by=desk.jonas)
    there = by_link.post(f"/join/{link.token}/", {"password": "quite other words"})
    assert there["Location"] == SECOND
    assert not is_in(by_link)
    assert by_link.post(SECOND, {"code": shown_by_app(secret)}).status_code == 302
    assert is_in(by_link)


def test_the_second_step_waits_ten_minutes_and_counts_its_tries(desk: Desk) -> None:
    _browser, secret = with_app(desk)
    browser = sign_in(desk.priya.email)
    for _guess in range(8):
        assert browser.post(SECOND, {"code": "123456"}).status_code == 422
    assert browser.post(SECOND, {"code": shown_by_app(secret)}).status_code == 429
    desk.later(minutes=16)
    assert browser.get(SECOND)["Location"] == "/sign-in/"


def test_the_secret_of_the_app_is_not_in_the_database(desk: Desk) -> None:
    _browser, secret = with_app(desk)
    row = Authenticator.objects.get(user=desk.priya)
    assert secret not in str(row.data)


# Recovery codes


def test_recovery_codes_are_shown_once_and_good_once(desk: Desk) -> None:
    browser, _secret = with_app(desk)
    shown = re.findall(r"<code>([\d ]+)</code>", browser.post("/me/codes/").content.decode())
    assert len(set(shown)) == 10
    assert shown[0] not in browser.get("/me/").content.decode()
    assert "10 codes are left" in browser.get("/me/").content.decode()
    arriving = sign_in(desk.priya.email)
    assert arriving.post(SECOND, {"code": shown[3]}).status_code == 302
    assert "9 codes are left" in arriving.get("/me/").content.decode()
    once_more = sign_in(desk.priya.email)
    assert once_more.post(SECOND, {"code": shown[3]}).status_code == 422
    new = re.findall(r"<code>([\d ]+)</code>", arriving.post("/me/codes/").content.decode())
    assert once_more.post(SECOND, {"code": shown[4]}).status_code == 422
    assert once_more.post(SECOND, {"code": new[0]}).status_code == 302


def test_without_a_second_factor_there_is_nothing_to_recover(desk: Desk) -> None:
    browser = sign_in(desk.priya.email)
    assert browser.post("/me/codes/").status_code == 409
    assert not Authenticator.objects.exists()


# What a role asks for


def test_a_role_may_ask_for_a_second_factor_with_days_of_grace(desk: Desk) -> None:
    from goodword.staff.appointing import ask_second_factor

    ask_second_factor(Role.objects.filter(pk="agent"), 7, by=desk.jonas)
    browser = sign_in(desk.priya.email)
    assert is_in(browser)
    assert "26 November" in browser.get("/me/").content.decode()
    desk.later(days=8)
    late = sign_in(desk.priya.email)
    assert late.get("/today/")["Location"] == "/me/"
    assert late.get("/today/", HTTP_HX_REQUEST="true").status_code == 401
    assert late.post("/sign-out/").status_code == 302
    late = sign_in(desk.priya.email)
    page = late.get("/me/app/").content.decode()
    secret = re.search(r'class="secret">([^<]+)<', page).group(1).replace(" ", "")  # type: ignore[union-attr]
    late.post("/me/app/", {"code": shown_by_app(secret)})
    assert is_in(late)
    app = Authenticator.objects.get(user=desk.priya)
    assert late.post(f"/me/factors/{app.pk}/away/").status_code == 409, "the last one stays"
    assert is_in(sign_in(desk.marta.email)), "a lead is not asked"


# Invitations and new passwords


def test_an_invitation_lets_in_once_for_seven_days(desk: Desk, tmp_path: Path) -> None:
    invite("Nia Obi", "Nia@harbourlane.example", "agent", by=desk.jonas, teams=[desk.support])
    nia = Member.objects.get(email="nia@harbourlane.example")
    assert not nia.is_active
    assert "Nia" not in str(Client().post("/sign-in/", {"email": nia.email, "password": "x"}))
    link = link_in(letters(tmp_path)[0][2])
    browser = Client()
    page = browser.get(link).content.decode()
    assert 'value="Nia Obi"' in page
    weak = browser.post(link, {"name": "Nia Obi", "password": "short"})
    assert weak.status_code == 422
    came = browser.post(link, {"name": "Nia Obi-Hart", "password": "seven green bottles"})
    assert came.status_code == 302
    assert is_in(browser)
    nia.refresh_from_db()
    assert (nia.is_active, nia.name, list(nia.teams.all())) == (
        True,
        "Nia Obi-Hart",
        [desk.support],
    )
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"name": "X", "password": "seven green bottles"}).status_code == 404
    late = invite("Late Comer", "late@harbourlane.example", "agent", by=desk.jonas)
    desk.later(days=8)
    assert Client().get(f"/join/{late.token}/").status_code == 404


def test_an_invitation_can_be_sent_again_and_withdrawn(desk: Desk) -> None:
    first = invite("Nia Obi", "nia@harbourlane.example", "light", by=desk.jonas)
    nia = Member.objects.get(email="nia@harbourlane.example")
    second = invite_again(nia, by=desk.jonas)
    assert Client().get(f"/join/{first.token}/").status_code == 404
    assert Client().get(f"/join/{second.token}/").status_code == 200
    with pytest.raises(Refused, match="NOT_JOINED"):
        restore(nia, by=desk.jonas)
    withdraw(nia, by=desk.jonas)
    assert Client().get(f"/join/{second.token}/").status_code == 404
    with pytest.raises(Refused, match="JOINED"):
        withdraw(desk.priya, by=desk.jonas)


def test_forged_and_altered_links_lead_nowhere(desk: Desk) -> None:
    good = invite("Nia Obi", "nia@harbourlane.example", "agent", by=desk.jonas).token
    for bad in (good[:-2] + "AA", good[:-4], "x", "%00", good + "AAAA"):
        assert Client().get(f"/join/{bad}/").status_code == 404
        assert (
            Client().post(f"/join/{bad}/", {"password": "seven green bottles"}).status_code == 404
        )
    code = Key.make(desk.priya, Key.Purpose.CODE)
    assert Client().get(f"/join/{code.token}/").status_code == 404, "a code is no link"


def test_a_new_password_ends_every_session(desk: Desk) -> None:
    before = sign_in(desk.priya.email)
    link = reset(desk.priya, by=desk.jonas)
    assert is_in(before)
    browser = Client()
    assert browser.post(f"/join/{link.token}/", {"password": ""}).status_code == 422
    browser.post(f"/join/{link.token}/", {"password": "quite other words"})
    assert is_in(browser)
    assert not is_in(before)
    assert is_in(sign_in(desk.priya.email, "quite other words"))


# New devices, sessions


def test_a_new_browser_is_told_of_by_mail_and_a_known_one_is_not(
    desk: Desk, tmp_path: Path
) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    first = sign_in(desk.priya.email)
    assert letters(tmp_path) == []
    first.post("/sign-out/")
    first.post("/sign-in/", {"email": desk.priya.email, "password": PASSWORD})
    assert letters(tmp_path) == []
    Client(HTTP_USER_AGENT=firefox).post(
        "/sign-in/", {"email": desk.priya.email, "password": PASSWORD}
    )
    [(_to, _subject, words)] = letters(tmp_path)
    assert "Firefox, Linux" in words
    assert "127.0.0.1" in words


def test_sessions_are_listed_and_ended_one_by_one_or_all(desk: Desk) -> None:
    phone = sign_in(desk.priya.email, HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/605.1")
    desktop = sign_in(desk.priya.email, HTTP_USER_AGENT="Mozilla/5.0 (Windows) Firefox/140.0")
    third = sign_in(desk.priya.email, REMOTE_ADDR="192.0.2.9")
    page = desktop.get("/me/").content.decode()
    assert page.count("this one") == 1
    assert "Safari, iPhone" in page and "192.0.2.9" in page
    for session in Session.objects.all():
        assert session.session_key not in page
    theirs = sign_in(desk.dele.email)
    digest = Session.objects.get(device="Safari, iPhone").digest
    theirs.post(f"/me/sessions/{digest}/end/")
    assert is_in(phone), "nobody ends another’s"
    desktop.post(f"/me/sessions/{digest}/end/")
    assert not is_in(phone)
    desktop.post("/me/sessions/end/")
    assert not is_in(third)
    assert is_in(desktop)
    assert Entry.objects.filter(kind="signed_out", member=desk.priya).count() == 2


def test_a_session_ends_when_it_is_idle_and_after_its_longest_time(
    desk: Desk, settings: object
) -> None:
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    start = timezone.now()
    with time_machine.travel(start, tick=False):
        browser = sign_in(desk.priya.email)
    for day in range(1, 60, 5):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            desk.later(days=5)
            assert is_in(browser), f"in use on day {day}"
    with time_machine.travel(start + timedelta(days=61), tick=False):
        assert not is_in(browser)
    with time_machine.travel(start, tick=False):
        idle = sign_in(desk.priya.email)
    with time_machine.travel(start + timedelta(days=15), tick=False):
        assert not is_in(idle)


def test_what_lets_in_is_changed_only_soon_after_signing_in(desk: Desk) -> None:
    browser = sign_in(desk.priya.email)
    desk.later(minutes=31)
    for path in ("/me/password/", "/me/codes/", "/me/passkeys/", "/me/passkeys/ask/"):
        assert browser.post(path)["Location"] == "/me/again/?next=/me/"
    assert browser.get("/me/app/")["Location"] == "/me/again/?next=/me/"
    assert browser.post("/me/again/", {"password": "wrong"}).status_code == 422
    again = browser.post("/me/again/", {"password": PASSWORD, "next": "/me/"})
    assert again["Location"] == "/me/"
    changed = browser.post("/me/password/", {"old": PASSWORD, "new": "seven green bottles"})
    assert changed["Location"] == "/me/#password"
    assert is_in(browser)
    assert is_in(sign_in(desk.priya.email, "seven green bottles"))


def test_a_password_is_changed_by_who_knows_the_old_one_or_reads_the_mail(
    desk: Desk, tmp_path: Path
) -> None:
    browser = sign_in(desk.priya.email)
    wrong = browser.post("/me/password/", {"old": "guess", "new": "seven green bottles"})
    assert wrong.status_code == 422
    by_mail = Client()
    by_mail.post(CODE, {"email": desk.priya.email})
    by_mail.post(ENTER, {"code": code_in(letters(tmp_path)[-1][2])})
    assert "Your present password" not in by_mail.get("/me/").content.decode()
    assert by_mail.post("/me/password/", {"new": "seven green bottles"}).status_code == 302
    assert not is_in(browser)


def test_cookies_are_for_this_site_alone(desk: Desk) -> None:
    browser = Client()
    browser.post("/sign-in/", {"email": desk.priya.email, "password": PASSWORD})
    for name in ("goodword_session", "goodword_device"):
        cookie = browser.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax"


# tests/notifying/test_digesting.py proves it of the digest, which is written of what is unseen.
@pytest.mark.parametrize("kind", [kind for kind in Letter.Kind if kind != Letter.Kind.DIGEST])
def test_every_letter_names_the_desk_and_can_be_answered(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    from email import message_from_bytes
    from email.utils import parseaddr

    from goodword.channels.mail import taking
    from goodword.channels.mail.addresses import is_no_reply

    key = Key.make(desk.priya, kind) if kind in Key.Purpose.values else None
    facts = {"what": "app_added", "at": "2026-11-19T16:33:00+00:00", "device": "", "network": "x"}
    if kind == Letter.Kind.PAGE:
        stopped = call_mayday(desk.heard(), desk.ellen, by=desk.ellen, channel="page", tells=False)
        Letter.objects.all().delete()
        facts["mayday"] = str(stopped.pk)
    Letter.write(kind, desk.priya, key=key, **facts)
    [(to, subject, words)] = letters(tmp_path)
    assert desk.priya.email in to and subject and "{" not in words
    mail = message_from_bytes(next(tmp_path.glob("new/*")).read_bytes())
    answer = parseaddr(str(mail["Reply-To"]))[1]
    assert taking.accepts(answer) and not is_no_reply(answer)
    assert mail["Auto-Submitted"] == "auto-generated"
