"""A small Django site behind the real server, as a process of its own.

`python -m tests.server.site '{"limits": {...}, "proxies": [...]}'` prints its port.
"""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.server.small_settings import configure

configure(
    ROOT_URLCONF="tests.server.site",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.http import (  # noqa: E402
    FileResponse,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import path  # noqa: E402

from goodword.core.live import Nudge  # noqa: E402
from goodword.core.server.limits import Limits  # noqa: E402
from goodword.core.server.serving import serve_web  # noqa: E402
from goodword.core.server.streams import LiveStreams  # noqa: E402

seen: dict[str, Any] = {"connections": 0, "threads": set(), "pieces": 0, "closed": 0}
members = {"anna", "ben"}


def _count(**_: object) -> None:
    seen["connections"] += 1


connection_created.connect(_count)


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def query(request: HttpRequest) -> HttpResponse:
    seen["threads"].add(threading.get_ident())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 41 + 1")
        time.sleep(0.002)
        return JsonResponse({"answer": cursor.fetchone()[0]})


def counts(request: HttpRequest) -> HttpResponse:
    facts = {**seen, "threads": len(seen["threads"]), "alive": threading.active_count()}
    return JsonResponse({**facts, "streams": len(streams)})


def pause(request: HttpRequest, milliseconds: int) -> HttpResponse:
    time.sleep(milliseconds / 1000)
    return HttpResponse("slept")


def echo(request: HttpRequest) -> HttpResponse:
    body = request.body
    return JsonResponse({"size": len(body), "sha": hashlib.sha256(body).hexdigest()})


def meta(request: HttpRequest) -> HttpResponse:
    shown = {k: v for k, v in request.META.items() if isinstance(v, str) and not k.startswith("L")}
    return JsonResponse({**shown, "secure": request.is_secure(), "path": request.path})


def file(request: HttpRequest) -> HttpResponse:
    return FileResponse(Path(request.GET["name"]).open("rb"))


def endless(request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterable[bytes]:
        try:
            while True:
                seen["pieces"] += 1
                yield b"x" * 65536
        finally:
            seen["closed"] += 1

    return StreamingHttpResponse(pieces())


def nudge(request: HttpRequest) -> HttpResponse:
    number = int(request.GET.get("times", "1"))
    streams.publish([Nudge("case", f"case:{n}", {"by": "Özil\nX"}) for n in range(number)])
    return HttpResponse("nudged")


def dismiss(request: HttpRequest, name: str) -> HttpResponse:
    members.discard(name)
    return HttpResponse("dismissed")


def lose_database(request: HttpRequest) -> HttpResponse:
    members.symmetric_difference_update({"nobody-can-say"})
    return HttpResponse("lost or found")


urlpatterns = [
    path("", hello),
    path("healthz", hello),
    path("query", query),
    path("counts", counts),
    path("pause/<int:milliseconds>", pause),
    path("echo", echo),
    path("meta", meta),
    path("meta/<path:rest>", lambda request, rest: meta(request)),
    path("file", file),
    path("endless", endless),
    path("nudge", nudge),
    path("lose-database", lose_database),
    path("dismiss/<str:name>", dismiss),
]
django_app = get_wsgi_application()


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, and beside it what only a WSGI application written by hand does."""
    if environ["PATH_INFO"] == "/bare":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    if environ["PATH_INFO"] == "/raises":
        raise ValueError("a secret in an exception")
    if environ["PATH_INFO"] == "/breaks-off":
        return _breaks_off(start_response)
    return django_app(environ, start_response)


def _breaks_off(start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"a beginning"
    time.sleep(0.1)
    raise ValueError("no end")


def authenticate(cookies: Any) -> str | None:
    if "nobody-can-say" in members:
        raise OSError("the database is gone")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    who = cookies.get("who", "")
    return who if who.partition("-")[0] in members else None


choices = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
limits = Limits(**choices.get("limits", {}))
streams = LiveStreams(authenticate, limits=limits)


def main() -> None:
    # Django imports this file a second time, by its name, for its addresses.
    sys.modules["tests.server.site"] = sys.modules["__main__"]
    # Two connections that turn a new file to WAL at once get “database is locked” without the
    # busy timeout; a desk does it once, when it makes its tables.
    connection.ensure_connection()
    connection.close()
    seen["connections"] = 0
    serve_web(
        app,
        streams,
        "127.0.0.1",
        0,
        on_started=lambda host, port: print(port, flush=True),
        limits=limits,
        trusted_proxies=choices.get("proxies", []),
    )
    print("stopped in order", flush=True)


if __name__ == "__main__":
    main()
