"""The HTML part of an outgoing mail: one column that every client shows, by day and by night.

Styles stand on the elements, since Gmail and Outlook drop the rest; there are no colours, so
that a client that turns a mail dark turns all of it; nothing is fetched from anywhere.
"""

import html
import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

# Gmail shows the first 102 KB of a mail, and hides the rest behind a link.
CLIPPED_AT = 100_000
_LINK = re.compile(r"https?://[^\s<>\"'\u2018-\u201d]+[^\s<>\"'\u2018-\u201d.,;:!?)\]]")
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;line-height:1.5"
_PARAGRAPH = "margin:0 0 1em"
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title></title>
</head>
<body style="margin:0;padding:16px">
<div style="max-width:640px;font-size:16px;{font}">
{text}
</div>
</body>
</html>
"""


def page(text: str, clean_html: str | None, foot: Sequence[str], language: str) -> str:
    """The whole document. `clean_html`, already clean, stands in place of `text`.

    The lines under the message come first where it is so long that some would never see them.
    """
    spoken = clean_html if clean_html is not None else paragraphs(text)
    feet = "\n".join(paragraphs(line) for line in foot)
    small = f'<div style="font-size:13px">\n{feet}\n</div>'
    is_long = len(spoken.encode("utf-8", "replace")) > CLIPPED_AT
    parts = (_long() + small, spoken) if is_long else (spoken, small)
    whole = "\n".join(parts)
    return _PAGE.format(language=html.escape(language), text=whole, font=_FONT)


def _long() -> str:
    said = _("This message is long. Some mail programs show only its beginning.")
    return paragraphs(said) + "\n"


def paragraphs(text: str) -> str:
    """Plain text as paragraphs: an empty line parts them, a line end is kept, links are links."""
    blocks = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").strip("\n"))
    return "\n".join(f'<p style="{_PARAGRAPH}">{_lines(block)}</p>' for block in blocks)


def _lines(block: str) -> str:
    pieces, end = [], 0
    for found in _LINK.finditer(block):
        pieces += [html.escape(block[end : found.start()]), _anchor(found.group())]
        end = found.end()
    pieces.append(html.escape(block[end:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _anchor(address: str) -> str:
    shown = html.escape(address)
    return f'<a href="{shown}">{shown}</a>'
