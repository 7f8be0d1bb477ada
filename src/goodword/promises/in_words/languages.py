"""The language of a text, by the small words that it is full of."""

from goodword.promises.in_words.packs import LANGUAGES, pack

DEFAULT = "en"
SURE = 4  # small words; a greeting alone has fewer


def language_of(text: str) -> str:
    """The pack whose common words the text holds most of; English where none stands out."""
    counts = _counts(text)
    best = max(counts, key=lambda each: (counts[each], each == DEFAULT), default=DEFAULT)
    return best if counts.get(best) else DEFAULT


def language_told(text: str) -> str:
    """The language that a text tells beyond doubt; "" where it is too short or too mixed."""
    counts = _counts(text)
    first, *others = sorted(counts, key=lambda each: counts[each], reverse=True)
    rest = max((counts[each] for each in others), default=0)
    return first if counts[first] >= SURE and counts[first] > 2 * rest else ""


def _counts(text: str) -> dict[str, int]:
    small = text[:4000].lower()
    return {each: len(pack(each).common.findall(small)) for each in LANGUAGES}
