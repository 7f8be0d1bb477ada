"""Writing on a case: replies, notes, calls, and the draft of each."""

from typing import cast

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.cases.access import case_for, case_to_see
from goodword.cases.models import Case, Draft, Message, Scheduled
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import hour, plain_time
from goodword.core.time import now
from goodword.desk.answering import is_htmx, moved_on, next_page
from goodword.desk.attaching import Upload
from goodword.desk.composing import Composer, mode_of
from goodword.desk.forms import FIRST_WORD, LONGEST_TEXT
from goodword.desk.models import AlreadySent
from goodword.desk.offering import found_for
from goodword.desk.recipients import suggested
from goodword.desk.shell import business_of, page, part
from goodword.desk.views.cases import page_of, show
from goodword.desk.views.withdrawing import undo_of
from goodword.staff.access import MemberRequest, light_too, members_only


@require_POST
@members_only
def write(request: MemberRequest, pk: int, mode: str) -> HttpResponse:
    return _written(request, pk, mode)


@require_POST
@members_only
@light_too
def note(request: MemberRequest, pk: int) -> HttpResponse:
    return _written(request, pk, "note")


def _written(request: MemberRequest, pk: int, mode: str) -> HttpResponse:
    """Send what the composer holds. A refusal gives it back as it was typed, and says why."""
    found = _case_for(request, pk, mode)
    composer = _posted(request, found, mode)
    try:
        if files := _files(request):
            composer.keep(files)
        done = composer.send()
    except Refused as error:
        return _given_back(request, found, composer, error)
    except AlreadySent:
        return moved_on(request, found.get_absolute_url(), _("That was sent already, once."))
    to = next_page(request, found.get_absolute_url())
    return moved_on(request, to, _said(composer, done), undo=undo_of(done, composer.business))


@require_POST
@members_only
@light_too
def compose(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the form without sending it: another mode, a file more, a row more, other words."""
    found = _case_for(request, pk, mode_of(request.POST.get("mode")))
    composer = _posted(request, found, mode_of(request.POST.get("mode")))
    what, _colon, which = request.POST.get("do", "").partition(":")
    try:
        if what == "word":
            for name in ("word_kind", "word_text", "word_when", "word_due"):
                composer.data.appendlist(name, "")
        composer.keep(_files(request))
    except Refused as error:
        return _given_back(request, found, composer, error)
    if what == "other":
        composer.swap() if which == "use" else composer.forget_other()
    if what == "articles":
        return redirect("case_articles", pk)
    mode = mode_of(which) if what == "mode" else composer.mode
    to = f"{found.get_absolute_url()}?mode={mode}#composer"
    if is_htmx(request):
        return _composer(request, found, page_of(request, found).composer(mode))
    return redirect(to)


@require_POST
@members_only
@light_too
def draft(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep what is typed; the answer is the line that the composer shows beside it."""
    found = _case_for(request, pk, mode_of(request.POST.get("mode")))
    composer = _posted(request, found, mode_of(request.POST.get("mode")))
    kept = composer.keep()
    if kept is None:
        return _line("", None)
    if len(composer.text) > LONGEST_TEXT:
        most = f"{LONGEST_TEXT:,}"
        too_long = _("Kept, but too long to send: a message holds %(most)s characters.")
        return _line(too_long % {"most": most}, kept)
    return _line(_("Draft kept %(when)s") % {"when": hour(now())}, kept)


def _case_for(request: MemberRequest, pk: int, mode: str) -> Case:
    """Whoever sees a case may leave a note; all else is for those who work on it."""
    return (case_to_see if mode == "note" else case_for)(request.user, pk)


@require_POST
@members_only
def files(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep one file with the draft at once: a drop, a paste, or the button with JavaScript."""
    found = case_for(request.user, pk)
    composer = _posted(request, found, mode_of(request.POST.get("mode")))
    sent = request.FILES.get("file")
    if sent is None:
        return JsonResponse({"refusal": _("Choose a file first.")}, status=422)
    try:
        kept = composer.take_file(sent)
    except Refused as error:
        return JsonResponse({"refusal": str(error.sentence)}, status=error.status)
    context = {"file": kept, "composer": composer, "case": found}
    row = render_to_string("desk/case/file.html", context, request)
    shown = kept.markdown if kept.is_shown() else ""
    return JsonResponse({"row": row, "markdown": shown})


@require_POST
@members_only
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    """The message as whoever gets it will see it. What was typed is kept on the way."""
    found = case_for(request.user, pk)
    composer = _posted(request, found, mode_of(request.POST.get("mode")))
    if is_htmx(request):
        if composer.draft is not None:
            composer.files = list(composer.draft.attachments.order_by("id"))
        context = {"composer": page_of(request, found).dressed(composer), "case": found}
        return part(request, "desk/case/preview.html", context)
    try:
        composer.keep(_files(request))
    except Refused as error:
        return _given_back(request, found, composer, error)
    composer.is_previewed = True
    return show(request, found, composer)


@require_safe
@members_only
def people(request: MemberRequest, pk: int) -> HttpResponse:
    """Whom a copy could go to, as the options of a list; only people whom the member may see."""
    found = case_for(request.user, pk)
    typed = request.GET.get("cc") or request.GET.get("bcc") or ""
    context = {"known": suggested(found, request.user, typed), "case": found}
    return part(request, "desk/case/known.html", context)


@require_safe
@members_only
def blocks(request: MemberRequest, pk: int) -> HttpResponse:
    """How-to blocks and articles to put into the message; a page of their own without JS."""
    found = case_for(request.user, pk)
    offers = found_for(found, request, request.GET.get("find", ""))
    context: dict[str, object] = {"offers": offers, "case": found, "nav": "inbox"}
    if is_htmx(request):
        return part(request, "desk/case/blocks.html", context)
    return page(request, "desk/case/form_page.html", {**context, "form_part": "blocks"})


@require_safe
@members_only
def other_draft(request: MemberRequest, pk: int) -> HttpResponse:
    """What another tab typed meanwhile, to be shown beside what is typed here."""
    found = case_for(request.user, pk)
    mode = mode_of(request.GET.get("mode"))
    composer = Composer.opened(found, request.user, business_of(request), mode)
    return part(request, "desk/case/other.html", {"composer": composer, "case": found})


def _line(words: str, kept: Draft | None) -> HttpResponse:
    """A line for the eyes; which version it is, and whether another tab has words, for the page."""
    answer = HttpResponse(words, content_type="text/plain; charset=utf-8")
    if kept is not None:
        answer["Draft-Version"] = str(kept.version)
        answer["Draft-Other"] = "yes" if kept.other else ""
    return answer


def _posted(request: MemberRequest, found: Case, mode: str) -> Composer:
    return Composer.posted(found, request.user, business_of(request), mode, request.POST)


def _files(request: MemberRequest) -> list[Upload]:
    return cast("list[Upload]", request.FILES.getlist("files"))


def _given_back(
    request: MemberRequest, found: Case, composer: Composer, error: Refused
) -> HttpResponse:
    composer.refuse(error)
    if error.code != "TOO_LARGE":
        composer.keep()
    found.refresh_from_db()
    if is_htmx(request):
        return _composer(request, found, composer, error.status)
    return show(request, found, composer, error.status)


def _composer(
    request: MemberRequest, found: Case, composer: Composer, status: int = 200
) -> HttpResponse:
    on = page_of(request, found)
    context = {"on": on, "case": found, "composer": on.dressed(composer)}
    return part(request, "desk/case/composer.html", context, status)


def _said(composer: Composer, done: Message | Scheduled) -> str:
    name = composer.case.customer.given
    if isinstance(done, Scheduled):
        sentence = _("It goes out %(when)s. Until then it keeps nothing.")
        return sentence % {"when": plain_time(done.due_at)}
    if composer.mode == "note":
        return _("The note is there. Only we see it.")
    if composer.mode == "call":
        return _("The call with %(name)s is noted.") % {"name": name}
    sentences = {
        "ask": _("Sent. %(name)s decides whether it is settled."),
        "wait": _("Sent. We wait for %(name)s’s answer."),
        "rest": _("Sent to %(name)s. Nothing more to come."),
        FIRST_WORD: _("Sent to %(name)s. The answer is still ours to give."),
    }
    usual = (
        _("Sent to %(name)s, and our word given.")
        if composer.gives_word
        else _("Sent to %(name)s.")
    )
    return sentences.get(composer.then, usual) % {"name": name}


urls = [
    *(
        path(f"cases/<int:pk>/{mode}", write, {"mode": mode}, name=f"case_{mode}")
        for mode in ("reply", "call")
    ),
    path("cases/<int:pk>/note", note, name="case_note"),
    path("cases/<int:pk>/compose", compose, name="case_compose"),
    path("cases/<int:pk>/draft", draft, name="case_draft"),
    path("cases/<int:pk>/draft/other", other_draft, name="case_other_draft"),
    path("cases/<int:pk>/files", files, name="case_files"),
    path("cases/<int:pk>/preview", preview, name="case_preview"),
    path("cases/<int:pk>/blocks", blocks, name="case_blocks"),
    path("cases/<int:pk>/people", people, name="case_people"),
]
