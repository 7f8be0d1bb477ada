"""The ways in which a member proves who they are beside a password: passkeys, a code of an
app (TOTP), recovery codes. Kept in django-allauth's rows, checked with its arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.letter import Letter
from goodword.staff.models import Member

TOTP, PASSKEY, RECOVERY = "totp", "webauthn", "recovery_codes"
_STEP = 30  # seconds, RFC 6238 § 5.2


@dataclass
class Factors:
    """What one member has set up; asked once."""

    rows: list[Authenticator]

    @classmethod
    def of(cls, member: Member) -> Factors:
        return cls(list(Authenticator.objects.filter(user=member).order_by("created_at", "pk")))

    @property
    def passkeys(self) -> list[Authenticator]:
        return [row for row in self.rows if row.type == PASSKEY]

    @property
    def app(self) -> Authenticator | None:
        return next((row for row in self.rows if row.type == TOTP), None)

    @property
    def codes_left(self) -> int | None:
        row = next((row for row in self.rows if row.type == RECOVERY), None)
        return len(row.wrap().get_unused_codes()) if row else None

    @property
    def is_second(self) -> bool:
        """Whether there is anything to ask for beside a password."""
        return bool(self.passkeys or self.app)


def wrong_code() -> Refused:
    sentence = _("This code is not right, or it was used already. Wait for the next one.")
    return Refused("WRONG_CODE", sentence, 422)


# A code of an app


def _steps(secret: str, code: str, at: float) -> list[int]:
    """The steps of time for which this is the code: the present one, and one to each side."""
    step = int(at) // _STEP
    near = (step - 1, step, step + 1)
    return [each for each in near if f"{totp.hotp_value(secret, each):06}" == code]


def begin_app() -> str:
    """A new secret, which counts once its first code was typed."""
    return str(totp.generate_totp_secret())


@transaction.atomic
def add_app(member: Member, secret: str, code: str) -> None:
    found = _steps(secret, _digits(code), now().timestamp())
    if not found:
        raise wrong_code()
    if Authenticator.objects.filter(user=member, type=TOTP).exists():
        raise Refused("HAS_APP", _("An app gives codes already. Take it away first."))
    row = totp.TOTP.activate(member, secret).instance
    row.data["step"], row.created_at = found[-1], now()
    row.save(update_fields=["data", "created_at"])
    _changed(member, "app_added")


@transaction.atomic
def check_code(member: Member, typed: str) -> bool:
    """Whether it is a code of their app, or a recovery code; each is good once."""
    code = _digits(typed)
    rows = Authenticator.objects.select_for_update().filter(user=member)
    for row in rows.filter(type__in=(TOTP, RECOVERY)):
        is_right = _is_new(row, code) if row.type == TOTP else row.wrap().validate_code(code)
        if is_right:
            row.refresh_from_db()
            row.last_used_at = now()
            row.save(update_fields=["last_used_at"])
            return True
    return False


def _is_new(row: Authenticator, code: str) -> bool:
    """Right, and of a later step than the last one that was taken (RFC 6238 § 5.2)."""
    found = _steps(decrypt(row.data["secret"]), code, now().timestamp())
    later = [step for step in found if step > row.data.get("step", 0)]
    if later:
        row.data["step"] = later[0]
        row.save(update_fields=["data"])
    return bool(later)


def _digits(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed)[:20]


# Recovery codes


@transaction.atomic
def new_recovery_codes(member: Member) -> list[str]:
    """Ten codes, each good once; those before them stop working."""
    if not Factors.of(member).is_second:
        sentence = _("Set up a passkey or an app first; the codes are for when that is lost.")
        raise Refused("NO_FACTOR", sentence)
    Authenticator.objects.filter(user=member, type=RECOVERY).delete()
    codes: list[str] = RecoveryCodes.activate(member).generate_codes()
    _changed(member, "recovery_codes_made")
    return codes


# Passkeys


def passkey_to_make(member: Member) -> dict[str, Any]:
    """What a browser needs to make one; the challenge waits in the session."""
    wanted: dict[str, Any] = webauthn.begin_registration(member, passwordless=True)
    return wanted


@transaction.atomic
def add_passkey(member: Member, name: str, credential: Any) -> Authenticator:
    with _refused_plainly():
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(credential)
    if not made.is_user_verified():
        raise not_that_passkey()
    name = name.strip()[:60] or str(_("Passkey"))
    row: Authenticator = webauthn.WebAuthn.add(member, name, credential).instance
    row.created_at = now()
    row.save(update_fields=["created_at"])
    _changed(member, "passkey_added")
    return row


def passkey_to_show(member: Member | None = None) -> dict[str, Any]:
    """What a browser needs to show one: of this member, or of anybody whom it knows."""
    wanted: dict[str, Any] = webauthn.begin_authentication(member)
    return wanted


def passkey_shown(credential: Any, member: Member | None = None) -> Member:
    """Whose passkey it is. Refused where it is nobody's, or that of a member who left."""
    with _refused_plainly():
        webauthn.parse_authentication_response(credential)
        whose = member or webauthn.extract_user_from_response(credential)
        row = webauthn.complete_authentication(whose, credential)
    found = Member.objects.active().select_related("role").filter(pk=row.user_id).first()
    if found is None:
        raise not_that_passkey()
    row.last_used_at = now()
    row.save(update_fields=["last_used_at"])
    return found


@transaction.atomic
def take_away(member: Member, pk: int) -> Authenticator:
    """One of their passkeys, or their app; the last one takes the recovery codes with it."""
    row = Authenticator.objects.filter(user=member, pk=pk).exclude(type=RECOVERY).first()
    if row is None:
        raise Refused("GONE", _("It was taken away already."))
    if member.owes_second() and len([r for r in Factors.of(member).rows if r.type != RECOVERY]) < 2:
        sentence = _("Your role asks for a second factor. Add another one first.")
        raise Refused("LAST_FACTOR", sentence)
    row.delete()
    if not Factors.of(member).is_second:
        Authenticator.objects.filter(user=member).delete()
    _changed(member, "app_removed" if row.type == TOTP else "passkey_removed")
    return row


@transaction.atomic
def take_all_away(member: Member, *, by: Member | str) -> int:
    """For somebody who lost everything: an operator takes their factors away."""
    gone: int = Authenticator.objects.filter(user=member).delete()[0]
    if gone:
        _changed(member, "factors_removed", by=by)
    return gone


def not_that_passkey() -> Refused:
    sentence = _("This passkey was not taken. Try again, or sign in another way.")
    return Refused("WRONG_PASSKEY", sentence, 422)


class _refused_plainly:
    """What the library says of a credential that is none, as our own refusal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        # A forged credential may be JSON of any shape, which its parsers meet with these.
        if isinstance(error, ValidationError | ValueError | TypeError | KeyError | AttributeError):
            raise not_that_passkey() from error


def _changed(member: Member, kind: str, *, by: Member | str | None = None) -> None:
    record(None, kind, by=by or member, facts={"member": member.pk})
    Letter.write(Letter.Kind.FACTOR, member, what=kind)
