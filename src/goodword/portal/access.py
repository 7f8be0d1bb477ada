"""The only door to the customer's page: a link that is signed, for one case, and not revoked."""

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import Http404

from goodword.cases.models import Case, CaseLink, Merge, Message, Participant, Recollection
from goodword.cases.models.message import Attachment, Direction
from goodword.core.prepared import prepared
from goodword.promises.models import Dispute, MoveRequest, Promise

# Notes, and what was taken back before anybody could read it.
OURS_ALONE = (Direction.NOTE, Direction.BACK)
AT_ONCE = 50  # messages on one page


def link_for(token: str) -> CaseLink:
    """The link of this token, with its case and its person; 404 for anything else."""
    link = CaseLink.by_token(token)
    if link is None:
        raise Http404
    return link if link.case.merged_into_id is None else _link_of_survivor(link)


def _link_of_survivor(link: CaseLink) -> CaseLink:
    """The same person's way into the case that this one is part of; the merge made it."""
    there = CaseLink.whole().filter(case=link.case.survivor(), customer=link.customer_id)
    found = there.first()
    if found is None:
        raise Http404
    return found


def may_see_the_past(link: CaseLink) -> bool:
    """A stranger who joined sees nothing of what was said until somebody let them in."""
    if link.role is None:
        rows = link.case.participants.filter(customer=link.customer)
        link.role = rows.values_list("role", flat=True).first() or ""
    return link.role in {Participant.Role.CUSTOMER, Participant.Role.COPY}


def decides(link: CaseLink) -> bool:
    """Only the customer of the case settles, moves and releases; who reads along does not."""
    return link.customer_id == link.case.customer_id


def visible_messages(link: CaseLink) -> "QuerySet[Message]":
    """What was said between us and them. Notes are ours alone; so is a machine's mail to us."""
    said = link.case.messages.all()
    if not may_see_the_past(link):
        theirs = said.exclude(direction__in=OURS_ALONE).filter(automatic="")
        return theirs.filter(customer=link.customer, direction=Direction.IN)
    return _to_read(said)


def some_messages(link: CaseLink, *, after: int = 0) -> "tuple[list[Message], bool]":
    """The newest messages but for the newest `after`, oldest first; whether there are older."""
    if after or not may_see_the_past(link):
        said = visible_messages(link).select_related("member", "customer").order_by("-at", "-pk")
        found = list(said[after : after + AT_ONCE + 1])
    else:
        found = _newest(case=link.case_id)
    for each in found:
        each.case = link.case
    prefetch_related_objects(found, "attachments")
    return found[:AT_ONCE][::-1], len(found) > AT_ONCE


def _to_read(said: "QuerySet[Message]") -> "QuerySet[Message]":
    """What whoever may see the past reads."""
    shown = said.exclude(direction__in=OURS_ALONE).filter(automatic="")
    return shown.exclude(is_unconfirmed=True)


@prepared
def _newest(*, case: int) -> "QuerySet[Message]":
    said = _to_read(Message.objects.filter(case=case)).select_related("member", "customer")
    return said.order_by("-at", "-pk")[: AT_ONCE + 1]


@prepared
def _merges_in(*, case: int) -> "QuerySet[Merge]":
    stand = Merge.objects.filter(undone_at=None).select_related("case").order_by("at")
    # As a list, and not over the cases themselves: each half by its own index.
    merged = Case.objects.filter(merged_into=case).order_by().values("pk")
    return stand.filter(Q(into=case) | Q(into__in=merged))


@prepared
def _parts_of(*, case: int) -> "QuerySet[Case]":
    return Case.objects.filter(split_from=case, merged_into=None).order_by("pk")


@prepared
def _recollections_of(*, case: int, customer: int) -> "QuerySet[Recollection]":
    rows = Recollection.objects.select_related("owed__customer", "answered_by", "answer")
    theirs = rows.filter(owed__case=case, owed__customer=customer)
    return theirs.order_by("-at")[:AT_ONCE]


def merges_in(link: CaseLink) -> "list[Merge]":
    """The other references that go on as this one."""
    return _merges_in(case=link.case_id)


def parts_of(link: CaseLink) -> "list[Case]":
    """What was taken out of this case into one of its own."""
    return _parts_of(case=link.case_id)


def attachment_for(link: CaseLink, pk: int) -> Attachment:
    messages = visible_messages(link).values("pk")
    attachment = Attachment.objects.filter(pk=pk, message__in=messages).first()
    if attachment is None:
        raise Http404
    return attachment


def promise_for(link: CaseLink, pk: int) -> Promise:
    promises = link.case.promises.select_related("owner", "schedule", "customer")
    promise = promises.filter(pk=pk, customer=link.customer).first()
    if promise is None:
        raise Http404
    promise.case = link.case
    return promise


def recollection_for(link: CaseLink, pk: int) -> Recollection:
    """What the customer of this case remembers being promised here."""
    rows = Recollection.objects.select_related("owed__customer", "answered_by", "answer")
    found = rows.filter(pk=pk, owed__case=link.case, owed__customer=link.customer).first()
    if found is None:
        raise Http404
    found.owed.case = link.case
    return found


def recollections_of(link: CaseLink) -> "list[Recollection]":
    """The newest first; what became a promise stands among the promises."""
    found = _recollections_of(case=link.case_id, customer=link.customer_id)
    for each in found:
        each.owed.case = link.case
    return found


def dispute_for(link: CaseLink, pk: int) -> Dispute:
    rows = Dispute.objects.select_related("promise__customer", "promise__schedule")
    found = rows.filter(pk=pk, promise__case=link.case, customer=link.customer).first()
    if found is None:
        raise Http404
    found.promise.case = link.case
    return found


def move_request_for(link: CaseLink, pk: int) -> MoveRequest:
    requests = MoveRequest.objects.select_related("promise__customer", "by_member", "by_customer")
    request = requests.filter(pk=pk, promise__case=link.case, promise__customer=link.customer)
    found = request.first()
    if found is None:
        raise Http404
    found.promise.case = link.case
    return found
