"""The child process: reads one mail after another, within limits that the kernel enforces.

What comes and goes: eight bytes of length and that many bytes. An answer is two such pieces, a
JSON object and the bytes of all attachments. JSON, because a parser in C or Rust that was taken
over must not be able to make the parent unpickle something.
"""

from __future__ import annotations

import json
import logging
import resource
import socket
import struct
import sys
import time

from . import limits
from .kinds import ReadMail, to_plain
from .trouble import TOO_MUCH_MEMORY
from .whole import read, unreadable

LENGTH = struct.Struct(">Q")


def received(connection: socket.socket, size: int) -> bytearray:
    """Exactly `size` bytes; fewer when the other side has gone."""
    content = bytearray(size)
    view, filled = memoryview(content), 0
    while filled < size:
        got = connection.recv_into(view[filled:])
        if not got:
            return content[:filled]
        filled += got
    return content


def virtual_bytes() -> int:
    """The size of this process's address space."""
    return _status_bytes("VmSize:")


def peak_bytes() -> int:
    """The most memory this process has held; ru_maxrss would count its parent's (exec keeps it)."""
    return _status_bytes("VmHWM:")


def resident_bytes() -> int:
    """The memory that this process holds now."""
    return _status_bytes("VmRSS:")


def _status_bytes(name: str) -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        line = next((line for line in status if line.startswith(name)), "x 0")
    return int(line.split()[1]) * 1024


def limit_for_life() -> None:
    """What this process may never do: grow beyond the limit, write files, leave a core."""
    space = virtual_bytes() + limits.MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_for_one_mail() -> None:
    """CPU counts for the life of a process: every mail gets its own seconds on top."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    used = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + limits.CPU_SECONDS, most))


def warm_up() -> None:
    """Load what is loaded late, so that the first mail costs what the others cost."""
    import charset_normalizer  # noqa: F401
    import flufl.bounce  # noqa: F401

    # It logs every step, and with an exception the addresses in the mail.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

    read(b"From: a@example.org\nContent-Type: text/html\n\n<p>Hello</p>")


def _within_memory(raw: bytes) -> ReadMail:
    try:
        return read(raw)
    except MemoryError:
        return unreadable(raw, TOO_MUCH_MEMORY)


def serve(connection: socket.socket) -> None:
    """Answer mails until the other side closes."""
    warm_up()
    limit_for_life()
    while True:
        head = received(connection, LENGTH.size)
        if len(head) < LENGTH.size:
            return
        raw = bytes(received(connection, LENGTH.unpack(head)[0]))
        limit_for_one_mail()
        begun = time.process_time()
        mail = _within_memory(raw)
        del raw
        plain = to_plain(mail)
        plain["cpu"] = time.process_time() - begun
        plain["peak"], plain["resident"] = peak_bytes(), resident_bytes()
        answer = json.dumps(plain, ensure_ascii=True).encode("ascii")
        contents = [each.content for each in mail.attachments]
        connection.sendall(LENGTH.pack(len(answer)) + answer)
        connection.sendall(LENGTH.pack(sum(map(len, contents))))
        for content in contents:
            connection.sendall(content)


if __name__ == "__main__":
    sys.setrecursionlimit(500)
    with socket.socket(fileno=0) as parent:
        serve(parent)
