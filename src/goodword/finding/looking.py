"""A search: what one member may find with what they typed, the newest first, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left
from django.utils.safestring import SafeString

from goodword.cases.access import visible_cases
from goodword.cases.models import Case, Message
from goodword.cases.models.case import CaseQuerySet
from goodword.finding.filters import Viewpoint, narrowed
from goodword.finding.folding import code, near_codes
from goodword.finding.index import WORDS, index
from goodword.finding.matching import Match, Matching, Run
from goodword.finding.models import Code
from goodword.finding.parsing import Asked, Word
from goodword.finding.snippets import Needles, holds, marked, snippet

PER_PAGE = 20
# A common word has a million hits: look at the newest few, and further back only when asked to.
STEPS = (300, 2_000, 7_000)
# Where filters leave so few cases, their messages are asked for the words, not the other way round.
FEW_CASES = 500
# With more messages than this to one that matches, gathering all that match is the shorter way.
RARE = 8
# A phrase of common words that hardly ever stand together is looked for in so many messages that
# have its rarest word; how far back those reach is told by the newest few of them.
MOST_GONE_THROUGH, SAMPLE = 100_000, 200
SHORTEST_BEGINNING = 3
# A word as long as this is looked for as it stands first: it may be whole already, and to gather
# all that begin so takes longer than to read the newest of one.
LONG_WORD = 6
READ_OF_ONE, LONGEST_READ = 5, 20_000
NEWEST = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(?P<kind>[mxc])(?P<at>\d{1,17})(?:-(?P<pk>\d{1,17}))?")


Rows = tuple[tuple[int, tuple[int, ...]], ...]
Step = tuple[list[tuple[int, int]], int | None]


@dataclass(frozen=True)
class Hit:
    """A case, and the message of it in which the words stand, if words were asked for."""

    case: Case
    message: Message | None
    name: SafeString
    title: SafeString
    says: SafeString | str


@dataclass(frozen=True)
class Page:
    """Keys of cases, each with those of its newest messages; `further` leads to older ones."""

    rows: Rows = ()
    further: str = ""
    is_whole: bool = True  # False: only the newest were looked at


class Search:
    """One question of one member. `live` is true while they still type its last word."""

    def __init__(
        self, asked: Asked, view: Viewpoint, *, live: bool = False, cursor: str = ""
    ) -> None:
        self.asked, self.view, self.live = asked, view, live
        self.cursor = _CURSOR.fullmatch(cursor)
        self.match = match_of(asked, live=live)
        self.needles = Needles.of(self.match)
        self.narrowed = narrowed(asked.filters, view)

    @property
    def is_first(self) -> bool:
        return self.cursor is None

    @cached_property
    def cases(self) -> CaseQuerySet:
        """The cases that they may see and that the filters let through."""
        return self.narrowed.cases(visible_cases(self.view.member))

    @cached_property
    def page(self) -> Page:
        if self.match:
            return self._by_words()
        return self._by_filters() if self.asked.filters else Page()

    @cached_property
    def hits(self) -> list[Hit]:
        return list(self._dressed(self.page.rows))

    @property
    def countable(self) -> CaseQuerySet:
        """The cases that are found; of those with the words only the ones of the newest."""
        rows = self._held(self.cases)
        if not self.match:
            return rows if self.asked.filters else rows.none()
        one_of, values = index().among_latest(self.match, STEPS[0])
        statement = f"SELECT case_id FROM cases_message WHERE id {one_of}"  # noqa: S608
        return rows.filter(pk__in=RawSQL(statement, values))  # noqa: S611 - our own words

    def _held(self, rows: CaseQuerySet) -> CaseQuerySet:
        """Of these cases those with a message for which everything holds."""
        if not self.narrowed.of_message:
            return rows
        held = Message.objects.filter(self.narrowed.message, case=OuterRef("pk"))
        return rows.filter(Exists(held))

    # What was meant exactly

    @cached_property
    def exact(self) -> list[Hit]:
        """The case of this reference, or those in which this number stands; first page only."""
        said = " ".join(word.text for word in self.asked.words if not word.is_not)
        wanted = code(said)
        if not self.is_first or not said or len(self.asked.words) > 2:
            return []
        found: Rows = tuple((pk, ()) for pk in self._of_reference(said))
        return list(self._dressed(found or (self._of_codes({wanted}) if wanted else ())))

    @cached_property
    def near(self) -> list[Hit]:
        """Where nothing was found: cases in which a number stands that is one slip away."""
        said = " ".join(word.text for word in self.asked.words if not word.is_not)
        wanted = code(said)
        if not self.is_first or not wanted or len(self.asked.words) > 2:
            return []
        if self.exact or self.hits:
            return []
        return list(self._dressed(self._of_codes(near_codes(wanted))))

    def _of_reference(self, said: str) -> list[int]:
        found = re.fullmatch(r"#?(?:(?P<prefix>[A-Za-z]{1,6})[\s\-]?)?(?P<number>\d{1,9})", said)
        if found is None:
            return []
        prefix, number = found["prefix"], found["number"]
        named = Q(reference__iexact=f"{prefix}-{number}") if prefix else Q(pk=number)
        pks = Case.objects.filter(named).values_list("pk", "merged_into")[:3]
        meant = [_survivor(*each) for each in pks]
        return list(self.cases.filter(pk__in=meant).values_list("pk", flat=True))

    def _of_codes(self, wanted: set[str]) -> Rows:
        rows = Code.objects.filter(code__in=wanted).order_by("-message")
        rows = rows.filter(Exists(self.cases.filter(pk=OuterRef("message__case"))))
        newest: dict[int, tuple[int, ...]] = {}
        for row in rows.select_related("message").only("message__case")[:100]:
            newest.setdefault(row.message.case_id, (row.message_id,))
        return tuple(newest.items())[:5]

    # By words

    def _by_words(self) -> Page:
        kind = self.cursor["kind"] if self.cursor else ""
        if kind == "x" or (not kind and self._last_word_may_be_whole()):
            page = self._newest(match_of(self.asked), "x")
            if page.further or kind:
                return page
        return self._newest(self.match, "m")

    def _last_word_may_be_whole(self) -> bool:
        last = self.asked.words[-1]
        if not self.live or last.begins or len(last.text) < LONG_WORD:
            return False
        # A filter behind it says that it is whole: then there is only one question.
        return match_of(self.asked) != self.match

    def _newest(self, match: Match, kind: str) -> Page:
        found: dict[int, tuple[int, ...]] = {}
        start = int(self.cursor["at"]) if self.cursor else None
        below: int | None = None
        for rows, below in self._steps(match, start):  # noqa: B007 - the last one counts
            for case, message in rows:
                if case not in found and len(found) == PER_PAGE:
                    # Where it goes on: below the newest message of the last case here.
                    return Page(
                        tuple(found.items()), f"{kind}{min(each[0] for each in found.values())}"
                    )
                if len(found.get(case, ())) < READ_OF_ONE:
                    found[case] = (*found.get(case, ()), message)
        further = f"{kind}{below}" if below is not None else ""
        return Page(tuple(found.items()), further, is_whole=not further)

    def _steps(self, match: Match, start: int | None) -> Iterator[Step]:
        """Pairs of case and message, newest first; with them where older ones may be, if any."""
        if self._few is not None:
            rows = self._among(self._few, match, start)
            yield rows, rows[-1][1] if len(rows) == STEPS[-1] else None
            return
        below, is_rare = start, False
        above = _reach(match, start) if index().goes_through else None
        for limit in STEPS:
            ids = index().newest(match, below=below, limit=limit, above=above, is_rare=is_rare)
            below = ids[-1] if len(ids) == limit else above
            yield self._seen(match, ids, start), below
            if below is None or below == above:
                return
            is_rare = ids[0] - below > limit * RARE

    @cached_property
    def _few(self) -> list[int] | None:
        """The cases that the filters let through, where going from them is the shorter way."""
        if not self.narrowed.of_case or not index().reads_by_row:
            return None
        found = list(self.cases.values_list("pk", flat=True)[: FEW_CASES + 1])
        return found if len(found) <= FEW_CASES else None

    def _among(self, cases: list[int], match: Match, start: int | None) -> list[tuple[int, int]]:
        inner = RawSQL(*index().matching(WORDS, match))  # noqa: S611 - our own words
        rows = Message.objects.filter(self.narrowed.message, case__in=cases, pk__in=inner)
        if start is not None:
            rows = rows.filter(pk__lt=start).exclude(case__in=self._shown_before(match, start))
        return list(rows.order_by("-pk").values_list("case_id", "pk")[: STEPS[-1]])

    def _seen(self, match: Match, ids: list[int], start: int | None) -> list[tuple[int, int]]:
        """Of these messages those that they may see: pairs of case and message, newest first."""
        if not ids:
            return []
        inner: Any = ids  # a few are named; the many of a common word are sooner asked for again
        if len(ids) > STEPS[0]:
            inner = RawSQL(*index().between(match, ids[-1], ids[0]))  # noqa: S611 - our own words
        rows = Message.objects.filter(self.narrowed.message, pk__in=inner)
        rows = rows.filter(Exists(self.cases.filter(pk=OuterRef("case_id"))))
        if start is not None:
            rows = rows.exclude(case__in=self._shown_before(match, start))
        return list(rows.order_by("-pk").values_list("case_id", "pk"))

    def _shown_before(self, match: Match, start: int) -> QuerySet[Message, int]:
        """Cases that stood on an earlier page, with a newer message."""
        inner = RawSQL(*index().between(match, start, NEWEST))  # noqa: S611 - our own words
        newer = Message.objects.filter(self.narrowed.message, pk__in=inner)
        return newer.values_list("case_id", flat=True)

    # By filters alone

    def _by_filters(self) -> Page:
        rows = self._held(self.cases)
        if self.cursor and self.cursor["kind"] == "c":
            at = _EPOCH + timedelta(microseconds=min(int(self.cursor["at"]), 10**16))
            older = Q(last_at__lt=at) | Q(last_at=at, pk__lt=int(self.cursor["pk"] or 0))
            rows = rows.filter(older, last_at__lte=at)
        found = list(rows.order_by("-last_at", "-pk").values_list("pk", "last_at")[: PER_PAGE + 1])
        shown: Rows = tuple((pk, ()) for pk, _at in found[:PER_PAGE])
        if len(found) <= PER_PAGE:
            return Page(shown)
        pk, at = found[PER_PAGE - 1]
        return Page(shown, f"c{(at - _EPOCH) // timedelta(microseconds=1)}-{pk}")

    # What is shown

    def _dressed(self, rows: Rows) -> Iterator[Hit]:
        cases = Case.objects.with_people().in_bulk([case for case, _messages in rows])
        texts = self._texts([message for _case, messages in rows for message in messages])
        for pk, of in rows:
            case, found = cases[pk], [texts[each] for each in of if each in texts]
            message = self._best(found)
            text = message.said if message is not None else case.last_said
            name, title = (marked(each, self.needles) for each in (case.customer.name, case.title))
            yield Hit(case, message, name, title, snippet(text, self.needles))

    def _texts(self, pks: list[int]) -> dict[int, Any]:
        if not pks:
            return {}
        rows = Message.objects.select_related("member", "customer")
        rows = rows.defer("html", "quoted", "text", "references")
        return rows.annotate(said=Left("text", LONGEST_READ)).in_bulk(pks)

    def _best(self, found: list[Any]) -> Any:
        """The newest that says the words itself; they may stand in the title of the case alone."""
        says = (each for each in found if holds(each.said, self.needles))
        return next(says, found[0] if found else None)


def _reach(match: Match, start: int | None) -> int | None:
    """The id from which on a phrase is looked for at once; None: in all messages."""
    phrases = [run for group in match.groups for run in group if len(run.words) > 1]
    if not phrases:
        return None
    words = {word for run in phrases for word in run.words[: len(run.words) - run.begins]}
    furthest = None
    for word in sorted(words):
        one = Match(((Run((word,)),),))
        newest = index().newest(one, below=start, limit=SAMPLE)
        if len(newest) < SAMPLE:
            return None
        back = newest[0] - (newest[0] - newest[-1]) * MOST_GONE_THROUGH // SAMPLE
        furthest = back if furthest is None else min(furthest, back)
    return furthest if furthest is not None and furthest > 1 else None


def match_of(asked: Asked, *, live: bool = False) -> Match:
    """The words and phrases; the last one as a beginning while it is still typed."""
    gathered = Matching()
    for word in asked.words:
        ends = live and word is asked.terms[-1] and not word.is_phrase
        gathered.add(word.text, begins=_may_begin(word, ends), not_there=word.is_not)
    return gathered.match()


def _may_begin(word: Word, ends: bool) -> bool:
    return (word.begins or ends) and len(word.text) >= SHORTEST_BEGINNING


def _survivor(pk: int, into: int | None) -> int:
    """The case in which a merged one goes on; its reference leads there."""
    seen = {pk}
    while into is not None and into not in seen:
        seen.add(into)
        pk = into
        into = Case.objects.filter(pk=pk).values_list("merged_into", flat=True).first()
    return pk
