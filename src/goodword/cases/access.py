"""The only door to cases: what a member may see, and the case that a request names.

Members work on the cases of their teams where their role has that right, those that they own,
and those that they are asked to take; whose role sees all, on all. Whoever watches a case sees
it besides, and may leave a note there, no more: what acts goes through `case_for`, what only
shows through `case_to_see`.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from goodword.cases.models import (
    Attachment,
    Case,
    FoundPromise,
    Message,
    Participant,
    Recollection,
    Scheduled,
    SideThread,
    Watch,
)
from goodword.cases.models.case import CaseQuerySet
from goodword.cases.models.message import Direction
from goodword.core.prepared import prepared
from goodword.people.models import Account, Customer, Different, Merge
from goodword.promises.models import Dispute, Promise, PromiseQuerySet
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right
from goodword.staff.standing_in import Sees, sees, stand_in


def workable_cases(member: Member) -> CaseQuerySet:
    """Every case that this member may act on."""
    return _with_merged(member).filter(merged_into=None)


def visible_cases(member: Member) -> CaseQuerySet:
    """Every case that this member may see: those to act on, and those that they watch.

    What is part of another case is seen there.
    """
    standing = Case.objects.filter(merged_into=None)
    if member.has(Right.SEE_ALL):
        return standing
    watched = Watch.objects.filter(member=member).values("case")
    return standing.filter(_theirs(member) | Q(pk__in=watched))


def _with_merged(member: Member) -> CaseQuerySet:
    if member.has(Right.SEE_ALL):
        return Case.objects.all()
    return Case.objects.filter(_theirs(member))


def _theirs(member: Member) -> Q:
    return Q(team__in=_teams(member)) | Q(owner=member) | Q(handing_to=member)


def case_to_see(member: Member, pk: int) -> Case:
    """The case, or 404: what a member may not see does not exist for them.

    `only_watched` says that they see it by nothing but their watch.
    """
    case = next(iter(_one_to_see(sees(member), member=member.pk, case=pk)), None)
    if case is None:
        if gone := _merged_case(visible_cases(member), pk):
            gone.must_stand()
        raise Http404
    case.only_watched = not getattr(case, "works", True)
    return case


@prepared
def _one_to_see(seen: Sees, *, member: int, case: int) -> "QuerySet[Case]":
    whose = stand_in(member, seen)
    later = Scheduled.objects.filter(case=OuterRef("pk"), stand__in=("waiting", "held"))
    strands = SideThread.objects.filter(case=OuterRef("pk"))
    offered = FoundPromise.objects.offered().filter(message__case=OuterRef("pk"))
    marks: dict[str, Any] = {"has_later": Exists(later), "has_strands": Exists(strands)}
    marks["has_found"] = Exists(offered)
    if not whose.has(Right.SEE_ALL):
        marks["works"] = ExpressionWrapper(_theirs(whose), output_field=BooleanField())
    return visible_cases(whose).with_people().annotate(**marks).filter(pk=case)


def _teams(member: Member) -> "QuerySet[Team, Any]":
    teams = member.teams if member.has(Right.SEE_TEAM) else Team.objects.none()
    return teams.values("pk")


def case_for(member: Member, pk: int) -> Case:
    """The case to act on, or 404. Refused (403) for whoever only watches it."""
    case = case_to_see(member, pk)
    if case.only_watched:
        sentence = _("You watch this case; %(team)s works on it. Leave them a note instead.")
        raise PermissionDenied(sentence % {"team": case.team.name})
    return case


def merged_case_for(member: Member, pk: int) -> Case:
    """A case that is part of one that this member may act on, or 404."""
    case = _merged_case(workable_cases(member), pk)
    if case is None:
        raise Http404
    return case


def _merged_case(cases: CaseQuerySet, pk: int) -> Case | None:
    gone = Case.objects.select_related("merged_into").filter(pk=pk).first()
    if gone is None or gone.merged_into_id is None:
        return None
    return gone if cases.filter(pk=gone.survivor().pk).exists() else None


def case_called(member: Member, reference: str) -> Case | None:
    """The case with this reference or number, where this member may act on it."""
    said = reference.strip()
    named = Q(reference__iexact=said)
    if said.isascii() and said.isdecimal() and len(said) < 19:
        named |= Q(pk=int(said))
    return workable_cases(member).with_people().filter(named).first()


def message_for(member: Member, pk: int) -> Message:
    whole = Message.everything.select_related("case", "member", "customer")
    message = whole.filter(pk=pk).first()
    if message is None or not visible_cases(member).filter(pk=message.case_id).exists():
        raise Http404
    return message


def attachment_for(member: Member, pk: int) -> Attachment:
    """A file of a message in a case that they may see, or of a draft of their own there."""
    holders = ("message", "draft", "scheduled")
    found = Attachment.objects.select_related(*holders).filter(pk=pk).first()
    if found is None or (found.draft is not None and found.draft.member_id != member.pk):
        raise Http404
    holder = found.message or found.draft or found.scheduled
    if holder is None or not visible_cases(member).filter(pk=holder.case_id).exists():
        raise Http404
    return found


def scheduled_for(member: Member, pk: int) -> Scheduled:
    """A message for later in a case that they may see."""
    people = ("case__owner", "case__customer", "member")
    found = Scheduled.objects.select_related(*people).filter(pk=pk).first()
    if found is None or not visible_cases(member).filter(pk=found.case_id).exists():
        raise Http404
    return found


def found_promise_for(member: Member, pk: int) -> FoundPromise:
    """Words of ours in a case that they may act on."""
    there = FoundPromise.objects.select_related("message__member", "promise")
    found = there.filter(pk=pk).exclude(message__direction=Direction.BACK).first()
    if found is None:
        raise Http404
    found.message.case = case_for(member, found.message.case_id)
    return found


def visible_promises(member: Member) -> PromiseQuerySet:
    """The promises of every case that this member may see, and their own."""
    if member.has(Right.SEE_ALL):
        return Promise.objects.all()
    teams = _teams(member)
    theirs = Q(case__team__in=teams) | Q(case__owner=member) | Q(owner=member)
    return Promise.objects.filter(theirs)


def promise_for(member: Member, pk: int) -> Promise:
    theirs = ("customer__account", "case__customer__account")
    people = ("case__team", *theirs, "owner", "schedule", "handing_to")
    disputes = Dispute.objects.filter(promise=OuterRef("pk"))
    found = visible_promises(member).select_related(*people)
    promise = found.annotate(has_disputes=Exists(disputes)).filter(pk=pk).first()
    if promise is None:
        raise Http404
    return promise


def recollection_for(member: Member, pk: int) -> Recollection:
    people = ("owed__case__team", "owed__case__owner", "owed__customer", "answered_by", "answer")
    found = Recollection.objects.select_related(*people).filter(pk=pk).first()
    if found is None:
        raise Http404
    found.owed.case = case_for(member, found.owed.case_id)
    return found


def visible_customers(member: Member) -> "QuerySet[Customer]":
    """Customers with a case that this member may see, and those who have none at all yet.

    Who was merged into somebody else is that one.
    """
    standing = Customer.objects.standing()
    if member.has(Right.SEE_ALL):
        return standing
    part = Participant.objects.filter(customer=OuterRef("pk"))
    # Asked of each part that there is; as a list it would be every case of the desk.
    seen = part.filter(Exists(_with_merged(member).filter(pk=OuterRef("case"))))
    return standing.filter(Exists(seen) | ~Exists(part))


def customer_for(member: Member, pk: int) -> Customer:
    customer = next(iter(_customer_to_see(sees(member), member=member.pk, customer=pk)), None)
    if customer is None:
        raise Http404
    return customer


@prepared
def _customer_to_see(seen: Sees, *, member: int, customer: int) -> "QuerySet[Customer]":
    theirs = visible_customers(stand_in(member, seen))
    return theirs.select_related("account").filter(pk=customer)


def survivor_of(member: Member, pk: int) -> "Merge | None":
    """The merge by which this customer became one whom the member may see."""
    merges = Merge.objects.filter(gone=pk, undone_at=None, gone__merged_into__isnull=False)
    merge = merges.select_related("gone__merged_into").first()
    if merge is None or merge.gone is None or merge.gone.merged_into is None:
        return None
    seen = visible_customers(member).filter(pk=merge.gone.merged_into.pk)
    return merge if seen.exists() else None


def account_survivor_of(member: Member, pk: int) -> "Merge | None":
    merges = Merge.objects.filter(gone_account=pk, undone_at=None)
    merge = merges.select_related("gone_account__merged_into").first()
    into = merge.gone_account.merged_into if merge and merge.gone_account else None
    if into is None:
        return None
    seen = visible_accounts(member).filter(pk=into.pk)
    return merge if seen.exists() else None


def merge_for(member: Member, pk: int) -> "Merge":
    """A merge into somebody whom this member may see."""
    customers, accounts = visible_customers(member), visible_accounts(member)
    seen = Q(into__in=customers) | Q(into__merged_into__in=customers)
    seen |= Q(into_account__in=accounts) | Q(into_account__merged_into__in=accounts)
    people = ("gone", "into", "gone_account", "into_account")
    merge = Merge.objects.filter(seen, pk=pk).select_related(*people).first()
    if merge is None:
        raise Http404
    return merge


def different_for(member: Member, pk: int) -> Different:
    """What was said of two whom this member may both see."""
    customers, accounts = visible_customers(member), visible_accounts(member)
    seen = Q(one__in=customers, other__in=customers)
    seen |= Q(one_account__in=accounts, other_account__in=accounts)
    people = ("one", "other", "one_account", "other_account")
    said = Different.objects.filter(seen, pk=pk).select_related(*people).first()
    if said is None:
        raise Http404
    return said


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
