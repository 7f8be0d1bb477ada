"""Erasing a person at their wish: what goes and what stays, then the name, typed."""

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.cases.access import customer_for
from goodword.core.refusals import Refused
from goodword.desk.answering import done
from goodword.desk.shell import page
from goodword.desk.typed import line
from goodword.erasing import erase, wish_of
from goodword.staff.access import MemberRequest, needs
from goodword.staff.rights import Right


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SIGN)
def customer_erase(request: MemberRequest, pk: int) -> HttpResponse:
    found = customer_for(request.user, pk)
    refusal = None
    if request.method == "POST":
        try:
            erase(found, by=request.user, typed=line(request.POST, "name", longest=200))
        except Refused as error:
            refusal = error
        else:
            said = _("Erased. Their words and their name are gone from the desk.")
            return done(request, reverse("customer", args=[pk]), said)
    context = {
        "nav": "customers",
        "customer": found,
        "wish": wish_of(found),
        "refusal": refusal,
        "typed": request.POST.dict(),
    }
    return page(request, "desk/customers/erase.html", context, refusal.status if refusal else 200)


urls = [path("customers/<int:pk>/erase", customer_erase, name="customer_erase")]
