"""Promises found in words: which sentences commit us, to what, and by when.

Pure Python over the business clock. The rules of a language are a pack in `packs/`, a file of
patterns and words; what they mean is in `moments.py`. Nothing here changes anything: what is
found is offered to a person, who confirms it, edits it or leaves it.
"""

from goodword.promises.in_words.finding import Found, find
from goodword.promises.in_words.packs import LANGUAGES

__all__ = ["LANGUAGES", "Found", "find"]
