"""Requests to addresses that members wrote: never into the network that the desk stands in.

The check is made where a connection is opened, on the address that is then connected to, so that
neither a redirect nor a name that answers differently the second time gets around it.
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

TIMEOUT = (4.0, 8.0)  # seconds to connect, and to wait for an answer
_here = threading.local()
_connect = connection.create_connection
# IPv4 in disguise, which Python counts as global.
_CARRIERS = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "2002::/16"))


class Inside(OSError):
    """The address leads into the desk's own network."""


class NotSent(Exception):
    """It did not arrive; `str()` is a sentence for its member."""


class Gone(NotSent):
    """There is nobody at this address any more."""


@contextmanager
def outside() -> Iterator[None]:
    """Connections of this thread lead to public addresses alone, unless the operator lets them."""
    _here.is_strict = True
    try:
        yield
    finally:
        _here.is_strict = False


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    hidden = any(ip.version == net.version and ip in net for net in _CARRIERS)
    return ip.is_global and not ip.is_multicast and not hidden


def _checked(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    if not _is_strict():
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
