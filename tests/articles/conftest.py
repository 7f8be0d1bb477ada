"""A request as a plain form, and as HTMX sends it."""

from tests.desk.conftest import headers

__all__ = ["headers"]
