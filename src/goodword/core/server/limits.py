"""How much the web server takes on, in one place."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the web server. Times are seconds, sizes are bytes."""

    threads: int = 6
    at_once: int = 2  # of them, where the database is a file: it answers while nobody waits
    waiting: int = 64
    patience: float = 10.0
    retry_after: int = 5
    # Answered beside everything else, so that who watches tells a crowd from a fault.
    watched: frozenset[str] = frozenset({"/healthz", "/readyz", "/metrics"})

    connections: int = 1000
    header_bytes: int = 64 * 1024
    header_time: float = 10.0
    keep_alive: int = 15
    stalled_write: float = 30.0

    body: int = 30 * MEGABYTE
    body_in_memory: int = 256 * 1024
    bodies_together: int = 600 * MEGABYTE
    body_grace: float = 15.0
    body_bytes_a_second: int = 8 * 1024

    unsent: int = 2 * MEGABYTE
    stop_within: int = 6

    streams: int = 500
    streams_a_viewer: int = 8
    heartbeat: float = 15.0
    recheck: float = 60.0
    retry_milliseconds: int = 2000
    nudges_kept: int = 512
    nudges_queued: int = 256
