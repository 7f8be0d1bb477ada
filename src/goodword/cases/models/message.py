"""Message: something said in a case. A note is ours alone."""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core import files
from goodword.core.pictures import MOST_BYTES, raster_kind
from goodword.journal.models import digest_of_words
from goodword.people.models import Customer, new_salt
from goodword.staff.models import Member


class Direction(models.TextChoices):
    IN = "in", _("From the customer")
    OUT = "out", _("From us")
    NOTE = "note", _("Note")
    CALL = "call", _("Call")
    BACK = "back", _("Taken back before it left")


class Channel(models.TextChoices):
    MAIL = "mail", _("by email")
    PAGE = "page", _("on their page")
    WEB = "web", _("through the form on our pages; the address is not proved")
    PHONE = "phone", _("by phone")
    COUNTER = "counter", _("at the counter")


class Purpose(models.TextChoices):
    """What a message of ours is for; the automatic ones are written by a machine."""

    ANSWER = "answer", _("Answer")
    FIRST_WORD = "first_word", _("First word")
    THREE_PARTS = "three_part", _("First word in three parts")
    RECEIPT = "receipt", _("Receipt")
    REMINDER = "reminder", _("Reminder")
    MIRROR = "mirror", _("How we understood you")
    NOTICE = "notice", _("Notice")
    MERGED = "merged", _("Two cases became one")
    MAYDAY = "mayday", _("How a MAYDAY stands")
    SIDE = "side", _("To somebody outside")


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ODD = re.compile(r"[\[\]()<>!\\\r\n]+")
AUTOMATIC = (Purpose.RECEIPT, Purpose.REMINDER, Purpose.MIRROR, Purpose.MERGED, Purpose.MAYDAY)
# What says when they hear again and keeps the acknowledge promise alone.
FIRST_WORDS = (Purpose.FIRST_WORD, Purpose.THREE_PARTS, Purpose.NOTICE)


class BetweenUs(models.Manager["Message"]):
    """What was said between us and the customer: never what is said to somebody outside."""

    def get_queryset(self) -> "models.QuerySet[Message]":
        return super().get_queryset().filter(strand=None)


class Message(models.Model):
    """Words, who said them, and when. Words may be erased; the row and its entry stay."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="messages")
    # Set for what was said to or by somebody outside, which the customer never sees
    strand = models.ForeignKey(
        "cases.SideThread", models.PROTECT, null=True, blank=True, related_name="+"
    )
    direction = models.CharField(max_length=4, choices=Direction.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.MAIL)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    at = models.DateTimeField()  # received or sent, on our clock
    dated = models.DateTimeField(null=True, blank=True)  # what its own Date header says
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)  # the new words alone
    is_formatted = models.BooleanField(default=False)  # typed by a member, as light Markdown
    signature = models.TextField(blank=True)  # what stood under it, as it went out
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True)  # cleaned; shown in a sandboxed frame
    has_remote_images = models.BooleanField(default=False)
    from_address = models.CharField(max_length=320, blank=True)
    message_id = models.CharField(max_length=500, blank=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True)
    # The case that it answered, where that one is part of another by now
    meant_for = models.ForeignKey(
        "cases.Case", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    automatic = models.CharField(max_length=12, blank=True)  # kind of mail that a machine wrote
    is_unconfirmed = models.BooleanField(default=False)  # from a sender nobody has let in
    is_unverified_member = models.BooleanField(default=False)  # claims a member's address
    is_unreadable = models.BooleanField(default=False)
    answered_since = models.DateTimeField(null=True, blank=True)  # the silence that it ended
    asks = models.BooleanField(default=False)  # whether it is settled
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)  # length of a call
    erased_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=16, default=new_salt)

    # The first is the one that `case.messages` goes by.
    objects = BetweenUs()
    everything = models.Manager["Message"]()

    class Meta:
        indexes = [
            models.Index(
                fields=["strand", "at"],
                condition=models.Q(strand__isnull=False),
                name="message_strand_at",
            ),
            models.Index(
                fields=["at"],
                condition=models.Q(purpose="three_part"),
                name="message_three_parts",
            ),
            models.Index(fields=["case", "at"], name="message_case_at"),
            models.Index(fields=["message_id"], name="message_message_id"),
            models.Index(fields=["customer", "at"], name="message_customer_at"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def digest(self) -> str:
        return digest_of_words(self.salt, self.text)

    @property
    def is_from_a_person(self) -> bool:
        """A person of ours said this to the customer: what a machine wrote never counts."""
        if self.strand_id is not None:
            return False
        if self.direction == Direction.CALL:
            return True
        return self.direction == Direction.OUT and self.purpose not in AUTOMATIC

    @property
    def attached(self) -> "list[Attachment]":
        """Its files, but for pictures that stand in the text already."""
        return [
            file for file in self.attachments.all() if not (file.is_inline and self.is_formatted)
        ]

    @property
    def side(self) -> str:
        """Whose words they are, as the screens name it: them, us, note, call or machine."""
        if self.direction == Direction.IN:
            return "machine" if self.automatic else "them"
        if self.direction == Direction.OUT:
            return "machine" if self.purpose in AUTOMATIC else "us"
        return self.direction


class Attachment(models.Model):
    """A file that came with a message, or waits with a draft or with a message for later.

    Downloaded, never rendered; only what its bytes say is a picture is shown in a page.
    """

    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    draft = models.ForeignKey(
        "cases.Draft", models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    scheduled = models.ForeignKey(
        "cases.Scheduled", models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120, default="application/octet-stream")
    content_id = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_inline = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="attachment_sha256")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """By its name and type alone; whoever shows it looks at its bytes."""
        return self.content_type in PICTURES and self.size <= MOST_BYTES

    def is_shown(self) -> bool:
        """Whether its bytes are a picture that may stand in a message."""
        return self.is_picture and raster_kind(files.read(self.sha256)) is not None

    @property
    def markdown(self) -> str:
        """What puts the picture into the text."""
        return f"![{_ODD.sub(' ', self.name).strip()}](picture:{self.pk})"

    @classmethod
    def keep(
        cls,
        name: str,
        content: bytes,
        content_type: str,
        *,
        message: Message | None = None,
        draft: "models.Model | None" = None,
        content_id: str = "",
        is_inline: bool = False,
    ) -> "Attachment":
        """Store the content durably by its hash, and the row that names it."""
        return cls.objects.create(
            message=message,
            draft=draft,
            name=name[:255] or "file",
            content_type=content_type[:120] or "application/octet-stream",
            content_id=content_id[:255],
            size=len(content),
            sha256=files.keep(content),
            is_inline=is_inline,
        )
