"""Every act on a case but writing: take, hand over, put to rest, set aside, and the way back."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases import several
from goodword.cases.access import case_for, visible_cases
from goodword.cases.joining import must_answer_for
from goodword.cases.models import BulkAct, Case, CaseLink, Message, OutgoingMessage
from goodword.cases.models.several import Doing
from goodword.core.refusals import Refused
from goodword.desk.acts import case_act
from goodword.desk.answering import done, is_htmx, moved_on
from goodword.desk.forms import AsideForm
from goodword.desk.shell import page, part
from goodword.desk.typed import key, whole
from goodword.people.models import Customer, PinnedNote
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right

Row = TypeVar("Row", bound=Model)


def _url(found: Case, act: str) -> str:
    return reverse(f"case_{act}", args=[found.pk])


def _undo_of(act: BulkAct) -> str:
    return reverse("several_undo", args=[act.pk])


def take(request: MemberRequest, found: Case) -> HttpResponse:
    act = several.just(request.user, Doing.TAKE, found)
    return done(request, found.get_absolute_url(), _("You have it."), undo=_undo_of(act))


def accept(request: MemberRequest, found: Case) -> HttpResponse:
    found.accept(by=request.user)
    return done(request, found.get_absolute_url(), _("You have it now, and what it promised."))


def decline(request: MemberRequest, found: Case) -> HttpResponse:
    found.decline(by=request.user)
    said = _("%(name)s keeps it.") % {"name": found.owner.given}
    return _answer_or_leave(request, found, said)


def offer(request: MemberRequest, found: Case) -> HttpResponse:
    to = _named(Member.objects.active(), request.POST.get("member"), _("Choose who is asked."))
    act = several.just(request.user, Doing.HAND, found, {"member": to.pk})
    said = _("%(name)s is asked. It stays with %(owner)s until then.")
    said = said % {"name": to.given, "owner": found.owner.given}
    return done(request, found.get_absolute_url(), said, undo=_undo_of(act))


def team(request: MemberRequest, found: Case) -> HttpResponse:
    to = _named(Team.objects.all(), request.POST.get("team"), _("Choose the team."))
    act = several.just(request.user, Doing.TEAM, found, {"team": to.pk})
    said = _("%(team)s has it; %(name)s answers for it until somebody takes it.")
    said = said % {"team": to.name, "name": to.duty.given}
    return _answer_or_leave(request, found, said, undo=_undo_of(act))


def rest(request: MemberRequest, found: Case) -> HttpResponse:
    found.rest(by=request.user)
    said = _("Put to rest. Any new word of %(name)s brings it back.")
    said = said % {"name": found.customer.given}
    return done(request, found.get_absolute_url(), said, undo=_url(found, "wake"))


def wake(request: MemberRequest, found: Case) -> HttpResponse:
    found.wake(by=request.user)
    said = _("It needs an answer after all. The clock counts from when they wrote.")
    return done(request, found.get_absolute_url(), said)


def back(request: MemberRequest, found: Case) -> HttpResponse:
    found.bring_back(by=request.user)
    return done(request, found.get_absolute_url(), _("Back in the queue."))


def let_in(request: MemberRequest, found: Case) -> HttpResponse:
    must_answer_for(found, request.user)
    stranger = _stranger(request, found)
    found.let_in(stranger, by=request.user)
    said = _("%(name)s reads along from now on.") % {"name": stranger.name}
    return done(request, found.get_absolute_url(), said)


def part_from(request: MemberRequest, found: Case) -> HttpResponse:
    must_answer_for(found, request.user)
    new = found.part_from(_stranger(request, found), by=request.user)
    said = _("They have a case of their own now: %(reference)s.") % {"reference": new.reference}
    return done(request, found.get_absolute_url(), said)


def shut_out(request: MemberRequest, found: Case) -> HttpResponse:
    must_answer_for(found, request.user)
    along = found.participants.filter(role="copy").select_related("customer")
    row = along.filter(customer=key(request.POST, "customer")).first()
    if row is None:
        raise Refused("NOT_JOINED", _("They do not read along."))
    found.shut_out(row.customer, by=request.user)
    said = _("%(name)s gets no more copies, and their link no longer opens the page.")
    return done(request, found.get_absolute_url(), said % {"name": row.customer.name})


def new_link(request: MemberRequest, found: Case) -> HttpResponse:
    """For a link that came into the wrong hands: the next mail carries a new one."""
    must_answer_for(found, request.user)
    CaseLink.for_customer(found, found.customer)
    for link in CaseLink.leading(found, found.customer):
        link.revoke(by=request.user)
    said = _("The old link no longer opens the page. The next mail carries a new one.")
    return done(request, found.get_absolute_url(), said)


def pin(request: MemberRequest, found: Case) -> HttpResponse:
    PinnedNote.pin(found.customer, request.POST.get("text", ""), by=request.user)
    return done(request, found.get_absolute_url(), _("Pinned. Everybody of ours sees it."))


def unpin(request: MemberRequest, found: Case) -> HttpResponse:
    pins = PinnedNote.objects.filter(customer=found.customer_id)
    _named(pins, request.POST.get("note"), _("It is not there.")).take_down(by=request.user)
    return done(request, found.get_absolute_url(), _("Taken down."))


def again(request: MemberRequest, found: Case) -> HttpResponse:
    """Send a message again that came back, to another address where one is given."""
    copies = OutgoingMessage.objects.select_related("message__case", "point")
    there = copies.filter(message__case=found)
    copy = _named(there, request.POST.get("copy"), _("It is not there."))
    copy.send_again(by=request.user, address=request.POST.get("address", "").strip().lower())
    said = _("It is on its way again, to %(address)s.") % {"address": copy.address}
    return done(request, found.get_absolute_url(), said)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def aside(request: MemberRequest, pk: int) -> HttpResponse:
    """Not a customer: what it is, and a rule for the sender where one is wanted."""
    found = case_for(request.user, pk)
    form = AsideForm(request.POST or None)
    sender = _sender(found)
    if request.method == "POST" and form.is_valid():
        rule_for = sender if form.cleaned_data["rule"] else ""
        found.set_aside(form.cleaned_data["reason"], by=request.user, rule_for=rule_for)
        said = _("Set aside. The sender is told nothing.")
        return done(request, found.get_absolute_url(), said, undo=_url(found, "back"))
    status = 422 if request.method == "POST" else 200
    context = {"case": found, "form": form, "sender": sender, "nav": "inbox"}
    return _dialog(request, "aside", context, status)


@require_http_methods(["GET", "HEAD"])
@members_only
def hand(request: MemberRequest, pk: int) -> HttpResponse:
    """Whom to ask, and which team."""
    found = case_for(request.user, pk)
    others = Member.objects.active().able(Right.OWN).filter(is_contractor=False).order_by("name")
    if found.is_taken:
        others = others.exclude(pk=found.owner_id)
    teams = Team.objects.exclude(pk=found.team_id).select_related("duty")
    context = {"case": found, "members": others, "teams": teams, "nav": "inbox"}
    return _dialog(request, "hand", context)


def _dialog(
    request: MemberRequest, name: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """The form alone for a dialog, or a page of its own without JavaScript."""
    if is_htmx(request):
        return part(request, f"desk/case/{name}.html", context, status)
    return page(request, "desk/case/form_page.html", {**context, "form_part": name}, status)


def _sender(found: Case) -> str:
    heard = found.messages.filter(direction="in").exclude(from_address="").order_by("id")
    first: Message | None = heard.first()
    return first.from_address.lower() if first else found.customer.mail_address()


def _answer_or_leave(
    request: MemberRequest, found: Case, said: str, *, undo: str = ""
) -> HttpResponse:
    """Back to the case, or to the inbox for whoever no longer sees the case."""
    if visible_cases(request.user).filter(pk=found.pk).exists():
        return done(request, found.get_absolute_url(), said, undo=undo)
    return moved_on(request, reverse("inbox"), said, undo=undo)


def _stranger(request: MemberRequest, found: Case) -> Customer:
    joined = found.participants.filter(role="unconfirmed").select_related("customer")
    row = joined.filter(customer=key(request.POST, "customer")).first()
    if row is None:
        raise Refused("NOT_JOINED", _("Nobody is waiting to be let in."))
    return row.customer


def _named(rows: QuerySet[Row], asked: str | None, otherwise: str) -> Row:
    """The row that a form names, or a refusal that says what to choose."""
    found = rows.filter(pk=whole(asked or "") or 0).first()
    if found is None:
        raise Refused("NOT_CHOSEN", otherwise, 422)
    return found


urls = [
    case_act("take", take),
    case_act("accept", accept),
    case_act("decline", decline),
    case_act("offer", offer),
    case_act("team", team),
    case_act("rest", rest),
    case_act("wake", wake),
    case_act("back", back),
    case_act("let-in", let_in),
    case_act("part", part_from),
    case_act("shut-out", shut_out),
    case_act("new-link", new_link),
    case_act("pin", pin),
    case_act("unpin", unpin),
    case_act("again", again),
    path("cases/<int:pk>/aside", aside, name="case_aside"),
    path("cases/<int:pk>/hand", hand, name="case_hand"),
]
