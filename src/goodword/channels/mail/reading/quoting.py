"""New words apart from the quotation and the signature."""

from __future__ import annotations

import re
from typing import NamedTuple

from . import attributions as say
from . import limits

_MARKERS = " \t>"


class Split(NamedTuple):
    """The new words, what they answer, and the signature under them."""

    reply: str
    quoted: str
    signature: str


class _Lines:
    """The lines of a text and what each of them is: new ("t"), quoted ("q") or signature ("s")."""

    def __init__(self, text: str) -> None:
        self.lines = _on_own_lines(text).split("\n")
        self.kinds = ["t"] * len(self.lines)
        self.promising = ["@" in line or line.rstrip().endswith((":", "：")) for line in self.lines]

    def mark(self, start: int, end: int, kind: str) -> None:
        self.kinds[start:end] = [kind] * (end - start)

    def next_filled(self, start: int) -> int:
        """The next line from `start` that is not blank, or the number of lines."""
        while start < len(self.lines) and not self.lines[start].strip():
            start += 1
        return start

    def of(self, kind: str) -> str:
        chosen = [line for line, each in zip(self.lines, self.kinds, strict=True) if each == kind]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(chosen)).strip("\n")


def _on_own_lines(text: str) -> str:
    """Some webmailers write "On Monday, Jane wrote:" on the line of the last new words."""
    if "wrote:" not in text:
        return text
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if (
            line.rstrip().endswith("wrote:")
            and len(line) < 400
            and (match := say.SHARED_LINE.match(line))
        ):
            lines[at] = f"{match.group(1)}\n{match.group(2)}"
    return "\n".join(lines)


def split(text: str) -> Split:
    """New words, quoted words, signature. Without new words, all of it counts as new.

    Time is linear in the length. A forwarded message is what its sender wants read, so nothing
    from there on is a quotation.
    """
    head, rest = _first_lines(text)
    lines = _Lines(head)
    _mark_quotes(lines)
    _mark_signature(lines)
    reply, quoted, signature = lines.of("t"), lines.of("q") + rest, lines.of("s")
    if not reply.strip() and not quoted.strip():
        return Split(text.strip("\n"), "", "")
    return Split(reply.strip(), quoted, signature)


def _first_lines(text: str) -> tuple[str, str]:
    lines = text.split("\n", limits.QUOTED_LINES)
    if len(lines) <= limits.QUOTED_LINES:
        return text, ""
    return "\n".join(lines[:-1]), "\n" + lines[-1]


def _mark_quotes(lines: _Lines) -> None:
    at = 0
    while at < len(lines.lines):
        line = lines.lines[at]
        if not line.strip():
            at += 1
        elif say.FORWARDED.match(line) and not say.QUOTED.match(line):
            return
        elif say.QUOTED.match(line):
            at = _mark_run(lines, at, at)
        else:
            after = _introduction_end(lines, at)
            at = at + 1 if after is None else _mark_from(lines, at, after)


def _introduction_end(lines: _Lines, at: int) -> int | None:
    """The line after the words that introduce a quotation at `at`, or None if there are none."""
    line = lines.lines[at]
    is_ruled = line.lstrip(" >*").startswith(("--", "__", "==")) and len(line) < 400
    if is_ruled and (say.ORIGINAL.match(line) or say.ANDROID.match(line)):
        return at + 1
    if say.UNDERSCORES.match(line) or say.DASHES.match(line):
        following = lines.next_filled(at + 1)
        if following - at <= 3 and (end := _header_block_end(lines, following)):
            return end
    return _header_block_end(lines, at) or _attribution_end(lines, at)


def _header_block_end(lines: _Lines, at: int) -> int | None:
    """Two or more of From, Sent, To, Subject … in any language, as Outlook puts them."""
    if at >= len(lines.lines) or not (
        (":" in lines.lines[at] or "：" in lines.lines[at]) and say.FIELD.match(lines.lines[at])
    ):
        return None
    found, names_sender, last, skipped, here = 0, False, at, 0, at
    while here < len(lines.lines) and here < at + 15 and skipped < 2:
        line = lines.lines[here]
        if say.FIELD.match(line):
            found, last, skipped = found + 1, here, 0
            names_sender = names_sender or bool(
                say.FROM_FIELD.match(line) or say.ADDRESS.search(line)
            )
        elif not line.strip() and here > at:
            break
        else:
            skipped += 1
        here += 1
    return last + 1 if found >= 2 and names_sender else None


def _attribution_end(lines: _Lines, at: int) -> int | None:
    """ "On Monday, Jane wrote:" over up to four lines, or a date and an address alone."""
    # Cheap and exact: without one of these no pattern below can match.
    if not any(lines.promising[at : at + 5]):
        return None
    joined = ""
    for end in range(at, min(at + 5, len(lines.lines))):
        piece = lines.lines[end].strip()
        if end > at and say.QUOTED.match(lines.lines[end]) and not joined.endswith("<"):
            return None
        joined = f"{joined} {piece}".strip()
        if len(joined) > 400:
            return None
        if _is_attribution(joined, lines, end + 1):
            return end + 1
        if not _may_go_on(joined):
            return None
    return None


def _may_go_on(joined: str) -> bool:
    return bool(say.STARTS.match(joined) or say.DATE.search(joined[:60]))


def _is_attribution(line: str, lines: _Lines, after: int) -> bool:
    is_dated = bool(say.DATE.search(line))
    if say.DATED.match(line):
        return line.rstrip().endswith((":", ">")) or _quote_follows(lines, after)
    if not say.WROTE.match(line):
        return False
    has_colon = line.rstrip().endswith((":", "："))
    if has_colon and (is_dated or say.ADDRESS.search(line)):
        return bool(say.STARTS.match(line)) or len(line) < 250
    return (is_dated and bool(say.ADDRESS.search(line))) or (
        has_colon and _quote_follows(lines, after)
    )


def _quote_follows(lines: _Lines, after: int) -> bool:
    following = lines.next_filled(after)
    return following < len(lines.lines) and bool(say.QUOTED.match(lines.lines[following]))


def _mark_from(lines: _Lines, start: int, after: int) -> int:
    """Mark an introduced quotation: its ">" lines, or all that follows when there are none."""
    following = lines.next_filled(after)
    if following < len(lines.lines) and say.QUOTED.match(lines.lines[following]):
        return _mark_run(lines, start, following)
    lines.mark(start, len(lines.lines), "q")
    return len(lines.lines)


def _mark_run(lines: _Lines, start: int, first_quoted: int) -> int:
    """Mark ">" lines and what a mailer broke off them; answer where new words may begin."""
    at = first_quoted
    while at < len(lines.lines):
        if say.QUOTED.match(lines.lines[at]) or _is_broken_off(lines, at):
            at += 1
        else:
            following = lines.next_filled(at)
            if following == at or following >= len(lines.lines):
                break
            if not say.QUOTED.match(lines.lines[following]):
                break
            at = following
    lines.mark(start, at, "q")
    return at


def _is_broken_off(lines: _Lines, at: int) -> bool:
    """A short piece between two ">" lines is the end of a quoted line that was wrapped twice."""
    if at + 1 >= len(lines.lines) or not lines.lines[at].strip():
        return False
    before, after = lines.lines[at - 1], lines.lines[at + 1]
    return (
        bool(before.strip(_MARKERS) and len(before) >= 60 and say.QUOTED.match(after))
        and not lines.lines[at][0].isupper()
    )


def _mark_signature(lines: _Lines) -> None:
    """From "-- " or "Sent from my …" to the end or to the next quotation."""
    for at, line in enumerate(lines.lines):
        if lines.kinds[at] != "t" or not _begins_signature(lines, at, line):
            continue
        end = at
        while end < len(lines.lines) and lines.kinds[end] == "t":
            end += 1
        if say.SENT_FROM.match(line) and any(each.strip() for each in lines.lines[at + 1 : end]):
            end = at + 1
        lines.mark(at, end, "s")


def _begins_signature(lines: _Lines, at: int, line: str) -> bool:
    if say.DASHED.match(line) or say.LIST_FOOTER.match(line):
        return at > 0 or len(lines.lines) > 1
    return at > 0 and bool(say.SENT_FROM.match(line)) and not lines.lines[at - 1].strip()
