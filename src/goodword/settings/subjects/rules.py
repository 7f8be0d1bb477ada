"""A rule for a sender: an address or a whole domain whose mail is set aside."""

import re

from django.utils.translation import gettext as _

from goodword.cases.states import AsideReason
from goodword.core.refusals import Refused
from goodword.people.models import SenderRule
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Member

_SENDER = re.compile(r"[^\s@]*@[^\s@]+\.[^\s@]+")


class Rule(Subject):
    """The rule for that sender while it is in force."""

    kind = "rule"
    public = frozenset({"reason"})
    defaults = {"reason": ""}

    def values(self) -> Values | None:
        rule = SenderRule.objects.filter(sender=self.key, ended_at=None).first()
        return {"reason": rule.reason} if rule else None

    def normal(self, to: Values) -> Values:
        reason = to.get("reason", "")
        if reason not in AsideReason.values:
            choices = ", ".join(AsideReason.values)
            sentence = _("Say what their mail is: one of %(choices)s.") % {"choices": choices}
            raise Refused("NO_REASON", sentence, 422)
        return {"reason": reason}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        rule = SenderRule.objects.filter(sender=self.key).first()
        if to is None:
            if rule is not None:
                rule.end(by=by)  # type: ignore[arg-type]
            return
        if not _SENDER.fullmatch(self.key) or len(self.key) > 320:
            sentence = _("Write an address, or a whole domain as @example.com.")
            raise Refused("BAD_ADDRESS", sentence, 422)
        SenderRule.make(self.key, to["reason"], by=_maker(by))


def _maker(by: Member | str) -> Member:
    """A rule has a maker; a command acts in the name of whoever runs the desk."""
    if isinstance(by, Member):
        return by
    first = next(
        (each for each in Member.objects.active().order_by("pk") if each.may_operate), None
    )
    if first is None:
        raise Refused("NO_MEMBER", _("Nobody may run this desk. Add an operator or a leader."))
    return first
