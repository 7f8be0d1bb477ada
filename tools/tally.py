"""Count what several test runs and checks came to."""

from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

# pytest's own words for its exit codes; 0, 1 and 5 (nothing chosen) need no more words.
ENDS = {2: "was interrupted", 3: "broke inside", 4: "was called wrongly", 124: "took too long"}
NAMES_SHOWN = 3


class Tally:
    def __init__(self) -> None:
        self.passed = 0
        self.names: set[str] = set()
        self.failures: list[tuple[str, str]] = []
        self.unsteady: list[tuple[str, str]] = []
        self.skips: defaultdict[str, list[str]] = defaultdict(list)
        self.proofs: Counter[str] = Counter()

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def skipped(self) -> int:
        return sum(map(len, self.skips.values()))

    def fail(self, what: str, why: str) -> None:
        self.failures.append((what, why))

    def skip(self, what: str, why: str) -> None:
        self.skips[why].append(what)

    def read(self, run: str, report: Path, code: int) -> None:
        """Add what one run of pytest wrote to `report`; `code` is how it ended."""
        if code not in (0, 1, 5) or not report.exists():
            self.fail(f"the run “{run}”", f"pytest {ENDS.get(code, f'ended with {code}')}")
        if report.exists():
            before = self.failed
            self._add(run, ElementTree.parse(report).getroot())
            if code == 1 and self.failed == before:
                self.fail(f"the run “{run}”", "pytest failed, but no test did")

    def read_again(self, run: str, report: Path) -> None:
        """Add a second try of what failed: what passes now is unsteady, and said so by name."""
        second = Tally()
        second._add(run, ElementTree.parse(report).getroot())
        still = {name for name, _ in second.failures}
        tried = still | second.names
        self.unsteady += [each for each in self.failures if each[0] in tried - still]
        self.failures = [each for each in self.failures if each[0] not in tried - still]
        self.passed += second.passed
        self.proofs += second.proofs

    def _add(self, run: str, root: ElementTree.Element) -> None:
        broken: dict[str, str] = {}
        for case in root.iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')} ({run})"
            bad = case.find("failure") if case.find("failure") is not None else case.find("error")
            skipped = case.find("skipped")
            if bad is not None:
                broken[name] = (bad.get("message") or "no words").splitlines()[0][:160]
            elif skipped is not None:
                self.skip(name, skipped.get("message") or "no reason given")
            else:
                self.names.add(name)
                self._pass(run, case)
        self.failures.extend(broken.items())

    def _pass(self, run: str, case: ElementTree.Element) -> None:
        self.passed += 1
        given = {mark.get("value", "") for mark in case.iter("property")}
        self.proofs.update({run, *given})

    def report(self) -> str:
        """Return the failures and skips by name, each with its reason."""
        lines = [f"Failed: {what}: {why}" for what, why in self.failures]
        lines += [f"Only at the second try: {what}: {why}" for what, why in self.unsteady]
        for why, names in sorted(self.skips.items()):
            more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
            lines.append(f"Skipped: {why} — {', '.join(names[:NAMES_SHOWN])}{more}")
        return "\n".join(lines) or "Nothing failed and nothing was skipped."

    def closing_line(self) -> str:
        second = f", {len(self.unsteady)} only at the second try" if self.unsteady else ""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped{second}"
