"""Both parts of a mail, pictures in it, copies in secret: parsed as a mail client would."""

from email.message import EmailMessage
from typing import Any

import nh3

from goodword.cases.models import Attachment, Case
from goodword.people.meeting import customer_of
from tests.cast import Desk
from tests.mail.letters import Sent, delivered, posted

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
WORD = {"kind": "callback", "text": "I call you", "form": "within:240"}
TEXT = """Hello **Ellen**, see [our page](https://harbour.example/p?a=1&b=2).

1. Switch it off
2. Wait

> It smells of smoke.

<script>alert(1)</script>"""


def sent(desk: Desk, case: Case | None = None, **how: Any) -> list[Sent]:
    case = case or desk.heard()
    how = {"text": TEXT, "then": "promise", "promises": [WORD], **how}
    case.reply(by=desk.priya, **how)
    return posted()


def words_of(one: Sent) -> str:
    return one.text.replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_both_parts_say_it_each_in_its_own_way(desk: Desk) -> None:
    [one] = sent(desk)
    assert "Hello Ellen, see our page (https://harbour.example/p?a=1&b=2)." in one.text
    assert "1. Switch it off\n2. Wait" in words_of(one)
    assert "> It smells of smoke." in one.text
    html = html_of(one.mail)
    assert "Hello <strong>Ellen</strong>" in html
    assert 'href="https://harbour.example/p?a=1&amp;b=2"' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert one.mail.get_content_type() == "multipart/alternative"


def test_nothing_in_it_is_fetched_or_left_out_by_a_mail_client(desk: Desk) -> None:
    [one] = sent(desk, text=TEXT + "\n\n![away](https://evil.example/x.png)")
    html = html_of(one.mail)
    assert "<img" not in html and "evil.example" not in html
    for what in ("<style", "<table", "<link", "background", "color:#1", "@media"):
        assert what not in html, what
    assert max(map(len, one.raw.split(b"\r\n"))) <= 998
    assert nh3.is_html(html)


def test_a_long_message_has_its_foot_where_no_client_clips_it(desk: Desk) -> None:
    [one] = sent(desk, text="A long line of words, again and again.\n\n" * 2_500)
    html = html_of(one.mail)
    assert html.index("You can answer this mail") < 2_000
    assert "Some mail programs show only its beginning" in html


def test_the_signature_stands_under_it_once(desk: Desk) -> None:
    case = desk.heard()
    [one] = sent(desk, case)
    assert words_of(one).count("Priya Raman\nHarbour Lane, 020 7946 0140") == 1
    assert "Priya Raman<br>" in html_of(one.mail)
    [two] = sent(desk, case, text="Again.\n\nPriya Raman\nHarbour Lane, 020 7946 0140")
    assert two.text.count("Harbour Lane, 020 7946 0140") == 1
    [three] = sent(desk, case, text="Without.", signs=False)
    assert "Harbour Lane, 020" not in three.text


def test_a_picture_in_the_text_travels_in_the_mail(desk: Desk) -> None:
    picture = Attachment.keep("s h\rot.png", PNG, "image/png")
    page = Attachment.keep("run.html", b"<script>", "text/html")
    text = f"Look:\n\n{picture.markdown}"
    [one] = sent(desk, text=text, attachments=[picture, page])
    picture.refresh_from_db()
    assert picture.is_inline and f'src="cid:{picture.content_id}"' in html_of(one.mail)
    parts = {part.get_content_type(): part for part in one.mail.walk()}
    assert parts["image/png"]["Content-ID"] == f"<{picture.content_id}>"
    assert parts["image/png"].get_content_disposition() == "inline"
    assert parts["image/png"].get_content() == PNG
    assert parts["text/html"]
    [attached] = one.mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_disposition()) == (
        "run.html", "attachment",
    )  # fmt: skip
    assert "[s h ot.png]" in one.text
    types = [part.get_content_type() for part in one.mail.walk()]
    assert types[:5] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
    ]  # fmt: skip


def test_what_only_says_that_it_is_a_picture_is_attached(desk: Desk) -> None:
    false = Attachment.keep("a.png", b"<svg onload=alert(1)>", "image/png")
    [one] = sent(desk, text=f"See {false.markdown}", attachments=[false])
    assert "cid:" not in html_of(one.mail)
    assert next(one.mail.iter_attachments()).get_filename() == "a.png"


def test_a_copy_in_secret_is_in_no_header_and_opens_no_page(desk: Desk) -> None:
    case = desk.heard()
    mails = sent(desk, case, cc=["boss@whitcombe.example"], bcc=["lawyer@elsewhere.example"])
    by_recipient = {each.recipient: each for each in mails}
    assert set(by_recipient) == {
        "ellen@whitcombe.example", "boss@whitcombe.example", "lawyer@elsewhere.example",
    }  # fmt: skip
    for address, mail in by_recipient.items():
        head = mail.raw.split(b"\r\n\r\n")[0]
        assert b"lawyer" not in head.lower(), address
        assert b"\r\nbcc:" not in head.lower()
    secret = by_recipient["lawyer@elsewhere.example"]
    assert "ellen@whitcombe.example" in str(secret.mail["To"])
    assert "boss@whitcombe.example" in str(secret.mail["Cc"])
    assert "/c/" not in secret.text and "for you alone" in secret.text
    lawyer = customer_of("lawyer@elsewhere.example")
    assert not case.participants.filter(customer=lawyer).exists()
    assert not case.links.filter(customer=lawyer).exists()


def test_whoever_got_it_in_secret_and_answers_is_a_stranger_there(desk: Desk) -> None:
    case = desk.heard()
    mails = sent(desk, case, bcc=["lawyer@elsewhere.example"])
    secret = next(each for each in mails if each.recipient.startswith("lawyer"))
    delivered(secret.answered("I see.", sender="lawyer@elsewhere.example"), secret.reply_to)
    said = case.messages.order_by("-id")[0]
    assert (said.text.strip(), said.is_unconfirmed) == ("I see.", True)


def test_what_a_customer_wrote_is_never_markdown(desk: Desk) -> None:
    case = desk.heard(text="My file is *very*_important_ **now**")
    assert not case.messages.get().is_formatted
