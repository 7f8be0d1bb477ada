"""HTML of mail: cleaned for a sandboxed frame, and as plain text."""

from __future__ import annotations

import re
from typing import NamedTuple

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from . import limits

_TAGS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q",
    "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_DROPPED_WHOLE = {
    "script", "style", "head", "title", "iframe", "object", "embed", "applet", "svg", "math",
    "template", "noscript", "noembed", "noframes", "textarea", "select", "audio", "video", "canvas",
}  # fmt: skip
_TABLE = {"align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing",
          "colspan", "rowspan"}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "border", "align"},
    "blockquote": {"type"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "li": {"value"},
    **dict.fromkeys(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "col"), _TABLE),
}
# Nothing here can load, overlay or hide: no background, position, display, url().
_STYLES = {"color", "background-color", "font-weight", "font-style", "font-size", "font-family",
           "text-align", "text-decoration", "vertical-align", "white-space", "line-height",
           "margin-left", "padding-left", "border-left", "list-style-type"}  # fmt: skip
_LINK = re.compile(r"(?i)(?:https?|mailto|tel):")
_IMAGE = re.compile(r"(?i)(?:https?:|cid:|data:image/(?:png|jpe?g|gif|webp);base64,)")
_REMOTE_SRC = re.compile(r'(<img\b(?:[^<>"]|"[^"]*")*?) src="(?=https?:)', re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
         "source", "track", "wbr"}  # fmt: skip
# Start tags that end an open element of these names, past elements of those (WHATWG HTML 13.1.2.4).
_ENDS = {
    "p": ({"p"}, set()),
    "li": ({"li"}, {"p"}),
    "dd": ({"dd", "dt"}, {"p"}),
    "dt": ({"dd", "dt"}, {"p"}),
    "td": ({"td", "th"}, {"p", "li", "dd", "dt"}),
    "th": ({"td", "th"}, {"p", "li", "dd", "dt"}),
    "tr": ({"tr"}, {"td", "th", "p", "li", "dd", "dt"}),
    "tbody": ({"tbody", "thead", "tfoot"}, {"tr", "td", "th", "p", "li", "dd", "dt"}),
    "option": ({"option"}, set()),
}
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike",
               "strong", "tt", "u"}  # fmt: skip
_TABLE_PARTS = {"table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"}

_SILENT = _DROPPED_WHOLE | {"img", "button", "input", "meta", "link"}
_BLOCKS = {"div", "tr", "li", "dt", "dd", "center", "section", "article", "header", "footer",
           "address", "table", "tbody", "thead", "form", "fieldset", "caption", "aside", "main",
           "nav", "figure", "figcaption", "body"}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "pre"}
_HIDDEN = re.compile(r"(?i)display\s{0,5}:\s{0,5}none|mso-hide\s{0,5}:\s{0,5}all")


class Page(NamedTuple):
    """Cleaned HTML, and whether it would load pictures from elsewhere if it were let."""

    html: str
    has_remote_images: bool


def is_bearable(html: str) -> bool:
    """Whether the HTML is small and flat enough: both parsers are quadratic in the nesting."""
    if len(html.encode("utf-8", "replace")) > limits.HTML_BYTES:
        return False
    open_tags: list[str] = []
    for match in _TAG.finditer(html):
        name = match.group(2).lower()
        if name in _VOID:
            continue
        if match.group(1):
            _close(open_tags, name)
        else:
            _close_implied(open_tags, name)
            open_tags.append(name)
        if len(open_tags) > limits.HTML_DEPTH:
            return False
    return True


def _close(open_tags: list[str], name: str) -> None:
    """What an end tag ends: never more than a browser would, so that depth is not underrated."""
    for at in range(len(open_tags) - 1, -1, -1):
        if open_tags[at] == name:
            del open_tags[at:]
            return
        if name in _FORMATTING and open_tags[at] not in _FORMATTING:
            return
        if open_tags[at] in _TABLE_PARTS and name not in _TABLE_PARTS:
            return


def _close_implied(open_tags: list[str], name: str) -> None:
    ended, past = _ENDS.get(name, (set(), set()))
    for at in range(len(open_tags) - 1, -1, -1):
        if open_tags[at] in ended:
            del open_tags[at:]
            return
        if open_tags[at] not in past:
            return


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """Keep an attribute, change it, or drop it by answering None."""
    if attribute in ("href", "src"):
        value = re.sub(r"[\x00-\x20]+", "", value)
        value = f"https:{value}" if value.startswith("//") else value
        pattern = _LINK if attribute == "href" else _IMAGE
        return value if pattern.match(value) else None
    if attribute == "style" and re.search(r"(?i)url|expression|[\\@\x00-\x08\x0e-\x1f]", value):
        return None
    if attribute == "type" and tag == "blockquote" and value.lower() != "cite":
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_ATTRIBUTES,
    attribute_filter=_allowed,
    strip_comments=True,
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    filter_style_properties=_STYLES,
)


def cleaned(html: str) -> Page:
    """HTML that can be shown: no scripts, forms, frames or styles that load anything.

    The source of a picture on another server is moved to `data-remote-src`: it is not asked for
    until the reader says so. The HTML must be bearable.
    """
    # The cleaner writes every attribute in double quotes, so that this only renames one.
    html, remote = _REMOTE_SRC.subn(r'\1 data-remote-src="', _CLEANER.clean(html))
    return Page(html, remote > 0)


def as_text(html: str) -> str:
    """The words of bearable HTML; quotations are marked by ">" as in plain mail."""
    root = LexborHTMLParser(html).body
    if root is None:
        return ""
    text = _Text()
    node, depth = root, 0
    while True:
        entered = text.enter(node)
        child = node.first_child if entered else None
        if child is not None:
            node, depth = child, depth + 1
            continue
        if entered:
            text.leave(node)
        while depth and node.next is None:
            parent = node.parent
            if parent is None:
                return text.result()
            node, depth = parent, depth - 1
            text.leave(node)
        if not depth or node.next is None:
            return text.result()
        node = node.next


class _Text:
    """Collects lines while a page is walked from start to end."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._verbatim = 0

    def enter(self, node: LexborNode) -> bool:
        tag = node.tag or ""
        if tag == "-text":
            self._add(node.text_content or "")
            return False
        if tag in _SILENT or tag.startswith(("!", "-", "_")):
            return False
        if _HIDDEN.search(node.attributes.get("style") or ""):
            return False
        if tag == "br":
            self._break(always=True)
            return False
        if tag == "hr":
            self._break()
            self._break(always=True)
            return False
        if tag in _BLOCKS or tag in _PARAGRAPHS:
            self._break()
        if tag in _PARAGRAPHS:
            self._blank()
        self._quotes += tag == "blockquote"
        self._verbatim += tag == "pre"
        if tag == "li":
            self._line.append("- ")
        return True

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in ("td", "th"):
            self._line.append(" ")
        if tag in _BLOCKS or tag in _PARAGRAPHS:
            self._break()
        self._quotes -= tag == "blockquote"
        self._verbatim -= tag == "pre"
        if tag in _PARAGRAPHS:
            self._blank()

    def _add(self, text: str) -> None:
        if not self._verbatim:
            self._line.append(re.sub(r"[ \t\r\n\f]+", " ", text))
            return
        first, *rest = text.split("\n")
        self._line.append(first)
        for line in rest:
            self._break(always=True)
            self._line.append(line)

    def _break(self, always: bool = False) -> None:
        line = "".join(self._line).replace("\xa0", " ")
        line = line.rstrip() if self._verbatim else re.sub(r" {2,}", " ", line).strip()
        if line or always:
            self._lines.append("> " * self._quotes + line)
        self._line = []

    def _blank(self) -> None:
        if not self._lines:
            return
        if self._lines[-1].strip("> "):
            self._lines.append("> " * self._quotes)
        elif len(self._lines[-1]) > 2 * self._quotes:
            self._lines[-1] = "> " * self._quotes

    def result(self) -> str:
        self._break()
        text = "\n".join(line.rstrip() for line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
