"""The words in a subject by which a customer calls for help without more words."""

import re

# “sos” in small letters is a sauce in half of Europe.
_CALLS = re.compile(r"\b(?:[Mm]ay[Dd]ay|MAY ?DAY|SOS|S\.O\.S\.?)(?!\w)")


def calls_mayday(subject: str) -> bool:
    return _CALLS.search(subject) is not None
