"""What this process of a desk is called, and the memory that it no longer needs."""

import ctypes
import mmap

_name = "desk"


def name_this_process(name: str) -> None:
    """As “web-2”. Once, before anything else runs in it."""
    global _name
    _name = name


def this_process() -> str:
    return _name


def give_back() -> None:
    """Memory that eight pages at once had needed goes back to the system; the C library keeps it.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def shared_number() -> ctypes.c_double:
    """A number, as `value`, that processes forked after this line see change in one another."""
    return ctypes.c_double.from_buffer(mmap.mmap(-1, ctypes.sizeof(ctypes.c_double)))
