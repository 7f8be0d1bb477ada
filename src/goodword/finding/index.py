"""The index of words: one thin class, and a back end for each database.

Two tables, `finding_words` of messages and `finding_people` of names. A row is an id and its
words; words come folded, so that both databases find the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache

from django.db import connection

from goodword.finding.matching import Match, Run

WORDS, PEOPLE = "finding_words", "finding_people"
TABLES = (WORDS, PEOPLE)
Rows = Iterable[tuple[int, Sequence[str]]]
SQL = tuple[str, list[str]]

# What is written where leaves which mark; {row} is NEW or OLD.
_MESSAGE = ("cases_message", "case_id, customer_id, text, subject, from_address, erased_at")
_CHANGES = {
    "message": (*_MESSAGE, "'message', {row}.id", "{row}.id IS NOT NULL"),
    "file": ("cases_attachment", "message_id, name", "'message', {row}.message_id",
             "{row}.message_id IS NOT NULL"),
    "case": ("cases_case", "title, customer_id, account_id", "'case', {row}.id",
             "{row}.id IS NOT NULL"),
    "customer": ("people_customer", "name", "'customer', {row}.id", "{row}.id IS NOT NULL"),
    "point": ("people_contactpoint", "customer_id, value", "'customer', {row}.customer_id",
              "{row}.customer_id IS NOT NULL"),
    "account": ("people_account", "name, domain", "'account', {row}.id", "{row}.id IS NOT NULL"),
}  # fmt: skip
_EVENTS = (("i", "INSERT", ("NEW",)), ("u", "UPDATE OF {columns}", ("OLD", "NEW")),
           ("d", "DELETE", ("OLD",)))  # fmt: skip
# Nobody finds a case by its title before it has a message, and its row is written often.
_NOT_NEEDED = {("case", "i"), ("case", "d")}


class Index(ABC):
    """Made by `index()`. Ids of messages grow with time, so the newest come first."""

    def prepare(self) -> bool:
        """Make what is missing; True where something was, so that all must be read anew."""
        before = self._there()
        with connection.cursor() as cursor:
            for statement in self._statements():
                cursor.execute(statement)
        return self._there() != before

    def missing(self) -> set[str]:
        """Names of the tables and triggers that ought to be there and are not."""
        triggers = {
            f"finding_{name}_{short}"
            for name in _CHANGES
            for short, _event, _rows in _EVENTS
            if (name, short) not in _NOT_NEEDED
        }
        return {*TABLES, *triggers} - self._there()

    def put(self, table: str, rows: Rows) -> None:
        """Write these rows in place of whatever stood under their ids."""
        told = list(rows)
        self.drop(table, [pk for pk, _words in told])
        with connection.cursor() as cursor:
            cursor.executemany(self._insert(table), [(pk, self._told(words)) for pk, words in told])

    def drop(self, table: str, pks: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            statement = f"DELETE FROM {table} WHERE {self.key} = %s"  # noqa: S608
            cursor.executemany(statement, [(pk,) for pk in pks])

    def drop_between(self, table: str, low: int, high: int) -> None:
        """Whatever stands under the ids from `low` up to, and without, `high`."""
        with connection.cursor() as cursor:
            statement = f"DELETE FROM {table} WHERE {self.key} >= %s AND {self.key} < %s"  # noqa: S608
            cursor.execute(statement, [low, high])

    def newest(
        self,
        match: Match,
        *,
        below: int | None,
        limit: int,
        above: int | None = None,
        is_rare: bool = False,
    ) -> list[int]:
        """Ids of messages that match, the newest first; only those under `below`, from `above`.

        `is_rare`: most messages do not match, so that it is better not to go through them.
        """
        statement, values = self.matching(WORDS, match)
        if is_rare:
            statement = self._gathered(statement)
        if below is not None:
            statement = f"{statement} AND {self.key} < {int(below)}"
        if above is not None:
            statement = f"{statement} AND {self.key} >= {int(above)}"
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} ORDER BY {self.key} DESC LIMIT {int(limit)}", values)
            return [row[0] for row in cursor.fetchall()]

    def between(self, match: Match, last: int, first: int) -> SQL:
        """A select of the messages that match, of those from `last` to `first`."""
        statement, values = self.matching(WORDS, match)
        return f"{statement} AND {self.key} BETWEEN {int(last)} AND {int(first)}", values

    def among_latest(self, match: Match, limit: int) -> SQL:
        """What a message's id must be so that it is one of the newest that match."""
        statement, values = self.matching(WORDS, match)
        return self._one_of(f"{statement} ORDER BY {self.key} DESC LIMIT {int(limit)}"), values

    # Whether a phrase is found by going through the messages of its rarest word
    goes_through = False
    # Whether the words of one message can be asked for without going through the others
    reads_by_row = False

    def _one_of(self, statement: str) -> str:
        return f"IN ({statement})"

    def _gathered(self, statement: str) -> str:
        """The same select, of which everything is found before any of it is sorted."""
        return statement

    @property
    @abstractmethod
    def key(self) -> str: ...

    @abstractmethod
    def matching(self, table: str, match: Match) -> SQL:
        """A select of the ids that match, to be gone on with by AND."""

    @abstractmethod
    def _there(self) -> set[str]:
        """Names of the tables and triggers that are there."""

    @abstractmethod
    def _statements(self) -> Iterable[str]: ...

    @abstractmethod
    def _insert(self, table: str) -> str: ...

    @abstractmethod
    def _told(self, words: Sequence[str]) -> str: ...


class SQLiteIndex(Index):
    """FTS5 without its content: https://www.sqlite.org/fts5.html#contentless_delete_tables"""

    key = "rowid"
    goes_through = True

    def matching(self, table: str, match: Match) -> SQL:
        groups = [f"({' OR '.join(map(_quoted, runs))})" for runs in match.groups]
        said = " AND ".join(groups)
        if match.without:
            said = f"({said}) NOT ({' OR '.join(map(_quoted, match.without))})"
        return f"SELECT rowid FROM {table} WHERE {table} MATCH %s", [said]  # noqa: S608

    def _there(self) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'finding!_%' ESCAPE '!'")
            return {row[0] for row in cursor.fetchall()}

    def _statements(self) -> Iterable[str]:
        for table in TABLES:
            # Beginnings of these lengths are read lazily; for others every hit is gathered first.
            prefixes = "2 3 4" if table == PEOPLE else "3 4 5"
            yield (
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5(said, content='', "
                f"contentless_delete=1, prefix='{prefixes}', tokenize='unicode61')"
            )
        for name, (table, columns, values, when) in _CHANGES.items():
            for short, event, rows in _EVENTS:
                if (name, short) in _NOT_NEEDED:
                    continue
                notes = " ".join(
                    "INSERT INTO finding_stale (kind, subject) "
                    f"SELECT {values.format(row=row)} WHERE {when.format(row=row)};"
                    for row in _told_apart(rows, values)
                )
                yield (
                    f"CREATE TRIGGER IF NOT EXISTS finding_{name}_{short} AFTER "
                    f"{event.format(columns=columns)} ON {table} BEGIN {notes} END"
                )

    def _insert(self, table: str) -> str:
        return f"INSERT INTO {table} (rowid, said) VALUES (%s, %s)"  # noqa: S608

    def _told(self, words: Sequence[str]) -> str:
        return " ".join(words)


class PostgreSQLIndex(Index):
    """A tsvector that is built here and not by the server, whose parser knows other words."""

    key = "id"
    reads_by_row = True
    # https://www.postgresql.org/docs/current/textsearch-limitations.html
    _LAST_PLACE, _MOST_OCTETS = 16_383, 900_000

    def matching(self, table: str, match: Match) -> SQL:
        said = " & ".join(f"({' | '.join(map(_lexemes, runs))})" for runs in match.groups)
        if match.without:
            said = f"({said}) & !({' | '.join(map(_lexemes, match.without))})"
        return f"SELECT id FROM {table} WHERE words @@ %s::tsquery", [said]  # noqa: S608

    def _one_of(self, statement: str) -> str:
        # As a list they are found once. Of tables that it knows nothing of yet the planner holds
        # that they are empty, and found them anew for each message: a minute, for 300 cases.
        return f"= ANY(ARRAY({statement}))"

    def _gathered(self, statement: str) -> str:
        # The planner would go back through all rows for the sake of the order; OFFSET keeps it
        # from that: https://www.postgresql.org/docs/current/sql-select.html
        return f"SELECT id FROM ({statement} OFFSET 0) AS gathered WHERE true"  # noqa: S608

    def _there(self) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND"
                " starts_with(tgname, 'finding_') UNION SELECT relname FROM pg_class WHERE oid IN"
                " (to_regclass('finding_words'), to_regclass('finding_people'))"
            )
            return {row[0] for row in cursor.fetchall()}

    def _statements(self) -> Iterable[str]:
        for table in TABLES:
            columns = "id bigint PRIMARY KEY, words tsvector NOT NULL"
            yield f"CREATE TABLE IF NOT EXISTS {table} ({columns})"
            yield f"CREATE INDEX IF NOT EXISTS {table}_gin ON {table} USING gin (words)"
        for name, (table, columns, values, when) in _CHANGES.items():
            for short, event, rows in _EVENTS:
                if (name, short) not in _NOT_NEEDED:
                    yield from self._trigger(name, short, event, columns, table, rows, values, when)

    def _trigger(
        self, name: str, short: str, event: str, columns: str, table: str,
        rows: Sequence[str], values: str, when: str,
    ) -> Iterable[str]:  # fmt: skip
        trigger = f"finding_{name}_{short}"
        notes = " ".join(
            "INSERT INTO finding_stale (kind, subject) "
            f"SELECT {values.format(row=row)} WHERE {when.format(row=row)};"
            for row in _told_apart(rows, values)
        )
        yield (
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {notes} RETURN NULL; END $$"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER {trigger} AFTER {event.format(columns=columns)} "
            f"ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()"
        )

    def _insert(self, table: str) -> str:
        return f"INSERT INTO {table} (id, words) VALUES (%s, %s::tsvector)"  # noqa: S608

    def _told(self, words: Sequence[str]) -> str:
        places: dict[str, list[int]] = {}
        octets = 0
        for place, word in enumerate(words, 1):
            if word not in places:
                octets += len(word.encode()) + 8
                if octets > self._MOST_OCTETS:
                    break
            if len(kept := places.setdefault(word, [])) < 200:
                kept.append(min(place, self._LAST_PLACE))
        return " ".join(f"{_lexeme(word)}:{_listed(at)}" for word, at in places.items())


def _told_apart(rows: Sequence[str], values: str) -> Sequence[str]:
    """What hangs on another row may have hung on a different one before."""
    return rows if len(rows) == 1 or not values.endswith(".id") else ("NEW",)


def _quoted(run: Run) -> str:
    inside = " ".join(run.words).replace('"', '""')
    return f'"{inside}"{"*" if run.begins else ""}'


def _lexemes(run: Run) -> str:
    *first, last = map(_lexeme, run.words)
    together = " <-> ".join([*first, last + (":*" if run.begins else "")])
    return f"({together})" if first else together


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(places: Sequence[int]) -> str:
    return ",".join(map(str, dict.fromkeys(places)))


@cache
def index() -> Index:
    return PostgreSQLIndex() if connection.vendor == "postgresql" else SQLiteIndex()
