"""The HTML part of an outgoing mail: one column, inline styles, day and night.

Only what Gmail and Outlook keep: a table for the width, styles on the elements, and a style
block for the night, which Gmail drops where it cannot use it.
"""

import html
import re
from collections.abc import Sequence

_LINK = re.compile(r"https?://[^\s<>\"'\u2018-\u201d]+[^\s<>\"'\u2018-\u201d.,;:!?)\]]")
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TEXT = f"{_FONT};font-size:16px;line-height:1.5;color:#1d2333"
_SMALL = f"{_FONT};font-size:13px;line-height:1.5;color:#555c6b"
_HEAD = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title></title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  .gw-page {{ background: #171b24 !important; }}
  .gw-text, .gw-text p {{ color: #ebece8 !important; }}
  .gw-foot, .gw-foot p {{ color: #b4bac6 !important; }}
  .gw-text a, .gw-foot a {{ color: #a9b8ff !important; }}
}}
</style>
</head>
"""
_BODY = """<body class="gw-page" style="margin:0;padding:0;background:#ffffff">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td style="padding:16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:640px">
<tr><td class="gw-text" style="{text_style}">
{text}
</td></tr>
<tr><td class="gw-foot" style="padding-top:20px;{small_style}">
{foot}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""


def page(text: str, clean_html: str | None, foot: Sequence[str], language: str) -> str:
    """The whole document. `clean_html`, already clean, stands in place of `text`."""
    spoken = clean_html if clean_html is not None else paragraphs(text, _TEXT)
    feet = "\n".join(paragraphs(line, _SMALL) for line in foot)
    return _HEAD.format(language=html.escape(language)) + _BODY.format(
        text=spoken, foot=feet, text_style=_TEXT, small_style=_SMALL
    )


def paragraphs(text: str, style: str) -> str:
    """Plain text as paragraphs: an empty line parts them, a line end is kept, links are links."""
    blocks = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").strip("\n"))
    return "\n".join(f'<p style="margin:0 0 16px;{style}">{_lines(b)}</p>' for b in blocks)


def _lines(block: str) -> str:
    pieces, end = [], 0
    for found in _LINK.finditer(block):
        pieces += [html.escape(block[end : found.start()]), _anchor(found.group())]
        end = found.end()
    pieces.append(html.escape(block[end:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _anchor(address: str) -> str:
    shown = html.escape(address)
    return f'<a href="{shown}" style="color:#2f3fb0">{shown}</a>'
