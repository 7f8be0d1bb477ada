"""Placing mail: from what was read to a message in a case, in one transaction.

A signed reply token, then References, then nothing: a subject alone never joins a case.
"""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword.cases.asking_outside import hear_outside, takes_part
from goodword.cases.automatic import send_receipt
from goodword.cases.giving_word import GivenWords
from goodword.cases.mayday import call_mayday
from goodword.cases.models import (
    Attachment,
    Case,
    Merge,
    Message,
    OutgoingMessage,
    Participant,
    SideThread,
)
from goodword.cases.models.case import one_line
from goodword.cases.models.message import Channel, Direction
from goodword.cases.states import AsideReason, State
from goodword.channels.mail.addresses import (
    ReplyTokens,
    belongs_to,
    domain_of,
    is_free_mail,
    is_no_reply,
    normalise,
    token_in,
)
from goodword.channels.mail.helpwords import calls_mayday
from goodword.channels.mail.marks import is_marked, source_of
from goodword.channels.mail.models import IncomingMail, Mailbox, ThreadId
from goodword.channels.mail.reading import ReadMail
from goodword.core import files
from goodword.core.compare import change
from goodword.core.faults import point
from goodword.core.languages import supported
from goodword.core.once import once
from goodword.core.prepared import first, prepared
from goodword.core.room import without_waiting_for_the_disk
from goodword.core.time import now
from goodword.core.writing import new, put
from goodword.journal.recording import record
from goodword.people.meeting import customer_of
from goodword.people.models import ContactPoint, Customer, SenderRule
from goodword.people.reading import told_by_mail
from goodword.promises.in_words.languages import language_told
from goodword.promises.kinds import Kind
from goodword.promises.models import Promise
from goodword.staff.models import Business, Member, Team

LONGEST_TEXT = 2_000_000
IDS_KEPT = 60
LONGEST_ADDRESS = 320
# A Date of longer ago is a wrong clock, or a forger's
A_MAIL_TAKES = timedelta(days=5)


def reply_tokens() -> ReplyTokens:
    """The tokens of this installation's reply addresses."""
    key = salted_hmac("goodword.reply-address", "v1", algorithm="sha256").digest()
    return ReplyTokens(key)


def side_tokens() -> ReplyTokens:
    """The tokens of side threads: under another key, so that neither is taken for the other."""
    key = salted_hmac("goodword.side-address", "v1", algorithm="sha256").digest()
    return ReplyTokens(key)


@once
def our_addresses() -> tuple[str, ...]:
    """Of every mailbox, whether or not it is read at present."""
    return tuple(_addresses())


@prepared
def _addresses() -> "QuerySet[Mailbox, str]":
    return Mailbox.objects.values_list("address", flat=True)


@once
def _our_addresses_in_small() -> frozenset[str]:
    return frozenset(address.lower() for address in our_addresses())


@once
def _mailbox(pk: int) -> Mailbox:
    return _mailbox_of(pk=pk)[0]


@prepared
def _mailbox_of(*, pk: int) -> "QuerySet[Mailbox]":
    return Mailbox.objects.filter(pk=pk).select_related("team__duty", "team__schedule")


@once
def _member_addresses() -> dict[str, bool]:
    """Of everybody who has or had access, in small letters; whether they have it now."""
    return {email.lower(): is_active for email, is_active in _emails()}


@prepared
def _emails() -> "QuerySet[Member, tuple[str, bool]]":
    return Member.objects.values_list("email", "is_active")


def keep_files(read: ReadMail) -> None:
    """Synced to the disk before the transaction: on SQLite nobody writes while it runs."""
    for part in read.attachments:
        files.keep(part.content)


class Placing:
    """One mail that was read, on its way to its place."""

    def __init__(self, incoming: IncomingMail, read: ReadMail) -> None:
        self.incoming = incoming
        self.read = _as_a_person(read) if _came_by_our_own_list(read) else read
        self.box = _mailbox(incoming.mailbox_id)
        self.at = self._received_at()
        self.token = self._token()
        self.meant_for: Case | None = None
        self.strand = self._strand()
        self.is_twin = False

    def commit(self) -> Message | None:
        """Find its place, write it down, finish the work. None where no case came of it.

        LeaseLost, and nothing written, for a worker whose lease has passed to another.
        """
        keep_files(self.read)
        return self._commit()

    @transaction.atomic
    def _commit(self) -> Message | None:
        without_waiting_for_the_disk()
        with override(Business.current().language):
            message = self._placed()
        self.incoming.finish(
            state=self._state(message),
            message=message,
            is_readable=self.read.readable,
            automatic=self.read.automatic or "",
            from_address=self._sender()[:320],
            subject=self.read.subject[:300],
        )
        point("intake.before_commit")
        return message

    def _placed(self) -> Message | None:
        if self._is_our_own():
            return None
        if self.strand is not None and not self._is_of_the_case(self.strand):
            return self._from_outside(self.strand)
        if (source := self._named_source()) is not None:
            return self._from_source(source)
        if self.read.automatic:
            return self._automatic()
        case = self._case()
        if case is not None and self._came_by_another_mailbox(case):
            self.is_twin = True
            return None
        member = self._member()
        if member is not None and not (case and self._is_their_own(case)):
            return self._from_member(member, case)
        if case is not None and self._is_mailbox(self._sender()) and self._went_to_them(case):
            return self._from_us(case)
        return self._from_customer(case)

    def _member(self) -> Member | None:
        """The colleague who has this address. It proves nothing."""
        if not _member_addresses().get(self._sender().lower()):
            return None
        return Member.objects.active().filter(email__iexact=self._sender()).first()

    def _came_by_another_mailbox(self, case: Case) -> bool:
        """One mail to two of our addresses, both of which lead into this case: heard once."""
        if len(_with_fingerprint(fingerprint=self.incoming.fingerprint)) == 1:
            return False
        same = IncomingMail.objects.filter(fingerprint=self.incoming.fingerprint)
        others = same.exclude(pk=self.incoming.pk)
        case.locked()
        return others.filter(message__case=case).exists()

    def _is_their_own(self, case: Case) -> bool:
        """A colleague who is the customer of this case is heard as one: they are customers."""
        known = case.participants.exclude(role=Participant.Role.UNCONFIRMED)
        mail = ContactPoint.Kind.MAIL
        return known.filter(
            customer__points__kind=mail, customer__points__value=self._sender()
        ).exists()

    def _state(self, message: Message | None) -> str:
        if message is not None or self.is_twin:
            return IncomingMail.State.PLACED
        ours = self._is_our_own()
        return IncomingMail.State.OURS if ours else IncomingMail.State.AUTOMATIC

    # Who and when

    def _received_at(self) -> datetime:
        """Now, or as its header says; never later than now, whatever the header says."""
        written = self.read.date if self.incoming.dates_as_written else None
        return min(written or self.incoming.received_at, now())

    def _sender(self) -> str:
        """Who wrote it. A web form writes from our own address, and its Reply-To names them."""
        address = normalise(self.read.from_address)
        if address and not self._is_mailbox(address):
            return address
        for _name, other in self.read.reply_to:
            if not self._is_mailbox(normalise(other)):
                return normalise(other)
        return address or normalise(self.incoming.envelope_from)

    def _is_mailbox(self, address: str) -> bool:
        return address.lower() in _our_addresses_in_small()

    def _sender_name(self) -> str:
        if normalise(self.read.from_address) == self._sender():
            return self.read.from_name
        return next(
            (name for name, other in self.read.reply_to if normalise(other) == self._sender()), ""
        )

    def _customer(self) -> Customer:
        address = self._sender()[:LONGEST_ADDRESS]
        if not address:
            # Nobody is known by having no address, and nobody can be answered at none.
            name = self.read.from_name.strip() or _("Unknown sender")
            return Customer.objects.create(name=name[:200], created_at=self.at)
        domain = domain_of(address)
        is_ours = domain == domain_of(self.box.address)
        return customer_of(
            address,
            self._sender_name(),
            account_domain="" if is_free_mail(domain) or is_ours else domain,
            is_internal=is_ours,
            at=self.at,
            is_used=self.read.dmarc != "fail",
        )

    def _language(self) -> str:
        """As the mail says, where its words do not say otherwise; "" where neither is sure."""
        return supported(language_told(self._text()) or self.read.language)

    # Where it belongs

    def _token(self) -> tuple[int, int] | None:
        token = self._sign()
        return reply_tokens().read(token) if token else None

    def _sign(self) -> str | None:
        to = [self.incoming.recipient, *self.read.delivered_to]
        to += [address for _name, address in (*self.read.to, *self.read.cc)]
        return token_in(to, our_addresses())

    def _strand(self) -> SideThread | None:
        """The side thread that it answers: by the thread's own token, else by References."""
        if self.token is not None:
            return None
        sign = self._sign()
        named = side_tokens().read(sign) if sign else None
        if named is not None:
            return first(_side_thread(pk=named[0]))
        referred = [*self.read.references, *self.read.in_reply_to]
        if self.read.bounce and self.read.bounce.original_message_id:
            referred.append(self.read.bounce.original_message_id)
        known = first(_strands_of(header_ids=referred)) if referred else None
        return first(_side_thread(pk=known)) if known else None

    def _is_of_the_case(self, thread: SideThread) -> bool:
        """Whoever takes part in the case and answers all is heard there, never beside it."""
        sender = self._sender()
        return (
            not self.read.automatic and sender != thread.address and takes_part(thread.case, sender)
        )

    def _from_outside(self, thread: SideThread) -> Message | None:
        others = IncomingMail.objects.filter(fingerprint=self.incoming.fingerprint)
        if others.filter(message__strand=thread).exclude(pk=self.incoming.pk).exists():
            self.is_twin = True
            return None
        if self.read.bounce:
            self._note_bounce_of(thread)
        fields = {**self._fields(), "automatic": self.read.automatic or ""}
        message = hear_outside(
            thread, self._text(), at=self.at, fields=fields, sender=self._sender()
        )
        self._keep_files(message)
        return message

    def _note_bounce_of(self, thread: SideThread) -> None:
        assert self.read.bounce is not None
        copies = OutgoingMessage.objects.filter(message__strand=thread).order_by("-id")
        named = copies.filter(header_id=self.read.bounce.original_message_id or "").first()
        if named is not None:
            answer = self.read.bounce.diagnostic or self.read.bounce.status or _("It came back.")
            named.note_bounced(answer, hard=not self.read.bounce.still_trying)

    def _case(self) -> Case | None:
        """The case that it belongs to; where that is part of another by now, the other."""
        found = self._case_named()
        if found is None or found.merged_into_id is None:
            return found
        into = found.survivor()
        answered = OutgoingMessage.objects.filter(header_id__in=self.read.in_reply_to)
        is_since = answered.filter(message__case=into, message__at__gte=_merged_at(found))
        # An answer to what we wrote since is an answer to both.
        if self.token or not is_since.exists():
            self.meant_for = found
        return into

    def _case_named(self) -> Case | None:
        if self.token:
            case = first(_case_of(pk=self.token[0]))
            if case is not None:
                return case
        if self.strand is not None:
            return self.strand.case
        return self._case_by_references()

    def _case_by_references(self) -> Case | None:
        """The oldest case that knows one of the mails that this one refers to, or waits for it."""
        referred = list(dict.fromkeys([*self.read.references, *self.read.in_reply_to]))
        known = [case for each in referred for case, _is_here in self._heard_of(each)]
        if not known and self.read.message_id:
            own = self._heard_of(self.read.message_id)
            known = [case for case, is_here in own if not is_here]
        if not known and referred:
            sent = sorted(copy for each in referred for copy in _copies_with(header_id=each))
            known = [case for _copy, case in sent[:1]]
        return first(_case_of(pk=min(known))) if known else None

    def _heard_of(self, header_id: str) -> list[tuple[int, bool]]:
        """The case that knows this mail, and whether the mail itself came."""
        return _thread(mailbox=self.box.pk, header_id=header_id[:500])

    def _remember_thread(self, case: Case) -> None:
        case = self.meant_for or case
        once_each = ("mailbox", "header_id")
        ids = dict.fromkeys([*self.read.references, *self.read.in_reply_to][-IDS_KEPT:])
        for each in ids:
            known = new(ThreadId, mailbox=self.box, header_id=each[:500], case=case)
            put(known, unique=once_each)
        if self.read.message_id:
            sign = self.read.message_id[:500]
            own = new(ThreadId, mailbox=self.box, header_id=sign, case=case, is_here=True)
            put(own, unique=once_each, sets=("is_here",))

    def _is_confirmed(self, case: Case, customer: Customer) -> bool:
        """A participant of the case, whose mail did not fail the sender's own policy."""
        # The token of a side thread is known to others than the customer.
        if self.read.dmarc == "fail" or (self.strand is not None and self.read.dmarc != "pass"):
            return False
        return Participant.is_let_in(case.pk, customer.pk)

    def _is_proved(self, customer: Customer) -> bool:
        """More than a From, which anybody can write: their own token, or their domain's word."""
        if self.read.dmarc == "pass":
            return True
        return self.token is not None and self.token[1] in _points_of(customer=customer.pk)

    # What comes of it

    def _named_source(self) -> dict[str, Any] | None:
        """A machine or a supplier whose mail makes cases, for mail that belongs to none yet."""
        if self.read.bounce or self.token is not None:
            return None
        return source_of(self.read, self._sender(), Business.current())

    def _from_source(self, source: dict[str, Any]) -> Message:
        """A case of the team that was named, with the promise that was named; nobody is written to.

        The same words from the same source again belong to the case that is open already.
        """
        customer = self._customer()
        title = one_line(self.read.subject or self._text()[:120])[:300]
        known = Case.objects.filter(customer=customer, title=title, ended_at=None)
        case = self._case() or known.order_by("-id").first()
        is_new = case is None
        if case is None:
            team = Team.objects.filter(slug=source["team"]).first() or self.box.team
            case = Case.open(customer, title=title, by=customer, team=team, at=self.at)
        message = case.hear(
            customer, self._text(), at=self.at, opens_clocks=False, fields=self._fields()
        )
        if is_new and source["form"]:
            Promise.make(
                case, Kind.TASK_DONE, source["name"], by="system", form=source["form"], at=self.at
            )
        self._keep_the_rest(case, message)
        return message

    def _from_customer(self, case: Case | None) -> Message:
        customer = self._customer()
        if self.read.dmarc != "fail":
            told_by_mail(customer, self._language())
        if case is None:
            return self._new_case(customer, SenderRule.for_sender(self._sender()))
        is_confirmed = self._is_confirmed(case, customer)
        message = case.hear(
            customer,
            self._text(),
            at=self.at,
            is_confirmed=is_confirmed,
            opens_clocks=not self.incoming.is_history,
            fields=self._fields(),
        )
        if is_confirmed and self._is_proved(customer):
            self._join_those_in_copy(case)
        self._keep_the_rest(case, message)
        if not (is_confirmed and self._mayday(case, customer)):
            self._receipt(case, message)
        return message

    def _new_case(self, customer: Customer, rule: SenderRule | None) -> Message:
        is_spam = is_marked(self.read, Business.current())
        case, message = Case.begun(
            customer,
            self._text(),
            title=self.read.subject or self._text()[:120],
            team=self.box.team,
            at=self.at,
            opens_clocks=not (self.incoming.is_history or rule or is_spam),
            fields=self._fields(),
        )
        self._keep_the_rest(case, message)
        self._join_those_in_copy(case)
        if rule is not None:
            known = rule.reason in AsideReason.values
            case.set_aside(rule.reason if known else AsideReason.SPAM, by="system", at=self.at)
        elif is_spam:
            case.set_aside(AsideReason.SPAM, by="system", at=self.at)
        elif not self._mayday(case, customer):
            self._receipt(case, message)
        return message

    def _from_member(self, member: Member, case: Case | None) -> Message:
        """A sender address proves nothing: in a case it is a note at most, never sent on."""
        if case is None:
            return self._new_case(
                customer_of(self._sender(), member.name, is_internal=True, at=self.at), None
            )
        return self._from_us(case)

    def _from_us(self, case: Case) -> Message:
        """What one of us seems to have written with another program, and copied in."""
        message = Message.objects.create(
            case=case,
            direction=Direction.NOTE,
            channel=Channel.MAIL,
            at=self.at,
            text=self._text(),
            is_unverified_member=True,
            **self._fields(),
        )
        record(case, "noted", by="system", words=message, facts={"message": message.pk})
        self._keep_the_rest(case, message)
        if self.read.readable and self._went_to_them(case):
            GivenWords(case, message.text, at=self._said_at()).offer(message)
        return message

    def _went_to_them(self, case: Case) -> bool:
        """The customer, or whoever takes part, was among those to whom it was written."""
        to = [normalise(address) for _name, address in (*self.read.to, *self.read.cc)]
        mail = {"customer__points__kind": ContactPoint.Kind.MAIL}
        return case.participants.filter(**mail, customer__points__value__in=to).exists()

    def _said_at(self) -> datetime:
        """When its Date says that it was written, where that can be believed; else when it came."""
        written = self.read.date
        is_credible = written is not None and self.at - A_MAIL_TAKES <= written <= self.at
        return written if written is not None and is_credible else self.at

    def _automatic(self) -> Message | None:
        """No promise and no answer. It stands with the message that it is about, if it is known."""
        copy = self._copy_that_bounced() if self.read.bounce else None
        case = copy.message.case if copy else self._case()
        if case is None:
            return None
        message = Message.objects.create(
            case=case,
            direction=Direction.IN,
            channel=Channel.MAIL,
            at=self.at,
            text=self._text(),
            automatic=self.read.automatic or "",
            **self._fields(),
        )
        facts = {"message": message.pk, "automatic": self.read.automatic}
        record(case, "automatic_received", by="system", at=self.at, facts=facts)
        if copy and self.read.bounce and self._is_credible_bounce():
            answer = self.read.bounce.diagnostic or self.read.bounce.status or _("It came back.")
            # Full mailbox or dead address: once their server has given up, they do not have it.
            bounce = self.read.bounce
            copy.note_bounced(answer, hard=not bounce.still_trying, dead=bounce.hard)
        return message

    def _copy_that_bounced(self) -> OutgoingMessage | None:
        """By the signed return path, else by the Message-ID that the bounce names."""
        assert self.read.bounce is not None
        copies = OutgoingMessage.objects.select_related("message__case").order_by("-id")
        if self.token:
            case_id, point_id = self.token
            named = Case.objects.filter(pk=case_id).first()
            here = {case_id, named.survivor().pk if named else case_id}
            found = copies.filter(message__case__in=here, point=point_id)
            exact = found.filter(header_id=self.read.bounce.original_message_id).first()
            return exact or found.first()
        if not self.read.bounce.original_message_id:
            return None
        by_id = copies.filter(header_id=self.read.bounce.original_message_id)
        recipient = normalise(self.read.bounce.recipient)
        return by_id.filter(address=recipient).first() or (
            by_id.first() if by_id.count() == 1 else None
        )

    def _is_credible_bounce(self) -> bool:
        """Whoever reads along knows our Message-IDs; only a real bounce knows the return path.

        Where plus-parts fail there is no signed return path, and the Message-ID has to do.
        """
        return self.token is not None or not self.box.plus_parts_work

    def _is_our_own(self) -> bool:
        """A mail of ours that came back to us: a list, a forward, a copy to ourselves.

        Others may use a Message-ID of ours again; what they write under it is not ours.
        """
        own = self.read.message_id
        if not own or not self._is_mailbox(normalise(self.read.from_address)):
            return False
        return OutgoingMessage.objects.filter(header_id=own).exists()

    # Its parts

    def _text(self) -> str:
        if not self.read.readable:
            return _(
                "This mail could not be read safely. It is kept whole, as it came, beside this "
                "message. What we could tell: %(trouble)s"
            ) % {"trouble": " ".join(self.read.trouble) or _("nothing")}
        return (self.read.reply_text or self.read.text)[:LONGEST_TEXT]

    def _fields(self) -> dict[str, Any]:
        read = self.read
        return {
            "dated": read.date,
            "subject": read.subject[:500],
            "quoted": "\n".join(filter(None, (read.signature, read.quoted_text)))[:LONGEST_TEXT]
            if read.reply_text
            else "",
            "html": read.html[:LONGEST_TEXT],
            "has_remote_images": read.has_remote_images,
            "from_address": self._sender()[:320],
            "message_id": read.message_id[:500],
            "in_reply_to": (read.in_reply_to or [""])[0][:500],
            "references": " ".join(read.references)[-20_000:],
            "is_unreadable": not read.readable,
            "meant_for": self.meant_for,
        }

    def _keep_the_rest(self, case: Case, message: Message) -> None:
        self._keep_files(message)
        if self.strand is None:
            self._remember_thread(case)

    def _keep_files(self, message: Message) -> None:
        for part in self.read.attachments:
            Attachment.keep(
                part.name,
                part.content,
                part.content_type,
                message=message,
                content_id=part.content_id,
                is_inline=part.inline,
            )

    def _join_those_in_copy(self, case: Case) -> None:
        """Cc is kept: whoever the customer wrote to as well reads along."""
        others = list(self._others_in_copy())
        # Whoever we asked outside does not come to read along by a Cc of somebody's.
        outside = set(case.side_threads.values_list("address", flat=True)) if others else set()
        for name, value in others:
            if value in outside:
                continue
            domain = domain_of(value)
            is_ours = domain == domain_of(self.box.address)
            customer = customer_of(
                value,
                name,
                account_domain="" if is_free_mail(domain) or is_ours else domain,
                is_internal=is_ours,
                at=self.at,
                is_used=False,
            )
            Participant.objects.get_or_create(
                case=case, customer=customer, defaults={"role": Participant.Role.COPY}
            )

    def _others_in_copy(self) -> Iterator[tuple[str, str]]:
        """Name and address of whom it was written to as well, and who is none of ours."""
        if self.read.dmarc == "fail" or self.read.spam:
            return
        roads = {normalise(each) for each in (self.incoming.recipient, *self.read.delivered_to)}
        for name, address in [*self.read.to, *self.read.cc][:20]:
            value = normalise(address)
            # An address by which it reached us is one of ours, whatever forwards from there.
            if "@" not in value or value in roads or value == self._sender():
                continue
            if len(value) > LONGEST_ADDRESS or value.lower() in _member_addresses():
                continue
            if is_no_reply(value) or any(belongs_to(value, box) for box in our_addresses()):
                continue
            yield name, value

    def _mayday(self, case: Case, customer: Customer) -> bool:
        """Their subject calls for help now, and not as the answer to one that did before."""
        if self.incoming.is_history or self.incoming.dates_as_written:
            return False
        if not calls_mayday(self.read.subject) or self._is_heard_before(case):
            return False
        # Whoever writes under a false name wakes nobody, and nobody is mailed for it.
        is_quiet = bool(self.read.spam) or self.read.dmarc == "fail"
        call_mayday(
            Case.objects.get(pk=case.pk),
            customer,
            by=customer,
            channel=Channel.MAIL,
            hears=False,
            is_quiet=is_quiet,
            tells=self._may_be_written_to(),
        )
        return True

    def _is_heard_before(self, case: Case) -> bool:
        said = case.messages.filter(direction=Direction.IN).order_by("-id")[1:200]
        return any(calls_mayday(each) for each in said.values_list("subject", flat=True))

    def _may_be_written_to(self) -> bool:
        """By a machine: only for mail of now, from who they say they are, that is no spam."""
        is_suspect = self.read.spam or self.read.dmarc == "fail" or not self.read.readable
        if self.incoming.is_history or self.incoming.dates_as_written or is_suspect:
            return False
        by_hand = self.incoming.source == IncomingMail.Source.INGEST
        return not (by_hand or self._is_mailbox(self._sender()))

    def _receipt(self, case: Case, message: Message) -> None:
        if not self._may_be_written_to():
            return
        send_receipt(case, message)


@prepared
def _case_of(*, pk: int) -> "QuerySet[Case]":
    around = ("customer__account", "account", "owner", "team__duty", "team__schedule")
    return Case.objects.filter(pk=pk).select_related(*around)[:1]


@prepared
def _side_thread(*, pk: int) -> "QuerySet[SideThread]":
    return SideThread.objects.filter(pk=pk).select_related("case")[:1]


@prepared
def _strands_of(*, header_ids: list[str]) -> "QuerySet[Message, int | None]":
    ours = Message.everything.filter(strand__isnull=False, message_id__in=header_ids)
    return ours.order_by("-id").values_list("strand_id", flat=True)[:1]


@prepared
def _thread(*, mailbox: int, header_id: str) -> "QuerySet[ThreadId, tuple[int, bool]]":
    known = ThreadId.objects.filter(mailbox=mailbox, header_id=header_id)
    return known.values_list("case_id", "is_here")


@prepared
def _copies_with(*, header_id: str) -> "QuerySet[OutgoingMessage, tuple[int, int]]":
    copies = OutgoingMessage.objects.filter(header_id=header_id).order_by("pk")
    return copies.values_list("pk", "message__case_id")[:1]


@prepared
def _with_fingerprint(*, fingerprint: str) -> "QuerySet[IncomingMail, int]":
    same = IncomingMail.objects.filter(fingerprint=fingerprint)
    return same.values_list("pk", flat=True)[:2]


@prepared
def _points_of(*, customer: int) -> "QuerySet[ContactPoint, int]":
    return ContactPoint.objects.filter(customer=customer).values_list("pk", flat=True)


def _came_by_our_own_list(read: ReadMail) -> bool:
    """Where our address is a group or a list itself, every customer's mail has a list's headers."""
    if read.automatic != "list" or not read.list_address:
        return False
    return any(belongs_to(read.list_address, address) for address in our_addresses())


def _merged_at(case: Case) -> datetime:
    merge: Merge = case.merges.get(undone_at=None)
    return merge.at


def _as_a_person(read: ReadMail) -> ReadMail:
    return dataclasses.replace(read, automatic=None)


def open_history(cases: list[int]) -> list[Promise]:
    """After old mail was brought in: clocks open only where the customer spoke last."""
    made: list[Promise] = []
    for case in Case.objects.filter(pk__in=cases):
        with transaction.atomic():
            last = case.messages.exclude(direction__in=("note", "back")).filter(automatic="")
            # As it was written: what we sent came in after theirs, whenever that was brought in.
            newest = last.order_by(Coalesce("dated", "at").desc(), "-id").first()
            if newest and newest.direction == Direction.IN and not case.unanswered_since:
                change(case, {}, {"unanswered_since": newest.at})
                made += case.open_clocks(newest)
            elif newest and newest.direction == Direction.OUT:
                rest_as_history(case, at=newest.at)
            case.reckon()
    return made


def rest_as_history(case: Case, *, at: datetime) -> None:
    """Ours was the last word, before this desk was here: it waits for them, and no clock runs."""
    with case.held() as held:
        to = {"state": State.ACKNOWLEDGED, "rested_at": at, "is_unread": False}
        if change(held, {"state": State.RECEIVED, "unanswered_since": None}, to):
            record(held, "rested", by="system", facts={"since": None})
