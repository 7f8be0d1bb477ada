"""Mailboxes, and the mail that came: kept whole before anything is said or read."""

from datetime import timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.core.work import Work
from goodword.journal.recording import record
from goodword.staff.models import Member, Team

# Longer than this without a look into a mailbox, and what machines would send waits (R09).
UNREAD_FOR = timedelta(minutes=5)


class Security(models.TextChoices):
    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none (only on this machine)")


class Auth(models.TextChoices):
    """How the desk signs in at the servers of a mailbox."""

    PASSWORD = "password", _("with a password")
    OAUTH = "oauth", _("by the provider’s own sign-in (OAuth)")


class Mailbox(models.Model):
    """An address of ours: where its mail comes from, and how answers leave."""

    address = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    team = models.ForeignKey(Team, models.PROTECT, related_name="mailboxes")
    is_active = models.BooleanField(default=True)
    plus_parts_work = models.BooleanField(default=True)
    auth = models.CharField(max_length=10, choices=Auth.choices, default=Auth.PASSWORD)
    # Passwords under the installation's key (passwords.py); never shown, never exported
    imap_closed = models.TextField(blank=True)
    smtp_closed = models.TextField(blank=True)
    imap_host = models.CharField(max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    imap_user = models.CharField(max_length=200, blank=True)
    imap_folder = models.CharField(max_length=200, default="INBOX")
    imap_after = models.CharField(max_length=200, default="nothing")  # nothing, seen, move:FOLDER
    imap_start = models.CharField(max_length=20, default="now")  # now, all, or a date
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(default=587)
    smtp_security = models.CharField(
        max_length=8, choices=Security.choices, default=Security.STARTTLS
    )
    smtp_user = models.CharField(max_length=200, blank=True)
    # What the fetcher remembers and the operator sees
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    # The rest of the fetcher's mark: from when mail is ours, what is tried again, what stays
    imap_mark = models.JSONField(default=dict, blank=True)
    server_count = models.PositiveIntegerField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    well_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    sending_trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address

    def save(self, *args: object, **kwargs: object) -> None:
        """A mailbox that nobody reads cannot exist (R09), whichever door it comes through."""
        if is_no_reply(self.address):
            raise NoReplyAddress(self.address)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def is_read_by_imap(self) -> bool:
        return bool(self.imap_host)

    def is_silent(self) -> bool:
        """Whether this mailbox should be read and has not been for five minutes."""
        if not (self.is_active and self.is_read_by_imap):
            return False
        return self.well_at is None or now() - self.well_at > UNREAD_FOR

    @transaction.atomic
    def note_trouble(self, sentence: str) -> None:
        """It cannot be read. Only the first of a row of failures enters the journal."""
        was_well = not self.trouble
        change(self, {}, {"trouble": sentence[:300], "looked_at": now()})
        if was_well:
            record(None, "mailbox_trouble", by="system", facts={"mailbox": self.pk})

    @transaction.atomic
    def note_well(self, server_count: int | None = None) -> None:
        was_ill = bool(self.trouble)
        to: dict[str, object] = {"trouble": "", "looked_at": now(), "well_at": now()}
        if server_count is not None:
            to["server_count"] = server_count
        change(self, {}, to)
        if was_ill:
            record(None, "mailbox_well", by="system", facts={"mailbox": self.pk})

    @classmethod
    @transaction.atomic
    def add(cls, *, by: Member | str, **fields: object) -> "Mailbox":
        mailbox = cls.objects.create(**fields)
        record(None, "mailbox_changed", by=by, facts={"mailbox": mailbox.pk})
        return mailbox


class MailApp(models.Model):
    """How a provider knows this desk: the app that the operator registered there."""

    provider = models.CharField(max_length=20, unique=True)
    client_id = models.CharField(max_length=300)
    secret_closed = models.TextField(blank=True)
    tenant = models.CharField(max_length=100, blank=True)
    # Only for “another” provider: google's and microsoft's are published
    authorize_url = models.CharField(max_length=500, blank=True)
    token_url = models.CharField(max_length=500, blank=True)
    revoke_url = models.CharField(max_length=500, blank=True)
    scope = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.provider


class SignInBegun(models.Model):
    """Somebody went to a provider from a mailbox's page. Whoever comes back uses it up."""

    state_digest = models.CharField(max_length=64, unique=True)
    session_digest = models.CharField(max_length=64)
    verifier_closed = models.TextField()
    provider = models.CharField(max_length=20)
    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="+")
    by = models.ForeignKey(Member, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)


class SignIn(models.Model):
    """A mailbox's sign-in at its provider. Tokens stand under the installation's key."""

    mailbox = models.OneToOneField(Mailbox, models.CASCADE, related_name="sign_in")
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=320, blank=True)  # as whom, where the provider says
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=now)
    access_closed = models.TextField()
    refresh_closed = models.TextField()
    expires_at = models.DateTimeField()
    renewed_at = models.DateTimeField(default=now)
    # Whoever holds the lease renews, so that no two processes do at once
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)  # after a failure, when to try again
    trouble = models.CharField(max_length=300, blank=True)
    refused_at = models.DateTimeField(null=True)  # the provider wants a person again

    def __str__(self) -> str:
        return f"{self.mailbox_id} at {self.provider}"


class IncomingMail(Work):
    """One mail at one address of ours. It is a row of work until it has found its place."""

    class State(models.TextChoices):
        TAKEN = "taken", _("Taken, not read yet")
        PLACED = "placed", _("In a case")
        AUTOMATIC = "automatic", _("Written by a machine")
        OURS = "ours", _("Our own mail came back to us")
        STUCK = "stuck", _("Could not be placed")

    class Source(models.TextChoices):
        SMTP = "smtp", "SMTP"
        LMTP = "lmtp", "LMTP"
        IMAP = "imap", "IMAP"
        INGEST = "ingest", _("brought in")

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="incoming")
    fingerprint = models.CharField(max_length=64)
    recipient = models.CharField(max_length=400)
    envelope_from = models.CharField(max_length=320, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    received_at = models.DateTimeField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TAKEN)
    is_readable = models.BooleanField(default=True)
    automatic = models.CharField(max_length=12, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    message = models.OneToOneField(
        "cases.Message", models.PROTECT, null=True, blank=True, related_name="mail"
    )
    is_history = models.BooleanField(default=False)  # old mail: no receipts, clocks at the end
    dates_as_written = models.BooleanField(default=False)  # received when its header says
    copies = models.PositiveIntegerField(default=0)  # how often the same mail came again

    class Meta(Work.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "fingerprint"], name="incoming_once")
        ]
        indexes = [
            *Work.Meta.indexes,
            models.Index(fields=["state", "-received_at"], name="incoming_state"),
            models.Index(fields=["mailbox", "is_readable"], name="incoming_mailbox"),
        ]

    def raw(self) -> bytes:
        return bytes(_raw_of(incoming=self.pk)[0])


class RawMail(models.Model):
    """The bytes as they came, apart from the row that lists read."""

    incoming = models.OneToOneField(
        IncomingMail, models.CASCADE, primary_key=True, related_name="content"
    )
    content = models.BinaryField()


@prepared
def _raw_of(*, incoming: int) -> "models.QuerySet[RawMail, bytes | memoryview]":
    return RawMail.objects.filter(incoming=incoming).values_list("content", flat=True)


class ThreadId(models.Model):
    """A Message-ID that a case has seen or been referred to, so that any order threads alike."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="+")
    header_id = models.CharField(max_length=500)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="thread_ids")
    is_here = models.BooleanField(default=False)  # the mail itself came, not only a reference

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "header_id"], name="thread_id_once")
        ]
