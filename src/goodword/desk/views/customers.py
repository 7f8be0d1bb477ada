"""Customers: the list, one of them, and every act on one."""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodword.cases.access import customer_for, survivor_of, visible_customers
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.acts import act_on
from goodword.desk.answering import done, is_htmx
from goodword.desk.directory import WHO, Directory, Profile
from goodword.desk.facts import FactsForm
from goodword.desk.shell import page, part
from goodword.desk.typed import key, line
from goodword.desk.views.merging_people import gone_to
from goodword.people.models import Account, ContactPoint, Customer, PinnedNote
from goodword.people.reaching import PointTaken, add_point, read_point, remove_point
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.rights import Right

LONGEST_NOTE = 500
Act = Callable[[MemberRequest, Customer], str]


@require_safe
@members_only
def customers(request: MemberRequest) -> HttpResponse:
    """The list; with HTMX, as somebody types, its rows alone."""
    directory = Directory(request.user, request.GET)
    context = {
        "nav": "customers",
        "directory": directory,
        "who": WHO,
        "may_export": request.user.has(Right.EXPORT),
    }
    if is_htmx(request):
        return part(request, "desk/customers/rows.html", context)
    return page(request, "desk/customers/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def customer_new(request: MemberRequest) -> HttpResponse:
    """Somebody whom we know before there is a case."""
    refusal = None
    if request.method == "POST":
        try:
            made = _added(request)
        except Refused as error:
            refusal = _with_name(request, error)
        else:
            said = _("%(name)s is among the customers.") % {"name": made.name}
            return done(request, reverse("customer", args=[made.pk]), said)
    context: dict[str, object] = {
        "nav": "customers",
        "refusal": refusal,
        "taken": _taken_by(request, refusal),
        "typed": request.POST.dict(),
        "languages": settings.LANGUAGES,
    }
    return page(request, "desk/customers/new.html", context, refusal.status if refusal else 200)


def _added(request: MemberRequest) -> Customer:
    posted = request.POST
    points = [text for name in ("mail", "phone") if (text := line(posted, name, longest=320))]
    for text in points:
        read_point(text)
    with transaction.atomic():
        made = Customer.add(
            line(posted, "name", longest=200),
            by=request.user,
            account=Account.named(line(posted, "account", longest=160)),
            **_facts(posted),
        )
        for text in points:
            add_point(made, text, by=request.user)
    return made


@require_safe
@members_only
def customer(request: MemberRequest, pk: int) -> HttpResponse:
    try:
        return show(request, pk)
    except Http404:
        gone = gone_to(request, survivor_of(request.user, pk), "customer")
        if gone is None:
            raise
        return gone


def show(
    request: MemberRequest, pk: int, *, refusal: Refused | None = None, act: str = ""
) -> HttpResponse:
    """One customer; after a refusal of an act with its sentence and what was typed."""
    found = customer_for(request.user, pk)
    facts = _shown(found)
    context = {
        "nav": "customers",
        "customer": found,
        "profile": Profile(found, request.user, now()),
        "languages": settings.LANGUAGES,
        "may_erase": request.user.has(Right.SIGN) and found.erased_at is None,
        "refusal": refusal,
        "taken": _taken_by(request, refusal),
        "act": act,
        "typed": request.POST.dict(),
        "facts": facts,
        "edited": FactsForm(request.POST, facts).shown() if act == "edit" else facts,
        "came_by": key(request.GET, "merged"),
    }
    status = refusal.status if refusal else 200
    return page(request, "desk/customers/one.html", context, status)


def _taken_by(request: MemberRequest, refusal: Refused | None) -> Customer | None:
    """Whose the address is, for a way to merge; None where this member may not see them."""
    if not isinstance(refusal, PointTaken):
        return None
    return visible_customers(request.user).filter(pk=refusal.point.customer_id).first()


def _with_name(request: MemberRequest, error: Refused) -> Refused:
    """Says whose the address is to whoever may see them."""
    whose = _taken_by(request, error)
    if isinstance(error, PointTaken) and whose is not None:
        sentence = _("%(point)s is %(name)s’s already. If they are one person, merge them.")
        error.sentence = sentence % {"point": error.point.shown, "name": whose.name}
    return error


def _act(name: str, act: Act) -> object:
    return act_on("customer", name, act, find=customer_for, show=show, explain=_with_name)


def pin(request: MemberRequest, found: Customer) -> str:
    text = line(request.POST, "text", longest=LONGEST_NOTE)
    PinnedNote.pin(found, text, by=request.user)
    return _("Pinned. Everybody of ours sees it, and nobody else.")


def unpin(request: MemberRequest, found: Customer) -> str:
    note = found.pinned.filter(pk=key(request.POST, "note")).first()
    if note is None:
        raise Refused("NOT_FOUND", _("This note is not there any more."))
    note.take_down(by=request.user)
    return _("Taken down.")


def reach(request: MemberRequest, found: Customer) -> str:
    text = line(request.POST, "point", longest=320)
    if not text:
        raise Refused("NO_TEXT", _("Write a mail address or a number."), 422)
    point = add_point(found, text, by=request.user)
    return _("%(name)s is reached at %(point)s too.") % {"name": found.given, "point": point.shown}


def unreach(request: MemberRequest, found: Customer) -> str:
    point = _point(request, found)
    remove_point(point, by=request.user)
    return _("%(point)s is removed.") % {"point": point.shown}


def first(request: MemberRequest, found: Customer) -> str:
    """Written to first; pressed once more, the last used one is."""
    point = _point(request, found)
    if point.no_longer_first(by=request.user):
        return _("We use again whichever they used last.")
    point.choose(by=request.user)
    return _("We use %(point)s first from now on.") % {"point": point.shown}


def works(request: MemberRequest, found: Customer) -> str:
    point = _point(request, found)
    point.works_again(by=request.user)
    return _("%(point)s is written to again.") % {"point": point.shown}


def _point(request: MemberRequest, found: Customer) -> ContactPoint:
    point = found.points.filter(pk=key(request.POST, "point")).first()
    if point is None:
        raise Refused("NOT_FOUND", _("This is not there any more."))
    return point


def edit(request: MemberRequest, found: Customer) -> str:
    posted = request.POST
    name = line(posted, "name", longest=200)
    if not name:
        raise Refused("NO_NAME", _("Write their name."), 422)
    organisation = line(posted, "account", longest=160)
    edited = FactsForm(posted, _shown(found))
    fields = {field: value for field, value in _facts(posted).items() if edited.is_typed(field)}
    edited.refuse_to_overwrite(_labels(), _in_words)
    if edited.is_typed("name"):
        fields["name"] = name
    if edited.is_typed("account"):
        fields["account"] = Account.named(organisation)
    found.rewrite(by=request.user, **fields)
    return _("Noted.")


def _shown(found: Customer) -> dict[str, str]:
    """What we know of them, as the form shows it."""
    return {
        "name": found.name,
        "account": found.account.name if found.account else "",
        "language": found.language,
        "about": found.about,
        "since": found.since.isoformat() if found.since else "",
        "is_internal": "1" if found.is_internal else "",
    }


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "account": _("Organisation"),
        "language": _("Language"),
        "about": _("Who they are, in a line"),
        "since": _("With us since"),
        "is_internal": _("One of our own people"),
    }


def _in_words(name: str, value: str) -> str:
    """As the form's reader says it: a language by its name, a day with its month."""
    if name == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    if name == "since":
        return date_format(date.fromisoformat(value))
    return value


def _facts(posted: QueryDict) -> dict[str, object]:
    language = posted.get("language", "")
    if language and language not in dict(settings.LANGUAGES):
        raise Refused("NO_LANGUAGE", _("Choose one of the languages."), 422)
    facts: dict[str, object] = {"language": language, "about": line(posted, "about")}
    if "knows" in posted:
        facts |= {"is_internal": bool(posted.get("is_internal")), "since": _since(posted)}
    return facts


def _since(posted: QueryDict) -> date | None:
    text = line(posted, "since")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("NO_DATE", _("Write the day as 2026-11-19."), 422) from None


urls = [
    path("customers/", customers, name="customers"),
    path("customers/new/", customer_new, name="customer_new"),
    path("customers/<int:pk>/", customer, name="customer"),
    _act("pin", pin),
    _act("unpin", unpin),
    _act("reach", reach),
    _act("unreach", unreach),
    _act("first", first),
    _act("works", works),
    _act("edit", edit),
]
