"""A new case: for somebody on the phone or at the counter, or by writing first."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases.access import customer_for
from goodword.cases.mayday import call_mayday
from goodword.cases.models import Case
from goodword.cases.opening import IN_PERSON, hear_in_person, meet, write_first
from goodword.cases.replying import Then
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.answering import moved_on
from goodword.desk.found_words import FoundWords
from goodword.desk.models import AlreadySent, SentForm, new_token
from goodword.desk.presets import FORMS, Preset, presets
from goodword.desk.shell import business_of, page
from goodword.desk.times import read_when
from goodword.desk.typed import line, number, words
from goodword.people.models import Customer
from goodword.promises.kinds import GIVEN_BY_HAND, Kind
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Schedule, Team

HOW = ("phone", "counter", "write")
LONGEST_PROMISE = 500
LONGEST_NAME = 200


@dataclass
class Opening:
    """The form, with what was typed into it and the customer who is known already."""

    request: MemberRequest
    customer: Customer | None
    refusal: Refused | None = None
    form_id: str = field(default_factory=new_token)

    @property
    def typed(self) -> dict[str, Any]:
        how = self.request.GET.get("how", "phone")
        usual = {
            "how": how if how in HOW else "phone",
            "then": Then.PROMISE.value,
            "kind": Kind.CALLBACK.value,
            "takes": "yes",
        }
        if self.request.method == "POST":
            usual["takes"] = ""
        return {**usual, **self.request.POST.dict()}

    @property
    def teams(self) -> list[Team]:
        """Every team may be given a case; those of the member stand first."""
        mine = set(self.request.user.teams.values_list("pk", flat=True))
        return sorted(Team.objects.all(), key=lambda team: (team.pk not in mine, team.name))

    @property
    def presets(self) -> list[Preset]:
        return presets(self.schedule, now())

    @property
    def schedule(self) -> Schedule:
        return business_of(self.request).schedule

    @property
    def zone(self) -> str:
        return self.schedule.zone

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in GIVEN_BY_HAND]

    @property
    def writes(self) -> bool:
        return bool(self.typed["how"] == "write")

    @cached_property
    def found(self) -> FoundWords:
        """The promises in what they are told, by mail or in person."""
        text = self.request.POST.get("words" if self.writes else "said", "").replace("\0", "")
        whom = self.customer.given if self.customer else self.typed.get("name", "").split(" ")[0]
        return FoundWords(text, self.request.POST, self.schedule, whom[:60] or _("them"))

    @property
    def thens(self) -> list[tuple[str, str]]:
        """Nothing was said yet, so there is nothing to ask about being settled."""
        return [(then.value, str(then.label)) for then in Then if then != Then.ASK]


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def new(request: MemberRequest) -> HttpResponse:
    known = number(request.POST, "customer") or number(request.GET, "customer")
    opening = Opening(request, customer_for(request.user, known) if known else None)
    if request.method == "POST":
        try:
            return _opened(opening)
        except AlreadySent:
            return _sent_before(request)
        except Refused as error:
            opening.refusal = error
            opening.form_id = request.POST.get("form_id") or opening.form_id
    status = opening.refusal.status if opening.refusal else 200
    return page(request, "desk/opening/page.html", {"nav": "inbox", "opening": opening}, status)


def _opened(opening: Opening) -> HttpResponse:
    request = opening.request
    opening.found.must_be_seen()
    with transaction.atomic():
        SentForm.claim(request.POST.get("form_id", ""), request.user)
        customer = opening.customer or _met(request)
        if request.POST.get("how") == "write":
            case = _written(opening, customer)
        else:
            case = _heard(opening, customer)
    said = _("%(reference)s is open for %(name)s.")
    facts = {"reference": case.reference, "name": customer.name}
    return moved_on(request, case.get_absolute_url(), said % facts)


def _met(request: MemberRequest) -> Customer:
    return meet(
        name=line(request.POST, "name", longest=LONGEST_NAME),
        mail=line(request.POST, "mail", longest=320),
        number=line(request.POST, "number", longest=60),
        by=request.user,
    )


def _heard(opening: Opening, customer: Customer) -> Case:
    posted = opening.request.POST
    how = posted.get("how", "")
    stopped = bool(posted.get("mayday"))
    case = hear_in_person(
        customer,
        words(posted, "words") or (str(_("Their business is stopped.")) if stopped else ""),
        by=opening.request.user,
        channel=how if how in IN_PERSON else "",
        title=line(posted, "title"),
        team=_team(opening.request),
        said=words(posted, "said"),
        answers=bool(posted.get("answers")),
        promises=[*_promises(opening), *opening.found.still()],
        chosen=opening.found.chosen(),
        takes=bool(posted.get("takes")),
    )
    if stopped:
        call_mayday(case, customer, by=opening.request.user, channel=how, hears=False)
    return case


def _written(opening: Opening, customer: Customer) -> Case:
    posted = opening.request.POST
    then = posted.get("then", "")
    case, _message = write_first(
        customer,
        words(posted, "words"),
        by=opening.request.user,
        title=line(posted, "title"),
        then=then if then in Then.values else Then.PROMISE,
        team=_team(opening.request),
        question=line(posted, "question", longest=500),
        promises=[
            *(_promises(opening) if then in ("", Then.PROMISE) else ()),
            *opening.found.still(),
        ],
        chosen=opening.found.chosen(),
        no_time_because=opening.found.because,
    )
    return case


def _team(request: MemberRequest) -> Team | None:
    asked = number(request.POST, "team")
    return Team.objects.filter(pk=asked).first() if asked is not None else None


def _promises(opening: Opening) -> list[dict[str, Any]]:
    """The one promise of the form, where something was promised."""
    posted = opening.request.POST
    text = line(posted, "promise", longest=LONGEST_PROMISE)
    due = posted.get("due", "").strip()
    if not (text or due):
        return []
    if posted.get("kind") not in GIVEN_BY_HAND:
        raise Refused("NO_KIND", _("Choose what kind of promise this is."), 422)
    word: dict[str, Any] = {"kind": posted["kind"], "text": text}
    if not due and posted.get("when") in FORMS:
        return [{**word, "form": posted["when"]}]
    return [{**word, "due": read_when(due, opening.schedule.hours.zone_info, now())}]


def _sent_before(request: MemberRequest) -> HttpResponse:
    """The first of the two clicks made the case; go where it went."""
    mine = Case.objects.filter(entries__kind="case_opened", entries__member=request.user)
    newest = mine.order_by("-id").first()
    to = newest.get_absolute_url() if newest else "/today/"
    return moved_on(request, to, _("That case was opened already, once."))


urls = [path("cases/new/", new, name="case_new")]
