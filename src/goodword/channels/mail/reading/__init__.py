"""Raw bytes of a mail into what a desk needs. Knows no Django and never raises.

`read` works in this process, for tests and trusted mail. `Reader` has the same answer from a
limited child process, and is what mail of strangers goes through.
"""

from __future__ import annotations

from .kinds import Address, Attachment, Automatic, Bounce, ReadMail, as_json
from .pool import Reader
from .whole import read, unreadable

__all__ = ["Address", "Attachment", "Automatic", "Bounce", "ReadMail", "Reader", "as_json",
           "read", "unreadable"]  # fmt: skip
