"""Signing a mailbox in at its provider, and out here: the way there, and the way back."""

import base64
import hashlib
import json
import secrets
from datetime import timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from goodword.channels.mail.models import Mailbox, SignIn, SignInBegun
from goodword.channels.mail.oauth.asking import Failed, Tokens, revoked, tokens_for
from goodword.channels.mail.oauth.providers import Ready, ready
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.secrecy import CannotOpen, close, reopen
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member

TOKEN, _VERIFIER = "mailbox-token", "mailbox-sign-in"
WITHIN = timedelta(minutes=15)


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def begin(box: Mailbox, provider: str, *, session: str, back: str, by: Member) -> str:
    """The address at the provider to go to. `session` is a secret of the browser's session,
    `back` the address that the provider sends the person back to."""
    there = ready(provider)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    SignInBegun.objects.filter(at__lt=now() - WITHIN).delete()
    SignInBegun.objects.create(
        state_digest=digest(state),
        session_digest=digest(session),
        verifier_closed=close(verifier, _VERIFIER),
        provider=provider,
        mailbox=box,
        by=by,
    )
    asked = {
        "response_type": "code",
        "client_id": there.client_id,
        "redirect_uri": back,
        "scope": there.scope,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "login_hint": box.address,
        **dict(there.provider.extra),
    }
    joint = "&" if "?" in there.authorize_url else "?"
    return f"{there.authorize_url}{joint}{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """RFC 7636, S256."""
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def begun(state: str, *, session: str, by: Member) -> SignInBegun:
    """What this state began, used up by this. Refused for every other session and member."""
    row = SignInBegun.objects.select_related("mailbox").filter(state_digest=digest(state)).first()
    is_theirs = (
        row is not None
        and bool(session)
        and secrets.compare_digest(row.session_digest, digest(session))
        and row.by_id == by.pk
        and now() - row.at <= WITHIN
    )
    # A row is used by whoever deletes it, and only one can.
    if row is None or not is_theirs or not SignInBegun.objects.filter(pk=row.pk).delete()[0]:
        sentence = _(
            "This sign-in was not begun here, took longer than fifteen minutes, or was used "
            "already. Nothing was changed; begin again on the page of the mailbox."
        )
        raise Refused("NOT_BEGUN_HERE", sentence, 403)
    return row


def arrive(row: SignInBegun, code: str, *, back: str, by: Member) -> SignIn:
    """Turn the code into tokens and keep them. Refused where the provider gives none."""
    there = ready(row.provider)
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": _verifier_of(row),
    }
    try:
        given = tokens_for(there, sent)
    except Failed as failed:
        sentence = _("%(why)s Nobody is signed in by this; begin again.") % {"why": failed}
        raise Refused("NO_TOKEN", sentence, 502) from failed
    if not given.refresh:
        sentence = _(
            "%(name)s let us in for an hour only. Take this desk’s access away in your account "
            "there, and sign in again."
        )
        raise Refused("NO_REFRESH", sentence % {"name": there.name}, 502)
    return _keep(row.mailbox, there, given, by=by)


def _verifier_of(row: SignInBegun) -> str:
    try:
        return reopen(row.verifier_closed, _VERIFIER)
    except CannotOpen as error:
        raise Refused("NOT_BEGUN_HERE", _("Begin again on the page of the mailbox.")) from error


@transaction.atomic
def _keep(box: Mailbox, there: Ready, given: Tokens, *, by: Member) -> SignIn:
    for earlier in SignIn.objects.filter(mailbox=box).exclude(trouble=""):
        # What it said of this sign-in is over; the servers say by themselves what is left.
        for field in ("trouble", "sending_trouble"):
            change(box, {field: earlier.trouble}, {field: ""})
    SignIn.objects.filter(mailbox=box).delete()
    kept = SignIn.objects.create(
        mailbox=box,
        provider=there.provider.key,
        account=account_of(given.id_token),
        by=by,
        access_closed=close(given.access, TOKEN),
        refresh_closed=close(given.refresh, TOKEN),
        expires_at=now() + timedelta(seconds=given.seconds),
    )
    facts = {"mailbox": box.pk, "provider": there.provider.key}
    record(None, "mailbox_signed_in", by=by, facts=facts)
    return kept


def account_of(id_token: str) -> str:
    """Whom the token names. It came from the provider itself over TLS, so its signature is not
    looked at (OpenID Connect Core § 3.1.3.7); nobody is let in here by it."""
    parts = id_token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    if not isinstance(claims, dict):
        return ""
    named = claims.get("email") or claims.get("preferred_username") or ""
    is_plain = isinstance(named, str) and len(named) <= 320 and named.isprintable()
    return str(named) if is_plain else ""


def sign_out(box: Mailbox, *, by: Member) -> bool:
    """Forget the tokens; they cannot be had back. False where nobody was signed in."""
    return _forgotten(box, by=by) is not None


def withdraw(box: Mailbox, *, by: Member) -> str | None:
    """Sign out, and have the provider take back what it gave; None where nobody was signed in.

    Forgotten it is in any case; a sentence says where the provider could not be made to.
    """
    kept = _forgotten(box, by=by)
    if kept is None:
        return None
    try:
        revoked(ready(kept.provider), reopen(kept.refresh_closed, TOKEN))
    except CannotOpen:
        return _("Its token was closed with another key.")
    except (Failed, Refused) as error:
        return str(error.sentence if isinstance(error, Refused) else error)
    return ""


@transaction.atomic
def _forgotten(box: Mailbox, *, by: Member) -> SignIn | None:
    kept = SignIn.objects.filter(mailbox=box).first()
    if kept is None or not SignIn.objects.filter(pk=kept.pk).delete()[0]:
        return None
    record(None, "mailbox_signed_out", by=by, facts={"mailbox": box.pk})
    return kept
