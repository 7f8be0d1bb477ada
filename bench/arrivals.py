"""Work that comes when it comes: an arrival does not wait until the one before was answered.

Each is timed from the instant at which it was due, so that a server that stands still is counted
as long as somebody would have waited for it (the “coordinated omission” of closed loops).
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

Kind = str
Answer = tuple[str, int, bool]  # the name of what was asked, its status, whether Retry-After came
Worker = Callable[[Kind], Answer]
GIVEN_UP_AFTER = 60.0  # seconds; nobody sits before a page that long


@dataclass
class Outcome:
    """Milliseconds by the name of what was asked; and what was no answer."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    shed: int = 0
    without_retry_after: int = 0
    seconds: float = 0.0

    @property
    def all(self) -> list[float]:
        return [each for taken in self.taken.values() for each in taken]

    @property
    def count(self) -> int:
        return len(self.all) + len(self.failed) + self.shed

    def note(self, answer: Answer, took: float) -> None:
        name, status, says_when = answer
        if status == 503:
            self.shed += 1
            self.without_retry_after += not says_when
        elif status >= 400:
            self.failed.append(f"{name}: {status}")
        else:
            self.taken.setdefault(name, []).append(took * 1000)


def arrive(
    per_s: float, seconds: float, workers: Sequence[Worker], kinds: dict[Kind, float], seed: int = 1
) -> Outcome:
    """So many arrivals a second, at random instants; each is taken by the next free worker."""
    outcome = Outcome()
    due = _Due(per_s, seconds, kinds, seed)
    lock = threading.Lock()

    def work(worker: Worker) -> None:
        for at, kind in due.each():
            time.sleep(max(due.begun + at - time.perf_counter(), 0))
            try:
                if time.perf_counter() - due.begun - at > GIVEN_UP_AFTER:
                    raise TimeoutError("given up")
                answer = worker(kind)
            except OSError as error:
                with lock:
                    outcome.failed.append(f"{kind}: {error!r}")
                continue
            with lock:
                outcome.note(answer, time.perf_counter() - due.begun - at)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - due.begun
    return outcome


class _Due:
    """The arrivals, handed out in their order to whoever asks next."""

    def __init__(self, per_s: float, seconds: float, kinds: dict[Kind, float], seed: int) -> None:
        chance = random.Random(seed)
        at, planned = 0.0, []
        while (at := at + chance.expovariate(per_s)) < seconds:
            planned.append((at, chance.choices(list(kinds), list(kinds.values()))[0]))
        self._left = iter(planned)
        self._lock = threading.Lock()
        self.begun = time.perf_counter()

    def each(self) -> Iterator[tuple[float, Kind]]:
        while True:
            with self._lock:
                found = next(self._left, None)
            if found is None:
                return
            yield found
