"""What stands under a member's messages, and under those of whoever has nothing of their own."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodword.core.refusals import Refused
from goodword.desk.answering import moved_on
from goodword.desk.shell import business_of, page
from goodword.staff.access import MemberRequest, members_only
from goodword.staff.rights import Right
from goodword.staff.signatures import LONGEST, sign_with, signature_of


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def signature(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request)
    try:
        return _changed(request)
    except Refused as error:
        request.refusal = error  # type: ignore[attr-defined]
        return _shown(request, error.status)


def _changed(request: MemberRequest) -> HttpResponse:
    me, what = request.user, request.POST.get("do", "")
    text = request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")
    if what == "forget":
        sign_with(me, None, by=me)
        said = _("The business’s signature stands under your messages again.")
    elif what == "mine":
        sign_with(me, text, by=me)
        said = _("Kept. It stands under your messages from now on.")
    else:
        return redirect("my_signature")
    return moved_on(request, request.path, said)


def _shown(request: MemberRequest, status: int = 200) -> HttpResponse:
    me, business = request.user, business_of(request)
    typed = {request.POST.get("do", ""): request.POST.get("text", "")}
    usual = str(business.setting("signature"))
    context: dict[str, object] = {
        "mine": typed.get("mine", usual if me.signature is None else me.signature),
        "has_own": me.signature is not None,
        "may_set": me.has(Right.SETTINGS),
        "signature": signature_of(me, business),
        "longest": LONGEST,
    }
    return page(request, "desk/me/signature.html", context, status)


urls = [path("me/signature/", signature, name="my_signature")]
