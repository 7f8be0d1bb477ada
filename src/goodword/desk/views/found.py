"""Promises found in words: while they are typed, and offered on what was said already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword import clock
from goodword.cases.access import case_for, found_promise_for
from goodword.cases.models import Case, FoundPromise
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime
from goodword.core.time import now
from goodword.desk.answering import done, is_htmx, refused
from goodword.desk.found_words import AT, FoundWords
from goodword.desk.presets import FORMS, Preset, presets, schedule_of
from goodword.desk.shell import business_of, page, part
from goodword.desk.times import FARTHEST, read_past, read_when
from goodword.desk.typed import line, number
from goodword.promises.honest import Foresight
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Schedule

# While it is typed


@require_POST
@members_only
def words(request: MemberRequest, pk: int) -> HttpResponse:
    """The chips of what is typed on a case. Nothing is kept, and nothing is asked of the ledger."""
    case = case_for(request.user, pk)
    schedule = schedule_of(case, business_of(request))
    asks_why = request.POST.get("mode") != "call"
    return _chips(request, "text", schedule, case.customer.given, case, asks_why=asks_why)


@require_POST
@members_only
def words_of_new(request: MemberRequest) -> HttpResponse:
    """The same for a case that is not there yet."""
    writes = request.POST.get("how") == "write"
    name = request.POST.get("name", "").split(" ")[0][:60] or _("them")
    schedule = business_of(request).schedule
    return _chips(request, "words" if writes else "said", schedule, name, None, asks_why=writes)


def _chips(
    request: MemberRequest,
    field: str,
    schedule: Schedule,
    whom: str,
    case: Case | None,
    *,
    asks_why: bool,
) -> HttpResponse:
    text = request.POST.get(field, "").replace("\0", "")
    found = FoundWords(text, request.POST, schedule, whom)
    context: dict[str, object] = {"found": found, "case": case, "asks_why": asks_why}
    return part(request, "desk/found/chips.html", context)


@require_safe
@members_only
def honest(request: MemberRequest) -> HttpResponse:
    """What the ledger knows about a word that is about to be given."""
    chosen = number(request.GET, "case")
    business = business_of(request)
    case = case_for(request.user, chosen) if chosen else None
    schedule = schedule_of(case, business) if case else business.schedule
    kind = request.GET.get("kind") or request.GET.get("word_kind") or ""
    due = _asked_due(request, schedule)
    if due is None or kind not in GIVEN_BY_HAND:
        return HttpResponse("")
    outlook = Foresight(request.user, kind, at=now(), schedule=schedule).of(due)
    context = {"outlook": outlook, "kind_name": Kind(kind).label}
    return part(request, "desk/found/honest.html", context)


def _asked_due(request: MemberRequest, schedule: Schedule) -> datetime | None:
    """An instant in seconds, or what stands in the fields of a form; None for no time."""
    asked = request.GET
    seconds = number(asked, "due")
    typed = asked.get("due", "") or asked.get("word_due", "")
    when = asked.get("when") or asked.get("word_when") or ""
    try:
        if seconds is not None:
            due = datetime.fromtimestamp(seconds, UTC)
            return due if now() < due < now() + FARTHEST else None
        if typed:
            return read_when(typed, schedule.hours.zone_info, now())
        return clock.due(when, now(), schedule.hours).at if when in FORMS else None
    except (Refused, clock.ClockError, ValueError, OverflowError, OSError):
        return None


# On what was said already


@dataclass
class Deciding:
    """The form of one offer, as it was typed where it was refused."""

    request: MemberRequest
    found: FoundPromise
    refusal: Refused | None = None

    @property
    def case(self) -> Case:
        return self.found.message.case

    @property
    def typed(self) -> dict[str, Any]:
        usual = {"kind": self.found.kind, "text": self.found.words, "when": "", "due": ""}
        return {**usual, **self.request.POST.dict()}

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in GIVEN_BY_HAND]

    @property
    def schedule(self) -> Schedule:
        return schedule_of(self.case, business_of(self.request))

    @property
    def presets(self) -> list[Preset]:
        return presets(self.schedule, now())

    @property
    def zone(self) -> str:
        return self.schedule.zone

    @property
    def is_past(self) -> bool:
        return self.found.is_past(now())


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def found(request: MemberRequest, pk: int) -> HttpResponse:
    """Put it on the ledger, as it was said or changed; what became of it where it is past."""
    deciding = Deciding(request, found_promise_for(request.user, pk))
    if request.method == "POST":
        try:
            return _confirmed(deciding)
        except Refused as error:
            deciding.refusal = error
            if is_htmx(request):
                return refused(request, error)
    status = deciding.refusal.status if deciding.refusal else 200
    context = {"nav": "inbox", "deciding": deciding, "case": deciding.case}
    return page(request, "desk/found/decide.html", context, status)


def _confirmed(deciding: Deciding) -> HttpResponse:
    request, found = deciding.request, deciding.found
    promise = found.confirm(by=request.user, **_choice(deciding))
    said = {
        "open": _("Your word stands on the ledger, by %(when)s."),
        "kept": _("It stands on the ledger, and it was kept."),
        "kept_late": _("It stands on the ledger, kept late."),
    }
    sentence = said.get(promise.state, said["open"])
    if promise.state == "open" and promise.due <= now():
        sentence = _("It stands on the ledger. Its time, %(when)s, is past: it is broken.")
    undo = reverse("found_offer", args=[found.pk]) if promise.state == "open" else ""
    to = f"{deciding.case.get_absolute_url()}#m{found.message_id}"
    return done(request, to, sentence % {"when": clocktime(promise.due)}, undo=undo)


def _choice(deciding: Deciding) -> dict[str, Any]:
    """The arguments of FoundPromise.confirm, from the form or from one press."""
    posted, zone = deciding.request.POST, deciding.schedule.hours.zone_info
    choice: dict[str, Any] = {"text": line(posted, "text", longest=500)}
    if posted.get("kind") in GIVEN_BY_HAND:
        choice["kind"] = posted["kind"]
    if posted.get("due", "").strip() and posted.get("when", AT) in ("", AT):
        choice["due"] = read_when(posted["due"], zone, now())
    elif posted.get("when") in FORMS:
        # From now on: whoever chooses a time today means today's.
        due = clock.due(posted["when"], now(), deciding.schedule.hours)
        choice["due"] = due.at
    if posted.get("became") == "kept":
        choice["evidence"] = line(posted, "evidence")
        if not choice["evidence"]:
            raise Refused("NO_EVIDENCE", _("Say in a line what was done, and how we know."), 422)
        choice["kept_at"] = read_past(posted.get("kept_at", ""), zone, now())
    elif deciding.is_past and "due" not in choice and posted.get("became") != "broken":
        raise Refused("PAST", _("Its time is past. Say whether it was kept."), 422)
    return choice


@require_POST
@members_only
def dismiss(request: MemberRequest, pk: int) -> HttpResponse:
    found = found_promise_for(request.user, pk)
    try:
        found.dismiss(by=request.user)
    except Refused as error:
        return _not_done(request, found, error)
    undo = reverse("found_offer", args=[pk])
    to = f"{found.message.case.get_absolute_url()}#m{found.message_id}"
    return done(request, to, _("Noted: it was no promise."), undo=undo)


@require_POST
@members_only
def offer(request: MemberRequest, pk: int) -> HttpResponse:
    found = found_promise_for(request.user, pk)
    try:
        found.offer_again(by=request.user)
    except Refused as error:
        return _not_done(request, found, error)
    to = f"{found.message.case.get_absolute_url()}#m{found.message_id}"
    return done(request, to, _("It is offered again."))


def _not_done(request: MemberRequest, found: FoundPromise, error: Refused) -> HttpResponse:
    if is_htmx(request):
        return refused(request, error)
    deciding = Deciding(request, found, error)
    context = {"nav": "inbox", "deciding": deciding, "case": deciding.case}
    return page(request, "desk/found/decide.html", context, error.status)


urls = [
    path("cases/<int:pk>/words", words, name="case_words"),
    path("cases/new/words", words_of_new, name="new_words"),
    path("promises/honest", honest, name="promise_honest"),
    path("found/<int:pk>/", found, name="found"),
    path("found/<int:pk>/dismiss", dismiss, name="found_dismiss"),
    path("found/<int:pk>/offer", offer, name="found_offer"),
]
