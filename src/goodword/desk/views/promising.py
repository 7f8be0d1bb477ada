"""What a member does with a promise: keep it, ask to move it, hand it on, warn, give one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.cases.access import case_for, customer_for, promise_for, workable_cases
from goodword.cases.models import Case, Draft
from goodword.cases.waiting import ask_and_pause
from goodword.cases.warning import forewarn
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import clocktime, plain_time
from goodword.core.time import now
from goodword.desk.acts import act_on
from goodword.desk.answering import done, moved_on
from goodword.desk.models import AlreadySent, SentForm, new_token
from goodword.desk.presets import FORMS, Preset, presets, schedule_of
from goodword.desk.shell import business_of, page
from goodword.desk.times import read_when
from goodword.desk.typed import key, line, number, words
from goodword.desk.views.promises import show
from goodword.promises.kinds import GIVEN_BY_HAND, Kind, State
from goodword.promises.models import MoveRequest, Promise
from goodword.promises.pausing import lift
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member

LONGEST_PROMISE = 500
MOST_CASES = 20
Act = Callable[[MemberRequest, Promise], str]


def _act(name: str, act: Act) -> object:
    return act_on("promise", name, act, find=promise_for, show=show)


def keep(request: MemberRequest, promise: Promise) -> str:
    evidence = line(request.POST, "evidence")
    if not promise.keep(by=request.user, evidence=evidence):
        raise Refused("ENDED", _("This was kept or ended already."))
    if promise.state == State.KEPT_LATE:
        return _("Kept, late. It says so on %(name)s’s page.") % {"name": promise.customer.given}
    return _("Kept. %(name)s sees it on their page.") % {"name": promise.customer.given}


def move(request: MemberRequest, promise: Promise) -> str:
    reason = line(request.POST, "reason")
    if not reason:
        raise Refused("NO_TEXT", _("Say in a line why; they will want to know."), 422)
    to = _when(request, promise.case)
    promise.ask_to_move(to, by=request.user, reason=reason)
    said = _("Asked. It stays due %(due)s until %(name)s says yes.")
    return said % {"due": clocktime(promise.due), "name": promise.customer.given}


def answer(request: MemberRequest, promise: Promise) -> str:
    """The customer asked for another time: yes, or no with a reason."""
    asked = _asked_by_customer(promise)
    if request.POST.get("answer") == "yes":
        after = asked.agree(by=request.user)
        return _("Agreed. It is due %(due)s now.") % {"due": clocktime(after.due)}
    reason = line(request.POST, "words")
    if not reason:
        raise Refused(
            "NO_TEXT",
            _("Say in a line why not; %(name)s reads it.") % {"name": promise.customer.given},
            422,
        )
    asked.decline(by=request.user, answer=reason)
    return _("Declined. %(name)s reads your reason.") % {"name": promise.customer.given}


def _asked_by_customer(promise: Promise) -> MoveRequest:
    asked: MoveRequest | None = promise.move_requests.filter(
        state="asked", by_customer__isnull=False
    ).first()
    if asked is None:
        raise Refused("ANSWERED", _("Nobody waits for an answer about this any more."))
    asked.promise = promise
    return asked


def hand(request: MemberRequest, promise: Promise) -> str:
    if not promise.is_outstanding:
        raise Refused("ENDED", _("This was kept or ended already."))
    team = promise.case.team.members.filter(is_active=True)
    to: Member | None = team.filter(pk=key(request.POST, "member")).first()
    if to is None:
        raise Refused("NO_OWNER", _("Choose a colleague of the team."), 422)
    if promise.offer_to(to, by=request.user):
        return _("You keep it now. Its time stands.")
    said = _("%(name)s is asked. Until they say yes, %(owner)s keeps it.")
    return said % {"name": to.name, "owner": promise.owner.name}


def accept(request: MemberRequest, promise: Promise) -> str:
    promise.accept(by=request.user)
    return _("You keep it now. Its time stands.")


def decline(request: MemberRequest, promise: Promise) -> str:
    owner = promise.owner.name
    promise.decline_offer(by=request.user)
    return _("%(name)s keeps it.") % {"name": owner}


def pause(request: MemberRequest, promise: Promise) -> str:
    """Ask what the work waits for; its clock stands until they answer."""
    question = line(request.POST, "question", longest=500)
    told = words(request.POST, "words")
    ask_and_pause(promise, question, by=request.user, words=told, seen=number(request.POST, "seen"))
    said = _("Paused. %(name)s sees the question, and can say that you should not wait.")
    return said % {"name": promise.customer.given}


def resume(request: MemberRequest, promise: Promise) -> str:
    if not lift(promise, by=request.user):
        raise Refused("ENDED", _("Its clock runs already."))
    return _("Its clock goes on. It counts until %(when)s.") % {
        "when": clocktime(promise.breaks_at)
    }


def warn(request: MemberRequest, promise: Promise) -> str:
    """“I can’t keep this”: they are told first, then it is noted that they know."""
    told = words(request.POST, "words")
    if not told:
        raise Refused("NO_TEXT", _("Write what you tell them; they must hear it from you."), 422)
    to = _when(request, promise.case) if request.POST.get("due", "").strip() else None
    called = request.POST.get("how") == "called"
    seen = number(request.POST, "seen")
    forewarn(promise, told, by=request.user, called=called, to=to, seen=seen)
    return _("%(name)s knows.") % {"name": promise.customer.given}


def _when(request: MemberRequest, case: Case) -> datetime:
    schedule = schedule_of(case, business_of(request))
    return read_when(request.POST.get("due", ""), schedule.hours.zone_info, now())


@require_POST
@members_only
def write(request: MemberRequest, pk: int) -> HttpResponse:
    """A draft that asks them for the other time, for the composer; a draft of mine stays."""
    promise = promise_for(request.user, pk)
    asked = promise.move_requests.filter(state="asked", by_member__isnull=False).first()
    case = promise.case
    if asked is not None and not case.drafts.filter(member=request.user, mode="reply").exists():
        facts = {"text": promise.text, "due": plain_time(promise.due), "to": plain_time(asked.to)}
        text = _("“%(text)s”: we said %(due)s. Would %(to)s suit you?") % facts
        text = f"{text}\n\n{asked.reason}".strip()
        Draft.keep(case, request.user, "reply", text, {"text": [text]})
    return redirect(f"{case.get_absolute_url()}?mode=reply#composer")


# Giving a word


@dataclass
class Giving:
    """The form “Give your word”, and the case that it is for once one is chosen."""

    request: MemberRequest
    case: Case | None
    refusal: Refused | None = None
    form_id: str = field(default_factory=new_token)

    @property
    def typed(self) -> dict[str, Any]:
        usual = {"kind": Kind.CALLBACK.value, "text": "", "when": "", "due": "", "opens": ""}
        return {**usual, **self.request.POST.dict()}

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in GIVEN_BY_HAND]

    @property
    def presets(self) -> list[Preset]:
        assert self.case is not None
        return presets(schedule_of(self.case, business_of(self.request)), now())

    @property
    def zone(self) -> str:
        assert self.case is not None
        return schedule_of(self.case, business_of(self.request)).zone

    @property
    def query(self) -> str:
        return " ".join(self.request.GET.get("q", "").replace("\0", "").split())[:100]

    @property
    def cases(self) -> list[Case]:
        """Cases to choose from: of one customer, or found by reference or name; else mine."""
        found = workable_cases(self.request.user).with_people()
        customer = number(self.request.GET, "customer")
        if customer is not None:
            found = found.filter(customer=customer_for(self.request.user, customer))
        elif self.query:
            named = Q(customer__name__istartswith=self.query)
            named |= Q(customer__name__icontains=f" {self.query}")
            found = found.filter(Q(reference__iexact=self.query) | named)
        else:
            found = found.filter(owner=self.request.user).exclude(move="settled")
        return list(found.exclude(move="aside").order_by("-last_at", "-id")[:MOST_CASES])


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def give(request: MemberRequest) -> HttpResponse:
    chosen = number(request.POST, "case") or number(request.GET, "case")
    giving = Giving(request, case_for(request.user, chosen) if chosen else None)
    if request.method == "POST":
        try:
            return _given(giving)
        except Refused as error:
            giving.refusal = error
            giving.form_id = request.POST.get("form_id") or giving.form_id
    status = giving.refusal.status if giving.refusal else 200
    context = {"nav": "promises", "giving": giving, "case": giving.case}
    return page(request, "desk/promises/give.html", context, status)


def _given(giving: Giving) -> HttpResponse:
    request, case = giving.request, giving.case
    if case is None:
        raise Refused("NO_CASE", _("Choose the case that it is about."), 422)
    try:
        with transaction.atomic():
            SentForm.claim(request.POST.get("form_id", ""), request.user)
            promise = Promise.make(
                case, by=request.user, owner=request.user, **_word(request, case)
            )
    except AlreadySent:
        return moved_on(request, case.get_absolute_url(), _("That was given already, once."))
    said = _("Your word is given, by %(when)s.") % {"when": clocktime(promise.due)}
    return done(request, reverse("promise", args=[promise.pk]), said)


def _word(request: MemberRequest, case: Case) -> dict[str, Any]:
    """The arguments of Promise.make, from the form."""
    posted = request.POST
    kind = posted.get("kind", "")
    if kind not in GIVEN_BY_HAND:
        raise Refused("NO_KIND", _("Choose what kind of promise this is."), 422)
    word: dict[str, Any] = {"kind": kind, "text": line(posted, "text", longest=LONGEST_PROMISE)}
    if not word["text"]:
        raise Refused("NO_TEXT", _("Say what they will have, in words they would use."), 422)
    if not posted.get("due", "").strip() and posted.get("when") in FORMS:
        return {**word, "form": posted["when"]}
    word["due"] = _when(request, case)
    if kind == Kind.ARRIVAL_WINDOW and posted.get("opens", "").strip():
        schedule = schedule_of(case, business_of(request))
        word["opens"] = read_when(posted["opens"], schedule.hours.zone_info, now())
        if word["opens"] >= word["due"]:
            raise Refused("NO_TIME", _("The window ends before it begins."), 422)
    return word


urls = [
    path("promises/new", give, name="promise_new"),
    _act("keep", keep),
    _act("move", move),
    _act("answer", answer),
    _act("hand", hand),
    _act("accept", accept),
    _act("decline", decline),
    _act("pause", pause),
    _act("resume", resume),
    _act("warn", warn),
    path("promises/<int:pk>/write", write, name="promise_write"),
]
