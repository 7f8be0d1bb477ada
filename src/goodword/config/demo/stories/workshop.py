"""Machines kept a week and wiped, telephones that are dead, a printer that leaves the network."""

from goodword.config.demo.stage import Stage, Story, promise
from goodword.people.models import PinnedNote


def reception(stage: Stage) -> Story:
    ruth, tom, priya, marta = stage["ruth"], stage.tom, stage.priya, stage.marta
    yield "2022-04-04 09:40"
    PinnedNote.pin(
        ruth, "Ring, don’t email. Ruth is at the desk 08:00–18:00; not between 12 and 1.", by=marta
    )
    yield "2026-11-11 10:05"
    case = stage.opened_by_phone(ruth, "Reception PCs: slow since the update", tom, 2036)
    stage.rings(ruth, "All three reception PCs crawl since the update.", tom, case)
    yield "2026-11-11 10:14"
    case.log_call(
        "Ruth: three reception PCs crawl. I pick them up today and she has them back by Friday "
        "lunchtime.",
        by=tom,
        answers=True,
        minutes=8,
        promises=[
            promise("custody_return", "Back on your desks by Friday lunchtime", "2026-11-13 12:30")
        ],
    )
    yield "2026-11-16 08:40"
    stage.rings(
        ruth,
        "A week without them, and now your man tells me they were wiped. There is no backup. "
        "Patients’ letters were on those machines, and they have left the building. And I was "
        "charged for three Windows licences that I already own.",
        marta,
        case,
    )
    yield "2026-11-16 08:58"
    case.log_call(
        "I rang Ruth within the quarter of an hour. The three PCs stood in our workshop with "
        "records on them; her data officer knows. Everything is restored on site from now on. "
        "The £267 for the licences goes back to her.",
        by=marta,
        answers=True,
        minutes=17,
        promises=[
            promise(
                "refund_paid",
                "£267 back: three Windows licences that you already owned",
                "2026-11-20 12:00",
            )
        ],
    )
    case.offer_to(priya, by=marta)
    yield "2026-11-16 09:20"
    case.accept(by=priya)
    yield "2026-11-17 15:10"
    PinnedNote.pin(ruth, "Windows licences carry over. Never sell her another one.", by=priya)
    yield "2026-11-19 10:20"
    PinnedNote.pin(
        ruth,
        "Patient records. Machines never leave the building. Work on site, out of hours.",
        by=marta,
    )
    yield "2026-11-19 11:05"
    stage.keep(case, "£267 back", priya, "Refunded to the card, reference 4471-08, a day early.")
    yield "2026-11-19 15:21"
    stage.rings(
        ruth,
        "They’re being carried back in now. Ring me when they are actually on the desks.",
        priya,
        case,
    )
    yield "2026-11-19 15:24"
    case.log_call(
        "Dele and Tom are carrying the three in. I ring her when they stand and start.",
        by=priya,
        answers=True,
        minutes=3,
        promises=[
            promise(
                "callback",
                "I’ll ring you the moment the three PCs are back on their desks, and no later "
                "than quarter to five",
                "2026-11-19 16:45",
            )
        ],
    )


def label_printer(stage: Stage) -> Story:
    yield "2026-08-27 09:30"
    case = stage.mail(
        stage["ruth"],
        "The label printer at the desk prints every second label. The queue reaches the door.",
        subject="Label printer at the desk",
        ref=1990,
    )
    yield "2026-08-27 09:52"
    case.reply(
        by=stage.dele,
        text="Ruth, I am with you tomorrow at eight, before the surgery opens.",
        then="promise",
        promises=[
            promise("arrival_window", "Tomorrow at eight, before you open", "2026-08-28 08:15",
                    opens="2026-08-28 08:00")
        ],
    )  # fmt: skip
    yield "2026-08-28 08:02"
    stage.keep(case, "Tomorrow at eight", stage.dele, "At the desk 08:02; new roller fitted.")
    yield "2026-09-01 10:05"
    case.reply(
        by=stage.dele,
        text="Ruth, a new roller is in and 200 labels went through without a gap. Is it settled?",
        then="ask",
    )
    yield "2026-09-02 08:20"
    words = "Four visits, everything done. Our last man didn’t manage that in four years."
    case.settle(stage.on_page(case), degree="flawless", words=words)


def telephones(stage: Stage) -> Story:
    sam, tom, dele = stage["sam"], stage.tom, stage.dele
    yield "2026-11-18 09:12"
    case = stage.mail(
        sam,
        "No dial tone since eight. I rang from my mobile and a voice said: check the help page. "
        "It’s the help page that’s down.\n\nThree people want to pay me today and cannot reach "
        "me.\n\nSam",
        subject="“Check the help page.” It’s the help page that’s down",
        ref=2050,
    )
    yield "2026-11-18 09:41"
    case.reply(
        by=tom,
        text="Sam, the line card at the exchange has failed. A new one is on its way and your "
        "phones are back by four.",
        then="promise",
        promises=[promise("resolution", "Phones back by four", "2026-11-18 16:00")],
    )
    yield "2026-11-18 16:08"
    case.offer_to(dele, by=tom)
    yield "2026-11-18 16:12"
    case.accept(by=dele)
    yield "2026-11-18 16:31"
    case.reply(
        by=dele,
        text="Sam, four o’clock has passed and your phones are still dead. That was our word and "
        "we broke it. I have the case from Tom now. Calls to your number reach your mobile from "
        "this evening on. By noon tomorrow I tell you what the exchange says.",
        then="promise",
        promises=[promise("next_update", "What the exchange says, by noon", "2026-11-19 12:00")],
    )
    yield "2026-11-19 11:48"
    case.reply(
        by=dele,
        text="Sam, the exchange has the card and fits it this evening. I will know more before "
        "we close, and I write to you by five whether or not anything has changed.",
        then="promise",
        keeps=[stage.given(case, "What the exchange says").pk],
        promises=[
            promise(
                "next_update",
                "What we know about your phones, even if nothing has changed",
                "2026-11-19 17:00",
            )
        ],
    )
    yield "2026-11-19 15:58"
    stage.mail(
        sam,
        "Day two without phones. I asked in public and @harbourlane answered with a link. Is "
        "there a person in there?",
        case=case,
    )


def printer(stage: Stage) -> Story:
    mei, dele = stage["mei"], stage.dele
    yield "2026-11-17 14:05"
    case = stage.mail(
        mei,
        "The printer is off the network again. Third time this month, and always in surgery hours.",
        subject="Printer off the network again",
        ref=2054,
    )
    yield "2026-11-17 14:32"
    case.reply(
        by=dele,
        text="Mei, it is back for now; I gave it a fixed address from here. On Friday I come and "
        "put it on a cable, so that this ends. By Thursday at five you know when, to within half "
        "an hour.",
        then="promise",
        promises=[
            promise(
                "next_update",
                "Friday’s arrival window, to within half an hour",
                "2026-11-19 17:00",
            )
        ],
    )
    yield "2026-11-19 11:42"
    stage.mail(
        mei, "The printer has dropped off the network again. Fourth time this month.", case=case
    )


def new_printer(stage: Stage) -> Story:
    yusuf, dele = stage["yusuf"], stage.dele
    yield "2026-11-05 09:15"
    case = stage.mail(
        yusuf,
        "The office printer is dead. I bake, I do not print, but the orders come out of it.",
        subject="Printer in the bakery office",
        ref=2030,
    )
    yield "2026-11-05 09:44"
    case.reply(
        by=dele,
        text="Yusuf, a new one is in the van. I am with you today between two and three.",
        then="promise",
        promises=[
            promise("arrival_window", "Today between two and three", "2026-11-05 15:00",
                    opens="2026-11-05 14:00")
        ],
    )  # fmt: skip
    yield "2026-11-05 14:12"
    stage.keep(case, "Today between two", dele, "Arrived 14:12, printer in, first order printed.")
    yield "2026-11-12 16:05"
    case.reply(
        by=dele,
        text="Yusuf, the new printer has run for a week. Is it settled? In another week I ask "
        "you once more whether it behaves, whatever you say today.",
        then="ask",
        promises=[
            promise(
                "check_in",
                "We’ll ask whether the new printer is still behaving",
                "2026-11-20 16:00",
            )
        ],
    )
    stage.hand(case, "We’ll ask whether", stage.priya, by=dele)
    yield "2026-11-12 18:30"
    words = "It prints. You carried it up the stairs yourself. Thank you."
    case.settle(stage.on_page(case), degree="excellent", words=words)


STORIES = (reception, label_printer, telephones, printer, new_printer)
