"""Words as the index knows them: without case or accents, and the same on every database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

# Scripts that write no spaces: each sign is a word, and what stands together is a phrase.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")
# Letters before the first digit are bounded, or a long chain of dashes would be read over and over.
_PLAIN = re.compile("[a-z0-9]+")
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,5} \d{4,}"
    r"|(?=[A-Za-z/._#-]{0,24}\d)[A-Za-z0-9]+(?:[-/._#][A-Za-z0-9]+)*)"
)
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"))
LONGEST_WORD = 60
MOST_WORDS = 30_000
FEWEST_DIGITS, LONGEST_CODE, MOST_CODES = 4, 32, 60
# Private use: no text of a person's holds it, and SQLite's tokenizer takes it for a letter.
BLURRED = "\ue000"
SHORTEST_BLURRED = 4


@lru_cache(maxsize=5_000)
def fold(word: str) -> str:
    """One word without case and accents: “Müller” is muller, “Straße” strasse."""
    if word.isascii():
        return word.lower()
    split = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in split if not unicodedata.combining(each))


def composed(text: str) -> str:
    """With each letter and its accent as one sign, so that no accent ends a word."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def tokens(text: str, most: int = MOST_WORDS) -> list[str]:
    """The folded words of a text in their order, as far as the index keeps them."""
    if text.isascii():
        # The same, of a text in which every word folds to its small letters.
        return [word[:LONGEST_WORD] for word in _PLAIN.findall(text.lower())[:most]]
    found = filter(str.isalnum, map(fold, WORD.findall(composed(text))))
    return [word[:LONGEST_WORD] for word in islice(found, most)]


def variants(word: str) -> set[str]:
    """How else one may write it: Müller and Mueller are the same person."""
    written = composed(word).casefold()
    spelled = contracted = written
    for umlaut, letters in _UMLAUTS:
        spelled, contracted = spelled.replace(umlaut, letters), contracted.replace(letters, umlaut)
    return {fold(each)[:LONGEST_WORD] for each in (written, spelled, contracted)}


def codes(text: str) -> list[str]:
    """Numbers of orders, invoices and the like: letters and digits alone, with four digits."""
    found = (each for match in _CODE.finditer(text) for each in _read(match.group()))
    return list(islice(dict.fromkeys(filter(None, found)), MOST_CODES))


def _read(text: str) -> Iterator[str]:
    """“Order 12345” may be AB 12345 or a number behind a word."""
    yield code(text)
    if " " in text:
        yield code(text.rpartition(" ")[2])


def code(text: str) -> str:
    """“ab-1234/5” as AB12345; empty for what is no such number."""
    plain = "".join(sign for sign in text if sign.isascii() and sign.isalnum()).upper()
    digits = sum(sign.isdigit() for sign in plain)
    return plain if digits >= FEWEST_DIGITS and len(plain) <= LONGEST_CODE else ""


def near_codes(right: str) -> set[str]:
    """Every code that one slip makes of this one: a wrong, missing, doubled or swapped sign."""
    found: set[str] = set()
    for at, sign in enumerate(right):
        same = "0123456789" if sign.isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        found |= {right[:at] + other + right[at + 1 :] for other in same}
        found.add(right[:at] + right[at + 1 :])
        found.add(right[:at] + right[at + 1 : at + 2] + sign + right[at + 2 :])
    for at in range(len(right) + 1):
        found |= {right[:at] + other + right[at:] for other in "0123456789"}
    return found - {right}


def blurs(word: str) -> Iterator[str]:
    """The word with one letter left out, each way; two words with a slip between them share one."""
    if len(word) >= SHORTEST_BLURRED:
        yield from {word[:at] + word[at + 1 :] for at in range(len(word))}


def blurred(words: Iterable[str]) -> list[str]:
    return sorted({BLURRED + each for word in words for each in blurs(word)})


def near(word: str) -> list[str]:
    """What to look for where `word` may have a slip in it."""
    found = {word, *blurs(word)} if len(word) >= SHORTEST_BLURRED else {word}
    return sorted(found | {BLURRED + each for each in found})
