"""What a log may say: never the part of a link or an address that opens a case."""

import logging
import re

_LINK = re.compile(r"(/c/)[A-Za-z0-9_-]{20,}")
_REPLY_ADDRESS = re.compile(r"(\+)a[a-z2-7]{20,50}(?=@)", re.IGNORECASE)


class WithoutTokens(logging.Formatter):
    """Lines and tracebacks with tokens left out: Django logs the path of what failed."""

    def format(self, record: logging.LogRecord) -> str:
        return _REPLY_ADDRESS.sub(r"\1…", _LINK.sub(r"\1…", super().format(record)))
