"""Whatever is not as it was written is named, row by row."""

import random
from secrets import token_hex

from goodword.backup.verifying import damage
from goodword.cases.models import Attachment, Message
from goodword.channels.mail.models import IncomingMail, Mailbox, RawMail
from goodword.channels.mail.taking import take
from goodword.core import files
from goodword.journal.models import Entry
from tests.cast import Desk


def lived(desk: Desk) -> None:
    """Sixty messages with a file each, their entries, and twenty mails as they came."""
    case = desk.answered()
    for n in range(60):
        message = case.hear(desk.ellen, f"Word {n} about the router in the hall.")
        content = f"File {n} {token_hex(8)}".encode()  # the folder outlives a test
        Attachment.keep(f"{n}.txt", content, "text/plain", message=message)
    box = Mailbox.objects.first() or Mailbox.add(
        by="system", address="help@desk.example", name="Help", team=case.team
    )
    for n in range(20):
        raw = f"From: a@b.example\r\nMessage-ID: <{n}@b.example>\r\n\r\nMail {n}\r\n".encode()
        take(raw, envelope_from="a@b.example", recipients=[box.address])
    assert list(damage()) == []


def flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 0x01]) + content[at + 1 :]


def test_two_hundred_flipped_octets_are_each_named(desk: Desk) -> None:
    """Bodies, files, mail and journal, as reliability.md asks; no row is missed."""
    lived(desk)
    chance = random.Random(11)
    expected: set[str] = set()
    for message in Message.objects.filter(text__startswith="Word"):
        text = flipped(message.text.encode(), chance).decode()
        Message.objects.filter(pk=message.pk).update(text=text)
        expected.add(f"Message {message.pk}: ")
    for file in Attachment.objects.all():
        path = files.path_of(file.sha256)
        path.write_bytes(flipped(path.read_bytes(), chance))
        expected.add(f"Attachment {file.pk}: ")
    for raw in RawMail.objects.all():
        RawMail.objects.filter(pk=raw.pk).update(content=flipped(bytes(raw.content), chance))
        expected.add(f"RawMail {raw.pk}: ")
    left = 200 - len(expected)
    for entry in Entry.objects.order_by("pk")[:left]:
        digest = flipped(entry.hash.encode(), chance).decode("latin-1")
        Entry.objects.filter(pk=entry.pk).update(hash=digest)
        expected.add(f"Entry {entry.pk}: ")
    assert len(expected) == 200
    named = list(damage())
    missed = {each for each in expected if not any(said.startswith(each) for said in named)}
    assert missed == set()


def test_a_file_that_is_gone_is_damage_and_one_that_is_erased_is_not(desk: Desk) -> None:
    lived(desk)
    first, second = Attachment.objects.order_by("pk")[:2]
    files.path_of(first.sha256).unlink()
    assert [said.partition(":")[0] for said in damage()] == [f"Attachment {first.pk}"]
    second.delete()
    assert len(list(damage())) == 1


def test_a_mail_that_was_changed_is_not_the_mail_that_came(desk: Desk) -> None:
    lived(desk)
    row = IncomingMail.objects.order_by("pk")[3]
    RawMail.objects.filter(pk=row.pk).update(content=b"another mail")
    assert [said.partition(":")[0] for said in damage()] == [f"RawMail {row.pk}"]
