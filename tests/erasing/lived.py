"""A person whose words went through every channel there is; run as a program it erases them.

`python -m tests.erasing.lived` on an empty database says as JSON where their words stood before,
and where they stand afterwards.
"""

import json
import os
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

NAME, ADDRESS, NUMBER = "Zyxwara Quendel", "zyxwara@quendelhaus.example", "+44 20 7946 0991"
# Five words that stand nowhere else, and what the person is called.
CANARIES = ("flummoxine", "gallopavo", "hexerwort", "jabberine", "krummhorn")
NEEDLES = (*CANARIES, "zyxwara", "quendel", "79460991", "7946 0991")


def mail(number: int, text: str) -> bytes:
    """With an HTML part, a quoted line and a file, each of which holds the words."""
    letter = EmailMessage()
    letter["From"] = f"{NAME} <{ADDRESS}>"
    letter["To"] = "support@harbourlane.example"
    letter["Subject"] = f"Lamp {CANARIES[0]}"
    letter["Message-ID"] = f"<{CANARIES[1]}.{number}@quendelhaus.example>"
    letter["Date"] = "Thu, 19 Nov 2026 16:30:00 +0000"
    letter.set_content(f"{text}\n\n> said {CANARIES[2]} before\n")
    letter.add_alternative(f"<p>{text}</p><blockquote>{CANARIES[3]}</blockquote>", subtype="html")
    content = f"file {CANARIES[4]} {number}".encode()
    letter.add_attachment(content, "text", "plain", filename=f"{CANARIES[4]}.txt", cte="8bit")
    return letter.as_bytes()


def live() -> int:
    """Let all of it happen; the key of the customer."""
    from datetime import date, timedelta

    from goodword.articles.models import ArticleFeedback  # noqa: F401 - loads the room
    from goodword.cases.asking_outside import ask_outside
    from goodword.cases.models import Attachment, Case, CaseLink, CustomerAct, Draft, Scheduled
    from goodword.cases.recalling import recall
    from goodword.channels.mail.models import SignIn  # noqa: F401
    from goodword.core.time import now
    from goodword.finding.keeping import catch_up
    from goodword.finding.models import View
    from goodword.people.models import Account, ContactPoint, CriticalDate, Customer, PinnedNote
    from goodword.people.reaching import add_point
    from goodword.staff.models import Member
    from tests.cast import london
    from tests.mail.letters import case_of, posted

    words = " ".join(CANARIES)
    priya = Member.objects.get(email="priya@harbourlane.example")
    ellen = ContactPoint.objects.get(value="ellen@whitcombe.example").customer
    case = case_of(mail(1, f"It is dark. {words}"), envelope_from=ADDRESS)
    person = case.customer
    person.rewrite(
        by=priya, about=f"Plays the {CANARIES[4]}", account=Account.named("Quayside Theatre")
    )
    add_point(person, NUMBER, by=priya)
    PinnedNote.pin(person, f"Ask for the {CANARIES[4]}", by=priya).rewrite(words, by=priya)
    CriticalDate.set(person, CANARIES[0], date(2026, 12, 1), by=priya, note=CANARIES[1])
    case.note(f"Looks like {words}", by=priya)
    case.log_call(f"{NAME} spoke of {words}", by=priya, answers=False)
    case.tag(CANARIES[2], by=priya)
    ask_outside(case, "sales@kestrel.example", f"Have you {words}?", by=priya, subject=CANARIES[3])
    vow = {"kind": "callback", "text": f"I call about {CANARIES[0]}", "form": "within:240"}
    case = Case.objects.get(pk=case.pk)
    case.reply(by=priya, text=f"Dear {NAME}, the {words} comes.", then="promise", promises=[vow])
    posted()
    case = Case.objects.get(pk=case.pk)
    case.hear(person, f"From their page: {words}", channel="page")
    act = CustomerAct.on_page(CaseLink.for_customer(case, person))
    recall(case, act, f"A spare {CANARIES[1]} by Monday", by_when=now() + timedelta(days=4))
    case = Case.objects.get(pk=case.pk)
    Scheduled.write(
        case,
        by=priya,
        at=london("2026-11-20 09:00"),
        text=f"Later {words}",
        then="promise",
        promises=[vow],
        seen=case.newest_message_id(),
    )
    Draft.keep(case, priya, "reply", f"Half {words}", {"question": CANARIES[2]})
    Attachment.keep(
        f"{CANARIES[0]}.txt", words.encode(), "text/plain", draft=Draft.objects.get(case=case)
    )
    settled = Case.objects.get(pk=case_of(mail(2, words), envelope_from=ADDRESS).pk)
    settled.reply(by=priya, text=f"Is the {CANARIES[0]} settled?", then="ask")
    link = CaseLink.for_customer(settled, person)
    Case.objects.get(pk=settled.pk).settle(CustomerAct.on_page(link), words=words, degree="good")
    shared = Case.open(ellen, title="The hall", by=ellen, team=case.team)
    shared.hear(ellen, f"{NAME} knows more. The stage is dark.")
    shared.hear(person, f"I do: {words}")
    View.objects.create(name=NAME, query=f"from:{ADDRESS}", owner=priya)
    catch_up()
    return Customer.objects.get(pk=person.pk).pk


def in_rows() -> Iterator[str]:
    """Every table, read row by row, whatever it belongs to."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                said = " ".join(_legible(each) for each in row).lower()
                yield from (f"{table}: {needle}" for needle in NEEDLES if needle in said)


def _legible(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


def in_files(folder: Path) -> Iterator[str]:
    """Every file of the data folder, octet by octet: the database, its WAL, files."""
    for file in folder.rglob("*"):
        if file.is_file():
            said = file.read_bytes().lower()
            yield from (
                f"{file.relative_to(folder)}: {each}"
                for each in NEEDLES
                if each.encode() in said or each.encode("utf-16-le") in said
            )


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from goodword.backup.verifying import damage
    from goodword.core.time import clock
    from goodword.erasing import erase, is_scrubbing_due, scrub_by_night, scrubbing
    from goodword.people.models import Customer
    from tests.cast import gather, london

    call_command("migrate", verbosity=0, interactive=False)
    desk = gather()
    person = Customer.objects.get(pk=live())
    clock.fix(clock.now())
    folder = Path(settings.DATA)
    said: dict[str, object] = {
        "rows before": sorted({*in_rows()}),
        "files before": sorted({*in_files(folder)}),
    }
    erase(person, by=desk.jonas, typed=NAME)
    said["rows"] = sorted({*in_rows()})
    due = is_scrubbing_due()
    wiped, scrubbing.LARGEST = [], 1000
    for hour in ("2026-11-20 02:30", "2026-11-20 14:00", "2026-11-21 02:30"):
        clock.fix(london(hour))
        wiped.append(scrub_by_night())
        if len(wiped) == 1:
            # The first night is too short: the database is larger than what is done by itself.
            scrubbing.LARGEST = 2 * 1024**3
    said |= {
        "wiped": wiped,
        "rows wiped": sorted({*in_rows()}),
        "files": sorted({*in_files(folder)}),
        "damage": [*damage()],
        "due": [due, is_scrubbing_due()],
        "kept": len([*folder.rglob("*")]),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.config.settings")
    main()
