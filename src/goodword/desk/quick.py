"""The few that fit what was typed so far, for a list that opens under the fingers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from goodword.core.time import now
from goodword.finding.filters import Viewpoint
from goodword.finding.looking import Search
from goodword.finding.parsing import parse
from goodword.finding.people import People
from goodword.staff.models import Member

SHOWN = 5


@dataclass(frozen=True)
class Entry:
    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    """`name` is stable, `label` is for people."""

    name: str
    label: str
    entries: list[Entry]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def quick(typed: str, member: Member, zone: ZoneInfo) -> list[Group]:
    """Groups with something in them, in the order in which they are shown."""
    text = " ".join(typed.replace("\0", " ").split())[:100]
    if not text:
        return []
    groups = [
        Group("cases", _("Cases"), list(_cases(text, member, zone))),
        *_people(text, member),
        Group("members", _("Members"), list(_members(text))),
    ]
    return [group for group in groups if group.entries]


def _cases(text: str, member: Member, zone: ZoneInfo) -> Iterable[Entry]:
    search = Search(parse(text), Viewpoint(member, now(), zone), live=True)
    hits = {hit.case.pk: hit.case for hit in [*search.exact, *search.hits]}
    for case in list(hits.values())[:SHOWN]:
        detail = f"{case.reference} · {case.customer.name}"
        yield Entry(case.title, detail, case.get_absolute_url())


def _people(text: str, member: Member) -> Iterable[Group]:
    people = People(text, member)
    customers = people.customers or people.near_customers
    yield Group(
        "customers",
        _("Customers"),
        [
            Entry(
                each.name,
                each.account.name if each.account else getattr(each, "reached_at", None) or "",
                reverse("customer", args=[each.pk]),
            )
            for each in customers
        ],
    )
    accounts = people.accounts or people.near_accounts
    entries = [
        Entry(each.name, each.domain or "", reverse("account", args=[each.pk])) for each in accounts
    ]
    yield Group("accounts", _("Accounts"), entries)


def _members(text: str) -> Iterable[Entry]:
    """Colleagues; each leads to the cases that they have."""
    named = Q(name__istartswith=text) | Q(name__icontains=f" {text}") | Q(email__istartswith=text)
    for member in (
        Member.objects.active().select_related("role").filter(named).order_by("name")[:SHOWN]
    ):
        asked = urlencode({"q": f'owner:"{member.name}"'})
        url = f"{reverse('search')}?{asked}"
        yield Entry(member.name, str(member.role.title), url)
