"""Erasing a person at their wish: their words and names go everywhere; that it was done stays."""

from goodword.erasing.person import erase, wish_of
from goodword.erasing.scrubbing import is_scrubbing_due, is_too_large, scrub, scrub_by_night

__all__ = ["erase", "is_scrubbing_due", "is_too_large", "scrub", "scrub_by_night", "wish_of"]
