"""What may be wrong with an installation, each said with what to do about it."""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pysqlite3
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.models import OutgoingMessage
from goodword.channels.mail.addresses import is_no_reply
from goodword.channels.mail.imap import probe
from goodword.channels.mail.models import Auth, IncomingMail, Mailbox
from goodword.channels.mail.outbox import demo_maildir, server_of
from goodword.channels.mail.passwords import password_of
from goodword.channels.mail.sending import probe as probe_smtp
from goodword.channels.mail.sending import takes_plus_parts
from goodword.config import options, secrets, versions
from goodword.config.beginning import OLDEST_SQLITE
from goodword.config.migrating import from_the_future, pending
from goodword.core.compare import change
from goodword.core.time import clock as desk_clock
from goodword.erasing import is_scrubbing_due, is_too_large
from goodword.finding.index import index
from goodword.finding.keeping import share_filled
from goodword.finding.models import Stale
from goodword.staff.models import Business, Member, Team
from goodword.staff.rights import Right
from goodword.worker.fetching import account_of

ROOM_WANTED = 500 * 1024 * 1024
OLDEST_POSTGRESQL = 140_000
TOO_MANY_WAIT = 1_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `sentence` says what is wrong and what to do."""

    sentence: str
    is_problem: bool = True
    is_hint: bool = False

    @property
    def sign(self) -> str:
        return "✗" if self.is_problem else "·" if self.is_hint else "✓"


def _well(sentence: str) -> Finding:
    return Finding(sentence, is_problem=False)


def _hint(sentence: str) -> Finding:
    return Finding(sentence, is_problem=False, is_hint=True)


def findings(*, offline: bool) -> Iterator[Finding]:
    """Everything that was looked at, in the order in which it has to be put right."""
    yield from _settings()
    yield from _versions()
    yield from _folder()
    database = list(_database())
    yield from database
    if any(finding.is_problem for finding in database):
        return
    yield from _business()
    yield from _people()
    yield from _mailboxes(offline=offline)
    yield from _links()
    yield from _queues()
    yield from _search()
    yield from _erased()
    yield from _time()


# The machine


def _settings() -> Iterator[Finding]:
    for option in options.OPTIONS:
        try:
            option.value()
        except ValueError as error:
            yield Finding(_("A setting cannot be read: %(what)s.") % {"what": error})


def _erased() -> Iterator[Finding]:
    if is_scrubbing_due() and is_too_large():
        yield _hint(
            _("Somebody was erased. The database is too large to be wiped by itself at night: "
              "run goodword scrub when nobody writes.")
        )  # fmt: skip


def _versions() -> Iterator[Finding]:
    sentences = list(versions.too_old())
    yield from map(Finding, sentences)
    if not sentences:
        yield _well(_("What keeps attackers out is new enough"))


def _folder() -> Iterator[Finding]:
    folder = Path(settings.DATA)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            _("The data folder %(folder)s cannot be written. Give it to the user who runs this.")
            % {"folder": folder}
        )
        return
    free = shutil.disk_usage(folder).free
    facts = {"folder": folder, "free": free // (1024 * 1024)}
    if free < ROOM_WANTED:
        yield Finding(
            _("Only %(free)s MB are free for %(folder)s. Make room: without it no mail is taken.")
            % facts
        )
    else:
        yield _well(_("Data folder %(folder)s, %(free)s MB free") % facts)
    yield from _secrets(folder / "secrets.json")


def _secrets(file: Path) -> Iterator[Finding]:
    if not file.exists():
        return
    try:
        secrets.read_secrets(file.parent)
    except ValueError:
        yield Finding(
            _("%(file)s is damaged. Put back a copy of it; it signs every customer's link.")
            % {"file": file}
        )
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding(
            _("Others on this machine can read the secrets. Run: chmod 600 %(file)s")
            % {"file": file}
        )


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        yield Finding(
            _("The database cannot be reached (%(reason)s). Look at GOODWORD_DATABASE_URL.")
            % {"reason": reason}
        )
        return
    yield _version()
    newer = from_the_future()
    if newer:
        yield Finding(
            _("This data was written by a newer Goodword (%(step)s). Install that version again.")
            % {"step": newer[-1]}
        )
    steps = pending()
    if steps:
        yield Finding(
            _("%(n)s steps of this version are not taken yet. goodword serve takes them.")
            % {"n": len(steps)}
        )


def _version() -> Finding:
    if connection.vendor == "sqlite":
        facts = {"here": pysqlite3.sqlite_version, "wanted": ".".join(map(str, OLDEST_SQLITE))}
        if pysqlite3.sqlite_version_info < OLDEST_SQLITE:
            return Finding(
                _("SQLite %(here)s can lose mail; %(wanted)s does not. Install pysqlite3 anew.")
                % facts
            )
        return _well(_("SQLite %(here)s") % facts)
    number = getattr(connection, "pg_version", 0)
    if number < OLDEST_POSTGRESQL:
        return Finding(_("PostgreSQL 14 is the oldest that works. Bring the server up to date."))
    return _well(_("PostgreSQL %(here)s") % {"here": number // 10_000})


# The business and its people


def _business() -> Iterator[Finding]:
    business = Business.objects.select_related("schedule", "home_team").first()
    if business is None:
        yield Finding(_("There is no business on this desk yet. Run: goodword init"))
        return
    yield _well(_("The business is %(name)s") % {"name": business.name})
    schedules = [team.schedule for team in Team.objects.exclude(schedule=None)]
    for schedule in (business.schedule, *filter(None, schedules)):
        try:
            clock.Schedule.from_data(schedule.content)
        except clock.ScheduleError as error:
            yield Finding(
                _("The hours “%(name)s” cannot be reckoned with: %(reason)s")
                % {"name": schedule, "reason": error}
            )
    if business.home_team is None:
        yield Finding(_("No team answers for new cases. Run: goodword init --team Support"))
    if not business.phone:
        yield _hint(_("No telephone number is set, so the customer's page can offer none."))


def _people() -> Iterator[Finding]:
    active = Member.objects.active()
    if not active.exists():
        yield Finding(_("Nobody can sign in. Run: goodword member add NAME MAIL --role leader"))
        return
    yield _well(_("%(n)s members can sign in") % {"n": active.count()})
    if not active.able(Right.OPERATE).exists():
        yield Finding(_("Nobody may run this desk. Add an operator or a leader."))
    if not active.able(Right.LEAD).exists():
        yield _hint(_("There is no lead and no leader, so nobody's access can be revoked."))
    for team in Team.objects.filter(duty__is_active=False).select_related("duty"):
        yield Finding(
            _("%(name)s is on duty in %(team)s, but has no access. Run: goodword team duty")
            % {"name": team.duty.name, "team": team.name}
        )


# Mail


def _mailboxes(*, offline: bool) -> Iterator[Finding]:
    boxes = list(Mailbox.objects.filter(is_active=True).select_related("team"))
    if not boxes and Business.objects.exists():
        yield Finding(_("No mail can come in. Run: goodword mailbox add ADDRESS --team TEAM"))
    for box in boxes:
        trouble = list(_mailbox(box, offline=offline))
        yield from trouble
        if not any(finding.is_problem for finding in trouble):
            yield _well(_("Mailbox %(address)s") % {"address": box.address})


def _mailbox(box: Mailbox, *, offline: bool) -> Iterator[Finding]:
    facts = {"address": box.address, "host": box.smtp_host, "trouble": box.trouble}
    if is_no_reply(box.address):
        yield Finding(_("%(address)s tells people not to answer. Use one that is read.") % facts)
    has_listener = options.number("GOODWORD_SMTP_PORT") or options.number("GOODWORD_LMTP_PORT")
    if not box.imap_host and not has_listener:
        yield Finding(
            _("Nothing brings mail to %(address)s: give it --imap, or set GOODWORD_SMTP_PORT.")
            % facts
        )
    if not box.smtp_host and demo_maildir() is None:
        yield _hint(
            _("Answers from %(address)s leave by this machine's own mail server (port 587).")
            % facts
        )
    if box.is_silent() and box.looked_at:
        yield Finding(_("%(address)s has not been read for five minutes: %(trouble)s") % facts)
    if not box.plus_parts_work:
        yield _hint(
            _(
                "%(address)s does not take plus-addresses, so answers find their case by "
                "References alone."
            )
            % facts
        )
    if not offline:
        yield from _servers(box)


def _servers(box: Mailbox) -> Iterator[Finding]:
    if box.imap_host:
        account = account_of(box, password_of(box.address, "imap"))
        trouble = probe(account)
        if trouble:
            yield Finding(f"{box.address}: {trouble}")
    if box.smtp_host and demo_maildir() is None:
        password = password_of(box.address, "smtp")
        if box.auth == Auth.PASSWORD and box.smtp_user and not password:
            yield Finding(
                _("%(address)s has no password for %(host)s. Run: goodword init --smtp-password")
                % {"address": box.address, "host": box.smtp_host}
            )
            return
        server = server_of(box, password)
        answer = probe_smtp(server)
        if answer:
            yield Finding(f"{box.address}: {answer}")
        elif takes_plus_parts(server, box.address) is False and box.plus_parts_work:
            change(box, {}, {"plus_parts_work": False})
            yield _hint(
                _("%(host)s refuses plus-addresses; answers find their case by References now.")
                % {"host": box.smtp_host}
            )


def _links() -> Iterator[Finding]:
    url = options.text("GOODWORD_URL")
    if not url and not desk_clock.is_demo:
        yield Finding(
            _(
                "GOODWORD_URL is not set, so the links in mail lead nowhere. Set it to the "
                "address that customers reach, as https://desk.example.com."
            )
        )
    elif url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        yield Finding(
            _("GOODWORD_URL=%(url)s is no address; begin it with https://") % {"url": url}
        )
    elif url.startswith("http://") and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        yield _hint(_("GOODWORD_URL is not https, so others may read along on the way."))


def _queues() -> Iterator[Finding]:
    stuck = IncomingMail.objects.filter(state=IncomingMail.State.STUCK).count()
    if stuck:
        yield Finding(
            _("%(n)s mails could not be placed. They are on the page for operators.") % {"n": stuck}
        )
    unreadable = IncomingMail.objects.filter(is_readable=False).count()
    if unreadable:
        yield _hint(_("%(n)s mails could not be read; each is a case.") % {"n": unreadable})
    failed = OutgoingMessage.objects.filter(state="failed").count()
    if failed:
        yield _hint(_("%(n)s answers could not be delivered; their cases say so.") % {"n": failed})


def _search() -> Iterator[Finding]:
    gone = index().missing()
    if gone:
        facts = {"what": ", ".join(sorted(gone)[:3])}
        yield Finding(
            _("The search misses what is written (%(what)s is gone). Run: goodword reindex") % facts
        )
        return
    share = share_filled()
    waiting = Stale.objects.count()
    if share < 1:
        facts_ = {"share": int(share * 100)}
        yield _hint(
            _("The search has read %(share)s %% of what is stored; goodword serve goes on.")
            % facts_
        )
    if waiting > TOO_MANY_WAIT:
        yield _hint(
            _("%(n)s changes are not searchable yet. Look whether goodword serve or worker runs.")
            % {"n": waiting}
        )


def _time() -> Iterator[Finding]:
    """A clock that is years wrong breaks every promise at once, or none."""
    built = parsedate_to_datetime("Sun, 01 Nov 2026 00:00:00 +0000")
    if time.time() < built.timestamp() - 86_400:
        yield Finding(_("The clock of this machine is wrong. Set it, best by NTP."))
