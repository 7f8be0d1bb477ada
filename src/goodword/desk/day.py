"""Today: what one member gave their word on, what became of it, and who has heard nothing."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.cases.access import visible_promises, workable_cases
from goodword.cases.mentioning import unseen_by
from goodword.cases.models import Case, FoundPromise, MemberMention, Message, Notice, Recollection
from goodword.cases.models.message import AUTOMATIC, Direction
from goodword.cases.states import Move
from goodword.core.prepared import prepared
from goodword.desk.calendar import why_closed
from goodword.desk.closings import Closing, closings
from goodword.desk.rows import Row, with_people
from goodword.desk.ruler import Point, Ruler, ruler
from goodword.desk.sentences import in_words
from goodword.desk.silence import is_of_mayday, on_today
from goodword.desk.times import day_of, end_of_next_business_day
from goodword.people.models.dates import near_now
from goodword.promises.kinds import Kind, State
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Member, Schedule
from goodword.staff.rights import Right
from goodword.staff.standing_in import Sees, sees, stand_in

MOST_PROMISES = 400
MOST_UNANSWERED = 30
MOST_BESIDE = 8


class Day:
    """One day of one member. Each list is asked for once, whatever is in it."""

    def __init__(self, member: Member, schedule: Schedule, at: datetime) -> None:
        self.member, self.schedule, self.at = member, schedule, at
        self.begins, self.ends = day_of(at, ZoneInfo(schedule.zone))
        self.tomorrow_ends = end_of_next_business_day(at, schedule)

    @cached_property
    def mine(self) -> list[Row]:
        day = {"begins": self.begins, "ends": self.ends, "tomorrow_ends": self.tomorrow_ends}
        found = _of_the_day(sees(self.member), member=self.member.pk, **day)
        return [
            Row(
                promise,
                self.at,
                told=bool(promise.was_told or promise.forewarned_at),
                moved_today=self._moved_today(promise.moved_from),
            )
            for promise in found
        ]

    def _moved_today(self, before: object) -> bool:
        ended = getattr(before, "ended_at", None)
        return ended is not None and self.begins <= ended < self.ends

    # What is to be kept, and what became of it

    @cached_property
    def to_keep(self) -> list[Row]:
        """Still to keep today; what is overdue by a breath is still here until the clock says."""
        return [
            row for row in self.mine if self._is_open(row) and row.promise.breaks_at < self.ends
        ]

    @cached_property
    def tomorrow(self) -> list[Row]:
        """Due on the next business day, without what was moved there today: that is below."""
        return [
            row
            for row in self.mine
            if self._is_open(row)
            and self.ends <= row.promise.breaks_at < self.tomorrow_ends
            and not row.moved_today
        ]

    @property
    def tomorrow_name(self) -> str:
        """“Tomorrow”, or the day after the weekend by its name."""
        zone = ZoneInfo(self.schedule.zone)
        last = self.tomorrow_ends.astimezone(zone).date() - timedelta(days=1)
        if last - self.at.astimezone(zone).date() == timedelta(days=1):
            return _("Tomorrow")
        return _("Until %(day)s") % {"day": date_format(last, "l")}

    @cached_property
    def rest(self) -> list[Row]:
        """What became of the others today: broken first, then the newest."""
        ended = [row for row in self.mine if self._is_of_today(row)]
        return sorted(ended, key=lambda row: (row.state != "broken", -self._place(row).timestamp()))

    @cached_property
    def still_broken(self) -> list[Row]:
        """Broken on a day before, and not made good yet."""
        broken = (row for row in self.mine if row.promise.state == State.BROKEN)
        return [row for row in broken if row.promise.breaks_at < self.begins]

    @cached_property
    def untold(self) -> list[Row]:
        """Broken, and the customer has not heard from a person since."""
        return [row for row in self.mine if row.promise.state == State.BROKEN and not row.told]

    @staticmethod
    def _is_open(row: Row) -> bool:
        return bool(row.promise.state == State.OPEN)

    def _is_of_today(self, row: Row) -> bool:
        if row.promise.state == State.OPEN:
            return row.moved_today and row.promise.breaks_at >= self.ends
        return row.promise.state != State.BROKEN or row.promise.breaks_at >= self.begins

    # The sentence and the ruler

    @property
    def sentence(self) -> str:
        """“You gave your word on nine things today: four kept, … three still to keep.”"""
        n = len(self.to_keep) + len(self.rest)
        if not n:
            return _("You have given your word on nothing for today.")
        whole = ngettext(
            "You gave your word on %(n)s thing today: %(what)s.",
            "You gave your word on %(n)s things today: %(what)s.",
            n,
        )
        return whole % {"n": in_words(n), "what": ", ".join(self._counted())}

    def _counted(self) -> Iterator[str]:
        counts = Counter(self._word_of(row) for row in self.rest)
        counts["to_keep"] = len(self.to_keep)
        sayings = {
            "kept": ngettext("%(n)s kept", "%(n)s kept", counts["kept"]),
            "kept_late": ngettext("%(n)s kept late", "%(n)s kept late", counts["kept_late"]),
            "moved": ngettext(
                "%(n)s moved by agreement", "%(n)s moved by agreement", counts["moved"]
            ),
            "released": ngettext(
                "%(n)s that they let you off", "%(n)s that they let you off", counts["released"]
            ),
            "broken": ngettext("%(n)s broken", "%(n)s broken", counts["broken"]),
            "to_keep": ngettext("%(n)s still to keep", "%(n)s still to keep", counts["to_keep"]),
        }
        for word, saying in sayings.items():
            if counts[word]:
                yield saying % {"n": in_words(counts[word])}

    @staticmethod
    def _word_of(row: Row) -> str:
        state = str(row.promise.state)
        return "moved" if state == State.OPEN else state

    @cached_property
    def ruler(self) -> Ruler | None:
        points = [
            Point(
                self._place(row),
                row.state,
                f"{row.promise.text} ({row.promise.customer.name})",
                f"p-{row.promise.pk}",
            )
            for row in (*self.to_keep, *self.rest)
        ]
        return ruler(points, self.at, self.schedule.hours)

    @property
    def why_closed(self) -> str:
        """The name of the holiday, or what else it is, on a day without opening hours."""
        today = self.at.astimezone(ZoneInfo(self.schedule.zone)).date()
        hours = self.schedule.hours
        return "" if hours.hours_on(today) else why_closed(hours, today)

    def _place(self, row: Row) -> datetime:
        """Where the mark of a row stands: when it was kept or ended, else when it is due."""
        promise, before = row.promise, row.promise.moved_from
        if promise.kept_at:
            return promise.kept_at
        if promise.state == State.RELEASED:
            return promise.ended_at or promise.due
        if promise.state == State.OPEN and promise.due >= self.ends and before is not None:
            of_today = self.begins <= before.due < self.ends
            return before.due if of_today else before.ended_at or before.due
        return promise.breaks_at

    # Who has heard nothing, and what stands beside

    @cached_property
    def unanswered(self) -> list[Case]:
        return _unanswered(sees(self.member), member=self.member.pk)

    @property
    def unanswered_shown(self) -> list[Case]:
        return self.unanswered[:MOST_UNANSWERED]

    @property
    def silence(self) -> str:
        """“3 customers wait for a word from us.”"""
        n = len({case.customer_id for case in self.unanswered_shown})
        if len(self.unanswered) > MOST_UNANSWERED:
            return _("More than %(n)s customers wait for a word from us.") % {"n": n}
        return ngettext(
            "%(n)s customer waits for a word from us.",
            "%(n)s customers wait for a word from us.",
            n,
        ) % {"n": n}

    @property
    def sweeps(self) -> list[Closing]:
        """The closing today of every team in which somebody waits, and of the business."""
        return closings(self.unanswered, self.at, self.schedule)

    @cached_property
    def nobody_has(self) -> list[Case]:
        first, last = near_now()
        return _nobody_has(sees(self.member), member=self.member.pk, first=first, last=last)

    @cached_property
    def _cases_of_mine(self) -> list[Case]:
        """Where somebody has to decide, and where our own words wait; few pages ask for more."""
        return _where_asked(sees(self.member), member=self.member.pk)

    @property
    def offered(self) -> list[Case]:
        return [case for case in self._cases_of_mine if case.handing_to_id == self.member.pk]

    @property
    def asked(self) -> list[Case]:
        offered = self.offered
        decide = (case for case in self._cases_of_mine if case.move == Move.DECIDE)
        return [case for case in decide if case not in offered][:MOST_BESIDE]

    @cached_property
    def moves(self) -> list[MoveRequest]:
        """Asked for and not answered, by either side, on the promises of this member."""
        asked = MoveRequest.objects.filter(state="asked", promise__owner=self.member)
        people = asked.select_related("promise__case", "promise__customer", "by_customer")
        return list(people.order_by("promise__due", "id")[:MOST_BESIDE])

    @cached_property
    def _let_down(self) -> list[Promise]:
        return on_today(self.member)

    @property
    def maydays(self) -> list[Promise]:
        """What we promised whoever's business is stopped."""
        return [each for each in self._let_down if is_of_mayday(each)]

    @property
    def silences(self) -> list[Promise]:
        """Whom we let down and who has heard nothing since, where it is this member's to know."""
        return [each for each in self._let_down if not is_of_mayday(each)]

    @cached_property
    def _asked_of_us(self) -> list[Promise]:
        """What waits for a yes or no of ours, and what colleagues ask this member to keep."""
        return _answers_asked(sees(self.member), member=self.member.pk)

    @property
    def promises_offered(self) -> list[Promise]:
        return [each for each in self._asked_of_us if each.handing_to_id == self.member.pk]

    @property
    def recalled(self) -> list[Recollection]:
        """“You told me…”: what waits for our yes or no, the oldest clock first."""
        told = [each for each in self._asked_of_us if each.kind == Kind.CONSENT_ANSWER]
        return [each.recollection for each in told][:MOST_BESIDE]

    @cached_property
    def called(self) -> list[MemberMention]:
        """Notes that call this member and that they have not seen."""
        rows = unseen_by(self.member).select_related("case", "message", "by")
        return list(rows.order_by("-at")[:MOST_BESIDE])

    @cached_property
    def words_given(self) -> list[FoundPromise]:
        """Our word in the cases that this member has, of which nobody has said what it is."""
        if not any(case.has_found for case in self._cases_of_mine):  # type: ignore[attr-defined]
            return []
        found = FoundPromise.objects.for_owner(self.member)
        with_case = found.select_related("message__case__customer")
        return list(with_case.order_by("message__at", "start")[: MOST_BESIDE + 1])

    @property
    def words_given_title(self) -> str:
        n = len(self.words_given)
        if n > MOST_BESIDE:
            return _("More than %(n)s words given, not on the ledger") % {"n": MOST_BESIDE}
        return ngettext(
            "%(n)s word given, not on the ledger", "%(n)s words given, not on the ledger", n
        ) % {"n": n}

    @cached_property
    def to_sign(self) -> list[Notice]:
        """Notices that a leader's name has to stand under."""
        if not self.member.has(Right.SIGN):
            return []
        waiting = Notice.objects.filter(signed_at=None, discarded_at=None)
        return list(waiting.select_related("prepared_by").order_by("prepared_at")[:MOST_BESIDE])

    @property
    def to_sign_count(self) -> int:
        return len(self.to_sign)

    @property
    def decisions(self) -> int:
        theirs = len(self.promises_offered)
        return len(self.offered) + len(self.asked) + len(self.moves) + theirs

    @property
    def is_free(self) -> bool:
        """Nothing is left to keep, today or tomorrow."""
        return not (self.to_keep or self.tomorrow)


@prepared
def _of_the_day(
    seen: Sees, *, member: int, begins: datetime, ends: datetime, tomorrow_ends: datetime
) -> QuerySet[Promise, Any]:
    """Each part by an index of its own: together they would look at all that ever was."""
    today = (begins, ends)
    parts = (
        Q(state=State.BROKEN),
        Q(state=State.OPEN, breaks_at__lt=tomorrow_ends),
        Q(kept_at__range=today),
        Q(state=State.RELEASED, ended_at__range=today),
    )
    mine = Promise.objects.filter(owner=member).order_by()
    ended = Promise.objects.filter(ended_at__range=today).values("pk")
    moved = Promise.objects.filter(moved_from__in=ended).order_by().values("pk")
    wanted = moved.union(*(mine.filter(part).values("pk") for part in parts), all=True)
    told = Message.objects.filter(
        case=OuterRef("case"),
        direction__in=(Direction.OUT, Direction.CALL),
        at__gt=OuterRef("breaks_at"),
    ).exclude(purpose__in=AUTOMATIC)
    promises = visible_promises(stand_in(member, seen)).filter(owner=member, pk__in=wanted)
    shown = promises.shown().order_by("breaks_at", "id").values("pk")[:MOST_PROMISES]
    found = with_people(Promise.objects.filter(pk__in=shown)).annotate(was_told=Exists(told))
    return found.order_by("breaks_at", "id")


@prepared
def _unanswered(seen: Sees, *, member: int) -> QuerySet[Case]:
    found = workable_cases(stand_in(member, seen)).unanswered()
    found = found.select_related("customer__account", "owner", "team__schedule")
    return found.order_by("-unanswered_since", "id")[: MOST_UNANSWERED + 1]


@prepared
def _nobody_has(seen: Sees, *, member: int, first: date, last: date) -> QuerySet[Case]:
    cases = workable_cases(stand_in(member, seen)).nobody_has().with_people()
    return cases.by_urgency((first, last))[:MOST_BESIDE]


@prepared
def _where_asked(seen: Sees, *, member: int) -> QuerySet[Case, Any]:
    """Each part by an index of its own: together they would look at every case."""
    whose = stand_in(member, seen)
    found = FoundPromise.objects.for_owner(whose).values("message__case")
    marked = ExpressionWrapper(Q(pk__in=found), output_field=BooleanField())
    decide = Case.objects.filter(move=Move.DECIDE, owner=whose).values("pk")
    offered = Case.objects.filter(handing_to=whose).values("pk")
    wanted = found.order_by().union(decide.order_by(), offered.order_by(), all=True)
    cases = workable_cases(whose).annotate(has_found=marked).with_people()
    return cases.filter(pk__in=wanted).order_by("asked_at", "id")[: MOST_BESIDE * 4]


@prepared
def _answers_asked(seen: Sees, *, member: int) -> QuerySet[Promise]:
    works = workable_cases(stand_in(member, seen)).filter(pk=OuterRef("case"))
    told = Q(Exists(works), kind=Kind.CONSENT_ANSWER)
    asked = Promise.objects.outstanding().filter(told | Q(handing_to=member))
    people = asked.select_related("owner", "customer", "case", "recollection")
    return people.order_by("due")[: MOST_BESIDE * 2]
