"""What it was measured on: a figure without it says nothing."""

import os
import platform
import subprocess
from functools import cache
from pathlib import Path


@cache
def facts() -> dict[str, object]:
    return {"commit": commit(), "cpu": _cpu(), "cores": os.cpu_count(), "memory_gb": _memory(),
            "python": platform.python_version(), "load": round(os.getloadavg()[0], 1)}  # fmt: skip


def described() -> str:
    said = facts()
    return (
        f"{said['cpu']}, {said['cores']} cores, {said['memory_gb']} GB, "
        f"Python {said['python']}, load {said['load']}, commit {said['commit']}"
    )


def commit() -> str:
    """The commit that was measured; “-dirty” where more than the paper itself was changed."""
    changed = _git("status", "--porcelain", "--", ".", ":!docs/operating/measured.md")
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + ("-dirty" if changed else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)
