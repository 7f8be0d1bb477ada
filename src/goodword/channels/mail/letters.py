"""Letters to members: by the same mailboxes and under the same rules as mail to customers."""

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from goodword.cases.access import visible_cases
from goodword.cases.models import Mayday
from goodword.channels.mail.addresses import NoReplyAddress, domain_of
from goodword.channels.mail.composing import BadAddress, Outgoing, compose
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.outbox import GIVES_UP_AFTER, LEASE, Outbox
from goodword.core.time import now
from goodword.core.work import LeaseLost, claim
from goodword.journal.kinds import KINDS
from goodword.notifying.models import Notification
from goodword.staff.models import Business, Key, Letter

log = logging.getLogger(__name__)
MOST_LINES = 30
MOST_LETTERS = 80
Words = tuple[str, str]
"""Subject and text."""


class Letters(Outbox):
    """Sends the letters that are due."""

    def send_due(self, limit: int = 20) -> int:
        at = now()
        rows = claim(self._due(), limit=limit, lease=LEASE, now=at)
        try:
            for row in rows:
                with contextlib.suppress(LeaseLost), override(Business.current().language):
                    self._try_letter(row)
        finally:
            self.close()
        return len(rows)

    def _due(self) -> "QuerySet[Letter]":
        return Letter.objects.select_related("member", "key").exclude(member=None)

    def _try_letter(self, row: Letter) -> None:
        try:
            self._send_letter(row)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except (NoReplyAddress, BadAddress) as error:
            row.give_up(str(error))
        except Exception as error:
            log.exception("letter %s could not be sent", row.pk)
            row.retry(str(error))

    def _send_letter(self, row: Letter) -> None:
        box = _mailbox()
        if _is_of_no_use(row):
            row.finish()
        elif box is None:
            row.retry(_("There is no mailbox to send from. Add one: goodword mailbox add"))
        else:
            self._hand_over(row, box)

    def _hand_over(self, row: Letter, box: Mailbox) -> None:
        assert row.member is not None
        raw = mail_of(row, box)
        row.stay_ours(LEASE)
        delivery = self._transport(box).send(box.address, row.member.email, raw)
        if delivery.outcome == "sent":
            row.finish()
        elif delivery.outcome == "failed" or now() - row.queued_at > GIVES_UP_AFTER:
            row.give_up(delivery.text)
        else:
            row.retry(delivery.text)


def _mailbox() -> Mailbox | None:
    """Letters come from the team that takes what no other does, so that an answer is read."""
    boxes = Mailbox.objects.filter(is_active=True)
    home = Business.current().home_team_id
    return boxes.filter(team=home).first() or boxes.first()


def _is_of_no_use(row: Letter) -> bool:
    """A code or a link that works no more must not confuse anybody; nor what was seen since."""
    if row.kind == Letter.Kind.DIGEST:
        return not _unseen(row)
    if row.kind == Letter.Kind.PAGE:
        mayday = _mayday(row)
        return mayday.ended_at is not None or mayday.taken_by_id is not None
    return row.key is not None and not row.key.is_good


def mail_of(row: Letter, box: Mailbox) -> bytes:
    """The letter as it goes over the wire. NoReplyAddress, BadAddress where it may not exist."""
    member, business = row.member, Business.current()
    assert member is not None
    subject, text = WORDS[Letter.Kind(row.kind)](row, business)
    return compose(
        Outgoing(
            from_name=business.name,
            mailbox_address=box.address,
            recipient=(member.name, member.email),
            subject=subject,
            text=text,
            reply_to=box.address,
            message_id=f"<letter-{row.pk}-{int(row.queued_at.timestamp())}@{domain_of(box.address)}>",
            sent_at=row.queued_at,
            language=business.language,
            automatic="auto-generated",
        )
    )


def _key(row: Letter) -> Key:
    assert row.key is not None
    return row.key


def _code(row: Letter, business: Business) -> Words:
    code = _key(row).code
    text = _(
        "Your code to sign in to the desk of %(business)s:\n\n    %(code)s\n\nIt works for a "
        "quarter of an hour, once, in the browser in which you asked for it. If you did not "
        "ask for it, somebody typed your address; nobody gets in without the code. Never tell "
        "it to anybody: we do not ask for it."
    )
    spaced = f"{code[:4]} {code[4:]}"
    facts = {"business": business.name, "code": spaced}
    return _("%(code)s is your code to sign in") % facts, text % facts


def _invitation(row: Letter, business: Business) -> Words:
    key = _key(row)
    text = _(
        "You are invited to the desk of %(business)s, where its customers are answered.\n\n"
        "Open this link to come in: %(url)s\n\nIt works once, until %(until)s. If you did not "
        "expect it, leave it be, or answer this mail."
    )
    facts = {"business": business.name, "url": key.url, "until": _when(key.ends_at, business)}
    return _("You are invited to the desk of %(business)s") % facts, text % facts


def _reset(row: Letter, business: Business) -> Words:
    key = _key(row)
    text = _(
        "Open this link to choose a new password for the desk of %(business)s:\n\n%(url)s\n\nIt "
        "works once, until %(until)s. Your old password goes on until then. If nobody told you "
        "to expect this, answer this mail."
    )
    facts = {"business": business.name, "url": key.url, "until": _when(key.ends_at, business)}
    return _("A new password for the desk of %(business)s") % facts, text % facts


def _new_device(row: Letter, business: Business) -> Words:
    text = _(
        "Somebody signed in as you on a device that we did not know, %(when)s: %(device)s, from "
        "%(network)s.\n\nIf it was you, all is well. If not, sign out everywhere else and take "
        "a new password at once: %(url)s"
    )
    facts = {
        "when": _when(datetime.fromisoformat(row.facts["at"]), business),
        "device": row.facts["device"] or _("a browser that says no name"),
        "network": row.facts["network"],
        "url": f"{settings.PUBLIC_URL}/me/",
    }
    return _("You signed in on a new device"), text % facts


def _factor(row: Letter, business: Business) -> Words:
    text = _(
        "This was changed in how you sign in to the desk of %(business)s: %(what)s.\n\nIf it "
        "was not you, sign out everywhere else and take a new password at once: %(url)s"
    )
    assert row.member is not None
    what = str(KINDS[row.facts["what"]]).replace("{who}", row.member.name)
    facts = {"business": business.name, "what": what, "url": f"{settings.PUBLIC_URL}/me/"}
    return _("How you sign in was changed"), text % facts


def _digest(row: Letter, business: Business) -> Words:
    rows = _unseen(row)
    n, zone = len(rows), ZoneInfo(business.schedule.zone)
    subject = ngettext(
        "%(n)s thing that you have not seen", "%(n)s things that you have not seen", n
    )
    lines = [_line_of(each, zone) for each in rows[:MOST_LINES]]
    if n > MOST_LINES:
        lines.append(_("… and %(n)s more.") % {"n": n - MOST_LINES})
    end = _("All of it: %(all)s\nHow you are told: %(how)s") % {
        "all": f"{settings.PUBLIC_URL}/notifications/",
        "how": f"{settings.PUBLIC_URL}/me/notifications/",
    }
    return subject % {"n": n}, "\n\n".join([*lines, end])


def _line_of(told: Notification, zone: ZoneInfo) -> str:
    """Names, the time, and of the customer's words the subject alone."""
    at = date_format(told.entry.at.astimezone(zone), "D H:i")
    about = f"{told.case.reference}, {told.case.title[:MOST_LETTERS]}" if told.case else ""
    said = " · ".join(filter(None, (told.sentence, about, at)))
    return f"{said}\n{settings.PUBLIC_URL}{told.path}"


def _unseen(row: Letter) -> list[Notification]:
    """What has not been seen since, of cases that they may still see."""
    people = ("case__customer", "entry__member", "entry__customer")
    rows = Notification.objects.unseen().filter(pk__in=row.facts["notifications"])
    assert row.member is not None
    visible = visible_cases(row.member).values("pk")
    theirs = rows.filter(Q(case=None) | Q(case__in=visible))
    return list(theirs.select_related(*people).order_by("-pk"))


def _page(row: Letter, business: Business) -> Words:
    mayday = _mayday(row)
    text = _(
        "%(name)s says that their business is stopped (%(reference)s, %(title)s). We promised "
        "that a person gets in touch by %(due)s.\n\nPress “I have it” here: %(url)s\n\nWhile "
        "nobody has it, the next of us is paged every 15 minutes."
    )
    facts = {
        "name": mayday.customer.name,
        "reference": mayday.case.reference,
        "title": mayday.case.title[:MOST_LETTERS],
        "due": _when(mayday.callback.due, business),
        "url": f"{settings.PUBLIC_URL}{mayday.case.get_absolute_url()}#mayday",
    }
    return _("MAYDAY: the business of %(name)s is stopped") % facts, text % facts


def _mayday(row: Letter) -> Mayday:
    people = ("case", "customer", "callback", "taken_by")
    return Mayday.objects.select_related(*people).get(pk=row.facts["mayday"])


def _when(at: datetime, business: Business) -> str:
    local = at.astimezone(ZoneInfo(business.schedule.zone))
    return f"{date_format(local, 'l j F, H:i')} ({business.schedule.zone})"


WORDS: dict[Letter.Kind, Callable[[Letter, Business], Words]] = {
    Letter.Kind.CODE: _code,
    Letter.Kind.INVITE: _invitation,
    Letter.Kind.RESET: _reset,
    Letter.Kind.NEW_DEVICE: _new_device,
    Letter.Kind.FACTOR: _factor,
    Letter.Kind.DIGEST: _digest,
    Letter.Kind.PAGE: _page,
}
LEFT_FOR = timedelta(days=30)


def sweep() -> None:
    """Letters that left and keys that opened nothing for a month mean nothing any more."""
    Letter.objects.filter(queued_at__lt=now() - LEFT_FOR).delete()
    Key.objects.filter(made_at__lt=now() - LEFT_FOR).delete()
