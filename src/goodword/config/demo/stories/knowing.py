"""What Harbour Lane wrote down: for everybody, for themselves, and to be put into messages."""

from goodword.articles.models import Article, ArticleFeedback
from goodword.config.demo.stage import Stage, Story

CALENDAR = """It happens after two devices were synchronised: each keeps its own copy, and you see \
both. Nothing is lost.

## On the laptop

1. Open the calendar and look at the list on the left.
2. Take the tick away from **On this computer**. The doubled entries disappear at once.
3. If they do not, close the calendar, wait a minute and open it again.

## On the phone

1. Open *Settings*, then *Accounts*.
2. Turn the calendar off for every account but the one with your work address.

> Do not delete entries one by one: a deleted entry is deleted on every device.

If a workshop or an appointment is missing afterwards, tell us. We keep thirty days of copies.
"""
KALENDER = """Das geschieht, nachdem zwei Geräte abgeglichen wurden: Jedes behält seine eigene \
Kopie, und Sie sehen beide. Verloren ist nichts.

1. Öffnen Sie den Kalender und sehen Sie links in die Liste.
2. Nehmen Sie den Haken bei **Auf diesem Computer** weg.
"""
READER = """1. Hold the green key and the **1** together until the screen goes dark.
2. Wait for the three lights.
3. Take a card payment of one penny, and void it.

| Light | What it says |
|---|---|
| one | it looks for the network |
| two | it has found the network |
| three | it is ready |

Still “try again later”? Then it is the line and not the reader: ring us, we see it from here.
"""
VPN = """The connection asks for a new key every eight hours. A laptop that sleeps over lunch \
misses it.

- Keep the lid open, or plug in the power.
- Connect again from the tray: it takes ten seconds.
"""
RECORDS = """Machines with patient records never leave the building.

1. Work on site and out of hours.
2. Two of us, and a note of who touched what.
3. A backup is proved before anything is wiped.
"""
MAILBOX = """**Settings for your mailbox**

| | |
|---|---|
| Incoming | `imap.harbourlane.example`, port 993, SSL |
| Outgoing | `smtp.harbourlane.example`, port 465, SSL |
| Name | your whole mail address |
"""


def told_to_everybody(stage: Stage) -> Story:
    priya, tom, marta = stage.priya, stage.tom, stage.marta
    yield "2025-09-02 10:10"
    reader = _written(
        tom, "The card reader says “try again later”", READER, topic="Tills and cards"
    )
    yield "2026-03-11 09:30"
    first = CALENDAR.replace("## On the phone", "## Phone")
    calendar = _written(
        priya, "My calendar shows two of everything", first, topic="Calendar and mail"
    )
    yield "2026-03-12 11:05"
    calendar.write(
        by=marta, title=calendar.title, text=CALENDAR, on=1, what="The phone has steps of its own"
    )
    calendar.publish(by=marta, on=2)
    yield "2026-03-16 15:20"
    _written(
        priya, "Mein Kalender zeigt alles doppelt", KALENDER, topic="Kalender und Mail",
        language="de", translation_of=calendar,
    )  # fmt: skip
    yield "2026-06-04 14:00"
    _written(tom, "The VPN drops in the afternoon", VPN, topic="Network")
    yield "2026-11-10 12:40"
    reader.refresh_from_db()
    ArticleFeedback.give(reader, helped=False, words="Mine has no green key.")
    yield "2026-11-17 18:12"
    calendar.refresh_from_db()
    ArticleFeedback.give(calendar, helped=True, words="Two minutes. Thank you.")


def for_ourselves(stage: Stage) -> Story:
    marta, tom = stage.marta, stage.tom
    yield "2026-04-21 09:15"
    _written(tom, "Settings of a mailbox", MAILBOX, kind="block", audience="internal")
    yield "2026-11-16 10:30"
    _written(marta, "Machines with patient records", RECORDS, audience="internal")
    yield "2026-11-19 12:20"
    Article.begin(
        by=tom, title="A printer that leaves the network", text="- Its address must be fixed.",
        language="en-gb", audience="public", topic="Network",
    )  # fmt: skip


def _written(by: object, title: str, text: str, **how: object) -> Article:
    whole = {"language": "en-gb", "audience": "public", **how}
    article = Article.begin(by=by, title=title, text=text, **whole)  # type: ignore[arg-type]
    article.publish(by=by, on=1)  # type: ignore[arg-type]
    return article


STORIES = (told_to_everybody, for_ourselves)
