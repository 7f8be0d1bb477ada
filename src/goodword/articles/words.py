"""Words as they are compared: short, without accents and endings, the same on every database.

No dictionary and no model: a stem is a word without its plural and its accents, cut after
eight letters, so that “installing” finds “installation”.
"""

import re
import unicodedata
from collections import Counter

LENGTH = 8
MOST_WORDS = 1500  # of one article
_WORD = re.compile(r"[^\W_]+")
_COMMON = frozenset(
    _WORD.findall(
        """
        about after again all also and any are auch auf aus bei been bin bis but can cannot could
        das dass dear dem den der des did die does doch dont ein eine einem einen einer eines for
        from für get got had haben has hat have hello hers hier his how ich ihr ihre ist its just
        kann kein keine like mehr mein meine mich mir mit nach need nicht noch nor not now nur oder
        our out please sein she should sich sie sind that the their them then there they this to
        too und uns unser very von war was wegen well were what when where which who why wie will
        wir with wird would you your zum zur
        """
    )
)


def stems(text: str) -> "Counter[str]":
    """The words that say what a text is about, and how often each stands in it."""
    found = (_stem(word) for word in _WORD.findall(text.casefold()) if word not in _COMMON)
    return Counter(stem for stem in found if len(stem) >= 3)


def weights(title: str, topic: str, text: str) -> dict[str, int]:
    """How much each word of an article weighs: most in its title, least deep in its text."""
    said = stems(text)
    found = {word: min(1 + count // 3, 3) for word, count in said.most_common(MOST_WORDS)}
    for word in stems(topic):
        found[word] = found.get(word, 0) + 3
    for word in stems(title):
        found[word] = found.get(word, 0) + IN_TITLE
    return found


IN_TITLE = 10


def _stem(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    if len(bare) > 4 and bare.endswith("s") and not bare.endswith("ss"):
        bare = bare[:-1]
    return bare[:LENGTH]
