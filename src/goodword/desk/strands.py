"""The side threads of a case, as its page shows them beside the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field

from goodword.cases.models import Case, Message, SideThread


@dataclass
class Strand:
    thread: SideThread
    messages: list[Message] = field(default_factory=list)

    @property
    def newest(self) -> int:
        return max((each.pk for each in self.messages), default=0)

    @property
    def waits(self) -> bool:
        """Whether their answer is what comes next."""
        return bool(self.messages) and self.messages[-1].direction == "out"


def strands_of(case: Case) -> list[Strand]:
    """Each with its messages, the one that was written to last at the end."""
    said = Message.everything.filter(case=case, strand__isnull=False)
    rows = said.select_related("strand__chase", "member").prefetch_related("attachments", "copies")
    found: dict[int, Strand] = {}
    for message in rows.order_by("at", "id"):
        assert message.strand is not None
        strand = found.setdefault(message.strand.pk, Strand(message.strand))
        strand.messages.append(message)
    return sorted(found.values(), key=lambda strand: strand.newest)
