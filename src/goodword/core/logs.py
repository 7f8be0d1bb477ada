"""What a log may say: never the part of a link or an address that opens a case."""

import json
import logging
import re
from datetime import UTC, datetime

_LINK = re.compile(r"(/c/)[A-Za-z0-9_-]{20,}")
_REPLY_ADDRESS = re.compile(r"(\+)a[a-z2-7]{20,50}(?=@)", re.IGNORECASE)


class WithoutTokens(logging.Formatter):
    """Lines and tracebacks with tokens left out: Django logs the path of what failed."""

    def format(self, record: logging.LogRecord) -> str:
        return _without_tokens(super().format(record))


class AsJSON(logging.Formatter):
    """One object a line, for what gathers logs; tokens are left out of it too."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_tokens(record.getMessage()),
            "thread": record.threadName,
        }
        if record.exc_info:
            said["traceback"] = _without_tokens(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def _without_tokens(text: str) -> str:
    return _REPLY_ADDRESS.sub(r"\1…", _LINK.sub(r"\1…", text))
