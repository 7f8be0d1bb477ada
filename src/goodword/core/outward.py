"""Requests to addresses that somebody else wrote: never into the network that the desk stands in.

The check is made where a connection is opened, on the address that is then connected to, so that
neither a redirect nor a name that answers differently the second time gets around it. What asks
by `requests` or apprise is in `outside()`; what opens connections itself does it by `connect`.
Mail servers are not asked this way: an operator names them, and they often stand inside
(docs/decisions/0026-outgoing-connections.md).
"""

import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.util import connection

_here = threading.local()
_connect = connection.create_connection
# IPv4 in disguise, which Python counts as global: NAT64, 6to4, Teredo, IPv4-compatible.
_CARRIERS = tuple(
    ipaddress.ip_network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


class Inside(OSError):
    """The address leads into the desk's own network."""


@contextmanager
def outside(*, named: str = "") -> Iterator[None]:
    """Connections of this thread lead to public addresses alone, unless the operator lets them.

    `named` is the host of a server that the operator named. Where that stands inside itself, what
    it sends us to may be inside too.
    """
    before = getattr(_here, "is_strict", False)
    _here.is_strict = before or not (named and stands_inside(named))
    try:
        yield
    finally:
        _here.is_strict = before


def stands_inside(host: str) -> bool:
    """Whether every address of this name is inside; a name that nobody knows is not."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return not any(is_public(str(each[4][0])) for each in found)


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    hidden = any(ip.version == net.version and ip in net for net in _CARRIERS)
    return ip.is_global and not ip.is_multicast and not hidden


def _checked(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    if not _is_strict():
        return _connect(address, *args, **kwargs)
    return connect(address, *args, **kwargs)


def connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    """A connection to a public address of this name; the one that was looked at."""
    if settings.PUSH_PRIVATE:
        return _connect(address, *args, **kwargs)
    host, port = address
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    if not all(is_public(str(each[4][0])) for each in found):
        _here.was_inside = True
        raise Inside(host)
    return _connect((str(found[0][4][0]), port), *args, **kwargs)


def _is_strict() -> bool:
    """Asked for by `outside`, or on behalf of apprise, which may work in a thread of its own."""
    if settings.PUSH_PRIVATE:
        return False
    if getattr(_here, "is_strict", False):
        return True
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith("apprise."):
            return True
        frame = frame.f_back
    return False


def led_inside() -> bool:
    """Whether the last thing that was tried in this thread led inside; asked once."""
    was = getattr(_here, "was_inside", False)
    _here.was_inside = False
    return was


def inside_sentence() -> str:
    return _("This address leads into the network of the desk itself; the operator allows none.")


# apprise opens its connections by this; other threads and other libraries are left alone.
connection.create_connection = _checked
