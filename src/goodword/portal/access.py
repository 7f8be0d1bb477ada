"""The only door to the customer's page: a link that is signed, for one case, and not revoked."""

from django.http import Http404

from goodword.cases.models import Case, CaseLink, Message, Participant
from goodword.cases.models.message import Attachment, Direction
from goodword.promises.models import MoveRequest, Promise


def link_for(token: str) -> CaseLink:
    """The link of this token, with its case and its person; 404 for anything else."""
    link = CaseLink.by_token(token)
    if link is None:
        raise Http404
    case = Case.objects.select_related(
        "customer__account", "owner", "team__schedule", "handing_to"
    ).get(pk=link.case_id)
    link.case = case
    return link


def may_see_the_past(link: CaseLink) -> bool:
    """A stranger who joined sees nothing of what was said until somebody let them in."""
    role = link.case.participants.filter(customer=link.customer).values_list("role", flat=True)
    return role.first() in {Participant.Role.CUSTOMER, Participant.Role.COPY}


def decides(link: CaseLink) -> bool:
    """Only the customer of the case settles, moves and releases; who reads along does not."""
    return link.customer_id == link.case.customer_id


def visible_messages(link: CaseLink) -> "list[Message]":
    """What was said between us and them. Notes are ours alone; so is a machine's mail to us."""
    said = link.case.messages.exclude(direction=Direction.NOTE).filter(automatic="")
    said = said.select_related("member", "customer").prefetch_related("attachments")
    if not may_see_the_past(link):
        said = said.filter(customer=link.customer, direction=Direction.IN)
    else:
        said = said.exclude(is_unconfirmed=True)
    return list(said.order_by("at", "pk"))


def attachment_for(link: CaseLink, pk: int) -> Attachment:
    messages = [message.pk for message in visible_messages(link)]
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


def move_request_for(link: CaseLink, pk: int) -> MoveRequest:
    requests = MoveRequest.objects.select_related("promise__customer", "by_member", "by_customer")
    request = requests.filter(pk=pk, promise__case=link.case, promise__customer=link.customer)
    found = request.first()
    if found is None:
        raise Http404
    found.promise.case = link.case
    return found
