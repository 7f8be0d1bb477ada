"""Side threads of a case: asking somebody outside, going on with it, forwarding a message."""

from typing import Any, cast

from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodword.cases.access import case_for, case_to_see
from goodword.cases.asking_outside import ask_outside, forwarded, write_outside
from goodword.cases.models import Attachment, Case, Message, SideThread
from goodword.channels.mail.addresses import belongs_to, is_no_reply
from goodword.channels.mail.models import Mailbox
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.answering import moved_on
from goodword.desk.attaching import Upload, room, too_large
from goodword.desk.dialogs import dialog
from goodword.desk.models import AlreadySent, SentForm, new_token
from goodword.desk.presets import FORMS, presets, schedule_of
from goodword.desk.shell import business_of
from goodword.desk.typed import line, number, whole, words
from goodword.desk.views.cases import page_of
from goodword.staff.access import MemberRequest, members_only

FIELDS = ("address", "name", "subject", "text", "thread", "chase", "chase_when")


@require_safe
@members_only
def strands(request: MemberRequest, pk: int) -> HttpResponse:
    """Every side thread of the case, in its page or as a page of its own."""
    found = case_to_see(request.user, pk)
    return dialog(request, "strands", found, on=page_of(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def side(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask somebody outside, or forward `message` to them."""
    found = case_for(request.user, pk)
    return _answered(request, found, None)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def side_write(request: MemberRequest, pk: int, thread: int) -> HttpResponse:
    found = case_for(request.user, pk)
    return _answered(request, found, _thread_of(found, thread))


def _answered(request: MemberRequest, found: Case, thread: SideThread | None) -> HttpResponse:
    refusal: Refused | None = None
    try:
        forwards = _forwards(request, found)
    except Refused as error:
        refusal, forwards = error, None
    if request.method == "POST" and refusal is None:
        try:
            return _sent(request, found, thread, forwards)
        except AlreadySent:
            sent = _("That was sent already, once.")
            return moved_on(request, found.get_absolute_url(), sent)
        except Refused as error:
            refusal = error
    return _form(request, found, thread, forwards, refusal)


def _form(
    request: MemberRequest,
    found: Case,
    thread: SideThread | None,
    forwards: Message | None,
    refusal: Refused | None,
) -> HttpResponse:
    data = {name: request.POST.get(name, "") for name in FIELDS}
    files = list(forwards.attachments.order_by("id")) if forwards else []
    chosen = {whole(each) for each in request.POST.getlist("file")}
    if request.method != "POST" and forwards is not None:
        who = forwards.member or forwards.customer
        data["text"] = "\n\n" + forwarded(forwards, who.name if who else "")
        data["subject"] = _("Forwarded: %(subject)s") % {"subject": found.title}
        chosen = {file.pk for file in files}
    newest = thread.said().order_by("-id").first() if thread else None
    context: dict[str, Any] = {
        "thread": thread,
        "threads": [] if thread else list(found.side_threads.order_by("id")),
        "forwards": forwards,
        "files": files,
        "chosen": chosen,
        "data": data,
        "presets": presets(schedule_of(found, business_of(request)), now()),
        "to": request.path,
        "form_id": request.POST.get("form_id") or new_token(),
        "seen": request.POST.get("seen") or (newest.pk if newest else 0),
    }
    return dialog(request, "side", found, refusal, **context)


def _forwards(request: MemberRequest, found: Case) -> Message | None:
    asked = number(request.POST, "message") or number(request.GET, "message")
    if asked is None:
        return None
    message = found.messages.select_related("customer", "member").filter(pk=asked).first()
    if message is None or message.direction in ("note", "back"):
        sentence = _("A note is ours alone, and this one is not in the case any more.")
        raise Refused("NOT_CHOSEN", sentence, 422)
    return message


@transaction.atomic
def _sent(
    request: MemberRequest, found: Case, thread: SideThread | None, forwards: Message | None
) -> HttpResponse:
    SentForm.claim(request.POST.get("form_id", ""), request.user)
    text = words(request.POST, "text")
    chosen = [whole(each) or 0 for each in request.POST.getlist("file")]
    old = list(forwards.attachments.filter(pk__in=chosen)) if forwards else []
    how: dict[str, Any] = {"by": request.user, "forwards": forwards, "files": old}
    how["files"] = [*old, *_uploads(request, sum(file.size for file in old))]
    asked = number(request.POST, "thread")
    into = thread or (_thread_of(found, asked) if asked else None)
    if into is not None:
        seen = number(request.POST, "seen") if thread else None
        write_outside(into, text, seen=seen, **how)
    else:
        address = line(request.POST, "address", longest=320)
        _must_be_outside(address)
        into = ask_outside(
            found,
            address,
            text,
            name=line(request.POST, "name", longest=200),
            subject=line(request.POST, "subject", longest=300),
            chase=_chase(request),
            **how,
        )
    # A new address each time: a browser that only jumps within its page loads nothing.
    newest = into.said().latest("id").pk
    to = f"{found.get_absolute_url()}?sent={newest}#side{into.pk}"
    return moved_on(request, to, _("Sent to %(who)s alone.") % {"who": into.whom})


def _uploads(request: MemberRequest, there: int) -> list[Attachment]:
    """What is attached now. Refused (422) from the first that would not fit into the mail."""
    kept: list[Attachment] = []
    for file in cast("list[Upload]", request.FILES.getlist("files")):
        there += file.size or 0
        if there > room():
            raise Refused("TOO_LARGE", too_large(file.name or ""), 422)
        kept.append(Attachment.keep(file.name or "", file.read(), file.content_type or ""))
    return kept


def _must_be_outside(address: str) -> None:
    ours = Mailbox.objects.values_list("address", flat=True)
    if any(belongs_to(address, box) for box in ours):
        sentence = _("That is an address of ours. Leave a note for us instead.")
        raise Refused("OUR_OWN", sentence, 422)
    if is_no_reply(address):
        sentence = _("Nobody reads what is sent to “%(address)s”. Find one that a person reads.")
        raise Refused("NO_REPLY_PATH", sentence % {"address": address}, 422)


def _chase(request: MemberRequest) -> dict[str, Any] | None:
    text = line(request.POST, "chase", longest=500)
    if not text:
        return None
    form = request.POST.get("chase_when", "")
    if form not in FORMS:
        raise Refused("NO_TIME", _("Say by when they hear."), 422)
    return {"text": text, "form": form}


def _thread_of(found: Case, pk: int) -> SideThread:
    thread = found.side_threads.filter(pk=pk).first()
    if thread is None:
        raise Http404
    return thread


urls = [
    path("cases/<int:pk>/strands", strands, name="case_strands"),
    path("cases/<int:pk>/side", side, name="case_side"),
    path("cases/<int:pk>/side/<int:thread>", side_write, name="case_side_write"),
]
