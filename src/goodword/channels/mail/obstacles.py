"""Why a mail cannot be taken at this moment. What takes mail raises these; listeners answer.

They are no fault of the mail: the sending server keeps it and comes again (RFC 5321 § 4.2.1).
"""


class Obstacle(Exception):
    """A mail is not taken now, and nothing of it may be half kept."""


class NoRoom(Obstacle):
    """The disk is full."""


class Busy(Obstacle):
    """The database is gone, locked, or in the middle of an upgrade."""


class TooBig(Exception):
    """The mail is over the limit; sending it again would not help."""
