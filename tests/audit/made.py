"""A mailbox of our own making, of which every answer is known.

Open Monday to Friday from nine to five in London; what is read ends on Friday 20 November 2026 at
17:00.
"""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
UNTIL = "2026-11-20T17:00"
HOURS = {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "17:00"]]}}
US = "Priya <priya@desk.example>"
HOSTILE = '<img src=x onerror="alert(1)"> & “so on”'

# name, from, to, when (London), text, answers
LETTERS = [
    # Answered after two open hours.
    ("a1", "Ellen <ellen@marsh.example>", US, "2026-11-16T10:00", "The printer is dead.", None),
    ("a2", US, "ellen@marsh.example", "2026-11-16T12:00", "Thanks, please restart it.", "a1"),
    # In the last hour of a Friday, answered on Monday: an hour and a half of open time.
    ("b1", "Bo <bo@lane.example>", US, "2026-11-13T16:30", "Can I change my order?", None),
    ("b2", US, "bo@lane.example", "2026-11-16T10:00", "Yes, of course.", "b1"),
    # In the last hour, answered the same day; and our word, followed in time.
    ("c1", "Cy <cy@dock.example>", US, "2026-11-17T16:10", "Where is my order?", None),
    ("c2", US, "cy@dock.example", "2026-11-17T16:40", "I'll call you tomorrow.", "c1"),
    ("c3", US, "cy@dock.example", "2026-11-18T11:00", "As I said on the phone, it is here.", "c2"),
    # Never answered; he wrote twice.
    ("d1", "Di <di@hill.example>", US, "2026-11-09T09:00", "Where is my laptop?", None),
    ("d2", "Di <di@hill.example>", US, "2026-11-12T09:00", "Hello? Anybody?", "d1"),
    # Never answered, with a subject that must not run.
    ("e1", "Eve <eve@bad.example>", US, "2026-11-19T09:00", "Please call.", None),
    # Only thanks.
    ("f1", "Fay <fay@farm.example>", US, "2026-11-18T09:00", "Great, thank you!", None),
    # Our word: nothing followed, a late word, one to come, and one without a time.
    ("g1", US, "gus@mill.example", "2026-11-10T10:00", "I'll send the quote by Wednesday.", None),
    ("h1", US, "hal@mill.example", "2026-11-10T10:00", "I'll send the quote by Wednesday.", None),
    ("h2", US, "hal@mill.example", "2026-11-12T10:00", "Here is the quote.", "h1"),
    ("i1", US, "ida@mill.example", "2026-11-20T10:00", "We'll deliver it on 25 November.", None),
    ("j1", US, "jan@mill.example", "2026-11-18T10:00", "We'll get back to you shortly.", None),
    # Among ourselves.
    ("k1", US, "marta@desk.example", "2026-11-18T10:00", "I'll call you at 4.", None),
]  # fmt: skip


def mail(name: str, sender: str, to: str, when: str, text: str, answers: str | None) -> bytes:
    letter = EmailMessage()
    letter["Message-ID"] = f"<{name}@made.example>"
    letter["From"], letter["To"] = sender, to
    letter["Subject"] = HOSTILE if name == "e1" else f"About {name}"
    letter["Date"] = format_datetime(datetime.fromisoformat(when).replace(tzinfo=LONDON))
    if answers:
        letter["In-Reply-To"] = f"<{answers}@made.example>"
    letter.set_content(text)
    return letter.as_bytes()


def machine() -> bytes:
    letter = EmailMessage()
    letter["Message-ID"] = "<m1@made.example>"
    letter["From"], letter["To"] = "Robot <robot@shop.example>", US
    letter["Subject"], letter["Auto-Submitted"] = "Out of office", "auto-replied"
    letter["Date"] = "Wed, 18 Nov 2026 09:00:00 +0000"
    letter.set_content("I am away.")
    return letter.as_bytes()


def mails() -> list[bytes]:
    return [*(mail(*letter) for letter in LETTERS), machine()]


def maildir(folder: Path) -> Path:
    """Newest first, as no mailbox promises any order; one mail is there twice."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, raw in enumerate(reversed([*mails(), mails()[0]])):
        (folder / "cur" / f"{number:03}.made:2,").write_bytes(raw)
    (folder / "tmp" / "half").write_bytes(b"From: half")
    return folder


def mbox(path: Path) -> Path:
    path.write_bytes(
        b"".join(b"From made Mon Nov 16 10:00:00 2026\n" + raw + b"\n\n" for raw in mails())
    )
    return path
