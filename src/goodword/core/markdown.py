"""Markdown as people write it: cleaned HTML for a page or a mail, and plain words.

Raw HTML is words like any other: what stands between angle brackets is shown, never run. The
cleaner comes after all the same, so that a fault of the parser is not one of ours.
"""

import re
from collections.abc import Callable, Iterable

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from goodword.core.templatetags.goodword import plain_paragraphs

# What a picture's name becomes: an address, or None where there is no such picture.
Pictures = Callable[[str], str | None]

# Longer texts are pasted logs; they are shown as plain words, which takes no parsing.
LONGEST = 100_000
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_TAGS = {
    *("p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr"),
    *("h2", "h3", "h4", "h5", "h6", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_ALIGNED = {"style": {"text-align:left", "text-align:center", "text-align:right"}}
_LINK = re.compile(r"\bhttps?://[^\s<>\"'\[\]{}]+[^\s<>\"'()\[\]{}.,;:!?*_~]", re.IGNORECASE)


def to_html(text: str, *, images: Pictures | None = None) -> SafeString:
    """Cleaned HTML. Headings begin at <h2>, since the page or the mail has a title of its own.

    `images` says where a picture of this name is; without it, or where it says None, the
    picture's description stands in its place. Nothing is ever fetched from another site.
    """
    if len(text) > LONGEST:
        return plain_paragraphs(text)
    tokens = _PARSER.parse(text)
    _level_headings(tokens)
    for token in tokens:
        if token.children:
            token.children = list(_inline(token.children, images or _no_pictures))
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return mark_safe(_CLEANER.clean(html))  # noqa: S308 - cleaned in this line


def to_text(text: str) -> str:
    """The same as plain words: lists with their marks, links with their address behind them."""
    if len(text) > LONGEST:
        return text.strip()
    return _blocks(SyntaxTreeNode(_PARSER.parse(text)).children).strip()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 60})
    parser.enable(["table", "strikethrough"])
    # Each of these turns words that nobody meant as a mark into something else: a line above
    # two dashes, an indented line, “[1]: …” which would vanish.
    return parser.disable(["lheading", "code", "reference", "html_block", "html_inline"])


_PARSER = _parser()
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    tag_attribute_values={"th": _ALIGNED, "td": _ALIGNED},
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer",
)


def _no_pictures(_name: str) -> None:
    return None


def _level_headings(tokens: Iterable[Token]) -> None:
    """From two on, and never a level left out: readers who listen go by them."""
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            above = [*(each for each in above if each < level), level]
        if token.type.startswith("heading_"):
            token.tag = f"h{min(len(above) + 1, 6)}"


def _inline(tokens: list[Token], images: Pictures) -> Iterable[Token]:
    in_link = 0
    for token in tokens:
        in_link += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "image":
            yield _picture(token, images)
        elif token.type == "text" and not in_link:
            yield from _with_links(token.content)
        else:
            yield token


def _picture(token: Token, images: Pictures) -> Token:
    address = images(str(token.attrGet("src") or ""))
    if address is None:
        return _words(f"[{token.content}]" if token.content else "")
    token.attrSet("src", address)
    return token


def _with_links(words: str) -> Iterable[Token]:
    """Addresses that were typed bare can be clicked too."""
    end = 0
    for found in _LINK.finditer(words):
        yield _words(words[end : found.start()])
        opening = Token("link_open", "a", 1)
        opening.attrSet("href", _PARSER.normalizeLink(found.group()))
        yield from (opening, _words(found.group()), Token("link_close", "a", -1))
        end = found.end()
    yield _words(words[end:])


def _words(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _blocks(nodes: Iterable[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(filter(None, map(_block, nodes)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return _indented(_blocks(node.children), "> ", "> ")
        case "fence":
            return node.content.rstrip("\n")
        case "hr":
            return "---"
        case "table":
            rows = [row for part in node.children for row in part.children]
            return "\n".join(" | ".join(map(_spans, row.children)) for row in rows)
        case _:
            return _spans(node)


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    is_tight = all(part.hidden for item in node.children for part in item.children[:1])
    lines = []
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        body = _blocks(item.children, "\n" if is_tight else "\n\n")
        lines.append(_indented(body, mark, " " * len(mark)))
    return ("\n" if is_tight else "\n\n").join(lines)


def _indented(text: str, first: str, rest: str) -> str:
    head, *tail = text.split("\n")
    return "\n".join([f"{first}{head}", *(f"{rest}{line}".rstrip() for line in tail)]).rstrip()


def _spans(node: SyntaxTreeNode) -> str:
    return "".join(map(_span, node.children))


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return f"[{node.content}]" if node.content else ""
        case "link":
            return _link(_spans(node), str(node.attrs.get("href", "")))
        case _:
            return _spans(node)


def _link(label: str, address: str) -> str:
    bare = address.removeprefix("mailto:").removeprefix("tel:")
    return label if label in {address, bare} or not label else f"{label} ({bare})"
