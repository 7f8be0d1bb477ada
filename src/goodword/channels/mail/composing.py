"""An outgoing mail as octets: headers that no input can break, plain text and HTML, footer.

Header lines are written here and not by the standard library: it decodes encoded words that
it finds in a subject, so that `=?utf-8?q?x=0D=0ABcc:_y?=` became a real header, and it breaks
Message-IDs that are longer than a line.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from django.utils import translation
from django.utils.translation import gettext as _

from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply, split
from goodword.channels.mail.looks import page

# RFC 2045 § 6.7: a quoted-printable line has 76 characters at most.
_BODY = SMTP.clone(max_line_length=76, cte_type="7bit")
_MOST_REFERENCES = 20
_LONGEST_NAME = 120
_LONGEST_SUBJECT = 500
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}", re.A)

# Marks that show “exe.png” as something else than it is.
_TURNING = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c")

Named = tuple[str, str]
"""A person's name, which may be empty, and the address."""


class BadAddress(ValueError):
    """No mail can be written to or from this; the text says what to do."""


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    mime_type: str = "application/octet-stream"
    content_id: str = ""  # of a picture that stands in the HTML, without its angle brackets


@dataclass(frozen=True)
class Outgoing:
    """One copy of a message for one recipient.

    `from_name` is a person's, with the business: “Priya Raman (Harbour Lane)”. `reply_to` is
    the mailbox's address with a signed token, or the mailbox's own. `html` must be clean
    already; without it the HTML part is made from `text`. `sent_at` is aware. `shown_to` is
    whom the headers name in place of the recipient, for a copy that nobody else knows of.
    """

    from_name: str
    mailbox_address: str
    recipient: Named
    subject: str
    text: str
    reply_to: str
    message_id: str
    sent_at: datetime
    language: str
    case_link: str | None = None
    html: str | None = None
    cc: Sequence[Named] = ()
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    attachments: Sequence[Attachment] = field(default=())
    automatic: Literal["auto-replied", "auto-generated"] | None = None
    shown_to: Named | None = None


def compose(outgoing: Outgoing) -> bytes:
    """The mail as it goes to the server, CRLF line ends, nothing but ASCII unless an address
    needs SMTPUTF8.

    Raises NoReplyAddress where From or Reply-To tells people not to answer (R09), BadAddress
    for an address that is none, ValueError for a Message-ID that is none or a naive `sent_at`.
    """
    for address in (outgoing.mailbox_address, outgoing.reply_to):
        if is_no_reply(address):
            raise NoReplyAddress(address)
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(outgoing))
    return head.encode("utf-8") + _body(outgoing).as_bytes()


def _headers(outgoing: Outgoing) -> Iterable[tuple[str, str]]:
    if outgoing.sent_at.tzinfo is None:
        raise ValueError("sent_at needs a zone")
    if not _MESSAGE_ID.fullmatch(outgoing.message_id):
        raise ValueError(f"{outgoing.message_id!r} is not a Message-ID")
    yield "From", _mailbox(outgoing.from_name, outgoing.mailbox_address)
    yield "Reply-To", _mailbox(outgoing.from_name, outgoing.reply_to)
    yield "To", _mailbox(*(outgoing.shown_to or outgoing.recipient))
    if outgoing.cc:
        yield "Cc", ",\r\n ".join(_mailbox(*person) for person in outgoing.cc)
    yield "Subject", _words(outgoing.subject, _LONGEST_SUBJECT, "Subject")
    yield "Date", format_datetime(outgoing.sent_at.astimezone(UTC))
    yield "Message-ID", outgoing.message_id
    yield from _thread(outgoing)
    if re.fullmatch(r"[A-Za-z0-9-]{2,35}", outgoing.language):
        yield "Content-Language", outgoing.language
    if outgoing.automatic:
        yield "Auto-Submitted", outgoing.automatic
        yield "X-Auto-Response-Suppress", "All"


def _thread(outgoing: Outgoing) -> Iterable[tuple[str, str]]:
    parents = trimmed_references(outgoing.references, outgoing.in_reply_to)
    answered = _MESSAGE_ID.fullmatch((outgoing.in_reply_to or "").strip())
    if answered:
        yield "In-Reply-To", answered.group()
    if parents:
        yield "References", "\r\n ".join(parents)


def trimmed_references(references: Sequence[str], in_reply_to: str | None = None) -> list[str]:
    """The chain of a thread in order (RFC 5322 § 3.6.4): each once, the mail that is answered
    last unless it is the first, at most twenty: the first, by which the thread is known, and
    the latest."""
    chain = [identity.strip() for identity in (*references, in_reply_to or "")]
    valid = [identity for identity in chain if _MESSAGE_ID.fullmatch(identity)]
    latest_last = list(dict.fromkeys(reversed(valid)))[::-1]
    if valid and latest_last[0] != valid[0]:
        latest_last.remove(valid[0])
        latest_last.insert(0, valid[0])
    if len(latest_last) <= _MOST_REFERENCES:
        return latest_last
    return [latest_last[0], *latest_last[1 - _MOST_REFERENCES :]]


def clean_line(text: str, longest: int) -> str:
    """One line without control characters, lone surrogates or tricks of direction."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in whole)
    line = " ".join("".join(c for c in kept if c not in _TURNING).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _words(text: str, longest: int, header: str) -> str:
    line = clean_line(text, longest)
    if line.isascii() and "=?" not in line and all(len(word) < 76 for word in line.split(" ")):
        return Header(line, "ascii", header_name=header, maxlinelen=76).encode(linesep="\r\n")
    return Header(line, "utf-8", header_name=header, maxlinelen=75).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    spec = _address(address)
    line = clean_line(name, _LONGEST_NAME)
    if not line:
        return spec
    if line.isascii() and "=?" not in line:
        quoted = line.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"\r\n <{spec}>' if len(quoted) > 50 else f'"{quoted}" <{spec}>'
    return f"{_words(line, _LONGEST_NAME, 'Reply-To')}\r\n <{spec}>"


def _address(address: str) -> str:
    local, domain = split(address)
    if not domain or re.search(r"[\s\x00-\x1f\x7f<>,;:\"()\[\]\\]", address.strip().strip("<>")):
        raise BadAddress(_bad_address(address))
    try:
        # Also refuses labels that are empty or longer than 63 characters.
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise BadAddress(_bad_address(address)) from None


def _bad_address(address: str) -> str:
    return _("“%(address)s” is not an e-mail address. Correct it and send again.") % {
        "address": clean_line(address, 100)
    }


def _body(outgoing: Outgoing) -> EmailMessage:
    foot = footer(outgoing)
    body = EmailMessage(policy=_BODY)
    text = _plain(outgoing.text) + "\n\n-- \n" + "\n".join(foot) + "\n"
    body.set_content(text, charset="utf-8", cte=_encoding_for(text))
    with translation.override(outgoing.language):
        html = page(outgoing.text, outgoing.html, foot, outgoing.language)
    body.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    pictures = [each for each in outgoing.attachments if each.content_id]
    for picture in pictures:
        _set_in(body, picture)
    for attachment in outgoing.attachments:
        if not attachment.content_id:
            _attach(body, attachment)
    return body


def footer(outgoing: Outgoing) -> list[str]:
    """The lines under a message: that it can be answered, and the customer's own page."""
    with translation.override(outgoing.language):
        lines = [_("You can answer this mail. A person reads every answer.")]
        if outgoing.case_link:
            lines.append(
                _("What we promised you, and what became of it: %(link)s")
                % {"link": outgoing.case_link}
            )
            lines.append(
                _("Your business is stopped? One press calls a person: %(link)s")
                % {"link": f"{outgoing.case_link.rstrip('/')}/mayday/"}
            )
        if outgoing.shown_to:
            lines.append(_("This copy is for you alone: the others do not see that you have it."))
    return lines


def _plain(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    lines = whole.replace("\r", "\n").split("\n")
    kept = (
        "".join(c for c in line if c == "\t" or unicodedata.category(c) != "Cc") for line in lines
    )
    return "\n".join(kept).strip("\n")


def _encoding_for(text: str) -> str:
    short = all(len(line) <= 76 for line in text.split("\n"))
    # A line that begins with “From ” is changed by mailbox files on its way.
    return (
        "7bit" if text.isascii() and short and "\nFrom " not in f"\n{text}" else "quoted-printable"
    )


def _set_in(body: EmailMessage, picture: Attachment) -> None:
    """A picture that the HTML part names by `cid:` travels beside it (RFC 2387)."""
    html = body.get_payload()[1]  # type: ignore[index]
    assert isinstance(html, EmailMessage)
    html.add_related(
        picture.content,
        maintype="image",
        subtype=picture.mime_type.partition("/")[2],
        cid=f"<{picture.content_id}>",
        filename=file_name(picture.name),
        disposition="inline",
    )


def _attach(body: EmailMessage, attachment: Attachment) -> None:
    mime_type = attachment.mime_type.lower()
    # RFC 2046 § 5.2.1 forbids base64 for message/*, and multipart/* is no file.
    if not _MIME_TYPE.fullmatch(mime_type) or mime_type.startswith(("message/", "multipart/")):
        mime_type = "application/octet-stream"
    maintype, subtype = mime_type.split("/")
    name = file_name(attachment.name)
    body.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=name)


def file_name(name: str) -> str:
    """The last part of a name, on one line, that no system takes for another kind of file."""
    line = clean_line(name.replace("\\", "/").rpartition("/")[2], 1_000)
    stem, dot, ending = line.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = line, "", ""
    return f"{stem[:100]}{dot}{ending}" or "file"
