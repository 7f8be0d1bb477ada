"""A token that works now: the one that is kept, or a new one, renewed by one process alone."""

import contextlib
import time
import uuid
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from goodword.channels.mail.models import Auth, Mailbox, SignIn
from goodword.channels.mail.oauth.asking import SECONDS, Failed, NeedsApp, NeedsPerson, tokens_for
from goodword.channels.mail.oauth.providers import PROVIDERS, ready
from goodword.channels.mail.oauth.signing import TOKEN
from goodword.channels.mail.sasl import NoToken, Token
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.secrecy import CannotOpen, close, reopen
from goodword.core.time import now
from goodword.journal.recording import record

AHEAD = timedelta(minutes=5)
# A token as young as this was not refused for its age: another one would not help.
YOUNG = timedelta(minutes=1)
LEASE = timedelta(seconds=3 * SECONDS)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_LOOKS_EVERY = 0.1


def token_source(box: Mailbox) -> Token | None:
    """Where a connection of this mailbox gets its tokens; None where it signs in by password."""
    if box.auth != Auth.OAUTH:
        return None
    return partial(token_of, box.pk)


def token_of(mailbox: int, refused: str = "", *, wait: float = SECONDS + 2) -> str:
    """A token but the `refused` one. Raises NoToken with what to do.

    While another process renews, this one waits for what it gets.
    """
    deadline = time.monotonic() + wait
    while True:
        row = _row(mailbox)
        access = _opened(row, row.access_closed)
        if row.refused_at is not None:
            raise NoToken(row.trouble)
        is_good = row.expires_at > now() and (access != refused or _is_young(row))
        if is_good and row.expires_at - now() > AHEAD:
            return access
        if row.not_before is None or row.not_before <= now():
            held = _hold(row)
            if held:
                return _renewed(row, access if is_good else "")
        elif not is_good:
            raise NoToken(row.trouble)
        if is_good:
            return access
        if time.monotonic() > deadline:
            raise NoToken(_("The sign-in is being renewed and that takes long. We keep trying."))
        time.sleep(_LOOKS_EVERY)


def _is_young(row: SignIn) -> bool:
    return now() - row.renewed_at < YOUNG


def _row(mailbox: int) -> SignIn:
    row = SignIn.objects.select_related("mailbox").filter(mailbox=mailbox).first()
    if row is None:
        sentence = _("Nobody has signed in at the provider. Sign in on the page of this mailbox.")
        raise NoToken(sentence)
    return row


def _opened(row: SignIn, closed: str) -> str:
    try:
        return reopen(closed, TOKEN)
    except CannotOpen as error:
        sentence = _("The installation’s key has changed since. %(do)s")
        raise NoToken(sentence % {"do": _sign_in_again()}) from error


def _sign_in_again() -> str:
    return _("Sign in again on the page of this mailbox in the settings.")


def _hold(row: SignIn) -> bool:
    """Take the lease, if it is free and the token is still the one that was read."""
    lease = uuid.uuid4()
    free = SignIn.objects.filter(Q(lease=None) | Q(lease_until__lte=now()), pk=row.pk)
    to = {"lease": lease, "lease_until": now() + LEASE}
    if not free.filter(access_closed=row.access_closed).update(**to):
        return False
    row.lease = lease
    return True


def _renewed(row: SignIn, still_good: str) -> str:
    """Ask the provider. No transaction is open meanwhile: nobody else's writing waits for it."""
    try:
        there = ready(row.provider)
        sent = {
            "grant_type": "refresh_token",
            "refresh_token": _opened(row, row.refresh_closed),
        }
        given = tokens_for(there, sent)
    except NeedsPerson:
        raise NoToken(_refused(row)) from None
    except (Failed, Refused) as error:
        sentence = error.sentence if isinstance(error, Refused) else error
        return _failed(row, str(sentence), still_good, is_ours=isinstance(error, NeedsApp))
    except BaseException:
        with contextlib.suppress(Exception):
            change(row, {"lease": row.lease}, {"lease": None, "lease_until": None})
        raise
    to = {
        **_LET_GO,
        "access_closed": close(given.access, TOKEN),
        "expires_at": now() + timedelta(seconds=given.seconds),
        "renewed_at": now(),
        "failures": 0,
        "not_before": None,
        "trouble": "",
    }
    if given.refresh:
        to["refresh_closed"] = close(given.refresh, TOKEN)
    # Whoever signed out or in meanwhile has the last word, and these tokens are forgotten.
    if not change(row, {"lease": row.lease}, to):
        return token_of(row.mailbox_id, wait=0)
    return given.access


_LET_GO = {"lease": None, "lease_until": None}


@transaction.atomic
def _refused(row: SignIn) -> str:
    """The provider wants a person: nobody asks it again until somebody has signed in."""
    name = str(PROVIDERS[row.provider].name)
    sentence = _("%(name)s does not accept the sign-in any more. %(do)s")
    said = (sentence % {"name": name, "do": _sign_in_again()})[:300]
    if change(row, {"lease": row.lease}, {**_LET_GO, "trouble": said, "refused_at": now()}):
        facts = {"mailbox": row.mailbox_id, "provider": row.provider}
        record(None, "mailbox_sign_in_refused", by="system", facts=facts)
        row.mailbox.note_trouble(said)
    return said


def _failed(row: SignIn, why: str, still_good: str, *, is_ours: bool) -> str:
    """Try later, each time after twice as long; a token that still works is used meanwhile."""
    wait = min(_FIRST_WAIT * 2 ** min(row.failures, 10), _LONGEST_WAIT)
    said = why if is_ours else _("%(why)s We keep trying.") % {"why": why}
    to = {
        **_LET_GO,
        "failures": row.failures + 1,
        "not_before": now() + wait,
        "trouble": said[:300],
    }
    change(row, {"lease": row.lease}, to)
    if still_good:
        return still_good
    raise NoToken(said[:300])
