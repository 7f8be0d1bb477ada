"""The only door to cases: what a member may see, and the case that a request names.

Members see the cases of their teams where their role has that right, those that they own, and
those that they are asked to take; whose role sees all, sees all.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from goodword.cases.models import Attachment, Case, Message, Participant
from goodword.cases.models.case import CaseQuerySet
from goodword.people.models import Account, Customer
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right


def visible_cases(member: Member) -> CaseQuerySet:
    """Every case that this member may see."""
    if member.has(Right.SEE_ALL):
        return Case.objects.all()
    teams = _teams(member)
    return Case.objects.filter(Q(team__in=teams) | Q(owner=member) | Q(handing_to=member))


def _teams(member: Member) -> "QuerySet[Team, Any]":
    teams = member.teams if member.has(Right.SEE_TEAM) else Team.objects.none()
    return teams.values("pk")


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


def attachment_for(member: Member, pk: int) -> Attachment:
    """A file of a message in a case that they may see, or of a draft of their own there."""
    found = Attachment.objects.select_related("message", "draft").filter(pk=pk).first()
    if found is None or (found.draft is not None and found.draft.member_id != member.pk):
        raise Http404
    holder = found.message or found.draft
    if holder is None or not visible_cases(member).filter(pk=holder.case_id).exists():
        raise Http404
    return found


def visible_promises(member: Member) -> PromiseQuerySet:
    """The promises of every case that this member may see, and their own."""
    if member.has(Right.SEE_ALL):
        return Promise.objects.all()
    teams = _teams(member)
    theirs = Q(case__team__in=teams) | Q(case__owner=member) | Q(owner=member)
    return Promise.objects.filter(theirs)


def promise_for(member: Member, pk: int) -> Promise:
    people = ("case__team", "customer", "owner", "schedule")
    promise = visible_promises(member).select_related(*people).filter(pk=pk).first()
    if promise is None:
        raise Http404
    return promise


def visible_customers(member: Member) -> "QuerySet[Customer]":
    """Customers with a case that this member may see, and those who have none at all yet.

    Who was merged into somebody else is that one.
    """
    standing = Customer.objects.standing()
    if member.has(Right.SEE_ALL):
        return standing
    part = Participant.objects.filter(customer=OuterRef("pk"))
    seen = part.filter(case__in=visible_cases(member).values("pk"))
    return standing.filter(Exists(seen) | ~Exists(part))


def customer_for(member: Member, pk: int) -> Customer:
    customer = visible_customers(member).select_related("account").filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


def account_for(member: Member, pk: int) -> Account:
    account = visible_accounts(member).filter(pk=pk).first()
    if account is None:
        raise Http404
    return account


def visible_accounts(member: Member) -> "QuerySet[Account]":
    """Organisations of somebody whom this member may see, and those of nobody yet."""
    people = Customer.objects.filter(account=OuterRef("pk"))
    theirs = visible_customers(member).filter(account=OuterRef("pk"))
    return Account.objects.filter(Exists(theirs) | ~Exists(people), merged_into=None)
