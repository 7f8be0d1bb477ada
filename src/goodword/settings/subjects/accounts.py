"""The opening hours that were agreed with one organisation."""

from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.people.models import Account
from goodword.settings.changing import Subject, Values
from goodword.staff.hours import latest
from goodword.staff.models import Member


class AgreedHours(Subject):
    """“hours” is the name of the hours; "": none were agreed, and those of the team count.

    It is not in the file of settings, which says nothing about customers.
    """

    kind = "account"
    public = frozenset({"hours"})
    defaults = {"hours": ""}

    def account(self) -> Account | None:
        return Account.objects.filter(pk=int(self.key), merged_into=None).first()

    def values(self) -> Values | None:
        account = self.account()
        return None if account is None else {"hours": account.hours}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        account = self.account()
        if account is None or to is None:
            raise Refused("NOT_FOUND", _("This organisation is not there any more."), 404)
        schedule = latest(to["hours"]) if to["hours"] else None
        if to["hours"] and (schedule is None or schedule.is_dropped):
            sentence = _("There are no opening hours called “%(name)s”.")
            raise Refused("NO_HOURS", sentence % {"name": to["hours"]}, 422)
        change(account, {}, {"hours": to["hours"]})
