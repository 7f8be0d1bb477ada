"""Files of others: mail in a frame that can do nothing, attachments and raw mail as downloads."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_GET

from goodword.cases.access import attachment_for, message_for
from goodword.channels.mail.access import mail_for
from goodword.channels.mail.showing import document, policy
from goodword.core.downloads import download, picture
from goodword.desk.timeline import AT_FIRST
from goodword.staff.access import MemberRequest, members_only


@require_GET
@members_only
def message(request: MemberRequest, pk: int) -> HttpResponse:
    """A link to one message, for good: it leads to the case in which the message is by now."""
    found = message_for(request.user, pk)
    newer = found.case.messages.filter(at__gte=found.at).count()
    more = f"?messages={newer}" if newer > AT_FIRST else ""
    return redirect(f"{found.case.get_absolute_url()}{more}#m{found.pk}")


@require_GET
@members_only
def message_html(request: MemberRequest, pk: int) -> HttpResponse:
    """The cleaned HTML of a mail, for a sandboxed frame of the case's page and for nothing else."""
    message = message_for(request.user, pk)
    if not message.html:
        raise Http404
    if not _is_for_a_frame(request):
        return redirect(message.case)
    with_remote = request.GET.get("images") == "1"
    response = HttpResponse(document(message, with_remote=with_remote))
    response["Content-Security-Policy"] = policy(with_remote=with_remote)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _is_for_a_frame(request: HttpRequest) -> bool:
    """Browsers say what they fetch it for; an own window would be one wall less."""
    return request.headers.get("Sec-Fetch-Dest", "iframe") in {"iframe", "frame"}


@require_GET
@members_only
def attachment(request: MemberRequest, pk: int) -> FileResponse:
    return download(attachment_for(request.user, pk))


@require_GET
@members_only
def attachment_picture(request: MemberRequest, pk: int) -> HttpResponse:
    """A picture that stands in a message or a draft of ours; any other kind of file is not."""
    return picture(attachment_for(request.user, pk))


@require_GET
@members_only
def raw_mail(request: MemberRequest, pk: int) -> HttpResponse:
    """The mail as it came, byte for byte."""
    mail = mail_for(request.user, pk)
    response = HttpResponse(mail.raw(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{mail.pk}.eml"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urls = [
    path("messages/<int:pk>/", message, name="message"),
    path("messages/<int:pk>/html/", message_html, name="message_html"),
    path("attachments/<int:pk>/", attachment, name="attachment"),
    path("attachments/<int:pk>/picture/", attachment_picture, name="attachment_picture"),
    path("mail/<int:pk>/raw/", raw_mail, name="raw_mail"),
]
