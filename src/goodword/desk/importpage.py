"""What the page of a file of customers shows: its columns, its first rows, what was wrong."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from goodword.cases.importing import SHOWN, first_lines
from goodword.core.refusals import Refused
from goodword.people.importing.reading import CARD, Line
from goodword.people.models import ImportedRow, PeopleImport
from goodword.people.models.imports import Step, What

MOST_WRONG = 100


@dataclass(frozen=True)
class Column:
    number: int
    heading: str
    field: str


class ImportPage:
    def __init__(self, of: PeopleImport) -> None:
        self.of = of

    @cached_property
    def _lines(self) -> list[Line]:
        try:
            return first_lines(self.of)
        except (Refused, OSError):
            return []

    @property
    def columns(self) -> list[Column]:
        header = self._lines[0].cells if self.of.has_header and self._lines else []
        if self.of.kind == "vcard":
            header = list(CARD)
        return [
            Column(at, header[at] if at < len(header) else _("Column %s") % (at + 1), field)
            for at, field in enumerate(self.of.mapping)
        ]

    @property
    def rows(self) -> list[Line]:
        return self._lines[1:] if self.of.has_header else self._lines[:SHOWN]

    @property
    def counts(self) -> list[tuple[str, str | LazyText, int]]:
        return [(each.value, each.label, self.of.counts.get(each.value, 0)) for each in What]

    @property
    def n_useful(self) -> int:
        counts = self.of.counts
        return int(counts.get(What.NEW, 0) + counts.get(What.CHANGED, 0))

    @cached_property
    def told(self) -> list[ImportedRow]:
        """Rows of which there is something to say, wrong ones first, as far as a page goes."""
        said = self.of.rows.exclude(why="").select_related("customer")
        return list(said.order_by("-what", "line")[:MOST_WRONG])

    @property
    def may_begin(self) -> bool:
        return self.of.step == Step.READY and self.n_useful > 0

    @property
    def may_be_undone(self) -> bool:
        return self.of.step == Step.DONE
