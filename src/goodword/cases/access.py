"""The only door to cases: what a member may see, and the case that a request names.

Agents and operators see the cases of their teams, those that they own, and those that they
are asked to take; leads the same; leaders see all.
"""

from django.db.models import Q
from django.http import Http404

from goodword.cases.models import Case, Message
from goodword.cases.models.case import CaseQuerySet
from goodword.people.models import Customer
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.staff.models import Member


def visible_cases(member: Member) -> CaseQuerySet:
    """Every case that this member may see."""
    if member.is_leader:
        return Case.objects.all()
    teams = list(member.teams.values_list("pk", flat=True))
    return Case.objects.filter(Q(team__in=teams) | Q(owner=member) | Q(handing_to=member))


def case_for(member: Member, pk: int) -> Case:
    """The case, or 404: what a member may not see does not exist for them."""
    case = visible_cases(member).with_people().filter(pk=pk).first()
    if case is None:
        raise Http404
    return case


def message_for(member: Member, pk: int) -> Message:
    message = Message.objects.select_related("case", "member", "customer").filter(pk=pk).first()
    if message is None or not visible_cases(member).filter(pk=message.case_id).exists():
        raise Http404
    return message


def visible_promises(member: Member) -> PromiseQuerySet:
    """The promises of every case that this member may see, and their own."""
    if member.is_leader:
        return Promise.objects.all()
    teams = list(member.teams.values_list("pk", flat=True))
    theirs = Q(case__team__in=teams) | Q(case__owner=member) | Q(owner=member)
    return Promise.objects.filter(theirs)


def promise_for(member: Member, pk: int) -> Promise:
    promises = visible_promises(member).select_related("case__team", "customer", "owner", "schedule")
    promise = promises.filter(pk=pk).first()
    if promise is None:
        raise Http404
    return promise


def customer_for(member: Member, pk: int) -> Customer:
    """A customer with a case that this member may see, or one who has none at all yet."""
    customer = Customer.objects.select_related("account").filter(pk=pk).first()
    if customer is None:
        raise Http404
    has_cases = customer.cases.exists() or customer.participations.exists()
    mine = visible_cases(member).filter(
        Q(customer=customer) | Q(participants__customer=customer)
    )
    if has_cases and not mine.exists():
        raise Http404
    return customer
