"""A role: what it may do, and whether it asks for a second factor."""

from typing import Any

from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.appointing import ask_second_factor, change_rights, make_role, remove_role
from goodword.staff.models import Member, Role
from goodword.staff.rights import BUILT_IN, Right

MOST_DAYS = 365


class RoleSubject(Subject):
    """The role of that slug. Of a built-in one only the second factor is chosen."""

    kind = "role"
    public = frozenset({"rights", "second_factor"})
    defaults = {"name": "", "rights": [], "second_factor": ""}

    def role(self) -> Role | None:
        return Role.objects.filter(pk=self.key).first()

    def values(self) -> Values | None:
        role = self.role()
        if role is None:
            return None
        days = "" if role.second_factor_after is None else role.second_factor_after
        if role.is_built_in:
            return {"second_factor": days}
        rights = sorted(str(right) for right in role.rights)
        return {"name": role.name, "rights": rights, "second_factor": days}

    def normal(self, to: Values) -> Values:
        days = _days(to.get("second_factor", ""))
        if self.key in BUILT_IN:
            return {"second_factor": days}
        name = " ".join(str(to.get("name", "")).split())[:60]
        return {"name": name, "rights": _rights(to.get("rights", [])), "second_factor": days}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        role = self.role()
        if to is None:
            if role is not None:
                remove_role(role, by=by)
            return
        if role is None:
            role = make_role(to["name"], to["rights"], by=by, slug=self.key)
        elif not role.is_built_in and (role.name, sorted(role.rights)) != (
            to["name"], to["rights"]
        ):  # fmt: skip
            change_rights(role, to["name"], to["rights"], by=by)
        days = to["second_factor"]
        ask_second_factor([role], None if days == "" else days, by=by)


def _days(said: Any) -> Any:
    """Days until it is asked for; "" where it is not."""
    if said == "":
        return ""
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= MOST_DAYS:
        sentence = _("A second factor is asked for after 0 to 365 days, or not at all (“”).")
        raise Refused("BAD_SETTING", sentence, 422)
    return said


def _rights(said: Any) -> list[str]:
    strange = sorted(str(each) for each in said if each not in Right.values)
    if strange:
        facts = {"right": strange[0], "known": ", ".join(Right.values)}
        sentence = _("“%(right)s” is no right; these are: %(known)s.") % facts
        raise Refused("BAD_SETTING", sentence, 422)
    return sorted({str(each) for each in said})
