"""HTML of strangers: what is left of it can be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from goodword.channels.mail.reading import page, read

FORBIDDEN_TAGS = {"script", "style", "iframe", "frame", "object", "embed", "applet", "svg", "math",
                  "form", "input", "button", "textarea", "select", "meta", "link", "base",
                  "template", "noscript", "audio", "video"}  # fmt: skip
LINK = re.compile(r"(?i)(?:https?|mailto|tel):")
SOURCE = re.compile(r"(?i)(?:cid:|data:image/(?:png|jpe?g|gif|webp);base64,)")


def problems_in(html: str) -> list[str]:
    """What a browser would find in cleaned HTML that must not be there, by parsing it again."""
    found = []
    body = LexborHTMLParser(f"<body>{html}").body
    assert body is not None
    for node in body.traverse():
        if node.tag in FORBIDDEN_TAGS or node.tag == "-comment":
            found.append(f"<{node.tag}>")
        for name, value in node.attributes.items():
            found += list(_problems_of(node.tag or "", name, value or ""))
    return found


def _problems_of(tag: str, name: str, value: str) -> Iterator[str]:
    loads = {"srcset", "background", "action", "formaction", "poster", "ping", "srcdoc", "data"}
    if name.startswith("on") or ":" in name or name in loads:
        yield f"{tag} {name}"
    if name == "href" and not LINK.match(value):
        yield f"{tag} href={value}"
    if name == "src" and not SOURCE.match(value):
        yield f"{tag} src={value}"
    if name == "style" and re.search(r"(?i)url|expression|position|behavior|import|\\", value):
        yield f"{tag} style={value}"


def payloads(testdata: Path) -> list[str]:
    rows = json.loads((testdata / "xss/dompurify_payloads.json").read_text("utf-8"))
    found = [row["payload"] for row in rows]
    found += [p.read_text("utf-8") for p in (testdata / "xss/bleach/payloads").iterdir()]
    assert len(found) > 130
    return found


def test_no_payload_survives_the_cleaner(testdata: Path) -> None:
    for payload in payloads(testdata):
        for source in (payload, f"<table><td>{payload}", f'<p title="{payload}">x</p>'):
            assert problems_in(page.cleaned(source).html) == [], payload
            mail = read(b"Content-Type: text/html; charset=utf-8\n\n" + source.encode())
            assert problems_in(mail.html) == [], payload


@pytest.mark.parametrize(
    "source",
    [
        "<img src=x onerror=alert(1)>",
        '<img src=" javascript:alert(1)">',
        '<a href="java\nscript:alert(1)">x</a>',
        '<a href="//evil.example/x">x</a><a href="/cases/1/settle">y</a><a href="?a">z</a>',
        '<p style="background:url(https://e.example/t.gif)">x</p>',
        '<p style="color:red;background-color:url(//e.example/t)">x</p>',
        '<p style="position:fixed;top:0;left:0;color:red">x</p>',
        '<td background="https://e.example/t.gif">x</td>',
        '<img srcset="https://e.example/t.gif 1x" src="cid:a">',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        '<meta http-equiv=refresh content="0;url=https://e.example"><base href="//e.example">',
        '<img alt="<img src=https://e.example/t.gif>" src="cid:a">',
        '<img alt=">" src="https://e.example/a"><img title=\'"\' src="https://e.example/b">',
        '<input src="https://e.example/a" type=image><form action="https://e.example"><button>x',
    ],
)
def test_nothing_is_run_or_asked_for(source: str) -> None:
    assert problems_in(page.cleaned(source).html) == []


def test_our_check_would_notice_what_it_looks_for() -> None:
    assert problems_in("<img src=x onerror=y>") == ["img src=x", "img onerror"]
    assert problems_in("<script>x</script>") == ["<script>"]
    assert problems_in('<a href="javascript:x">') == ["a href=javascript:x"]


def test_remote_pictures_wait_until_they_are_asked_for() -> None:
    shown, remote = page.cleaned('<img src="https://e.example/t.gif" alt="a"><img src="cid:logo">')
    assert remote
    assert 'data-remote-src="https://e.example/t.gif"' in shown
    assert 'src="cid:logo"' in shown
    assert page.cleaned('<img src="cid:logo">').has_remote_images is False


def test_links_open_elsewhere_and_tell_nobody_where_from() -> None:
    shown = page.cleaned('<a href="https://a.example" target=_top>x</a>').html
    assert 'target="_blank"' in shown
    assert 'rel="noopener noreferrer"' in shown


def test_the_words_of_a_page_read_like_a_mail() -> None:
    source = ("<head><title>t</title><style>p{}</style></head><p>Hello <b>Ada</b>,</p><p>it is<br>"
              "broken</p><ul><li>one<li>two</ul><blockquote>On Monday:<p>We come</blockquote>"
              "<p style='display:none'>hidden</p><table><tr><td>a<td>b</table>")  # fmt: skip
    assert page.as_text(source) == (
        "Hello Ada,\n\nit is\nbroken\n\n- one\n- two\n\n> On Monday:\n>\n> We come\n\na b"
    )


def test_real_newsletters_are_not_taken_for_attacks(testdata: Path) -> None:
    for path in (testdata / "spamassassin/hard-ham-1").iterdir():
        assert "message.html" not in [each.name for each in read(path.read_bytes()).attachments]
