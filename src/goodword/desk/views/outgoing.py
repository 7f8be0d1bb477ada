"""Where the demo's mail goes: to a folder, shown here as whoever gets it would read it."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from goodword.channels.mail.outbox import demo_maildir
from goodword.core.time import clock
from goodword.desk.sent_mail import SentMail
from goodword.desk.shell import page
from goodword.staff.access import MemberRequest, members_only

PER_PAGE = 25


def _folder(request: MemberRequest) -> SentMail:
    """404 where mail goes to a server. The mails carry links by which a customer decides, so
    that outside of the demo only those who can read the folder anyway see them here."""
    folder = demo_maildir()
    if folder is None or not (clock.is_demo or request.user.may_operate):
        raise Http404
    return SentMail(folder)


@require_safe
@members_only
def outgoing(request: MemberRequest) -> HttpResponse:
    kept = _folder(request)
    names = Paginator(kept.names(), PER_PAGE).get_page(request.GET.get("page"))
    heads = [head for head in map(kept.head, names.object_list) if head is not None]
    return page(request, "desk/outgoing/list.html", {"names": names, "heads": heads})


@require_safe
@members_only
def sent(request: MemberRequest, name: str) -> HttpResponse:
    mail = _folder(request).read(name)
    if mail is None:
        raise Http404
    return page(request, "desk/outgoing/mail.html", {"mail": mail})


urls = [
    path("outgoing/", outgoing, name="outgoing"),
    path("outgoing/<str:name>/", sent, name="sent"),
]
