"""Taking a message back: before it leaves, and one that was written for later."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodword.cases.access import message_for, scheduled_for
from goodword.cases.models import Message, Scheduled
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import plain_time
from goodword.desk.answering import is_htmx, moved_on, next_page, refused
from goodword.desk.typed import key
from goodword.desk.views.cases import show
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Business

Verb = Callable[[MemberRequest, Scheduled], tuple[str, str]]


def undo_of(done: Message | Scheduled, business: Business) -> str:
    """Where an undo of this send is asked for; empty where it left at once."""
    if isinstance(done, Scheduled):
        return reverse("later_cancel", args=[done.pk])
    seconds = business.setting("undo_seconds")
    if done.direction != "out" or not seconds:
        return ""
    return f"{reverse('take_back', args=[done.pk])}?within={seconds}"


@require_POST
@members_only
def take_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo the send: the words, the copies and the files are in the composer again."""
    message = message_for(request.user, pk)
    case = message.case
    try:
        message.case.take_back(message, by=request.user)
    except Refused as error:
        if is_htmx(request):
            return refused(request, error)
        request.refusal = error  # type: ignore[attr-defined]
        return show(request, case, status=error.status)
    to = next_page(request, f"{case.get_absolute_url()}?mode=reply&back={message.pk}#composer")
    return moved_on(request, to, _("It did not go out. Your words are below again."))


def _later(name: str, verb: Verb) -> object:
    """One act on a message for later: find, do, and back to the case with what to say."""

    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = scheduled_for(request.user, pk)
        try:
            said, undo = verb(request, found)
        except Refused as error:
            if is_htmx(request):
                return refused(request, error)
            request.refusal = error  # type: ignore[attr-defined]
            return show(request, found.case, status=error.status)
        return moved_on(request, f"{found.case.get_absolute_url()}#composer", said, undo=undo)

    return path(f"later/<int:pk>/{name}", view, name=f"later_{name}")


def cancel(request: MemberRequest, found: Scheduled) -> tuple[str, str]:
    found.cancel(by=request.user)
    return _("Cancelled. It does not go out."), reverse("later_resume", args=[found.pk])


def resume(request: MemberRequest, found: Scheduled) -> tuple[str, str]:
    found.resume(by=request.user, seen=found.case.newest_message_id())
    said = _("It goes out %(when)s.") % {"when": plain_time(found.due_at)}
    return said, reverse("later_cancel", args=[found.pk])


def edit(request: MemberRequest, found: Scheduled) -> tuple[str, str]:
    found.edit(by=request.user)
    return _("It does not go out. Your words are in the composer."), ""


def send(request: MemberRequest, found: Scheduled) -> tuple[str, str]:
    message = found.send_now(by=request.user, seen=key(request.POST, "seen"))
    return (_("Sent.") if message else _("That was sent already, once.")), ""


urls = [
    path("messages/<int:pk>/take-back", take_back, name="take_back"),
    _later("cancel", cancel),
    _later("resume", resume),
    _later("edit", edit),
    _later("send", send),
]
