"""Markdown: what people type arrives as they meant it, and nothing of it runs."""

import time
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from goodword.core.markdown import LONGEST, to_html, to_text
from tests.desk.hostile_html import fetching, known, links, running

RUNS = {"script", "style", "iframe", "object", "embed", "form", "svg", "math", "link", "meta"}


def harm_in(html: str) -> list[str]:
    """Everything in it that a browser would run, or ask another site for by being shown."""
    found = []
    for node in LexborHTMLParser(html).css("*"):
        attributes = {name: value or "" for name, value in node.attributes.items()}
        found += [node.tag] if node.tag in RUNS else []
        found += [name for name in attributes if name.startswith("on") or name == "srcset"]
        found += [attributes["src"]] if not attributes.get("src", "/").startswith("/") else []
        found += [attributes["style"]] if "style" in attributes and node.tag != "th" else []
        scheme = "".join(attributes.get("href", "").split()).lower().partition(":")[0]
        found += [scheme] if scheme in {"javascript", "data", "vbscript", "file"} else []
    return found


@pytest.mark.parametrize("payload", [*running(), *links(), *fetching()])
def test_nothing_hostile_runs_in_any_place_of_a_text(payload: str) -> None:
    for text in (payload, f"**{payload}**", f"- {payload}", f"[{payload}](https://x.example)",
                 f"| a |\n|---|\n| {payload} |", f"`{payload}", f"> # {payload}"):  # fmt: skip
        assert harm_in(to_html(text, images=lambda _name: None)) == []


def test_nothing_of_the_known_payloads_runs(testdata: Path) -> None:
    for payload in known(testdata / "xss"):
        assert harm_in(to_html(payload)) == []


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
     "vbscript:x", "&#106;avascript:alert(1)", "<javascript:alert(1)>", "\x01javascript:x"],
)  # fmt: skip
def test_a_link_that_would_run_is_words(address: str) -> None:
    assert harm_in(to_html(f"[here]({address})\n\n![here]({address})\n\n<{address}>")) == []


def test_a_picture_stands_where_it_is_ours_and_is_named_where_it_is_not() -> None:
    text = "![The red button](ours) ![Spy](https://elsewhere.example/x.png)"
    html = to_html(text, images=lambda name: "/p/1.png" if name == "ours" else None)
    assert '<img src="/p/1.png" alt="The red button">' in html
    assert "elsewhere.example" not in html and "[Spy]" in html
    assert to_text(text) == "[The red button] [Spy]"


def test_lines_stay_as_they_were_typed() -> None:
    """No heading out of a signature, no code out of an indent, no footnote that vanishes."""
    html = to_html("Priya\n--\nHarbour Lane\n\n    indented\n\n[1]: kept")
    assert "Priya<br>" in html and "indented" in html and "[1]: kept" in html
    assert not {"<h", "<code"} & {html[at : at + 2] for at in range(len(html))}


def test_headings_leave_no_level_out() -> None:
    assert "<h2>One</h2>" in to_html("# One") and "<h2>One</h2>" in to_html("#### One")
    assert "<h3>Two</h3>" in to_html("# One\n\n##### Two")
    assert "<h2>Two</h2>" in to_html("## One\n\n## Two")
    deep = to_html("## A\n\n#### B\n\n#### C\n\n### D\n\n# E")
    assert [deep[at + 1 : at + 3] for at in range(len(deep)) if deep.startswith("<h", at)] == [
        "h2", "h3", "h3", "h3", "h2",
    ]  # fmt: skip


def test_a_bare_address_can_be_clicked_once() -> None:
    html = to_html("See https://harbourlane.example/a_b_c. [Or](https://x.example/_y_)")
    assert html.count("<a ") == 2 and ">https://harbourlane.example/a_b_c</a>." in html


def test_plain_words_read_well() -> None:
    text = (
        "## Reset it\n\n1. Hold *the button*\n2. Wait:\n   - ten **seconds**\n\n[More](https://x.y)"
    )
    plain = "Reset it\n\n1. Hold the button\n2. Wait:\n   - ten seconds\n\nMore (https://x.y)"
    assert to_text(text) == plain


@pytest.mark.parametrize("bit", ["*a ", "![[", "**a", "> ", "[a](b ", "|x\n", "<a@", "http://"])
def test_a_text_that_repeats_itself_is_read_in_time(bit: str) -> None:
    text = (bit * LONGEST)[: LONGEST // 4]
    began = time.process_time()
    to_html(text)
    to_text(text)
    assert time.process_time() - began < 5


def test_a_text_that_is_too_long_to_parse_is_shown_as_it_is() -> None:
    html = to_html("<b>x</b> " * LONGEST)
    assert html.startswith("<p>&lt;b&gt;x") and "<b>" not in html
