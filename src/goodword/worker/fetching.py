"""IMAP: a fetcher for each mailbox that has a server, and what it remembers between two runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from goodword.channels.mail import taking
from goodword.channels.mail.imap import Holding, ImapAccount, ImapFetcher, Mark, Start, Trouble
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.oauth.renewing import token_source
from goodword.channels.mail.obstacles import Busy, Obstacle
from goodword.channels.mail.reading import read
from goodword.channels.mail.sasl import Token
from goodword.core.compare import change
from goodword.worker.connections import drop_if_broken

log = logging.getLogger("goodword.fetching")
Passwords = Callable[[str, str], str]


class Fetchers:
    """Starts and ends fetchers as mailboxes are added, changed and taken away. One a process."""

    def __init__(self, password: Passwords, wake: threading.Event) -> None:
        self._password, self._wake = password, wake
        self._running: dict[tuple[Any, ...], ImapFetcher] = {}

    def turn(self) -> None:
        """Look which mailboxes there are; a changed one gets a new fetcher."""
        boxes = Mailbox.objects.filter(is_active=True).exclude(imap_host="")
        wanted = {self._key(box): box for box in boxes.select_related("team", "sign_in")}
        for key in [key for key in self._running if key not in wanted]:
            self._running.pop(key).stop()
        for key, box in wanted.items():
            if key not in self._running:
                self._running[key] = self._fetcher(box)
                self._running[key].start()

    def stop(self) -> None:
        enders = [threading.Thread(target=each.stop) for each in self._running.values()]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join(5.0)

    def _key(self, box: Mailbox) -> tuple[Any, ...]:
        return (
            box.pk, box.address, box.imap_host, box.imap_port, box.imap_security, box.imap_user,
            box.imap_folder, box.imap_after, box.imap_start, self._password(box.address, "imap"),
            box.auth, getattr(box, "sign_in", None) and box.sign_in.pk,
        )  # fmt: skip

    def _fetcher(self, box: Mailbox) -> ImapFetcher:
        place = Place(box, self._wake)
        return ImapFetcher(
            account_of(box, self._password(box.address, "imap")),
            place,
            place.take,
            after=box.imap_after,
            start=start_of(box.imap_start),
            watcher=place,
            size_limit=settings.MAIL_LIMIT,
        )


def account_of(box: Mailbox, password: str) -> ImapAccount:
    return ImapAccount(
        host=box.imap_host,
        port=box.imap_port,
        user=box.imap_user or box.address,
        password=password,
        security=box.imap_security,  # type: ignore[arg-type]
        folder=box.imap_folder,
        token=_in_own_connection(token_source(box)),
    )


def _in_own_connection(source: Token | None) -> Token | None:
    def token(refused: str) -> str:
        assert source is not None
        with _own_connection():
            return source(refused)

    return token if source else None


def start_of(text: str) -> Start:
    """“now”, “all” or the day from which mail is ours, as it stands on the mailbox."""
    if text in ("now", "all"):
        return text  # type: ignore[return-value]
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Place:
    """One mailbox, as its fetcher needs it: keeps mails and the mark, and tells how it is."""

    def __init__(self, box: Mailbox, wake: threading.Event) -> None:
        self._box, self._wake = box, wake

    # The mails

    def take(self, raw: bytes, uid: int) -> None:
        try:
            taking.take(raw, envelope_from="", recipients=[], source="imap", mailbox=self._box)
        except (DatabaseError, InterfaceError) as error:
            raise Busy(str(error)) from error
        finally:
            drop_if_broken()
        self._wake.set()

    def left_on_server(self, uid: int, size: int, header: bytes, reason: Trouble) -> None:
        """A mail that cannot be had still makes a case: its sender waits for an answer."""
        try:
            self.take(stand_in(header, size, reason), uid)
        except Obstacle:
            raise
        except Exception as error:
            raise Busy(str(error)) from error

    # The mark

    def load(self) -> Mark | None:
        with _own_connection():
            box = Mailbox.objects.get(pk=self._box.pk)
        if box.uidvalidity is None:
            return None
        kept = box.imap_mark
        return Mark(
            box.uidvalidity,
            box.last_uid,
            datetime.fromisoformat(kept["since"]) if kept.get("since") else None,
            {int(uid): attempts for uid, attempts in kept.get("retry", {}).items()},
            tuple(kept.get("left", ())),
        )

    def save(self, mark: Mark) -> None:
        kept = {
            "since": mark.since.isoformat() if mark.since else None,
            "retry": {str(uid): attempts for uid, attempts in mark.retry.items()},
            "left": list(mark.left),
        }
        to = {"uidvalidity": mark.uidvalidity, "last_uid": mark.last_uid, "imap_mark": kept}
        with _own_connection():
            change(self._box, {}, to)

    # How it is

    def read_at(self, at: datetime, holding: Holding) -> None:
        with _own_connection(), _told_anyhow():
            self._fresh().note_well(holding.messages)

    def in_trouble(self, kind: Trouble, sentence: str) -> None:
        with _own_connection(), _told_anyhow():
            self._fresh().note_trouble(sentence)

    def _fresh(self) -> Mailbox:
        return Mailbox.objects.get(pk=self._box.pk)


def stand_in(header: bytes, size: int, reason: Trouble) -> bytes:
    """A small mail in the name of one that stays on the server, with its own Message-ID."""
    original = read(header)
    mail = EmailMessage()
    mail["From"] = _line(f"{original.from_name} <{original.from_address or 'unknown@invalid'}>")
    mail["Subject"] = _line(original.subject or _("(no subject)"))
    if original.message_id:
        mail["Message-ID"] = _line(original.message_id)
    if original.references:
        mail["References"] = _line(" ".join(original.references))
    why = (
        _("It has %(size).1f MB, more than is taken here.") % {"size": size / 1_000_000}
        if reason == "too-big"
        else _("Taking it failed five times.")
    )
    where = _("This mail is still on the mail server. Read it there and answer from here.")
    mail.set_content(f"{why} {where}\n", charset="utf-8")
    return mail.as_bytes()


def _line(text: str) -> str:
    return " ".join(text.split())


@contextmanager
def _own_connection() -> Iterator[None]:
    drop_if_broken()
    try:
        yield
    finally:
        drop_if_broken()


@contextmanager
def _told_anyhow() -> Iterator[None]:
    """How the mailbox is can be told later; a database that is gone must not end its thread."""
    try:
        yield
    except Exception as error:
        log.warning("how the mailbox is could not be noted: %s", error)
