"""The hours of a contract: which opening hours count for the customers of one organisation."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from goodword.cases.access import account_for
from goodword.promises.models import Promise
from goodword.settings.editing import Editing, past, show
from goodword.settings.subjects.accounts import AgreedHours
from goodword.settings.views.doors import manages, reads_and_writes
from goodword.settings.views.hours import schedules
from goodword.settings.weeks import in_a_line
from goodword.staff.access import MemberRequest


@reads_and_writes
@manages
def one(request: MemberRequest, pk: int) -> HttpResponse:
    account = account_for(request.user, pk)
    editing = Editing(request, AgreedHours(str(pk)))
    assert editing.there is not None
    to = {"hours": request.POST.get("hours", "")} if request.method == "POST" else editing.there
    if request.method == "POST" and editing.save(to, _saved(to["hours"])):
        return redirect("account", pk)
    context = {
        "here": "hours",
        "account": account,
        "editing": editing,
        "chosen": to["hours"],
        "choices": [(each.name, in_a_line(each.hours, each.today)) for each in schedules()],
        "promised": Promise.objects.open().filter(case__customer__account=account).count(),
        "past": past(editing.subject.name),
    }
    return show(request, "settings/hours/account.html", context, editing.status)


def _saved(hours: str) -> str:
    if hours:
        return _("From now on their promises are counted in “%(name)s”.") % {"name": hours}
    return _("From now on the hours of the team that answers count for them.")


urls = [path("accounts/<int:pk>/", one, name="settings_account")]
