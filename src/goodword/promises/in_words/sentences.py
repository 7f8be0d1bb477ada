"""Where the sentences of a text begin and end, and what in it is somebody else's."""

import re
from collections.abc import Iterator

ENDS = re.compile(
    r"(?<![.\s][a-zA-Z])[.!?]+(?=[\s\"'”’)\]]|,|$)"
    r"|\n\s*\n|\n(?=\s*[-*•>\d])|;|\?,|…"
)
# “e.g. 5 p.m. on Mon.” ends no sentence, as long as it goes on in small letters or digits.
ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|no|nr|st|mr|mrs|ms|dr|a\.m|p\.m|z\.b|d\.h|ca|inkl|ggf|bzw|usw"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri|sat|sun|\d{1,2})$",
    re.IGNORECASE,
)
QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)


def unquoted(text: str) -> str:
    """The text with quoted lines blanked, so that every offset stays."""
    return QUOTED_LINE.sub(lambda line: " " * len(line[0]), text)


# Nobody speaks longer; what is longer is a log, and is read in pieces.
LONGEST = 800


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence, without the space around it."""
    begin = 0
    for found in ENDS.finditer(text):
        if found[0].startswith(".") and _goes_on(text, begin, found):
            continue
        yield from _trimmed(text, begin, found.end())
        begin = found.end()
    yield from _trimmed(text, begin, len(text))


def _goes_on(text: str, begin: int, found: "re.Match[str]") -> bool:
    if not ABBREVIATED.search(text[max(begin, found.start() - 8) : found.start()]):
        return False
    rest = text[found.end() : found.end() + 4].lstrip()
    is_day = text[found.start() - 1].isdigit()
    return rest[:1].islower() or rest[:1].isdigit() or (is_day and rest[:1].isalpha())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = space if space > 0 else start + LONGEST
        yield from _trimmed(text, start, cut)
        start = cut
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
