"""What a member typed into a form, read strictly; what is refused is never lost."""

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodword.core.refusals import Refused

LONGEST_WORDS = 100_000
LONGEST_LINE = 300


def words(posted: QueryDict, name: str, *, longest: int = LONGEST_WORDS) -> str:
    """A text of several lines. Refused (422) when it is far too long."""
    text = posted.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > longest:
        sentence = _("That is %(length)s characters; %(longest)s fit here. Shorten it.")
        values = {"length": f"{len(text):,}", "longest": f"{longest:,}"}
        raise Refused("TOO_LONG", sentence % values, 422)
    return text


def line(posted: QueryDict, name: str, *, longest: int = LONGEST_LINE) -> str:
    """One line: spaces and line breaks become single spaces. Refused (422) when too long."""
    return " ".join(words(posted, name, longest=longest).split())


def key(posted: QueryDict, name: str) -> int:
    """The key of a row, or 0, which no row has."""
    return number(posted, name) or 0


def number(posted: QueryDict, name: str) -> int | None:
    """A whole number, or None where there is none."""
    return whole(posted.get(name, ""))


def whole(text: str) -> int | None:
    """The number that a text is, or None. No row and no page has more than seventeen digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def page(asked: QueryDict) -> int:
    return min(number(asked, "page") or 1, 10_000)
