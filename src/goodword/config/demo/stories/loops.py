"""A machine that sends you round in circles, and a deal that changed after the handshake."""

from goodword.cases.models import CaseLink
from goodword.config.demo.stage import Stage, Story, london, promise
from goodword.promises.models import MoveRequest


def charged_twice(stage: Stage) -> Story:
    grace, priya = stage["grace"], stage.priya
    yield "2026-11-16 10:02"
    case = stage.mail(
        grace,
        "You took £340 twice on the 13th. I rang: pressing 3 sends me to the web form. The web "
        "form sends me to the phone. I have been round four times.\n\nWho has my money, and when "
        "is it back?",
        subject="Charged twice, then round and round your phone menu",
        to=stage.billing,
        ref=2047,
    )
    yield "2026-11-16 10:41"
    case.reply(
        by=priya,
        text="Grace, the second £340 was our mistake: the direct debit ran twice. Marta has "
        "signed the refund and it is in your account by next Wednesday noon. You need no menu "
        "for it: my number is 020 7946 0140 and I pick up.",
        then="promise",
        promises=[
            promise(
                "refund_paid",
                "Your money back in full, £340, in your account",
                "2026-11-25 12:00",
            )
        ],
    )
    stage.hand(case, "Your money back", stage.marta, by=priya)
    yield "2026-11-19 09:37"
    case.reply(
        by=priya,
        text="Grace, the bank has it since this morning. You have their reference from me by "
        "noon today, so that your own bank can follow it.",
        then="promise",
        promises=[
            promise(
                "next_update", "The refund reference, from the bank, by noon", "2026-11-19 12:00"
            )
        ],
    )
    yield "2026-11-19 12:06"
    stage.mail(
        grace,
        "Noon has passed and I have no reference. I tried your number: pressing 3 sends me to "
        "the web form. The web form sends me to the phone.",
        case=case,
    )


def nobody_reads(stage: Stage) -> Story:
    yield "2026-11-18 17:20"
    stage.mail(
        stage["yusuf"],
        "I wrote to you about the card reader: it takes a card and says “try again later”, and "
        "the queue goes out of the door.\n\nYour reply said this inbox is not monitored. So who "
        "do I talk to about the card reader?\n\nYusuf",
        subject="Card reader, and an inbox nobody reads",
        to=stage.billing,
        ref=2051,
    )


def changed_deal(stage: Stage) -> Story:
    yield "2026-11-19 16:30"
    stage.mail(
        stage["daniel"],
        "Hello,\n\nBefore I signed I told your director of sales exactly what I need: post "
        "opened, scanned and emailed the same day, and a meeting room twice a month. He said yes "
        "to all of it, £85 a month.\n\nToday I’m told scanning is an “additional service”, that I "
        "need identity checks at £12 apiece for each of my three translators, and that the room "
        "is £30 an hour. None of that was in what I agreed. Without the scanning the office is "
        "no use to me.\n\nIs this really the deal? I’d like to hear from somebody today.\n\n"
        "Daniel",
        subject="You changed the deal after I said yes",
        to=stage.offices,
        ref=2057,
    )


def four_lines(stage: Stage) -> Story:
    siobhan, priya = stage["siobhan"], stage.priya
    yield "2026-11-16 13:20"
    case = stage.opened_by_phone(siobhan, "Moving four lines before the 30th", priya, 2049)
    stage.rings(
        siobhan, "We move on the 30th. Can all four lines come with us before that?", priya, case
    )
    yield "2026-11-16 13:27"
    case.log_call(
        "Four lines, new address from the 30th. I ask the carrier which can move before it.",
        by=priya,
        answers=True,
        minutes=7,
        promises=[
            promise(
                "next_update",
                "Which of your four lines can move before the 30th",
                "2026-11-19 15:30",
            )
        ],
    )
    yield "2026-11-19 14:40"
    case.reply(
        by=priya,
        text="Siobhan, three of the four can move, that is sure. About the fourth the carrier "
        "tells me tomorrow at nine. I promised you the whole answer by half past three today. "
        "May it be tomorrow, Friday, by eleven?",
        then="promise",
    )
    lines = stage.given(case, "Which of your four lines")
    request = MoveRequest.ask(
        lines, london("2026-11-20 11:00"), by=priya, reason="The carrier answers on Friday at nine"
    )
    yield "2026-11-19 15:02"
    stage.mail(siobhan, "Friday is fine, as long as it is Friday.", case=case)
    yield "2026-11-19 15:04"
    case.refresh_from_db()
    request.agree(by=siobhan)
    case.rest(by=priya)


def lisbon(stage: Stage) -> Story:
    hannah, ines = stage["hannah"], stage.ines
    yield "2026-11-18 18:40"
    case = stage.mail(
        hannah,
        "My post still goes to Lisbon, although I have been back since the first. And today a "
        "letter says that mail handling has changed terms. What has changed, and from when?",
        subject="Post forwarded to Lisbon",
        to=stage.offices,
        ref=2053,
    )
    yield "2026-11-19 09:22"
    case.reply(
        by=ines,
        text="Hannah, the forwarding to Lisbon ends today; I took it out myself. The changed "
        "terms are below, three lines, and they bind you only if you say yes. You can say no and "
        "keep what you have.",
        then="wait",
        question="Do the changed terms suit you?",
    )
    yield "2026-11-19 10:31"
    stage.mail(hannah, "I’ll read the changed terms tonight and let you know.", case=case)
    yield "2026-11-19 10:36"
    case.refresh_from_db()
    case.rest(by=ines)


def cabling(stage: Stage) -> Story:
    hannah, tom = stage["hannah"], stage.tom
    yield "2026-11-10 11:30"
    case = stage.mail(
        hannah,
        "Could we have a second quote for the cabling in the new rooms, with the cheaper trunks?",
        subject="Second quote for the cabling",
        ref=2033,
    )
    yield "2026-11-10 12:05"
    case.reply(
        by=tom,
        text="Hannah, yes. I measure again next week and you have it by Thursday the 19th.",
        then="promise",
        promises=[promise("task_done", "A second quote for the cabling", "2026-11-19 17:00")],
    )
    yield "2026-11-19 11:00"
    act = stage.on_page(case)
    stage.given(case, "A second quote").release(by=act.customer, words="We keep the old trunks.")
    case.settle(act, degree="good", words="No need any more, we keep the old trunks.")


def door_codes(stage: Stage) -> Story:
    harriet, ines = stage["harriet"], stage.ines
    yield "2026-11-18 11:04"
    case = stage.mail(
        harriet,
        "We have builders on the second floor from Monday. Can three of them have door codes?",
        subject="Door codes for the second floor",
        to=stage.offices,
        ref=2048,
    )
    yield "2026-11-18 11:31"
    case.reply(
        by=ines,
        text="Harriet, yes, each gets a code of their own. Which three people should have one?",
        then="wait",
        question="Which three people should have a code?",
        cc=["facilities@mossandvine.example"],
    )
    yield "2026-11-18 11:33"
    _bounce(stage, "facilities@mossandvine.example")
    yield "2026-11-19 15:44"
    # A link that was passed on: the stranger joins, sees nothing, and the owner decides.
    link = CaseLink.for_customer(case, harriet)
    assert link.case_id == case.pk
    sender = "Joe Field <joe.field@fieldandson.example>"
    recipient = _signed(stage, case.pk, harriet.points.get(kind="mail").pk)
    stage.deliver(
        sender,
        stage.offices,
        "I run the works on the second floor. Send all three codes to me please.\n\nJoe Field",
        recipient,
        {"Subject": f"Re: {case.title}"},
    )
    yield "2026-11-19 16:05"
    case.refresh_from_db()
    case.log_call(
        "Rang Harriet before anything goes to Joe Field. She does not know the name and asks "
        "her builder; she rings back.",
        by=ines,
        answers=True,
        minutes=4,
        promises=[
            promise("callback", "I ring you by ten if you have not rung first", "2026-11-20 10:00")
        ],
    )


def _signed(stage: Stage, case: int, point: int) -> str:
    from goodword.channels.mail.addresses import reply_address
    from goodword.channels.mail.placing import reply_tokens

    return reply_address(stage.offices.address, reply_tokens().make(case, point))


def _bounce(stage: Stage, address: str) -> None:
    """The report of their server that this copy of ours cannot be delivered (RFC 3464)."""
    from goodword.cases.models import OutgoingMessage

    copy = OutgoingMessage.objects.get(address=address)
    case = copy.message.case_id
    domain = address.rpartition("@")[2]
    raw = (
        f"From: Mail Delivery System <mailer-daemon@{domain}>\r\n"
        f"To: {stage.offices.address}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <bounce.{copy.pk}@{domain}>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\n"
        f"<{address}>: host mx.{domain} said: 550 5.1.1 User unknown\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.{domain}\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {copy.header_id}\r\nTo: {address}\r\n\r\n--b--\r\n"
    )
    point = copy.point_id or 0
    stage.receive(raw.encode(), "", _signed(stage, case, point))


STORIES = (charged_twice, nobody_reads, changed_deal, four_lines, lisbon, cabling, door_codes)
