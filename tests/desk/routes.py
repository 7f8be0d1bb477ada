"""Every address of the whole URLconf, found by walking the resolver, and what it says of itself:
who may come in, by which methods, and what stands in its path.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class Route(NamedTuple):
    name: str
    path: str
    view: Callable[..., Any]

    @property
    def door(self) -> str | None:
        """What the view says of who may come in; None where nobody thought of it."""
        return getattr(self.view, "door", None)

    @property
    def right(self) -> str | None:
        """The right that the door asks for, beside being a member."""
        return getattr(self.view, "right", None)

    @property
    def is_light(self) -> bool:
        return bool(getattr(self.view, "is_light", False))

    @property
    def methods(self) -> tuple[str, ...]:
        """What `require_POST` and its like let through; nothing where none stands outermost."""
        code, cells = self.view.__code__, self.view.__closure__ or ()
        held = dict(zip(code.co_freevars, cells, strict=True))
        if "request_method_list" not in held:
            return ()
        return tuple(held["request_method_list"].cell_contents)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The name of each parameter, and the part of the path before it: ("pk", "cases")."""
        parts = [part for part in self.path.split("/") if part]
        return [
            (found.group(1), parts[at - 1] if at else "")
            for at, part in enumerate(parts)
            if (found := _PARAMETER.search(part))
        ]


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[Any], before: str) -> Iterator[Route]:
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(each.name or path, path, each.callback)
        else:
            yield from _walk(each.url_patterns, path)
