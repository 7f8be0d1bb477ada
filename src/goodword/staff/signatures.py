"""Signatures: what stands under the messages of a member, and of whoever has none of their own.

Light Markdown. `{name}`, `{role}`, `{phone}` and `{business}` stand for the member's own; a line
of which nothing is left falls away.
"""

from django.db import transaction
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.models import Business, Member

LONGEST = 1_000


def signature_of(member: Member, business: Business, language: str = "") -> str:
    """What stands under a message of this member, in the language of whoever reads it."""
    with override(language or None):
        role = str(member.role.title)
    names = {
        "{name}": member.name,
        "{role}": role,
        "{phone}": member.phone or business.phone,
        "{business}": business.name,
    }
    usual = str(business.setting("signature"))
    source = usual if member.signature is None else member.signature
    lines = (_filled(line, names) for line in source.splitlines())
    return "\n".join(line for line in lines if line is not None).strip()


@transaction.atomic
def sign_with(member: Member, text: str | None, *, by: Member) -> None:
    """A member writes their own; None goes back to the business's."""
    if by.pk != member.pk:
        raise Refused("NOT_YOURS", _("Everybody writes their own signature."), 403)
    # A request's member is a lazy object, which has no rows of its own.
    if change(Member.objects.get(pk=member.pk), {}, {"signature": _checked(text)}):
        record(None, "signature_changed", by=by, facts={"of": member.pk})


def is_signed(text: str, signature: str) -> bool:
    """Whether the writer put it there by hand already."""
    return not signature or text.rstrip().endswith(signature.rstrip())


def _checked(text: str | None) -> str | None:
    if text is not None and len(text) > LONGEST:
        sentence = _g("A signature holds %(most)s characters; this has %(there)s.")
        raise Refused("TOO_LONG", sentence % {"most": LONGEST, "there": len(text)}, 422)
    return text if text is None else text.strip()


def _filled(line: str, names: dict[str, str]) -> str | None:
    """The line with its names; None where all that it held is unknown."""
    held = [name for name in names if name in line]
    filled = line
    for name in held:
        filled = filled.replace(name, names[name])
    if held and not any(names[name] for name in held):
        return None
    return filled.strip().strip(",").rstrip() if held else line
