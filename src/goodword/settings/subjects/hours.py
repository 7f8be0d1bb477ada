"""Opening hours with their holidays: each change is a version, which holds planned ones too."""

from django.utils.translation import gettext as _

from goodword.core.refusals import Refused
from goodword.people.models import Account
from goodword.settings.changing import Subject, Values
from goodword.staff.hours import add_version, checked_hours, drop, latest
from goodword.staff.models import Member, Schedule

EMPTY: Values = {
    "zone": "", "hours": {}, "holidays": "", "closed": [], "special": {}, "breaks": {},
    "worked": [], "versions": [],
}  # fmt: skip


class Hours(Subject):
    """The hours of that name, as they hold today; “versions” says what changes on a later day."""

    kind = "hours"
    public = frozenset(EMPTY)
    defaults = EMPTY

    def newest(self) -> Schedule | None:
        found = latest(self.key)
        return None if found is None or found.is_dropped else found

    def values(self) -> Values | None:
        newest = self.newest()
        return None if newest is None else {**EMPTY, **checked_hours(newest.content)}

    def normal(self, to: Values) -> Values:
        return {**EMPTY, **checked_hours(said(to))}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            if Account.objects.filter(hours=self.key, merged_into=None).exists():
                raise Refused("IN_USE", _("These hours are agreed with an organisation."))
            drop(self.key, by=by)
            return
        if not self.key.strip() or len(self.key) > 80:
            raise Refused("NO_NAME", _("Give these hours a name of at most 80 letters."), 422)
        add_version(self.key, said(to), by=by)


def said(values: Values) -> Values:
    """What is not empty, in the shape that the clock reads."""
    return {name: value for name, value in values.items() if value}
