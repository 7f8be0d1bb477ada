"""The tags and filters that every page is made of."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

import goodword
from goodword.core.templatetags import goodword as tags
from goodword.core.time import clock
from goodword.core.zone import set_business_zone
from goodword.promises.kinds import Kind, State

LONDON = ZoneInfo("Europe/London")
STATIC = Path(goodword.__file__).parent / "core/static/goodword"
STYLES = sorted(Path(goodword.__file__).parent.glob("**/static/**/*.css"))


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.fixture(autouse=True)
def thursday() -> None:
    """It is Thursday 19 November 2026, 16:33, in London."""
    clock.fix(london("2026-11-19 16:33"))
    set_business_zone(LONDON)


def drawn(source: str, **context: object) -> str:
    return str(engines["django"].from_string(source).render(context))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-19 16:45", "16:45"),
        ("2026-11-20 09:30", "Fri 09:30"),
        ("2026-11-18 17:20", "Wed 17:20"),
        ("2026-11-10 10:00", "Tue 10 Nov, 10:00"),
        ("2027-01-04 09:00", "Mon 4 Jan 2027, 09:00"),
    ],
)
def test_a_time_is_as_short_as_it_can_be(at: str, said: str) -> None:
    with translation.override("en-gb"):
        assert tags.clocktime(london(at)) == said


def test_times_are_the_businesss_own_across_the_change_of_the_clocks() -> None:
    clock.fix(london("2026-10-24 12:00"))
    with translation.override("en-gb"):
        assert tags.clocktime(london("2026-10-24 23:30")) == "23:30"
        assert tags.clocktime(london("2026-10-25 09:00")) == "Sun 09:00"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-19 16:30", "3 min ago"),
        ("2026-11-19 11:42", "4 h 51 ago"),
        ("2026-11-18 17:20", "yesterday"),
        ("2026-11-16 09:00", "3 days ago"),
    ],
)
def test_how_long_ago(at: str, said: str) -> None:
    with translation.override("en-gb"):
        assert tags.ago(london(at)) == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-11-19 17:00", "27 min left"),
        ("2026-11-19 12:00", "4 h 33 late"),
        ("2026-11-13 12:30", "6 days late"),
    ],
)
def test_what_is_left_and_how_late(due: str, said: str) -> None:
    with translation.override("en-gb"):
        assert tags.left(london(due)) == said


def test_words_of_others_are_shown_and_never_run() -> None:
    shown = tags.plain_paragraphs('<script>alert(1)</script>\n\nLine "one"\nline two')
    assert shown.count("<p>") == 2
    assert "<script>" not in shown
    assert "one&quot;<br>line two" in shown


def test_links_lead_out_without_telling_where_from() -> None:
    shown = tags.plain_paragraphs("See https://whitcombe.example/a?b=1&c=2. Or (http://x.example).")
    assert 'href="https://whitcombe.example/a?b=1&amp;c=2" rel="noopener noreferrer' in shown
    assert 'href="http://x.example"' in shown
    assert "<a" not in tags.plain_paragraphs("javascript:alert(1) and data:text/html,x")


@given(st.text(alphabet=st.sampled_from("<>&\"'ht:/p .x\n()"), max_size=80))
def test_no_text_becomes_a_tag_of_its_own(text: str) -> None:
    shown = tags.plain_paragraphs(text)
    allowed = r"<p>|</p>|<br>|<a href=\"https?://[^\"<>]*\" rel=\"[a-z ]+\" target=\"_blank\">|</a>"
    assert "<" not in re.sub(allowed, "", shown)


def test_every_state_has_its_icon_word_and_line() -> None:
    css = (STATIC / "goodword.css").read_text()
    for state in [*State.values, "risk"]:
        shown = drawn("{% state name %}", name=state)
        (name,) = re.findall(r'data-state="(\w+)"', shown)
        assert f'[data-state="{name}"]' in css
        assert "#i-" in shown
        assert re.sub(r"<[^>]*>", "", shown).strip()


def test_every_kind_of_promise_has_its_icon_and_word() -> None:
    for value, word in Kind.choices:
        shown = drawn("{% kind name %}", name=value)
        assert str(word) in shown


@dataclass
class Somebody:
    initials: str
    hue: int


def test_we_are_round_and_they_are_square() -> None:
    assert "them" not in drawn("{% avatar who %}", who=Somebody("PR", 1))
    assert "avatar them h2" in drawn("{% them who %}", who=Somebody("EW", 2))


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ellen Whitcombe", "EW"), ("Madonna", "M"), ("Ana María de la Cruz", "AC"), ("", "?")],
)
def test_initials_are_the_first_and_the_last_name(name: str, letters: str) -> None:
    assert tags.initials(name) == letters


@pytest.mark.parametrize(("share", "drawn_as"), [(0.5, "0.50"), (-1, "0.00"), (7, "1.00")])
def test_a_ring_is_between_empty_and_full(share: float, drawn_as: str) -> None:
    assert f"--p:{drawn_as}" in tags.ring(share)


def test_a_span_is_said_in_its_largest_parts() -> None:
    with translation.override("en-gb"):
        assert tags.span(timedelta(minutes=59)) == "59 min"
        assert tags.span(timedelta(hours=1)) == "1 h 00"
        assert tags.span(timedelta(days=1)) == "1 day"


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_no_style_has_a_colour_of_its_own(style: Path) -> None:
    """Colours live in tokens.css, where contrast is proved; a mask or a shadow may be black."""
    css = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", style.read_text(), flags=re.DOTALL)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", css)
    assert not re.findall(r"\b(?:rgb|hsl)a?\(", css)


def test_every_font_and_script_that_we_ship_has_its_licence() -> None:
    names = {path.name for path in STATIC.rglob("*") if "LICENSE" in path.name}
    assert names == {
        "LICENSE-figtree.txt",
        "LICENSE-source-serif-4.txt",
        "htmx-LICENSE.txt",
        "lucide-LICENSE.txt",
    }
