"""What this process of a desk is called, and how it keeps its memory."""

import ctypes
import mmap
from contextlib import suppress
from pathlib import Path

_name = "desk"
_M_ARENA_MAX = -8


def name_this_process(name: str) -> None:
    """As “web-2”, for `top` “goodword web-2”. Once, before anything else runs in it."""
    global _name
    _name = name
    with suppress(OSError):  # not every system has such a file
        Path("/proc/self/comm").write_text(f"goodword {name}")


def this_process() -> str:
    return _name


def give_back() -> None:
    """Memory that eight pages at once had needed goes back to the system; the C library keeps it.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_heaps() -> None:
    """Threads allocate from four heaps; before there is a second thread.

    The C library gives each of twenty its own, and what one gave back no other can use: of a
    process for pages that was 20 MB after five minutes, and grew. With two, threads that ask
    SQLite at once wait for each other: a tenth of eight clients' pages; with four, nothing.
    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(_M_ARENA_MAX, 4)


def shared_number() -> ctypes.c_double:
    """A number, as `value`, that processes forked after this line see change in one another."""
    return ctypes.c_double.from_buffer(mmap.mmap(-1, ctypes.sizeof(ctypes.c_double)))
