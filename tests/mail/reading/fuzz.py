"""Feeds the reader with made-up mail: python tests/mail/reading/fuzz.py [seeds…]

With atheris installed it follows the code that each input reaches; without it, hypothesis makes
the inputs and the script says so. An input that breaks a rule ends the run and is printed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from goodword.channels.mail.reading import as_json, whole
from goodword.channels.mail.reading.kinds import from_plain, to_plain

SECONDS = 10.0


def check(raw: bytes) -> None:
    """What must hold for any bytes: no exception below `read`, no second lost, plain values."""
    begun = time.process_time()
    mail = whole._read(raw)
    assert time.process_time() - begun < SECONDS
    assert not set(mail.subject + mail.from_name + mail.from_address) & set("\r\n\0")
    (mail.text + mail.html + mail.reply_text).encode("utf-8")
    json.dumps(as_json(mail, "a.eml")).encode("utf-8")
    contents = b"".join(each.content for each in mail.attachments)
    assert from_plain(json.loads(json.dumps(to_plain(mail))), contents) == mail


def _seeds(names: list[str]) -> list[bytes]:
    paths = [path for name in names for path in [Path(name), *Path(name).rglob("*")]]
    return [path.read_bytes() for path in paths if path.is_file()]


def _with_atheris(seeds: list[bytes]) -> None:
    import atheris

    for seed in seeds:
        check(seed)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *sys.argv[1:]], check)
    atheris.Fuzz()


def _with_hypothesis(seeds: list[bytes]) -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    print("atheris is not installed: hypothesis makes the inputs instead.")
    base = st.sampled_from(seeds) if seeds else st.binary(max_size=2_000)
    edits = st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=40)), max_size=30)

    @settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(base, edits)
    def run(seed: bytes, changes: list[tuple[int, bytes]]) -> None:
        raw = bytearray(seed[:20_000])
        for at, piece in changes:
            raw[at : at + len(piece) // 2] = piece
        check(bytes(raw))

    run()
    print("5,000 inputs, nothing broke.")


if __name__ == "__main__":
    try:
        _with_atheris(_seeds(sys.argv[1:]))
    except ImportError:
        _with_hypothesis(_seeds(sys.argv[1:]))
