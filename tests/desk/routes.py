"""Every address of the desk and the portal, found by walking the resolver."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, get_resolver


class Route(NamedTuple):
    name: str
    path: str
    view: Callable[..., Any]

    @property
    def door(self) -> str | None:
        """What the view says of who may come in; None where nobody thought of it."""
        return getattr(self.view, "door", None)


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[Any], before: str) -> Iterator[Route]:
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(each.name or path, path, each.callback)
        else:
            yield from _walk(each.url_patterns, path)
