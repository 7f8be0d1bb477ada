"""A code by mail: whoever reads a member's mail may come in as them.

The answer is the same, and takes as long, for an address that is no member's.
"""

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused
from goodword.staff.attempts import Tries
from goodword.staff.key import MOST_TRIES, Key
from goodword.staff.letter import Letter
from goodword.staff.models import Member
from goodword.staff.session import network
from goodword.staff.signing_in import note_refused

WAITING = "code_by_mail"


def ask(request: HttpRequest, email: str) -> None:
    """Send a code to this address if it is a member's; only this browser can use it."""
    address = email.strip().lower()[:254]
    trying = Tries(f"code:{address[:70]}", f"from:{network(request)}")
    if trying.are_too_many():
        sentence = _("Too many codes were asked for. Use the last one, or wait an hour.")
        raise Refused("TOO_MANY", sentence, 429)
    with transaction.atomic():
        member = Member.objects.active().filter(email__iexact=address).first()
        key = Key.make(member, Key.Purpose.CODE)
        Letter.write(Letter.Kind.CODE, member, key=key)
    request.session[WAITING] = {"key": key.pk, "address": address}


def address_of(request: HttpRequest) -> str:
    """Where the code that this browser waits for went; "" where it waits for none."""
    return str(request.session.get(WAITING, {}).get("address", ""))


def who(request: HttpRequest, typed: str) -> Member:
    """Whose code this is. Refused for a wrong one, an old one, and after five tries."""
    waiting = request.session.get(WAITING, {})
    keys = Key.objects.filter(pk=waiting.get("key", 0), purpose=Key.Purpose.CODE)
    key = keys.select_related("member__role").first()
    if key is None or not key.opens_with(typed):
        # Once the code's own tries are used up, nothing limits how often one is typed.
        is_entry = key is not None and key.is_good and key.tries < MOST_TRIES
        note_refused(request, "code", key.member if key else None, is_entry=is_entry)
        sentence = _("This is not the code, or it is too old. After five tries ask for another.")
        raise Refused("WRONG_CODE", sentence, 422)
    member = key.member
    if member is None or not member.is_active:
        raise Refused("WRONG_CODE", _("This code does not work any more."), 422)
    del request.session[WAITING]
    return member
