"""Clients of the desk: they ask for pages over HTTP, one after the other or many at once."""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Asked = tuple[str, str]  # the name of the page, its address


class Client:
    """One browser's connection, kept open, with its cookies."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = cookie

    def ask(self, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """The status and the page; `body` makes it a POST of a form."""
        said = {"Cookie": self._cookie, "Accept-Encoding": "identity", **headers}
        if body is not None:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if body is None else "POST", path, body, said)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


@dataclass
class Answers:
    """What came back: milliseconds by the name of the page, and what was no page."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(map(len, self.taken.values()))

    @property
    def per_s(self) -> float:
        return self.count / self.seconds

    @property
    def all(self) -> list[float]:
        return [each for taken in self.taken.values() for each in taken]


def ask_each(client: Client, pages: Sequence[Asked], *, warms_up: bool = True) -> Answers:
    """One client, page after page. The first of each name may warm up, and is not counted then."""
    found = Answers()
    begun = time.perf_counter()
    for name, path in pages:
        started = time.perf_counter()
        status, page = client.ask(path)
        took = (time.perf_counter() - started) * 1000
        if status != 200:
            found.failed.append(f"{path}: {status} {page[:200]!r}")
        elif name in found.taken or not warms_up:
            found.taken.setdefault(name, []).append(took)
        else:
            found.taken[name] = []
    found.seconds = time.perf_counter() - begun
    return found


def ask_together(clients: Sequence[Callable[[Answers], None]]) -> Answers:
    """Each in a thread of its own; all answers in one."""
    parts = [Answers() for _ in clients]
    threads = [
        threading.Thread(target=client, args=(part,))
        for client, part in zip(clients, parts, strict=True)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Answers(seconds=time.perf_counter() - begun)
    for part in parts:
        whole.failed += part.failed
        for name, taken in part.taken.items():
            whole.taken.setdefault(name, []).extend(taken)
    return whole


def signed_in(email: str) -> str:
    """The cookie of a member who signed in, as the desk's own middleware reads it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from goodword.staff.models import Member
    from goodword.staff.sessions import SessionStore

    member = Member.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
