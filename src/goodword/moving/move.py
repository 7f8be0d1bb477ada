"""The move itself: each step can be taken again, so that one that was killed goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from goodword.backup import folder
from goodword.core import files
from goodword.core.statistics import gather
from goodword.moving import ties
from goodword.moving.place import OTHER, Place, named, others_at_work
from goodword.moving.progress import TABLE, Progress
from goodword.moving.tables import NoMove, Sum, Table, tables

Say = Callable[[str], object]
# told of each batch: which step, of how many rows, how many are done
Show = Callable[[str, int, int], object]
HERE = DEFAULT_DB_ALIAS


@dataclass(frozen=True)
class Compared:
    """One table on both sides."""

    name: str
    here: Sum
    there: Sum

    @property
    def is_equal(self) -> bool:
        return self.here == self.there


class Move:
    """From the configured database into another. Nobody may write to the first one meanwhile."""

    def __init__(self, to: Place, *, steps: list[str], say: Say, show: Show) -> None:
        self._to, self._say, self._show = to, say, show
        # a half-done one goes on only from the same database at the same version
        self._source = f"{named(settings.DATABASES[HERE])}, {len(steps)} steps to {steps[-1]}"
        self._progress = Progress(OTHER)
        self._tables = tables()

    def run(self) -> list[Compared]:
        """All of it; what was compared. NoMove for whatever stands in the way."""
        self._refuse_company()
        self._to.open()
        self._begin()
        ties.loosen(OTHER, self._progress)
        for table in self._tables:
            self._copy(table)
        compared = [self._prove(table) for table in self._tables]
        self._copy_files()
        self._finish()
        return compared

    def _refuse_company(self) -> None:
        ties.refuse_loose_ends(HERE)
        if others_at_work(HERE):
            raise NoMove(
                "Somebody else is connected to the database. Stop every web, mail and worker, and "
                "whatever else reads it, and try again."
            )

    def _begin(self) -> None:
        """Have the tables there and empty, or know that this is our own half-done work."""
        if self._progress.is_there:
            began = self._progress.get("move", "source")
            if began != self._source:
                raise NoMove(
                    f"There is a half-done move of another desk or version ({began}). Empty that "
                    "database, or name another."
                )
            self._say("Going on where it was stopped.")
        elif connections[OTHER].introspection.table_names():
            raise NoMove("The other database is not empty. Nothing was changed; name an empty one.")
        else:
            self._progress.begin(self._source)
        if not self._progress.get("move", "made"):
            self._say("Making the tables")
            self._to.migrate()
            ties.loosen(OTHER, self._progress)
            with transaction.atomic(using=OTHER):
                ties.empty(OTHER, _all_but_ours())
                self._progress.put("move", "made", True)

    def _copy(self, table: Table) -> None:
        total, done = table.count(HERE), 0
        after = self._progress.get("table", table.name)
        if after is not None:
            done = table.count(OTHER)
        for batch in table.batches(HERE, after):
            with transaction.atomic(using=OTHER):
                table.write(OTHER, batch)
                self._progress.put("table", table.name, table.told(batch[-1]))
            done += len(batch)
            self._show(f"Copying {table.name}", total, done)

    def _prove(self, table: Table) -> Compared:
        """Copied once more where they differ: somebody worked on the desk since it was stopped."""
        compared = self._compare(table)
        if not compared.is_equal:
            with transaction.atomic(using=OTHER):
                ties.empty(OTHER, [table.name])
                self._progress.drop("table", table.name)
            self._copy(table)
            compared = self._compare(table)
        if not compared.is_equal:
            raise NoMove(
                f"{table.name} is not the same on both sides: {compared.here.rows} rows here, "
                f"{compared.there.rows} there. Is somebody at work here? Stop that and try again."
            )
        return compared

    def _compare(self, table: Table) -> Compared:
        self._show(f"Comparing {table.name}", 0, 0)
        return Compared(table.name, table.sum(HERE), table.sum(OTHER))

    def _copy_files(self) -> None:
        """Where the data folder is another one: every file, and then the keys.

        What is in a store elsewhere stays there, for both.
        """
        here, there = Path(settings.DATA), self._to.data
        if here == there:
            return
        names = list(_files_in(here)) if files.are_here() else []
        for done, name in enumerate(names, 1):
            if folder.digest_of(here / name) != name.name:
                raise NoMove(f"{here / name} was changed since it was kept. Run goodword verify.")
            if not (there / name).is_file() or folder.digest_of(there / name) != name.name:
                folder.copy(here / name, there / name)
            self._show("Copying files", len(names), done)
        for path in here.glob("*.json"):  # the keys, and the clock of a demo
            folder.copy(path, there / path.name)

    def _finish(self) -> None:
        self._say("Putting foreign keys and counters back")
        ties.tighten(OTHER, self._progress)
        ties.go_on_counting(HERE, OTHER, self._tables)
        self._to.prepare_search()
        gather(connections[OTHER])
        self._progress.end()


def _all_but_ours() -> list[str]:
    names = connections[OTHER].introspection.table_names()
    # The steps that were taken are the other database's own; words are made from the rest.
    kept = {TABLE, "django_migrations"}
    return [name for name in names if name not in kept and not name.startswith("finding_words")
            and not name.startswith("finding_people")]  # fmt: skip


def _files_in(data: Path) -> Iterator[Path]:
    """Files by their hash, below `data`."""
    for path in sorted((data / folder.FILES).rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(data)
