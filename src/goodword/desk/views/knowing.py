"""Notes with their history, and the dates that matter to somebody."""

from datetime import date

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodword.cases.access import account_for, customer_for, visible_accounts, visible_customers
from goodword.core.refusals import Refused
from goodword.desk.answering import done, is_htmx, refused
from goodword.desk.shell import page
from goodword.desk.typed import key, line
from goodword.desk.views import accounts, customers
from goodword.people.models import Account, CriticalDate, Customer, PinnedNote
from goodword.people.models.dates import Repeats
from goodword.people.models.notes import SomebodyRewrote
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.models import Member


def _of_visible(member: Member) -> Q:
    return Q(customer__in=visible_customers(member)) | Q(account__in=visible_accounts(member))


def note_for(member: Member, pk: int) -> PinnedNote:
    about = ("customer", "account", "by")
    notes = PinnedNote.objects.filter(_of_visible(member), pk=pk).select_related(*about)
    found = notes.first()
    if found is None:
        raise Http404
    return found


def date_for(member: Member, pk: int) -> CriticalDate:
    dates = CriticalDate.objects.filter(_of_visible(member), pk=pk)
    found = dates.select_related("customer", "account").first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def note(request: MemberRequest, pk: int) -> HttpResponse:
    """A note with every version; POST writes a new one, or puts an earlier one up again."""
    seen = note_for(request.user, pk)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            again = bool(request.POST.get("again"))
            seen.rewrite(_text(request, seen), by=request.user, again=again)
            said = _("Kept. The earlier texts stay in its history.")
            return done(request, _page_of(seen), said)
        except Refused as error:
            refusal = error
    versions = list(seen.history())
    theirs = refusal.newest if isinstance(refusal, SomebodyRewrote) else None
    context = {
        "nav": "customers",
        "note": theirs or versions[0],
        "theirs": theirs,
        "mine": request.POST.get("text", "") if request.method == "POST" else versions[0].text,
        "versions": versions,
        "about": seen.customer or seen.account,
        "back": _page_of(seen),
        "refusal": refusal,
    }
    return page(request, "desk/customers/note.html", context, refusal.status if refusal else 200)


def _text(request: MemberRequest, seen: PinnedNote) -> str:
    if earlier := key(request.POST, "version"):
        version = seen.history().filter(pk=earlier).first()
        if version is None:
            raise Refused("NOT_FOUND", _("This text is not there any more."))
        return version.text
    return line(request.POST, "text", longest=customers.LONGEST_NOTE)


@require_POST
@members_only
def customer_date(request: MemberRequest, pk: int) -> HttpResponse:
    return _set(request, customer_for(request.user, pk))


@require_POST
@members_only
def account_date(request: MemberRequest, pk: int) -> HttpResponse:
    return _set(request, account_for(request.user, pk))


def _set(request: MemberRequest, of: Customer | Account) -> HttpResponse:
    posted = request.POST
    try:
        made = CriticalDate.set(
            of,
            line(posted, "name", longest=120),
            _day(line(posted, "on")),
            by=request.user,
            repeats=posted.get("repeats", Repeats.ONCE),
            note=line(posted, "note"),
        )
    except Refused as error:
        if is_htmx(request):
            return refused(request, error)
        if isinstance(of, Customer):
            return customers.show(request, of.pk, refusal=error, act="date")
        return accounts.show(request, of.pk, refusal=error, act="date")
    said = _("Noted. Three days before, their cases come before their equals.")
    return done(request, _page_of(made), said)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("NO_DATE", _("Write the day as 2026-11-25."), 422) from None


@require_POST
@members_only
def date_end(request: MemberRequest, pk: int) -> HttpResponse:
    found = date_for(request.user, pk)
    found.end(by=request.user)
    undo = reverse("date_back", args=[pk])
    said = _("“%(name)s” is taken away.") % {"name": found.name}
    return done(request, _page_of(found), said, undo=undo)


@require_POST
@members_only
def date_back(request: MemberRequest, pk: int) -> HttpResponse:
    found = date_for(request.user, pk)
    found.bring_back(by=request.user)
    return done(request, _page_of(found), _("It is there again."))


def _page_of(row: PinnedNote | CriticalDate) -> str:
    if row.customer_id:
        return reverse("customer", args=[row.customer_id])
    return reverse("account", args=[row.account_id])


urls = [
    path("notes/<int:pk>/", note, name="note"),
    path("customers/<int:pk>/date", customer_date, name="customer_date"),
    path("accounts/<int:pk>/date", account_date, name="account_date"),
    path("dates/<int:pk>/end", date_end, name="date_end"),
    path("dates/<int:pk>/back", date_back, name="date_back"),
]
