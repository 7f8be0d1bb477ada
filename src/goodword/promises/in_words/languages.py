"""The language of a text, by the small words that it is full of."""

from goodword.promises.in_words.packs import LANGUAGES, pack

DEFAULT = "en"


def language_of(text: str) -> str:
    """The pack whose common words the text holds most of; English where none stands out."""
    counts = {each: len(pack(each).common.findall(text[:4000])) for each in LANGUAGES}
    best = max(counts, key=lambda each: (counts[each], each == DEFAULT), default=DEFAULT)
    return best if counts.get(best) else DEFAULT
