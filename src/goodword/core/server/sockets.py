"""A listening socket on the wanted port, or on the next free one."""

import errno
import socket


def free_port(host: str, port: int, tries: int = 20) -> socket.socket:
    """A socket that listens already, so that nobody can take the port in between.

    Port 0 means any. Raises OSError when none of the `tries` ports from `port` on is free, or
    at once when the address is not ours or the port not allowed.
    """
    last: OSError | None = None
    for number in range(port, min(port + max(tries, 1), 65536)) if port else (0,):
        try:
            return _listen(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            last = error
    raise last or OSError(errno.EADDRNOTAVAIL, f"{port} is not a port")


def _listen(host: str, port: int) -> socket.socket:
    passive = socket.AI_PASSIVE
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=passive)
    family, kind, protocol, _name, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # Two sockets with SO_REUSEADDR may both bind to a port; only one of them may listen.
        sock.listen(1024)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
