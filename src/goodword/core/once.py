"""Within one piece of work, what hardly ever changes is read once.

Outside of `one_piece_of_work` nothing is kept, so that a test or a page sees what was written a
moment ago. It is for work that changes none of it: a mail that is placed, a copy that is sent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

Result = TypeVar("Result")
_read: ContextVar[dict[Any, Any] | None] = ContextVar("read", default=None)


@contextmanager
def one_piece_of_work(known: dict[Any, Any] | None = None) -> Iterator[None]:
    """Until the block ends, each reader marked by `once` asks the database but once.

    `known` is what was read in the pieces before, where they are one work for whoever keeps it.
    """
    token = _read.set({} if known is None else known)
    try:
        yield
    finally:
        _read.reset(token)


def once(reader: Callable[..., Result]) -> Callable[..., Result]:
    """Mark a reader; its arguments must be hashable, and its result is shared."""

    @wraps(reader)
    def read(*arguments: Any) -> Result:
        known = _read.get()
        if known is None:
            return reader(*arguments)
        key = (reader, arguments)
        if key not in known:
            known[key] = reader(*arguments)
        result: Result = known[key]
        return result

    return read
