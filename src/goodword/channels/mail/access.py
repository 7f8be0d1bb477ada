"""The door to mail as it came: by its case, or for operators while it has none."""

from django.http import Http404

from goodword.cases.access import visible_cases
from goodword.channels.mail.models import IncomingMail
from goodword.staff.models import Member


def mail_for(member: Member, pk: int) -> IncomingMail:
    """The mail, or 404. What has found no case is for those who run the desk."""
    whole = IncomingMail.objects.exclude(content=None)  # whose was erased has none
    mail = whole.select_related("message").filter(pk=pk).first()
    if mail is None:
        raise Http404
    if mail.message is None:
        is_theirs = member.may_operate
    else:
        is_theirs = visible_cases(member).filter(pk=mail.message.case_id).exists()
    if not is_theirs:
        raise Http404
    return mail
