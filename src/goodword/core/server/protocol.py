"""uvicorn's HTTP/1.1 with time limits on what it waits for without end.

Two hundred connections that send a header a second held a bare threaded server; here each has
`header_time` for its whole head, and `stalled_write` to read what it asked for.
"""

import asyncio
import socket
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from goodword.core.server.asgi import Receive, Scope, Send
from goodword.core.server.limits import Limits
from goodword.core.server.refusing import Refusal


class GuardedProtocol(H11Protocol):
    limits: ClassVar[Limits] = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        if len(self.connections) > self.limits.connections:
            self.app = self._crowded
        self._give_up_on_dead_peers(transport)
        self._await_head()

    def _give_up_on_dead_peers(self, transport: asyncio.Transport) -> None:
        sock = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT") and sock.family != socket.AF_UNIX:
            milliseconds = int(self.limits.stalled_write * 1000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    async def _crowded(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Refusal(503, close=True, seconds=self.limits.retry_after).send_to(send)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_waiting_for_more():
            self._await_head()
        else:
            _cancel(self._head_timer)
            self._head_timer = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # The beginning of the next head may have come while this answer was still being sent.
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._unset_keepalive_if_required()
            self._await_head()

    def _is_waiting_for_more(self) -> bool:
        """Is there half a head, or the rest of a body that was refused already?"""
        answered = self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
        return self.conn.their_state is h11.IDLE or answered

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.header_time, self._head_late)

    def _head_late(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self.transport.write(Refusal(408, close=True).raw())
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        # In the middle of an answer a second head would be read as part of its body.
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(Refusal(400, close=True).raw())
        self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        abort = self.transport.abort
        self._stall_timer = self.loop.call_later(self.limits.stalled_write, abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._stall_timer)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._head_timer)
        _cancel(self._stall_timer)
        super().connection_lost(exc)
        self._unset_keepalive_if_required()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def guarded_by(limits: Limits) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn's configuration, which makes one for each connection."""
    attributes: dict[str, Any] = {"limits": limits}
    return type("Protocol", (GuardedProtocol,), attributes)
