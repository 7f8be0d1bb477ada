"""What the kernel says of our processes; one that has gone holds nothing and has done nothing."""

import os
from collections.abc import Sequence
from pathlib import Path


def pss_mb(pids: Sequence[int], line: str = "Pss") -> float:
    """Megabytes of these processes together. “Pss_Anon” is without what can be read anew."""
    whole = 0
    for pid in pids:
        said = _read(f"/proc/{pid}/smaps_rollup")
        whole += sum(int(each.split()[1]) for each in said if each.startswith(f"{line}:"))
    return whole / 1000


def name_of(pid: int) -> str:
    """What `ps` calls it: “goodword web-1”, “python”; empty where it has gone."""
    return "".join(_read(f"/proc/{pid}/comm"))


def worked_s(pids: Sequence[int]) -> float:
    """Seconds of the processor that these processes have worked."""
    tick, worked = os.sysconf("SC_CLK_TCK"), 0.0
    for pid in pids:
        for said in _read(f"/proc/{pid}/stat"):
            fields = said.rpartition(")")[2].split()
            worked += (int(fields[11]) + int(fields[12])) / tick
    return worked


def open_files(pids: Sequence[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids if _is_there(pid))


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}/fd").exists()


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
