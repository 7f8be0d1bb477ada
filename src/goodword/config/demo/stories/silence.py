"""A month without a word, and how it was ended."""

from goodword.config.demo.stage import Stage, Story, promise


def a_month(stage: Stage) -> Story:
    peter, marta = stage["peter"], stage.marta
    yield "2026-10-14 09:10"
    case = stage.mail(
        peter,
        "My invoices show the old company name. The tax office sends them back. Please send the "
        "last three again with “Lindgren Surveying Ltd”.",
        subject="Invoices in the wrong name",
        to=stage.billing,
        ref=2045,
    )
    yield "2026-10-28 08:50"
    stage.mail(
        peter,
        "Two weeks and not a word. I know you are busy, but so is the tax office. Hello?",
        case=case,
    )
    yield "2026-11-12 09:15"
    case.refresh_from_db()
    case.log_call(
        "Nobody wrote to Peter for a month: two mails, no answer. I rang, said so, and that it "
        "should never have happened. He was kind about it. The three invoices go out today.",
        by=marta,
        answers=True,
        minutes=12,
        promises=[
            promise("task_done", "Your last three invoices, in the right name", "2026-11-12 17:00")
        ],
    )
    yield "2026-11-12 15:40"
    case.reply(
        by=marta,
        text="Peter, the three invoices are on their way in the right name, and so will be every "
        "one that follows; I checked the record myself. A month of silence was ours. It is on my "
        "desk how two of your mails could lie there.",
        then="promise",
        promises=[
            promise("next_update", "How two mails could lie for a month", "2026-11-17 12:00")
        ],
        keeps=[stage.given(case, "Your last three invoices").pk],
    )
    yield "2026-11-17 10:20"
    case.reply(
        by=marta,
        text="Peter, the mails went to a folder that only one person watched, and she was away. "
        "That folder is gone: every mail now has a name beside it from its first minute. Is it "
        "settled? You decide.",
        then="ask",
        keeps=[stage.given(case, "How two mails").pk],
    )


def never_heard_again(stage: Stage) -> Story:
    owen, ines = stage["owen"], stage.ines
    yield "2026-11-03 10:34"
    case = stage.mail(
        owen,
        "Which form do I need to change my registered address?",
        subject="Which form for a change of address?",
        to=stage.offices,
        ref=2038,
    )
    yield "2026-11-03 11:00"
    case.reply(
        by=ines,
        text="Owen, form AD01. Online it takes ten minutes; your new address counts from the day "
        "it is registered. Is that settled, or is there more to it?",
        then="ask",
    )
    yield "2026-11-10 11:02"
    recipient = stage.offices.address
    stage.deliver(
        "Owen Price <owen@pricepottery.example>",
        stage.offices,
        "I am at the kiln until the 20th and read mail in the evenings.",
        recipient,
        {
            "Subject": f"Automatic reply: {case.title}",
            "Auto-Submitted": "auto-replied",
            **stage._thread(case),
        },
    )


def up_the_ladder(stage: Stage) -> Story:
    """A call that was promised and forgotten: by now it stands with a leader."""
    yield "2026-11-16 14:10"
    case = stage.mail(
        stage["clara"],
        "I paid a deposit for the meeting room in June and never used it. Could somebody call me "
        "about getting it back? Mornings are best.",
        subject="The deposit for the meeting room",
        to=stage.offices,
        ref=2037,
    )
    yield "2026-11-16 14:45"
    case.reply(
        by=stage.ines,
        text="Clara, I look up what was paid and call you tomorrow before noon.",
        then="promise",
        promises=[promise("callback", "I call you about the deposit", "2026-11-17 12:00")],
    )


STORIES = (a_month, never_heard_again, up_the_ladder)
