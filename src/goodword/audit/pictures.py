"""The report's pictures: bars, with their numbers as text beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 640


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    text: str
    tone: str = "ink"  # good, late, bad, open or ink: a class of the stylesheet


def bars(title: str, rows: Sequence[Bar]) -> SafeString:
    """Horizontal bars, one a row; the longest fills the width. The title is for screen readers."""
    longest = max((row.value for row in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<li><span>{}</span><i class="{}" style="width:{}%"></i><b>{}</b></li>',
        ((row.label, row.tone, round(row.value / longest * 100, 1), row.text) for row in rows),
    )
    return format_html('<ol class="bars" aria-label="{}">{}</ol>', title, drawn)


def shares(title: str, rows: Sequence[Bar]) -> SafeString:
    """One bar cut into shares, with a legend that says each in words."""
    whole = sum(row.value for row in rows) or 1
    pieces, begun = [], 0.0
    for row in rows:
        length = row.value / whole * WIDTH
        pieces.append((round(begun, 1), round(max(length - 2, 0), 1), row.tone))
        begun += length
    drawn = format_html_join(
        "", '<rect x="{}" y="0" width="{}" height="28" rx="4" class="{}"></rect>', pieces
    )
    legend = format_html_join(
        "",
        '<li><i class="{}"></i>{} <b>{}</b></li>',
        ((row.tone, row.label, row.text) for row in rows),
    )
    return format_html(
        '<svg viewBox="0 0 {} 28" role="img" aria-label="{}">{}</svg><ul class="legend">{}</ul>',
        WIDTH,
        title,
        drawn,
        legend,
    )
