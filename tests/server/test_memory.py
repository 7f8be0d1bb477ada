"""A desk that has worked for long holds no more than it needs."""

import subprocess
import sys
import threading

import pytest

from goodword.worker import running

# Each thread asks the C library for memory while all others hold some of theirs.
HEAPS = """
import ctypes, threading
from goodword.core.processes import share_heaps

share_heaps()
libc, met = ctypes.CDLL(None), threading.Barrier(8)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]

def hold():
    assert libc.malloc(3000)
    met.wait()

threads = [threading.Thread(target=hold) for _each in range(8)]
for each in threads: each.start()
for each in threads: each.join()
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def test_threads_share_four_heaps() -> None:
    said = subprocess.run(
        [sys.executable, "-c", HEAPS], capture_output=True, text=True, check=True
    ).stdout
    assert said.count("<heap nr=") == 4


@pytest.mark.django_db(transaction=True)
def test_a_process_that_only_answers_gives_back_what_it_does_not_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = threading.Event()
    monkeypatch.setattr(running, "give_back", given.set)
    worker = running.Worker(lambda *_: "", intake=0, clock=False, fetch=False)
    worker.start()
    assert given.wait(30)
    worker.stop()
