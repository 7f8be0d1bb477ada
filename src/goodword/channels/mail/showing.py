"""The HTML of a mail as a document of its own, for a frame that can do nothing.

Pictures of the mail itself stand in the document: in a frame without an origin the browser
sends no cookies, so a picture behind the door could not be fetched from there.
"""

import base64
import html
import re
from urllib.parse import unquote

from goodword.cases.models import Message
from goodword.core import files
from goodword.core.pictures import raster_kind

# A picture that is named a thousand times is written a thousand times: this counts them all.
MOST_PICTURE_BYTES = 12 * 1024 * 1024
_CID = re.compile(r'(<img\b(?:[^<>"]|"[^"]*")*?) src="cid:([^"]{1,600})"', re.IGNORECASE)
_REMOTE = re.compile(r'(<img\b(?:[^<>"]|"[^"]*")*?) data-remote-src="', re.IGNORECASE)
_LOOK = (
    "html{color-scheme:light;background:#fff}"
    "body{margin:0;padding:16px;font:15px/1.5 system-ui,sans-serif;color:#1d2333;"
    "overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}"
    "pre{white-space:pre-wrap}blockquote{margin:0 0 0 4px;padding-left:12px;"
    "border-left:2px solid #c3c9d1;color:#4a5262}"
    "img[data-remote-src]{min-width:1.5em;min-height:1.5em;border:1px dashed #8a919c}"
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{images}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def document(message: Message, *, with_remote: bool) -> str:
    """The whole document. Pictures on other servers only where somebody asked for them."""
    body = _CID.sub(_Pictures(message), message.html)
    if with_remote:
        body = _REMOTE.sub(r'\1 src="', body)
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title></title>'
        '<meta name="referrer" content="no-referrer">'
        f"<style>{_LOOK}</style></head><body>{body}</body></html>"
    )


def policy(*, with_remote: bool) -> str:
    """The Content-Security-Policy of the document: no script, no origin, nothing fetched."""
    return _POLICY.format(images=" https: http:" if with_remote else "")


class _Pictures:
    """Writes each picture that the mail carries in place of its Content-ID."""

    def __init__(self, message: Message) -> None:
        named = message.attachments.exclude(content_id="")
        self._files = {each.content_id: each for each in named}
        self._left = MOST_PICTURE_BYTES

    def __call__(self, found: re.Match[str]) -> str:
        name = unquote(html.unescape(found.group(2))).strip("<> ")
        kept = self._files.get(name)
        if kept is None or kept.size > self._left:
            return found.group(1)
        try:
            content = files.read(kept.sha256)
        except FileNotFoundError:
            return found.group(1)
        kind = raster_kind(content)
        if kind is None:
            return found.group(1)
        self._left -= kept.size
        coded = base64.b64encode(content).decode("ascii")
        return f'{found.group(1)} src="data:{kind};base64,{coded}"'
