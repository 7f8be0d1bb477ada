"""Numbers and lists as a person would say them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_WORDS = (
    gettext_lazy("no"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
)


def in_words(n: int) -> str:
    """“nine”; figures from thirteen on."""
    return str(_WORDS[n]) if 0 <= n < len(_WORDS) else str(n)


def listed(parts: Sequence[str]) -> str:
    """“Ellen”, “Ellen and Daniel”, “Ellen, Daniel and Mei”."""
    if len(parts) < 2:
        return "".join(parts)
    facts = {"most": ", ".join(parts[:-1]), "last": parts[-1]}
    return _("%(most)s and %(last)s") % facts


def begun(sentence: str) -> str:
    """With a capital letter at its beginning."""
    return sentence[:1].upper() + sentence[1:]
