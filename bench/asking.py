"""Clients of the desk: they ask for pages over HTTP, one after the other or many at once."""

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

QUIET = 10.0  # seconds after which a browser opens its connection anew, before the desk ends it
Asked = tuple[str, str]  # the name of the page, its address


class Client:
    """One browser's connection, kept open, with its cookies."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies = dict([cookie.split("=", 1)]) if cookie else {}
        self._asked_at = 0.0
        self.headers = http.client.HTTPMessage()

    def ask(self, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """The status and the page; `body` makes it a POST of a form. OSError without an answer."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        said = {"Cookie": cookies, "Accept-Encoding": "identity", **headers}
        if body is not None:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self._asked_at > QUIET:
            self._connection.close()
        self._asked_at = time.monotonic()
        try:
            self._connection.request("GET" if body is None else "POST", path, body, said)
            answer = self._connection.getresponse()
            page = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise OSError(repr(error)) from error
        self.headers = answer.headers
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = each.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, page

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
