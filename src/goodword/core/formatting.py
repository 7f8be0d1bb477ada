"""Light formatting of a message: what a member types, as a page and as a mail show it.

The text stays what was typed. `core.markdown` reads it; here it gets what mail clients keep,
the pictures that stand in it, and the blocks that a line of its own names: `[[howto:12.3]]`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from goodword.core.markdown import to_html, to_text

Look = Literal["page", "mail"]
Picture = Callable[[int], str]
"""The address of a picture that stands in the text, by its number; empty where there is none."""


@dataclass(frozen=True)
class Quoted:
    """Words that are the same for everybody and say so: a how-to block in one version."""

    title: str
    version: int
    text: str
    path: str  # where a member reads it
    key: int = 0  # of its row


_PICTURE = re.compile(r"picture:(\d{1,17})\Z")
_WRITTEN_PICTURE = re.compile(r"!\[[^\]\n]*\]\(picture:(\d{1,17})\)")
_BLOCK = re.compile(r"\[\[([a-z]+:\d{1,17}(?:\.\d{1,9})?)\]\]\Z")
_HEADING = re.compile(r"<(/?)h[2-6]>")
_OPENED = re.compile(r"<(p|ul|ol|blockquote|pre|code|img|hr|th|td)(?=[ >/])")
EDGE = "3px solid #8a919c"
_CELL = "padding:0.2em 0.8em 0.2em 0;text-align:left"
# No colours but a grey that shows on both: each client picks its own, by day and by night.
STYLES = {
    "p": "margin:0 0 1em",
    "ul": "margin:0 0 1em;padding-left:1.6em",
    "ol": "margin:0 0 1em;padding-left:1.6em",
    "blockquote": f"margin:0 0 1em;padding-left:0.8em;border-left:{EDGE}",
    "pre": "margin:0 0 1em;white-space:pre-wrap;font-family:Consolas,Menlo,monospace",
    "code": "font-family:Consolas,Menlo,monospace",
    "img": "max-width:100%;height:auto;border:0",
    "hr": "border:0;border-top:1px solid #8a919c",
    "th": _CELL,
    "td": _CELL,
}


_finders: list[Callable[[str], Quoted | None]] = []


def quote_with(find: Callable[[str], Quoted | None]) -> None:
    """Whoever keeps blocks says here how one is found by its name, `howto:12.3`."""
    _finders.append(find)


def formatted(text: str, look: Look = "page", *, picture: Picture | None = None) -> SafeString:
    """The words as clean HTML. Mail has its styles on the elements, a page its own sheet."""
    html = ""
    for part, name in _parts(text):
        block = _found(name)
        html += _framed(block, look) if block else _laid_out(part, look, picture)
    return mark_safe(html)  # noqa: S308 - each part was cleaned


def plain(text: str) -> str:
    """The words for a reader without HTML, with addresses written out."""
    parts = []
    for part, name in _parts(text):
        block = _found(name)
        parts.append(f"{_heading(block)}\n\n{to_text(block.text)}" if block else to_text(part))
    return "\n\n".join(filter(None, parts))


def _found(name: str) -> Quoted | None:
    found = (find(name) for find in _finders) if name else iter(())
    return next((each for each in found if each), None)


def _heading(block: Quoted) -> str:
    facts = {"title": block.title, "version": block.version}
    return _("How-to: %(title)s (version %(version)s)") % facts


def _framed(block: Quoted, look: Look) -> SafeString:
    """Visibly a block: nobody takes it for words that were written for them alone."""
    words = mark_safe(_laid_out(block.text, look, None))  # noqa: S308 - cleaned there
    if look == "mail":
        style = f"margin:0 0 1em;padding-left:0.8em;border-left:{EDGE}"
        head = STYLES["p"]
        return format_html(
            '<div style="{}"><p style="{}"><strong>{}</strong></p>{}</div>',
            style, head, _heading(block), words,
        )  # fmt: skip
    return format_html(
        '<div class="howto"><p><strong>{}</strong></p>{}</div>', _heading(block), words
    )


def blocks_in(text: str) -> list[str]:
    """The blocks that lines of the text name, “howto:12.3”, in their order."""
    return [name for _part, name in _parts(text) if name]


def pictures_in(text: str) -> set[int]:
    """The numbers of the pictures that stand in the text."""
    return {int(number) for number in _WRITTEN_PICTURE.findall(text)}


def _parts(text: str) -> list[tuple[str, str]]:
    """The text cut where a line of its own names a block; the name stands beside that line."""
    parts: list[tuple[str, str]] = []
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        found = _BLOCK.match(line.strip())
        if found is None:
            lines.append(line)
            continue
        parts += [("\n".join(lines), ""), (line, found.group(1))]
        lines = []
    return [part for part in (*parts, ("\n".join(lines), "")) if part[0].strip()]


def _laid_out(text: str, look: Look, picture: Picture | None) -> str:
    def address(source: str) -> str | None:
        found = _PICTURE.match(source)
        return (picture(int(found.group(1))) or None) if found and picture else None

    # A heading inside of a message is a line in bold, not a heading of the page around it.
    html = _HEADING.sub(_modest, to_html(text, images=address))
    if look == "page":
        return html.replace("<a href=", '<a target="_blank" href=')
    return _OPENED.sub(lambda found: f'{found.group()} style="{STYLES[found.group(1)]}"', html)


def _modest(found: re.Match[str]) -> str:
    return "</strong></p>" if found.group(1) else "<p><strong>"
