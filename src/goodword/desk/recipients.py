"""Who gets a copy of a reply, and what each of them will see: the chips of the composer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword.cases.access import visible_customers
from goodword.cases.models import Case
from goodword.people.models import ContactPoint
from goodword.staff.models import Member

SUGGESTED = 8
_CHECK = forms.EmailField(max_length=320)


class ReadsAlong(Protocol):
    """Somebody who takes part in the case, and their address."""

    @property
    def mail(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Chip:
    """One address of a form: with its box ticked, they get a copy."""

    address: str
    name: str
    sees: str
    is_in: bool = True


@dataclass(frozen=True)
class Known:
    address: str
    name: str
    about: str


def addresses_in(data: QueryDict, name: str) -> list[str]:
    """What the fields of this name hold, apart by commas, semicolons or spaces, each once."""
    said = " ".join(data.getlist(name)).replace(";", " ").replace(",", " ").split()
    return list(dict.fromkeys(address.lower() for address in said))


def checked_addresses(data: QueryDict, name: str) -> list[str]:
    """The same, for sending. ValidationError names the one that is no address."""
    found = addresses_in(data, name)
    for address in found:
        try:
            _CHECK.clean(address)
        except forms.ValidationError as error:
            sentence = _("“%(address)s” is no mail address.") % {"address": address[:80]}
            raise forms.ValidationError(sentence) from error
    return found


def cc_chips(data: QueryDict, readers: Iterable[ReadsAlong], member: Member) -> list[Chip]:
    """Whoever reads along, ticked unless the form says otherwise, then whoever was added."""
    along = {reader.mail: reader.name for reader in readers if reader.mail}
    chosen = addresses_in(data, "cc") if "cc" in data else list(along)
    sees = _("gets this message and may read along")
    left_out = _("does not get this one, and still reads along on the page")
    names = _names([address for address in chosen if address not in along], member)
    return [
        *(
            Chip(address, name, sees if address in chosen else left_out, address in chosen)
            for address, name in along.items()
        ),
        *(
            Chip(address, names.get(address, ""), sees)
            for address in chosen
            if address not in along
        ),
    ]


def bcc_chips(data: QueryDict, member: Member) -> list[Chip]:
    chosen = addresses_in(data, "bcc")
    names = _names(chosen, member)
    sees = _("gets this one message; nobody else sees that")
    return [Chip(address, names.get(address, ""), sees) for address in chosen]


def _names(addresses: Sequence[str], member: Member) -> dict[str, str]:
    """The names behind addresses, of those only whom the member may see."""
    if not addresses:
        return {}
    points = ContactPoint.objects.filter(kind="mail", value__in=addresses)
    known = points.filter(customer__in=visible_customers(member).values("pk"))
    ours = Member.objects.active().filter(email__in=addresses).values_list("email", "name")
    found = dict(known.values_list("value", "customer__name"))
    return {**found, **{address.lower(): name for address, name in ours}}


def suggested(case: Case, member: Member, typed: str) -> list[Known]:
    """People whom the member may see, by a name or an address that begins like what is typed.

    Those of the customer's own organisation and colleagues come first.
    """
    words = typed.strip()[:80]
    if len(words) < 2:
        return []
    ours = Member.objects.active().filter(Q(name__icontains=words) | Q(email__istartswith=words))
    found = [Known(m.email, m.name, _("one of us")) for m in ours.order_by("name")[:SUGGESTED]]
    visible = visible_customers(member).exclude(pk=case.customer_id).values("pk")
    points = ContactPoint.objects.filter(kind="mail", customer__in=visible)
    like = points.filter(Q(customer__name__icontains=words) | Q(value__istartswith=words))
    rows = like.select_related("customer__account").order_by("-last_used_at")[:SUGGESTED]
    mine = case.account_id
    for row in sorted(rows, key=lambda each: mine is None or each.customer.account_id != mine):
        about = row.customer.account.name if row.customer.account else _("customer")
        found.append(Known(row.value, row.customer.name, about))
    return list({known.address: known for known in reversed(found)}.values())[::-1][:SUGGESTED]
