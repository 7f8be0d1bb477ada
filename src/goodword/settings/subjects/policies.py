"""What is promised by itself: each policy, and which of them is in force."""

import re
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from goodword import clock
from goodword.cases.models.message import Channel
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.people.models import Account
from goodword.promises.policies import DEFAULTS, checked, refuse
from goodword.promises.policy import Policy, add_version, drop
from goodword.promises.presets import preset
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Business, Member, Team

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


class PolicySubject(Subject):
    """The newest version of a policy. Accounts are called by their name or domain."""

    kind = "policy"
    defaults = DEFAULTS
    public = frozenset(DEFAULTS) - {"accounts"}

    def policy(self) -> Policy | None:
        return next((p for p in policies() if p.slug == self.key), None)

    def values(self) -> Values | None:
        policy = self.policy()
        if policy is None:
            return None
        teams = policy.content["teams"]
        if teams:
            # A team that was taken away since stands in a version of before, and is nobody's.
            teams = sorted(Team.objects.filter(slug__in=teams).values_list("slug", flat=True))
        return {**policy.content, "teams": teams, "accounts": _names(policy.content["accounts"])}

    def normal(self, to: Values) -> Values:
        teams = sorted({str(each) for each in to.get("teams", [])})
        known = set(Team.objects.values_list("slug", flat=True))
        if unknown := set(teams) - known:
            refuse(_("There is no team “%s”.") % min(unknown))
        accounts = [_account(each) for each in to.get("accounts", [])]
        whole = checked({**to, "teams": teams, "accounts": [each.pk for each in accounts]})
        hours = Business.current().schedule.hours
        for rule in whole["rules"]:
            _must_exist(rule, known, hours)
        return {**whole, "accounts": sorted(_name(each) for each in accounts)}

    @staticmethod
    def account_keys(whole: Values) -> list[int]:
        return [_account(each).pk for each in whole["accounts"]]

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            drop(self.key, by=by)
            return
        if not _SLUG.fullmatch(self.key):
            sentence = _("Name it by small letters and hyphens, twenty at most.")
            raise Refused("NO_NAME", sentence, 422)
        accounts = self.account_keys(to)
        self._must_be_the_only_one(to["teams"], accounts)
        # The version before is kept too, so that what it made can name it.
        if (there := self.policy()) is not None:
            there.kept()
        add_version(self.key, {**to, "accounts": accounts}, by=by)

    def _must_be_the_only_one(self, teams: list[str], accounts: list[int]) -> None:
        """No team and no account is under two policies of its own."""
        for other in policies():
            if other.slug == self.key:
                continue
            for slug in set(teams) & set(other.terms.teams):
                facts = {"team": slug, "other": other.terms.name}
                refuse(_("The team “%(team)s” is under “%(other)s” already.") % facts)
            if set(accounts) & set(other.terms.accounts):
                refuse(_("One of the accounts is under “%s” already.") % other.terms.name)


def policies(in_force: str = "") -> list[Policy]:
    """Every policy there is, the one in force first."""
    in_force = in_force or Business.current().policy
    return sorted(Policy.all_current(in_force), key=lambda p: (p.slug != in_force, p.terms.name))


def _account(said: Any) -> Account:
    name = " ".join(str(said).split())
    known = Account.objects.filter(Q(domain__iexact=name) | Q(name__iexact=name), merged_into=None)
    found = list(known.order_by("pk")[:2])
    if not found:
        refuse(_("There is no account “%s”. Write its name or its domain.") % name)
    if len(found) > 1:
        refuse(_("There are several accounts “%s”. Write the domain of the one you mean.") % name)
    return found[0]


def _name(account: Account) -> str:
    return account.domain or account.name


def _names(pks: list[int]) -> list[str]:
    rows = Account.objects.filter(pk__in=pks).select_related("merged_into") if pks else ()
    return sorted({_name(each.standing) for each in rows})


def _must_exist(rule: Values, teams: set[str], hours: clock.Schedule) -> None:
    """What a rule names must be there, and its hours must come to an end."""
    what, _colon, name = rule["who"].partition(":")
    if what == "team" and name not in teams:
        refuse(_("There is no team “%s”.") % name)
    if what == "channel" and name not in Channel.values:
        refuse(_("There is no channel “%s”.") % name)
    known = {code for code, _language in settings.LANGUAGES}
    if unknown := set(rule["words"]) - known:
        refuse(_("There are no words in “%s”.") % min(unknown))
    try:
        clock.due(rule["form"], now(), hours)
    except clock.ClockError as error:
        refuse(_(error.sentence) % error.facts)


class PolicyInForce(Subject):
    """The policy of every case whose account and team have none of their own."""

    kind = "promised"
    public = frozenset({"policy"})

    def values(self) -> Values | None:
        return {"policy": Business.current().policy}

    def normal(self, to: Values) -> Values:
        if set(to) - {"policy"}:
            raise Refused("BAD_SETTING", _("Say which policy is in force."), 422)
        if not any(policy.slug == to["policy"] for policy in policies()):
            refuse(_("There is no policy “%s”.") % to["policy"])
        return {"policy": to["policy"]}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            raise Refused("STAYS", _("These settings cannot be taken away."), 422)
        business = Business.objects.get()
        _keep(business.policy)
        change(business, {}, {"policy": to["policy"]})


def _keep(slug: str) -> None:
    """The policy that was in force before is there to go back to."""
    if not Policy.objects.current().filter(slug=slug).exists():
        Policy(slug=slug, content=preset(slug).content()).kept()
