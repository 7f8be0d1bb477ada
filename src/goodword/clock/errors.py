"""What the business clock says when it cannot reckon."""


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation; the clock knows no Django, so the caller translates."""
    return sentence


class ClockError(ValueError):
    """A sentence for a person: `gettext(error.sentence) % error.facts` in their language."""

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence % facts)
        self.sentence = sentence
        self.facts = facts


class ScheduleError(ClockError):
    """The opening hours cannot be, or never open when they would have to."""


class FormError(ClockError):
    """The form of a promise cannot be read."""
