"""What the server itself says when it cannot hand a request to Django, in plain words."""

from http import HTTPStatus

from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.core.server.asgi import Send

WORDS: dict[int, Promise | str] = {
    400: _("This request could not be understood. Nothing was saved. Go back and try it again."),
    401: _("You are not signed in. Sign in, then open this page again."),
    403: _("You may not open this."),
    405: _("This address can only be read."),
    408: _("Your request did not arrive in full in time. Nothing was saved. Please send it again."),
    413: _(
        "What you sent is larger than %(megabytes)d MB, the most that is taken at once. "
        "Nothing was saved. Send a smaller file, or several messages."
    ),
    429: _("You have too many pages of this desk open. Close some of them."),
    431: _("Your browser sent more cookies or headers than are taken. Delete this site's cookies."),
    500: _("Something went wrong here. It has been noted. Go back and try it again."),
    503: _(
        "The desk has more to do at this moment than it can. Nothing was saved. "
        "Please try again in %(seconds)d seconds."
    ),
    507: _(
        "There is no room left on the disk of this desk. Nothing was saved. "
        "Keep your text and tell the person who runs the desk."
    ),
}


class Refusal(Exception):
    """A request that Django never sees. `numbers` fill the places in the words."""

    def __init__(self, status: int, *, close: bool = False, **numbers: int) -> None:
        super().__init__(status)
        self.status = status
        self.close = close
        self.numbers = numbers

    def body(self) -> bytes:
        if not settings.configured:
            return HTTPStatus(self.status).phrase.encode()
        with override(settings.LANGUAGE_CODE):
            text = escape(str(WORDS[self.status]) % self.numbers)
        language = escape(settings.LANGUAGE_CODE)
        page = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{self.status}'
        return f"{page}</title><p>{text}</p></html>\n".encode()

    def headers(self, body: bytes) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"x-frame-options", b"DENY"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        ]
        if "seconds" in self.numbers:
            headers.append((b"retry-after", str(self.numbers["seconds"]).encode()))
        if self.close:
            headers.append((b"connection", b"close"))
        return headers

    async def send_to(self, send: Send) -> None:
        body = self.body()
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": self.headers(body)})
        await send({"type": "http.response.body", "body": body})

    def raw(self) -> bytes:
        """The whole answer as bytes, for a connection that has no request to answer yet."""
        body = self.body()
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n".encode()
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers(body))
        return head + lines + b"\r\n" + body
