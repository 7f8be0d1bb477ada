"""The outbox: due copies become mail and leave, one at a time, whatever is killed."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.automatic import words_of_merge
from goodword.cases.models import CaseLink, Merge, Message, OutgoingMessage, Verdict
from goodword.cases.models.message import AUTOMATIC, Purpose
from goodword.channels.mail.addresses import NoReplyAddress, reply_address
from goodword.channels.mail.composing import Attachment, BadAddress, Outgoing, compose
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.oauth.renewing import token_source
from goodword.channels.mail.placing import reply_tokens, side_tokens
from goodword.channels.mail.rendering import Words
from goodword.channels.mail.sending import (
    Delivery,
    MaildirTransport,
    SMTPServer,
    SMTPTransport,
    Transport,
)
from goodword.channels.mail.taking import door
from goodword.core import files
from goodword.core.compare import change
from goodword.core.faults import point
from goodword.core.once import one_piece_of_work
from goodword.core.time import now
from goodword.core.work import LeaseLost, claim
from goodword.people.models import Customer
from goodword.staff.models import Business

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
# Five days, as RFC 5321 § 4.5.4.1 has it, then it is given up where everybody sees it.
GIVES_UP_AFTER = timedelta(days=5)
# RFC 3834 § 5: a receipt answers a mail, a reminder answers none.
_AUTOMATIC: dict[str, Literal["auto-replied", "auto-generated"]] = {
    Purpose.RECEIPT: "auto-replied",
    Purpose.REMINDER: "auto-generated",
    Purpose.MIRROR: "auto-generated",
    Purpose.MERGED: "auto-generated",
}
Passwords = Callable[[str, str], str]


class Outbox:
    """Sends what is due. One a thread; connections are kept between the mails of a batch.

    `password(address, "smtp")` gives the password of a mailbox; none is in the database.
    """

    def __init__(self, password: Passwords, maildir: Path | None = None) -> None:
        self._password = password
        self._maildir = maildir
        self._transports: dict[int, Transport] = {}
        self._away: dict[int, Delivery] = {}

    def send_due(self, limit: int = 50) -> int:
        """Send what is due now; how many were tried. Raises only for a database that is gone."""
        at = now()
        rows = claim(self._waiting(), limit=limit, lease=LEASE, now=at)
        try:
            for row in rows:
                door.let_pass(quiet=0.01, at_most=0.5)
                if row.message.purpose in AUTOMATIC:
                    # A case that nobody sees yet goes before what a machine says of another.
                    door.let_place(quiet=0.25, at_most=0.5)
                point("outbox.after_claim")
                with contextlib.suppress(LeaseLost), override(Business.current().language):
                    self._try(row)
        finally:
            self.close()
        return len(rows)

    def close(self) -> None:
        self._away.clear()
        while self._transports:
            self._transports.popitem()[1].close()

    def _waiting(self) -> "QuerySet[OutgoingMessage]":
        """What machines wrote waits while a mailbox cannot be read; people's words go out."""
        rows = OutgoingMessage.objects.select_related("message__case__team", "point__customer")
        if any(box.is_silent() for box in Mailbox.objects.filter(is_active=True)):
            return rows.exclude(message__purpose__in=AUTOMATIC)
        return rows

    def _try(self, row: OutgoingMessage) -> None:
        try:
            with one_piece_of_work():
                self._send(row)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception as error:
            # One copy that breaks something must not keep the others from leaving.
            log.exception("copy %s could not be sent", row.pk)
            row.note_deferred(_("Something failed on our side: %(what)s") % {"what": error})

    def _send(self, row: OutgoingMessage) -> None:
        box = mailbox_of(row.message)
        if box is None:
            row.note_deferred(_("There is no mailbox to send from. Add one: goodword mailbox add"))
            return
        if box.pk in self._away:
            # Each of fifty would wait for half a minute, and all other mailboxes with them.
            self._note(row, self._away[box.pk])
            return
        try:
            raw = mail_of(row, box)
        except (NoReplyAddress, BadAddress, ValueError, OSError) as error:
            log.exception("copy %s cannot be written", row.pk)
            row.note_failed(str(error))
            return
        row.stay_ours(LEASE)
        transport = self._transport(box)
        delivery = transport.send(return_path(row, box), row.address, raw)
        if transport.is_away:
            self._away[box.pk] = delivery
        if delivery.outcome == "sent":
            point("outbox.after_250")
        self._note_trouble(box, delivery.text if delivery.trouble else "")
        self._note(row, delivery)

    def _note(self, row: OutgoingMessage, delivery: Delivery) -> None:
        if delivery.outcome == "sent":
            row.note_sent(delivery.text)
            point("outbox.after_commit")
        elif delivery.outcome == "failed" or now() - row.queued_at > GIVES_UP_AFTER:
            row.note_failed(delivery.text)
        else:
            row.note_deferred(delivery.text)

    def _transport(self, box: Mailbox) -> Transport:
        if box.pk not in self._transports:
            self._transports[box.pk] = self._new_transport(box)
        return self._transports[box.pk]

    def _new_transport(self, box: Mailbox) -> Transport:
        if self._maildir is not None:
            return MaildirTransport(self._maildir)
        password = self._password(box.address, "smtp") if box.smtp_user else ""
        return SMTPTransport(server_of(box, password))

    def _note_trouble(self, box: Mailbox, trouble: str) -> None:
        if box.sending_trouble != trouble[:300]:
            change(box, {}, {"sending_trouble": trouble[:300]})


def server_of(box: Mailbox, password: str) -> SMTPServer:
    """Where this mailbox's mail leaves by; its token stands in place of a password."""
    token = token_source(box) if box.smtp_host else None
    return SMTPServer(
        host=box.smtp_host or "127.0.0.1",
        port=box.smtp_port,
        security=box.smtp_security,  # type: ignore[arg-type]
        user=box.smtp_user or (box.address if token else ""),
        password=password,
        token=token,
    )


def mailbox_of(message: Message) -> Mailbox | None:
    """The mailbox that a case's mail leaves by: where it came in, else its team's, else any."""
    heard = Mailbox.objects.filter(incoming__message__case=message.case_id, is_active=True)
    boxes = Mailbox.objects.filter(is_active=True)
    return (
        heard.order_by("incoming__id").first()
        or boxes.filter(team=message.case.team_id).first()
        or boxes.first()
    )


def return_path(row: OutgoingMessage, box: Mailbox) -> str:
    """Where bounces go: the signed address, so that a bounce finds its copy."""
    return _signed(row, box)


def _signed(row: OutgoingMessage, box: Mailbox) -> str:
    """The monitored address that leads back into the case; the bare one where plus-parts fail."""
    thread = row.message.strand_id
    if thread is not None and box.plus_parts_work:
        return reply_address(box.address, side_tokens().make(thread, row.message.case_id))
    if row.point_id is None or not box.plus_parts_work:
        return box.address
    return reply_address(box.address, reply_tokens().make(row.message.case_id, row.point_id))


def mail_of(row: OutgoingMessage, box: Mailbox) -> bytes:
    """The copy as it goes over the wire. NoReplyAddress, BadAddress where it may not exist."""
    message, case = row.message, row.message.case
    business = Business.current()
    if message.strand_id is not None:
        return _mail_to_outside(row, box, business)
    customer = _reader(row)
    language = customer.reads() if customer else business.language
    earlier = _earlier(message)
    with override(language):
        mirrors = _mirrors(message) if customer == case.customer else ()
        added = [*mirrors, *_merges(message), *_asks(message, customer)]
        words = Words(message, added)
        name = f"{message.member.name} ({business.name})" if message.member else business.name
        return compose(
            Outgoing(
                from_name=name,
                mailbox_address=box.address,
                recipient=(row.name, row.address),
                subject=_answering(message.subject) if earlier else message.subject,
                text=words.plain(),
                html=words.html(),
                reply_to=_signed(row, box),
                message_id=row.header_id,
                sent_at=message.at,
                language=language,
                case_link=_link(row, customer),
                shown_to=_shown_to(row),
                cc=_others(row),
                in_reply_to=earlier[-1] if earlier else None,
                references=earlier,
                attachments=list(_attachments(message)),
                automatic=_AUTOMATIC.get(message.purpose),
            )
        )


def _mail_to_outside(row: OutgoingMessage, box: Mailbox, business: Business) -> bytes:
    """To somebody outside: their own thread, no link to the case, no word of the customer's."""
    message = row.message
    before = Message.everything.filter(strand=message.strand_id, pk__lt=message.pk, automatic="")
    earlier = list(
        before.exclude(message_id="").order_by("pk").values_list("message_id", flat=True)
    )
    name = f"{message.member.name} ({business.name})" if message.member else business.name
    with override(business.language):
        return compose(
            Outgoing(
                from_name=name,
                mailbox_address=box.address,
                recipient=(row.name, row.address),
                subject=_answering(message.subject) if earlier else message.subject,
                text=message.text,
                reply_to=_signed(row, box),
                message_id=row.header_id,
                sent_at=message.at,
                language=business.language,
                in_reply_to=earlier[-1] if earlier else None,
                references=earlier,
                attachments=list(_attachments(message)),
            )
        )


def _reader(row: OutgoingMessage) -> Customer | None:
    """Whose copy it is. Only theirs carries their link; nobody else's may stand in its place."""
    if row.point is not None:
        return row.point.customer
    return row.message.case.customer if row.role == "to" else None


def _answering(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


def _link(row: OutgoingMessage, customer: Customer | None) -> str | None:
    """Whoever gets a copy in secret takes no part in the case, so nothing opens it for them."""
    if customer is None or row.role == "bcc":
        return None
    return CaseLink.for_customer(row.message.case, customer).url


def _shown_to(row: OutgoingMessage) -> tuple[str, str] | None:
    """A copy in secret names whom everybody's copy names, and not whoever reads it."""
    if row.role != "bcc":
        return None
    to = row.message.copies.filter(role="to").first()
    return (to.name, to.address) if to else None


def _others(row: OutgoingMessage) -> list[tuple[str, str]]:
    """Who else gets a copy, as it is shown to this one."""
    open_ones = row.message.copies.exclude(role="bcc")
    if row.role == "bcc":
        open_ones = open_ones.exclude(role="to")
    return [(copy.name, copy.address) for copy in open_ones.exclude(pk=row.pk).order_by("pk")]


def _earlier(message: Message) -> list[str]:
    """Message-IDs of the case before this message, oldest first (RFC 5322, 3.6.4)."""
    before = message.case.messages.filter(pk__lt=message.pk, automatic="").exclude(message_id="")
    visible = before.exclude(direction__in=("note", "back")).exclude(is_unconfirmed=True)
    return list(visible.order_by("at", "pk").values_list("message_id", flat=True))


def _mirrors(message: Message) -> Iterator[str]:
    """How the customer's words were understood since the last mail, with a way to undo it."""
    if message.purpose == Purpose.MIRROR:
        return
    verdicts = Verdict.objects.filter(case=message.case, mirrored_in=None, undone_at=None)
    for verdict in verdicts.filter(message__isnull=False):
        change(verdict, {"mirrored_in": None}, {"mirrored_in": message})
    for verdict in message.mirrors.all():
        said = _("You wrote “%(words)s”. We took it to mean: %(meaning)s.")
        meaning = _("it is settled") if verdict.is_settled else _("it is not settled yet")
        yield (
            said % {"words": verdict.words, "meaning": meaning}
            + " "
            + _("If that is not what you said, say so on your page, or answer this mail.")
        )


def _merges(message: Message) -> Iterator[str]:
    """That two cases became one, or are two again, said once to whoever is written to next."""
    if message.purpose == Purpose.MERGED:
        return
    here = Merge.objects.filter(Q(into=message.case) | Q(case=message.case))
    new = here.filter(into=message.case, undone_at=None, told_in=None, is_quiet=False)
    for merge in new:
        change(merge, {"told_in": None}, {"told_in": message})
    undone = here.filter(undone_at__isnull=False, told_in__isnull=False, undoing_told_in=None)
    for merge in undone:
        change(merge, {"undoing_told_in": None}, {"undoing_told_in": message})
    told = here.filter(Q(told_in=message, undone_at=None) | Q(undoing_told_in=message))
    for merge in told.select_related("case", "into").order_by("pk"):
        yield words_of_merge(merge)


def _asks(message: Message, customer: Customer | None) -> Iterator[str]:
    """Only the customer decides, so only their copy asks."""
    is_theirs = customer == message.case.customer
    if message.purpose == Purpose.ANSWER and message.asks and is_theirs:
        yield _(
            "Is it settled? You decide: your page, linked below, has one button for each answer."
        )


def _attachments(message: Message) -> Iterator[Attachment]:
    for part in message.attachments.all():
        set_in = part.content_id if part.is_inline else ""
        yield Attachment(part.name, files.read(part.sha256), part.content_type, set_in)


def demo_maildir() -> Path | None:
    """The folder that outgoing mail is kept in, where GOODWORD_OUTGOING says maildir:PATH."""
    kind, _colon, path = str(getattr(settings, "OUTGOING", "")).partition(":")
    return Path(path) if kind == "maildir" and path else None
