"""What else a desk has on a Thursday."""

from goodword.cases.mayday import call_mayday, take_mayday
from goodword.cases.models import Case
from goodword.channels.mail.reading import ReadMail, unreadable
from goodword.config.demo.stage import Stage, Story, promise


def new_starter(stage: Stage) -> Story:
    luca, priya = stage["luca"], stage.priya
    yield "2026-11-17 09:20"
    case = stage.mail(
        luca,
        "Nina starts on Monday and needs a laptop. Last time somebody came twice for it and I "
        "was charged a call-out each time.",
        subject="A laptop for our new starter",
        ref=2039,
    )
    yield "2026-11-17 09:48"
    case.reply(
        by=priya,
        text="Luca, the laptop is here and is being set up for Nina. I look at those call-outs. "
        "On Thursday between ten and quarter past I ring you with both.",
        then="promise",
        promises=[
            promise(
                "callback",
                "A call between ten and quarter past about the new starter",
                "2026-11-19 10:15",
                opens="2026-11-19 10:00",
            )
        ],
    )
    yield "2026-11-19 10:04"
    case.log_call(
        "Nina’s laptop is ready. One of the two call-outs should not have been needed: £95 comes "
        "off his invoice today.",
        by=priya,
        answers=True,
        minutes=6,
        keeps=[stage.given(case, "A call between ten").pk],
        promises=[
            promise(
                "remedy_delivered",
                "The £95 call-out fee comes off your invoice",
                "2026-11-19 15:00",
            )
        ],
    )
    yield "2026-11-19 13:10"
    stage.keep(case, "The £95 call-out", priya, "Credit note 3117, booked and mailed to him.")
    yield "2026-11-19 13:12"
    case.reply(by=priya, text="The £95 is off the invoice. Is it settled? You decide.", then="ask")


def a_desk(stage: Stage) -> Story:
    luca, tom = stage["luca"], stage.tom
    yield "2026-11-19 10:22"
    case = stage.mail(
        luca,
        "One more: can somebody put up Nina’s desk on Monday, screen and all?",
        subject="A desk for the new starter",
        ref=2056,
    )
    yield "2026-11-19 10:46"
    case.reply(
        by=tom,
        text="Luca, I do it myself. I am there on Monday between half nine and ten.",
        then="promise",
        promises=[
            promise(
                "arrival_window",
                "Someone at your desk between half nine and ten",
                "2026-11-23 10:00",
                opens="2026-11-23 09:30",
            )
        ],
    )


def till(stage: Stage) -> Story:
    leyla, dele = stage["leyla"], stage.dele
    yield "2026-11-18 13:15"
    case = stage.mail(
        leyla,
        "The screen of the till flickers and the girls get headaches.",
        subject="The till’s screen flickers",
        ref=2055,
    )
    yield "2026-11-18 13:40"
    case.reply(
        by=dele,
        text="Leyla, I bring another screen tomorrow, between half eleven and twelve.",
        then="promise",
        promises=[
            promise(
                "arrival_window",
                "Between half eleven and twelve",
                "2026-11-19 12:00",
                opens="2026-11-19 11:30",
            )
        ],
    )
    yield "2026-11-19 11:40"
    stage.keep(case, "Between half eleven", dele, "Arrived 11:40, in the window; new screen in.")
    yield "2026-11-19 12:20"
    case.reply(
        by=dele,
        text="Leyla, the new screen stands still. The old one is with me. Is it settled?",
        then="ask",
    )


def vpn(stage: Stage) -> Story:
    aiko, dele = stage["aiko"], stage.dele
    yield "2026-11-18 10:02"
    case = stage.mail(
        aiko,
        "Every afternoon around three the VPN drops, on all six laptops.",
        subject="VPN drops every afternoon",
        ref=2046,
    )
    yield "2026-11-18 10:24"
    case.reply(
        by=dele,
        text="Aiko, your certificates run out one by one; that is the three o’clock. All six "
        "laptops have new ones by Friday at three, and I do it from here.",
        then="promise",
        promises=[promise("task_done", "New certificates on all six laptops", "2026-11-20 15:00")],
    )
    yield "2026-11-19 14:05"
    case.note(
        "Four of six are done. Tomorrow I am at Mei’s: Priya, could you do the rest?", by=dele
    )
    case.offer_to(stage.priya, by=dele)


def monitors(stage: Stage) -> Story:
    yield "2026-11-18 09:50"
    case = stage.mail(
        stage["ben"],
        "Ruth says I may ask: what would eleven new screens cost, with the arms?",
        subject="Eleven screens for reception and the rooms",
        ref=2052,
    )
    yield "2026-11-18 10:35"
    case.reply(
        by=stage.priya,
        text="Ben, between £1,900 and £2,600. For the exact price: 24 inches or 27, and do the "
        "rooms need arms too?",
        then="wait",
        question="24 inches or 27, and arms in the rooms too?",
    )


def double_booked(stage: Stage) -> Story:
    yield "2026-11-10 15:05"
    case = stage.mail(
        stage["aisha"],
        "We stood before the meeting room at two and somebody else sat in it. My client waited "
        "in the corridor.",
        subject="Meeting room double booked",
        to=stage.offices,
        ref=2042,
    )
    yield "2026-11-10 15:22"
    case.reply(
        by=stage.ines,
        text="Aisha, two calendars, one room: that was ours. There is one calendar now, I have "
        "taken your fee off, and the next two hours are on us. Is it settled?",
        then="ask",
    )
    yield "2026-11-11 09:14"
    words = "Quickly put right. Still, my client stood in a corridor."
    case.settle(stage.on_page(case), degree="acceptable", words=words)


def thanks(stage: Stage) -> Story:
    yield "2026-11-17 16:10"
    case = stage.mail(
        stage["clara"],
        "Mail works on the new phone. That took you four minutes. Thank you!",
        subject="Thank you",
        ref=2043,
    )
    yield "2026-11-17 16:21"
    case.rest(by=stage.farah)


def pitch(stage: Stage) -> Story:
    yield "2026-11-18 08:05"
    case = stage.mail(
        stage["pitch"],
        "Hi there! Quick question: would 30 more leads a week change your business? 15 minutes, "
        "no strings.",
        subject="Quick question",
        ref=2040,
    )
    yield "2026-11-18 09:03"
    case.set_aside("pitch", by=stage.priya, rule_for="hello@growth-guru.example")


def unreadable_scan(stage: Stage) -> Story:
    """A mail that the limited reader could not finish; the case shows it all the same."""

    def gave_up(raw: bytes) -> ReadMail:
        return unreadable(raw, "Reading the mail took too long and was stopped.")

    yield "2026-11-18 12:10"
    case = stage.mail(
        stage["print"],
        "(a scan of forty thousand parts)",
        subject="Scan 0043",
        to=stage.billing,
        ref=2044,
        reader=gave_up,
    )
    yield "2026-11-18 12:31"
    case.reply(
        by=stage.farah,
        text="Your mail reached us, but what is in it could not be opened here. Please send the "
        "scan once more as one PDF. Until then nothing is lost: we keep the mail as it came.",
        then="wait",
        question="Could you send the scan again, as one PDF?",
    )


def newsletter(stage: Stage) -> Story:
    yield "2026-11-19 07:02"
    stage.deliver(
        "Cable & Trunk Weekly <news@cabletrunk.example>",
        stage.support,
        "This week: the new trunks, and why they squeak.",
        stage.support.address,
        {
            "Subject": "Cable & Trunk Weekly, number 47",
            "List-Id": "<weekly.cabletrunk.example>",
            "List-Unsubscribe": "<https://cabletrunk.example/out>",
            "Precedence": "bulk",
        },
    )


def stopped(stage: Stage) -> Story:
    """MAYDAY: one press, and a person two minutes later."""
    luca, dele = stage["luca"], stage.dele
    yield "2026-11-19 14:58"
    case = stage.mail(
        luca,
        "Nothing works: tills, phones, the diary. We cannot see a single customer.",
        subject="The whole shop is offline",
        ref=2035,
    )
    yield "2026-11-19 15:01"
    call_mayday(case, luca, by=luca, channel="page")
    yield "2026-11-19 15:03"
    mayday = case.maydays.get()
    take_mayday(mayday, by=dele)
    yield "2026-11-19 15:08"
    Case.objects.get(pk=case.pk).log_call(
        "I rang Luca. The router had lost its line; a mobile one carries tills and phones since "
        "15:06. The line itself is with the carrier.",
        by=dele,
        answers=True,
        minutes=5,
        promises=[promise("next_update", "What the carrier says of the line", "2026-11-20 10:00")],
    )


STORIES = (
    stopped,
    new_starter, a_desk, till, vpn, monitors, double_booked, thanks, pitch, unreadable_scan,
    newsletter,
)  # fmt: skip
