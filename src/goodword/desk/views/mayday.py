"""MAYDAY in a case: called for somebody on the phone, had, given back, stood down."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from goodword.cases.mayday import call_mayday, give_mayday_back, stand_mayday_down, take_mayday
from goodword.cases.models import Case, Mayday
from goodword.cases.models.message import Channel
from goodword.core.refusals import Refused
from goodword.desk.acts import case_act
from goodword.desk.answering import done
from goodword.desk.typed import line
from goodword.staff.access import MemberRequest


def _there(found: Case) -> Mayday:
    mayday = Mayday.standing(found)
    if mayday is None:
        raise Refused("NO_MAYDAY", _("No MAYDAY stands here any more."))
    mayday.case = found
    return mayday


def call(request: MemberRequest, found: Case) -> HttpResponse:
    """For somebody who says it on the phone."""
    call_mayday(found, found.customer, by=request.user, channel=Channel.PHONE)
    return done(request, found.get_absolute_url(), _("Whoever is on call was paged."))


def take(request: MemberRequest, found: Case) -> HttpResponse:
    take_mayday(_there(found), by=request.user)
    undo = reverse("case_mayday_back", args=[found.pk])
    said = _("You have it, and they are told your name. Get in touch now.")
    return done(request, f"{found.get_absolute_url()}#mayday", said, undo=undo)


def back(request: MemberRequest, found: Case) -> HttpResponse:
    give_mayday_back(_there(found), by=request.user)
    return done(request, found.get_absolute_url(), _("Nobody has it. The next of us is paged."))


def down(request: MemberRequest, found: Case) -> HttpResponse:
    stand_mayday_down(_there(found), line(request.POST, "reason", longest=300), by=request.user)
    undo = reverse("case_mayday_again", args=[found.pk])
    return done(request, found.get_absolute_url(), _("It is over, and they are told."), undo=undo)


def again(request: MemberRequest, found: Case) -> HttpResponse:
    """It is not over after all."""
    call_mayday(found, found.customer, by=request.user, channel=Channel.PHONE, hears=False)
    return done(request, found.get_absolute_url(), _("It stands again; who is on call is paged."))


urls = [
    case_act("mayday", call),
    case_act("mayday-take", take),
    case_act("mayday-back", back),
    case_act("mayday-down", down),
    case_act("mayday-again", again),
]
