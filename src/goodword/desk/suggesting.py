"""Whether a message plainly needs no answer: a few words of thanks and no question.

Only ever a suggestion beside the button; a person puts a case to rest, never a machine.
"""

import re

MOST_WORDS = 12
_THANKS = re.compile(
    r"\b(thanks?|thank you|thx|cheers|great|perfect|wonderful|brilliant|lovely|much appreciated|"
    r"danke|vielen dank|super|prima|bestens|merci|gracias|grazie|bedankt)\b",
    re.IGNORECASE,
)
_MORE_TO_SAY = re.compile(
    r"\?|\b(but|however|still|when|why|how|again|not|aber|noch|wann|warum|wie|nicht|kein\w*)\b",
    re.IGNORECASE,
)


def needs_no_answer(text: str) -> bool:
    """“Thanks!”, “great, thank you”: short, thankful, and nothing asked or doubted in it."""
    words = text.split()
    if not words or len(words) > MOST_WORDS:
        return False
    return bool(_THANKS.search(text)) and not _MORE_TO_SAY.search(text)
