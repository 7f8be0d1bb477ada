"""A one-day installation on day thirty."""

from goodword.cases.models import Draft
from goodword.config.demo.stage import Stage, Story, london, promise
from goodword.people.models import PinnedNote
from goodword.promises.models import MoveRequest


def install(stage: Stage) -> Story:
    ellen, tom, priya = stage["ellen"], stage.tom, stage.priya
    yield "2024-03-12 10:20"
    PinnedNote.pin(
        ellen,
        "Never take a machine without a working copy left behind. Ellen runs on her laptop.",
        by=stage.marta,
    )

    yield "2026-10-12 10:12"
    case = stage.mail(
        ellen,
        "Yes please: one day, desktop and server in, my data moved, the laptop in sync, for "
        "£4,860 and £120 a month.\n\nWhen can you come? I have a workshop to prepare, so I need "
        "to be working again the day after.\n\nEllen",
        subject="One-day server install",
        ref=2041,
    )
    yield "2026-10-12 10:47"
    case.reply(
        by=tom,
        text="Ellen, thank you. I come on Wednesday 21 October, between nine and half past, and "
        "at the end of that day the new desktop and the server are in and you can work. The "
        "training follows on the Friday at two: three hours, at your desk.",
        then="promise",
        promises=[
            promise(
                "arrival_window", "Between nine and half past", "2026-10-21 09:30",
                opens="2026-10-21 09:00",
            ),
            promise(
                "resolution",
                "New desktop and server in, ready to work, in one day",
                "2026-10-21 17:00",
            ),
            promise("task_done", "Three hours’ training, on site", "2026-10-23 14:00"),
        ],
    )  # fmt: skip
    yield "2026-10-21 11:10"
    stage.keep(case, "Between nine", tom, "Arrived 11:10. Held up elsewhere, did not ring ahead.")
    yield "2026-10-21 16:40"
    case.log_call(
        "Told Ellen at her desk that the server is not ready. I take the desktop and the battery "
        "backup with me and bring both back tomorrow.",
        by=tom,
        answers=True,
        promises=[
            promise(
                "custody_return",
                "Battery backup swapped and back, with the desktop",
                "2026-10-22 17:00",
            )
        ],
    )
    yield "2026-10-26 09:20"
    stage.mail(
        ellen,
        "The desktop and the battery backup are still with you. I was told Thursday. I have a "
        "deadline on Friday and I am working from the laptop on the kitchen table.",
        case=case,
    )
    yield "2026-10-26 09:58"
    case.reply(
        by=tom,
        text="Ellen, both come back tomorrow, Tuesday, before five. The training I have not "
        "forgotten; we find a new day once the machines are in.",
        then="promise",
        promises=[
            promise("arrival_window", "Tuesday, before five, with both machines",
                    "2026-10-27 17:00", opens="2026-10-27 13:00"),
        ],
    )  # fmt: skip
    yield "2026-10-27 15:20"
    stage.keep(case, "Tuesday, before five", tom, "Arrived 15:20, both machines on her desk.")
    stage.keep(case, "Battery backup", tom, "Back on 27 October, five days late.")
    yield "2026-11-09 09:05"
    stage.mail(
        ellen,
        "Since the laptop was synchronised my calendar shows two of everything, and the Henley "
        "workshop files are nowhere. Twelve people have paid for that workshop.\n\nWhere are "
        "they?",
        case=case,
    )
    yield "2026-11-09 09:40"
    case.reply(
        by=tom,
        text="Ellen, I look for them today. You have an answer to this by ten tomorrow.",
        then="promise",
        promises=[promise("next_update", "An answer to your email by ten", "2026-11-10 10:00")],
    )
    yield "2026-11-16 11:15"
    stage.rings(
        ellen,
        "I have missed two deadlines. Where are my files, and where is my laptop?",
        tom,
        case,
    )
    yield "2026-11-16 11:22"
    case.log_call(
        "Ellen asked for her files again. I said “You have to understand, I have to run my "
        "business.” The laptop is open on the bench; I had not asked her. It goes back on "
        "Thursday.",
        by=tom,
        answers=True,
        minutes=6,
        promises=[
            promise(
                "custody_return",
                "Your laptop back, warranty put right at our cost",
                "2026-11-19 12:00",
            )
        ],
    )
    yield "2026-11-18 17:48"
    stage.mail(
        ellen,
        "It is day 29 of a one-day install. I still can’t find the Henley workshop files, my "
        "calendar shows two of everything, and my laptop was opened up while it is under "
        "warranty. Nobody asked me.\n\nWhen I rang on Monday I was told, “You have to "
        "understand, I have to run my business.” So do I. I have missed two deadlines. I don’t "
        "expect perfect. I expect somebody to own this.",
        case=case,
    )
    yield "2026-11-19 08:35"
    case.refresh_from_db()
    case.offer_to(priya, by=tom)
    yield "2026-11-19 08:41"
    case.accept(by=priya)
    laptop = stage.given(case, "Your laptop back")
    laptop.hand_to(tom, by=priya)
    yield "2026-11-19 08:55"
    case.reply(
        by=priya,
        text="Ellen, I’ve read everything back to 12 October. We told you one day. It has been "
        "thirty, and it has cost you work and two deadlines. Opening your laptop without asking "
        "was wrong, and so was what you were told on Monday. I’m sorry.\n\nThis is mine now. "
        "I’ll call you today at 14:00, and by 17:00 you’ll have a list of every file we found, "
        "and where it is now.",
        then="promise",
        keeps=[stage.given(case, "An answer to your email").pk],
        promises=[
            promise("callback", "I’ll call you today at 14:00", "2026-11-19 14:00"),
            promise(
                "next_update",
                "A list of every file we found, and where it is now",
                "2026-11-19 17:00",
            ),
        ],
    )
    PinnedNote.pin(ellen, "Laptop: three-year warranty to May 2027. Nobody opens it.", by=priya)
    yield "2026-11-19 09:31"
    laptop.refresh_from_db()
    laptop.case = case
    request = MoveRequest.ask(
        laptop,
        london("2026-11-20 12:00"),
        by=priya,
        reason="The maker’s own workshop seals it again tomorrow at nine, so the warranty stands",
    )
    yield "2026-11-19 09:52"
    stage.on_page(case)
    request.agree(by=ellen)
    case.reckon()
    yield "2026-11-19 13:58"
    case.log_call(
        "22 minutes. The bluelines go to the printer on Friday at noon. Calendar put right while "
        "we were on the phone. She wants the training after the files, not before: Tuesday at "
        "ten suits her.",
        by=priya,
        answers=True,
        minutes=22,
        keeps=[stage.given(case, "I’ll call you today").pk],
        promises=[
            promise("task_done", "Three hours’ training, on site", "2026-11-24 10:00"),
            promise(
                "check_in", "We ring in a week to see that it is still right", "2026-11-27 10:00"
            ),
        ],
    )
    stage.hand(case, "Three hours’ training", tom, by=priya)
    yield "2026-11-19 14:31"
    case.note(
        "@Marta The free month is granted. I’d also like to give Ellen £450, three days of her "
        "fees. That is over my £150. She hasn’t asked for anything.",
        by=priya,
    )
    yield "2026-11-19 16:12"
    stage.mail(
        ellen,
        "Thank you for ringing when you said you would. The Henley folder is the one I need "
        "first: the bluelines are in it. And please, nobody opens the laptop again.",
        case=case,
    )
    yield "2026-11-19 16:29"
    Draft.keep(
        case,
        priya,
        "reply",
        "Ellen, the Henley folder is found: 11 of its 14 files, bluelines included, are on the "
        "server now. The other three will follow soon.",
        {},
    )


STORIES = (install,)
