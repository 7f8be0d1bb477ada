"""Every text token can be read on every surface that it may stand on, by day and by night.

WCAG 2.2, 1.4.3 (text 4.5:1) and 1.4.11 (outlines of controls 3:1). Colours are turned into
linear sRGB as https://www.w3.org/TR/css-color-4/#ok-lab says, and clipped as a screen clips them.
"""

import math
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import goodword

TOKENS = Path(goodword.__file__).parent / "core/static/goodword/tokens.css"
HUES = (180, 208, 235, 264, 290, 318, 345)
SURFACES = ("sunk", "paper", "sheet", "raised", "note")
SOFT = ("accent-soft", "kept-soft", "risk-soft", "broken-soft")
OUTCOMES = ("accent", "kept", "risk", "broken")

Colour = tuple[float, float, float]

_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_COLOUR = re.compile(r"oklch\(((?:[^()]|\([^()]*\))*)\)")


def read_tokens(css: str, hue: int, night: bool) -> dict[str, Colour]:
    """The opaque colours of a stylesheet as lightness, chroma and hue."""
    found = {}
    for name, value in _TOKEN.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        colours = [text for text in _COLOUR.findall(value) if "/" not in text]
        if not colours:
            continue
        chosen = colours[-1 if night else 0].replace("var(--brand-h)", str(hue))
        lightness, chroma, angle = map(float, chosen.split())
        found[name] = (lightness, chroma, angle)
    return found


def luminance(colour: Colour) -> float:
    lightness, chroma, hue = colour
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377773761749 * a + 0.2158037573099136 * b) ** 3
    medium = (lightness - 0.1055613458156586 * a - 0.0638541728258133 * b) ** 3
    short = (lightness - 0.0894841775298119 * a - 1.2914855480194092 * b) ** 3
    linear = (
        4.0767416360759574 * long - 3.3077115392580616 * medium + 0.2309699031821044 * short,
        -1.2684379732850317 * long + 2.6097573492876887 * medium - 0.3413193760026573 * short,
        -0.0041960761386756 * long - 0.7034186179359362 * medium + 1.7076146940746117 * short,
    )
    red, green, blue = (min(1.0, max(0.0, part)) for part in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: Colour, other: Colour) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def pairs() -> Iterator[tuple[str, str, float]]:
    for ink, surface in product(("ink", "ink-2", "ink-3"), (*SURFACES, *SOFT)):
        yield ink, surface, 4.5
    for outcome in OUTCOMES:
        for surface in ("sunk", "paper", "sheet", "raised", f"{outcome}-soft", "accent-soft"):
            yield outcome, surface, 4.5
    for fill in ("accent-fill", "accent-hover", "broken-fill"):
        yield "on-accent", fill, 4.5
    for surface in SURFACES[:3]:
        yield "field", surface, 3.0
    for surface in SURFACES:
        yield "focus", surface, 3.0


def test_black_on_white_is_21_to_1_and_a_known_grey_is_as_known() -> None:
    assert ratio((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)
    # #767676, the lightest grey that may stand on white, is oklch(0.5658 0 0).
    assert ratio((0.5658, 0, 0), (1, 0, 0)) == pytest.approx(4.54, abs=0.02)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("hue", HUES)
def test_every_text_can_be_read_on_every_surface(hue: int, night: bool) -> None:
    # High contrast has tokens of its own behind @media; only what everybody gets is read here.
    tokens = read_tokens(TOKENS.read_text().split("@media")[0], hue, night)
    too_quiet = [
        f"--{ink} on --{surface} {found:.2f}:1, wanted {wanted}:1"
        for ink, surface, wanted in pairs()
        if (found := ratio(tokens[ink], tokens[surface])) < wanted
    ]
    assert not too_quiet


def test_a_token_that_is_too_quiet_would_be_found() -> None:
    css = ":root { --ink-3: light-dark(oklch(0.75 0 0), oklch(0.4 0 0)); --paper: oklch(1 0 0); }"
    tokens = read_tokens(css, 264, night=False)
    assert ratio(tokens["ink-3"], tokens["paper"]) < 4.5
