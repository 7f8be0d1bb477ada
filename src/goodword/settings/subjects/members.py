"""A member: name and role. Teams stand with the team; passwords and factors nowhere."""

from django.utils.translation import gettext as _

from goodword.cases.leaving import appoint, revoke
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.appointing import must_be_theirs_to_give
from goodword.staff.inviting import invite, withdraw
from goodword.staff.models import Member, Role


class MemberSubject(Subject):
    """The member of that address; whose access has ended is not there."""

    kind = "member"
    public = frozenset({"role"})
    defaults = {"name": "", "role": Role.AGENT}

    def member(self) -> Member | None:
        return Member.objects.select_related("role").filter(email__iexact=self.key).first()

    def values(self) -> Values | None:
        member = self.member()
        if member is None or _has_left(member):
            return None
        return {"name": member.name, "role": str(member.role_id)}

    def normal(self, to: Values) -> Values:
        whole = {**self.defaults, **to}
        name = " ".join(str(whole["name"]).split())[:120]
        if not name:
            raise Refused("NO_NAME", _("Give the name that customers will read."), 422)
        return {"name": name, "role": str(whole["role"])}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        member = self.member()
        if member is None:
            if to is not None:
                invite(to["name"], self.key, to["role"], by=by)
        elif _has_left(member):
            # A file of last year must not let anybody in again.
            sentence = _("The access of %(name)s has ended. Give it back on the page “Members”.")
            raise Refused("REVOKED", sentence % {"name": member.name})
        elif to is None:
            must_be_theirs_to_give(member.role, by)
            (revoke if member.joined_at else withdraw)(member, by=by)
        else:
            _alter(member, to, by=by)


def _has_left(member: Member) -> bool:
    return not member.is_active and member.joined_at is not None


def _alter(member: Member, to: Values, *, by: Member | str) -> None:
    role = Role.objects.filter(pk=to["role"]).first()
    if role is None:
        sentence = _("“%(role)s” is no role here.") % {"role": to["role"]}
        raise Refused("NO_ROLE", sentence, 422)
    if role.pk != member.role_id:
        appoint(member, role, by=by)
    if to["name"] != member.name:
        must_be_theirs_to_give(member.role, by)
        change(member, {}, {"name": to["name"]})
