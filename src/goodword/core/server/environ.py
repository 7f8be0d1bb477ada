"""A WSGI environ (PEP 3333) out of an ASGI scope."""

import sys
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

from goodword.core.server.asgi import Scope
from goodword.core.server.refusing import Refusal

_FORWARDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"}
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "expect"}


class TrustedProxies:
    """The proxies whose X-Forwarded-* headers count; anybody else's are thrown away."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Raises ValueError for what is neither an address nor a network such as 10.0.0.0/8."""
        self._networks: list[IPv4Network | IPv6Network] = [
            ip_network(text, strict=False) for text in networks
        ]

    def __contains__(self, address: str) -> bool:
        try:
            wanted = ip_address(address)
        except ValueError:
            return False
        return any(wanted in network for network in self._networks)

    def client(self, peer: str, forwarded_for: str) -> str:
        """The nearest address in the chain that is no proxy of ours: the last one to believe.

        Reads from the right, because a client may write anything into the left of the header.
        """
        for hop in reversed([hop.strip() for hop in forwarded_for.split(",")]):
            address = _without_port(hop)
            if not _is_address(address):
                break
            peer = address
            if address not in self:
                break
        return peer


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def headers_of(scope: Scope, *, trusted: bool) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined as RFC 9110 5.3 and RFC 6265 5.4 say.

    A name with an underscore is dropped: as HTTP_X_FORWARDED_FOR it could not be told from the
    header that a proxy sets.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if "_" in name or (name in _FORWARDED and not trusted):
            continue
        joint = "; " if name == "cookie" else ","
        found[name] = f"{found[name]}{joint}{value}" if name in found else value
    return found


def _path(scope: Scope) -> str:
    """The path as WSGI wants it: percent-decoded bytes, each shown as one latin-1 character."""
    raw: bytes = scope["raw_path"]
    if not raw.startswith((b"/", b"*")):
        # RFC 9112 3.2.2: a request through a proxy may name the whole URL.
        try:
            raw = urlsplit(raw.decode("ascii")).path.encode("ascii") or b"/"
        except ValueError:
            raise Refusal(400, close=True) from None
    return unquote_to_bytes(raw).decode("latin-1")


def make_environ(
    scope: Scope, body: IO[bytes], length: int, proxies: TrustedProxies, file_wrapper: type
) -> dict[str, Any]:
    """The environ of one request whose whole body, `length` bytes, stands ready in `body`.

    Raises Refusal (400) for a target that cannot be read.
    """
    peer = str((scope.get("client") or ("", 0))[0])
    trusted = peer in proxies
    headers = headers_of(scope, trusted=trusted)
    server_name, server_port = scope.get("server") or ("localhost", 0)
    scheme = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _path(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server_name),
        "SERVER_PORT": str(server_port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": proxies.client(peer, headers.get("x-forwarded-for", "")),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme if scheme in {"http", "https"} else scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": file_wrapper,
    }
    if length or "content-length" in headers:
        environ["CONTENT_LENGTH"] = str(length)
    if "content-type" in headers:
        environ["CONTENT_TYPE"] = headers["content-type"]
    for name, value in headers.items():
        if name not in _HOP_BY_HOP and name not in {"content-length", "content-type"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
