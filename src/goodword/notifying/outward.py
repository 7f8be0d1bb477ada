"""What may become of a notification on its way out; the guard is core/outward.py."""

TIMEOUT = (4.0, 8.0)  # seconds to connect, and to wait for an answer


class NotSent(Exception):
    """It did not arrive; `str()` is a sentence for its member."""


class Gone(NotSent):
    """There is nobody at this address any more."""
