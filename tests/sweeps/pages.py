"""What the sweeps look through: templates, addresses and their views."""

from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

import goodword

SOURCE = Path(goodword.__file__).parent
SPRITE = SOURCE / "core/static/goodword/icons.svg"


def templates() -> list[Path]:
    return sorted(SOURCE.glob("**/templates/**/*.html"))


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def addresses() -> Iterator[URLPattern]:
    yield from _patterns(get_resolver().url_patterns)


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        else:
            yield each
