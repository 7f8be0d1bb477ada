"""Light formatting of a message: what a member types, as a page and as a mail show it.

The text stays what was typed. `core.markdown` reads it; here it gets what mail clients keep,
the pictures that stand in it, and the blocks that a line of its own names: `[[howto:12.3]]`.
"""

import re
from collections.abc import Callable
from typing import Literal

from django.utils.safestring import SafeString, mark_safe

from goodword.core.markdown import to_html, to_text

Look = Literal["page", "mail"]
Picture = Callable[[int], str]
"""The address of a picture that stands in the text, by its number; empty where there is none."""
Block = Callable[[str], str]
"""What stands for a block that a line names, clean already; empty where there is none."""

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


def formatted(
    text: str, look: Look = "page", *, picture: Picture | None = None, block: Block | None = None
) -> SafeString:
    """The words as clean HTML. Mail has its styles on the elements, a page its own sheet."""
    html = ""
    for part, name in _parts(text):
        html += (block(name) if name and block else "") or _laid_out(part, look, picture)
    return mark_safe(html)  # noqa: S308 - each part was cleaned


def plain(text: str, *, block: Block | None = None) -> str:
    """The words for a reader without HTML, with addresses written out."""
    parts = (
        (block(name) if name and block else "") or to_text(part) for part, name in _parts(text)
    )
    return "\n\n".join(filter(None, parts))


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
