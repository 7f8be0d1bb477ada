"""What a password may not be made of: words that everybody knows who knows the business."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from goodword.staff.models import Business, Member

_ENOUGH = 8  # letters that are left without those words
_OURS = {"goodword"}


class NotOurNames:
    """The name of the business, of this program, and the domain of the member's own address."""

    def validate(self, password: str, user: Member | None = None) -> None:
        rest = password.lower()
        for word in sorted(_known(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != password.lower() and len(re.sub(r"\W", "", rest)) < _ENOUGH:
            sentence = _(
                "Without the names of the business and of this program too little is left."
            )
            raise ValidationError(sentence, code="our_names")

    def get_help_text(self) -> str:
        return _("The name of the business alone makes no password.")


def _known(member: Member | None) -> set[str]:
    business = Business.objects.first()
    said = f"{business.name if business else ''} {member.email.partition('@')[2] if member else ''}"
    return _OURS | {word for word in re.findall(r"\w+", said.lower()) if len(word) > 3}
