"""HTML that tries to run something, fetch something, or leave its frame: ours, beside the known."""

import json
from pathlib import Path

HERE = Path(__file__).parent / "hostile"
# With a control character in them, so that they cannot stand on a line of a file.
_RUNNING = (
    "<SCRIPT\x0c>alert(1)</SCRIPT>",
    "<img src=x\nonerror=alert(1)>",
    "<img\x00 src=x onerror=alert(1)>",
)
_LINKS = (
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
)


def _lines(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def running() -> list[str]:
    """Would run something by being shown."""
    return [*_lines("running.txt"), *_RUNNING]


def links() -> list[str]:
    """Would run something by being clicked."""
    return [*_lines("links.txt"), *_LINKS]


def fetching() -> list[str]:
    """Would ask elsewhere.example for something by being shown."""
    return _lines("fetching.txt")


def known(folder: Path) -> list[str]:
    """The payloads of DOMPurify's and of Bleach's own tests."""
    rows = json.loads((folder / "dompurify_payloads.json").read_text(encoding="utf-8"))
    tests = sorted((folder / "bleach/payloads").glob("*.test"))
    bleach = [path.read_text(encoding="utf-8").partition("\n--\n")[0] for path in tests]
    return [*(row["payload"] for row in rows), *bleach]
