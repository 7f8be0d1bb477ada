"""Any history of any verbs, at any times: what must hold after each step holds.

The invariants are domain.md's I1, I2, I3, I5 and I11, R02 and R22, for every case there is.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from goodword.cases import recalling
from goodword.cases.automatic import send_receipt
from goodword.cases.models import (
    Case,
    CustomerAct,
    Message,
    Notice,
    OutgoingMessage,
    Recollection,
    Tag,
)
from goodword.cases.noticing import tell
from goodword.cases.recalling import recall
from goodword.cases.several import begin, go_on, undo
from goodword.cases.states import ENDED, Move, State
from goodword.cases.waiting import ask_and_pause, dont_wait
from goodword.core.refusals import Refused
from goodword.core.time import clock
from goodword.journal.models import Entry
from goodword.journal.sealing import damage, seal
from goodword.people.meeting import customer_of
from goodword.promises.disputing import dispute
from goodword.promises.models import MoveRequest, Promise
from goodword.staff.models import Role
from goodword.worker.tick import tick
from tests.cast import Desk, gather, member

PLAIN = {
    "take": "taken", "rest": "rested", "wake": "woken", "bring_back": "brought_back",
    "accept": "handed_over", "decline": "hand_over_declined", "reopen": "reopened",
}  # fmt: skip
CASES = st.integers(0, 2)
WHO = st.sampled_from(["priya", "dele", "ines", "marta", "jonas", "olu", "tom"])
GIVEN = st.sampled_from(["callback", "next_update", "task_done", "check_in"])
SPANS = st.sampled_from(
    [timedelta(minutes=5), timedelta(hours=2), timedelta(hours=17), timedelta(days=1, hours=1),
     timedelta(days=8), timedelta(days=40)]
)  # fmt: skip
COLUMNS = ("move", "next_due", "has_broken")


def rows(case: Case) -> dict[str, Any]:
    """Everything that an entry has to speak of when it changes."""
    fields = Case.objects.filter(pk=case.pk).values()[0]
    fields.pop("is_unread")
    promises = {row["id"]: row for row in Promise.objects.filter(case=case).values()}
    messages = list(case.messages.order_by("id").values_list("id", "case_id", "is_unconfirmed"))
    return {"case": fields, "promises": promises, "messages": messages}


def fallen_away(promises: dict[int, Any], before: dict[int, Any]) -> None:
    """Take out what the merge itself promised: it stays on the ledger, as fallen away."""
    for pk in promises.keys() - before.keys():
        assert (promises[pk]["state"], promises[pk]["reason"]) == ("void", "unmerged")
        del promises[pk]


class Histories(RuleBasedStateMachine):
    desk: Desk
    contractor: Any

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.desk.at("2026-11-19 16:33")
        self.dues: dict[int, Any] = {}
        self.made: list[int] = []
        self.settled_by_them: set[int] = set()
        self.cases: list[int] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def standing(self) -> "QuerySet[Case]":
        """Every case that is not part of another."""
        return Case.objects.filter(merged_into=None)

    def case(self, number: int) -> Case:
        return Case.objects.get(pk=self.cases[number % len(self.cases)])

    def who(self, name: str) -> Any:
        return getattr(self.desk, name)

    def act(self, case: Case, kind: str, verb: Callable[[], Any]) -> Any:
        """Do it. A refusal changes nothing; a change has an entry, and its own entry once."""
        before, count = rows(case), case.entries.count()
        own = case.entries.filter(kind=kind).count()
        try:
            with transaction.atomic():
                result = verb()
        except Refused:
            assert rows(case) == before
            assert case.entries.count() == count
            return None
        if case.entries.count() == count:
            after = rows(case)
            assert {**after["case"], "handing_to_id": 0} == {**before["case"], "handing_to_id": 0}
            assert after["promises"] == before["promises"]
        assert case.entries.filter(kind=kind).count() - own <= 1
        return result

    # The customer

    @initialize()
    def begin(self) -> None:
        for customer in (self.desk.ellen, self.desk.daniel):
            self.cases.append(self.desk.heard(customer, text="It is down.").pk)

    @rule(text=st.sampled_from(["One more thing.", "Thanks!"]), n=CASES)
    def hear(self, text: str, n: int) -> None:
        case = self.case(n).survivor()
        message = self.act(case, "received", lambda: case.hear(case.customer, text))
        case.refresh_from_db()
        assert case.move == Move.OURS and case.unanswered_since is not None
        send_receipt(case, message)

    @rule(n=CASES)
    def hear_a_stranger(self, n: int) -> None:
        case, stranger = self.case(n), customer_of("someone@else.example", "Someone Else")
        self.act(case, "received", lambda: case.hear(stranger, "Me too", is_confirmed=False))

    @rule(n=CASES, lets=st.booleans(), who=WHO)
    def decide_on_the_stranger(self, n: int, lets: bool, who: str) -> None:
        case, stranger = self.case(n), customer_of("someone@else.example", "Someone Else")
        if lets:
            self.act(case, "sender_let_in", lambda: case.let_in(stranger, by=self.who(who)))
            return
        new = self.act(case, "sender_parted", lambda: case.part_from(stranger, by=self.who(who)))
        if new is not None and len(self.cases) < 4:
            self.cases.append(new.pk)

    @rule(n=CASES, degree=st.sampled_from(["", "good", "poor"]), marked=st.booleans())
    def settle(self, n: int, degree: str, marked: bool) -> None:
        case = self.case(n)
        verdict = self.act(
            case, "settled", lambda: case.settle(self.their_act(case, marked), degree=degree)
        )
        if verdict is not None:
            self.settled_by_them.add(case.pk)

    @rule(n=CASES, marked=st.booleans())
    def not_yet(self, n: int, marked: bool) -> None:
        case = self.case(n)
        act = self.their_act(case, marked)
        self.act(case, "not_yet", lambda: case.not_yet(act, words="The hall is still dark."))

    @rule(n=CASES)
    def undo_verdict(self, n: int) -> None:
        case = self.case(n)
        verdict = case.verdicts.order_by("-id").first()
        if verdict is not None:
            self.act(case, "verdict_undone", lambda: verdict.undo(self.their_act(case, False)))

    @rule(n=CASES)
    def withdraw(self, n: int) -> None:
        case = self.case(n)
        self.act(case, "withdrawn", lambda: case.withdraw(self.their_act(case, False)))

    @rule(n=CASES, p=CASES)
    def release(self, n: int, p: int) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            self.act(case, "promise_released", lambda: promise.release(by=case.customer))

    def their_act(self, case: Case, marked: bool) -> CustomerAct:
        heard = case.messages.filter(direction="in", is_unconfirmed=False, customer=case.customer)
        message = heard.order_by("-id").first()
        if marked and message is not None:
            return CustomerAct.in_words(message, message.text, marked_by=self.desk.priya)
        return CustomerAct.on_page(self.desk.link(case))

    # Us

    @rule(n=CASES, who=WHO, then=st.sampled_from(["promise", "ask", "wait", "rest"]),
          first=st.booleans(), gives=st.booleans(), kind=GIVEN,
          reason=st.sampled_from(["", "Yes."]))  # fmt: skip
    def reply(
        self, n: int, who: str, then: str, first: bool, gives: bool, kind: str, reason: str
    ) -> None:
        case = self.case(n)
        word = [{"kind": kind, "text": "I see to it", "form": "within:120"}] if gives else []
        self.act(case, "sent", lambda: case.reply(
            by=self.who(who), text="Here it is.", then=then, first_word=first, promises=word,
            question="Which one?", reason=reason,
        ))  # fmt: skip

    @rule(n=CASES)
    def a_contractor_replies(self, n: int) -> None:
        case = self.case(n)
        self.act(case, "sent", lambda: case.reply(by=self.contractor, text="Here.", then="ask"))
        assert Case.objects.get(pk=case.pk).owner != self.contractor

    @rule(n=CASES, who=WHO, answers=st.booleans())
    def call(self, n: int, who: str, answers: bool) -> None:
        case = self.case(n)
        self.act(case, "called", lambda: case.log_call("Spoke.", by=self.who(who), answers=answers))

    @rule(n=CASES, who=WHO)
    def note(self, n: int, who: str) -> None:
        case = self.case(n)
        self.act(case, "noted", lambda: case.note("Hm.", by=self.who(who)))

    @rule(n=CASES, who=WHO, verb=st.sampled_from(sorted(PLAIN)))  # fmt: skip
    def plain_verb(self, n: int, who: str, verb: str) -> None:
        case = self.case(n)
        self.act(case, PLAIN[verb], lambda: getattr(case, verb)(by=self.who(who)))

    @rule(n=CASES, who=WHO, hours=st.sampled_from([1, 15, 60, 400]), beyond=st.booleans(),
          for_promise=st.booleans(), p=CASES)  # fmt: skip
    def snooze(self, n: int, who: str, hours: int, beyond: bool, for_promise: bool, p: int) -> None:
        case = self.case(n)
        until: Any = clock.now() + timedelta(hours=hours)
        until = (self.promise(case, p) if for_promise else None) or until
        self.act(case, "snoozed", lambda: case.snooze(until, by=self.who(who), beyond=beyond))

    @rule(n=CASES, who=WHO)
    def unsnooze(self, n: int, who: str) -> None:
        case = self.case(n)
        self.act(case, "snooze_ended", lambda: case.unsnooze(by=self.who(who)))

    @rule(n=CASES, who=WHO, to=WHO, watches=st.booleans())
    def watch(self, n: int, who: str, to: str, watches: bool) -> None:
        case = self.case(n)
        verb, kind = (case.watch, "watched") if watches else (case.unwatch, "unwatched")
        self.act(case, kind, lambda: verb(self.who(to), by=self.who(who)))

    @rule(n=CASES, who=WHO, hours=st.sampled_from([1, 15, 60]))
    def notice(self, n: int, who: str, hours: int) -> None:
        """As it is: prepared by anybody, signed by nobody but a leader, told in one case."""
        case, by = self.case(n), self.who(who)
        made = Notice.prepare(
            [case.pk], "The line is down.", clock.now() + timedelta(hours=hours), by=by
        )
        if not by.is_leader:
            with pytest.raises(Refused):
                made.sign(by=by, read=made.digest())
        made.sign(by=self.desk.jonas, read=made.digest())
        owner = case.owner_id
        if self.act(case, "sent", lambda: tell(case, made)) is not None:
            case = Case.objects.get(pk=case.pk)
            assert (case.move, case.owner_id) == (Move.OURS, owner)

    @rule(n=CASES, who=WHO, doing=st.sampled_from(["take", "hand", "team", "rest", "tag", "watch"]),
          undoes=st.booleans())  # fmt: skip
    def several(self, n: int, who: str, doing: str, undoes: bool) -> None:
        """One act on every case; undone at once, whose move it is, is as it was."""
        by, desk = self.who(who), self.desk
        wanted = {"member": desk.dele.pk, "team": desk.offices.pk}
        wanted["tag"] = (Tag.objects.first() or Tag.make("Outage", by=by)).pk
        before = {case.pk: (case.owner_id, case.team_id) for case in Case.objects.all()}
        try:
            bulk = begin(by, doing, self.cases, wanted)
        except Refused:
            return
        assert go_on(bulk)
        if undoes:
            undo(bulk, by=by)
            assert not bulk.steps.filter(state__in=("done", "stays", "waiting")).exists()
            after = {case.pk: (case.owner_id, case.team_id) for case in Case.objects.all()}
            assert after == before

    @rule(n=CASES, who=WHO, to=WHO)
    def offer(self, n: int, who: str, to: str) -> None:
        case = self.case(n)
        self.act(case, "handing_over", lambda: case.offer_to(self.who(to), by=self.who(who)))

    @rule(n=CASES, who=WHO, to=WHO)
    def fall(self, n: int, who: str, to: str) -> None:
        case = self.case(n)
        self.act(case, "handed_over", lambda: case.fall_to(self.who(to), by=self.who(who)))

    @rule(n=CASES, who=WHO, to=st.sampled_from(["support", "offices"]))
    def give(self, n: int, who: str, to: str) -> None:
        case = self.case(n)
        self.act(case, "team_changed", lambda: case.give_to_team(self.who(to), by=self.who(who)))

    @rule(n=CASES, who=WHO)
    def set_aside(self, n: int, who: str) -> None:
        case = self.case(n)
        self.act(case, "set_aside", lambda: case.set_aside("spam", by=self.who(who)))

    def promise(self, case: Case, number: int) -> Promise | None:
        found = list(case.promises.order_by("-id")[:4])
        return found[number % len(found)] if found else None

    @rule(n=CASES, p=CASES, who=WHO)
    def keep(self, n: int, p: int, who: str) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            done = {"by": self.who(who), "evidence": "Done, they saw it."}
            self.act(case, "promise_kept", lambda: promise.keep(**done))

    @rule(n=CASES, p=CASES, who=WHO, days=st.integers(-1, 4), asks=st.booleans())
    def move(self, n: int, p: int, who: str, days: int, asks: bool) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            to = clock.now() + timedelta(days=days)
            first = self.who(who) if asks else promise.customer
            second = promise.customer if asks else self.who(who)

            def agreed() -> Promise:
                return MoveRequest.ask(promise, to, by=first, reason="Parts").agree(by=second)

            self.act(case, "promise_moved", agreed)

    @rule(n=CASES, p=CASES, who=WHO, to=WHO)
    def hand_promise(self, n: int, p: int, who: str, to: str) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            self.act(case, "promise_handed",
                     lambda: promise.hand_to(self.who(to), by=self.who(who)))  # fmt: skip

    @rule(n=CASES, who=WHO, kind=GIVEN)
    def give_word(self, n: int, who: str, kind: str) -> None:
        case = self.case(n)
        word = {"by": self.who(who), "form": "end_of_nth_business_day:1"}
        self.act(case, "promise_made", lambda: Promise.make(case, kind, "I see to it", **word))

    # The customer’s pen, and pauses

    @rule(n=CASES, p=CASES, who=WHO)
    def pause(self, n: int, p: int, who: str) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            ask = {"by": self.who(who), "question": "Which one?"}
            self.act(case, "promise_paused", lambda: ask_and_pause(promise, **ask))

    @rule(n=CASES)
    def dont_wait(self, n: int) -> None:
        case = self.case(n)
        self.act(case, "wait_refused", lambda: dont_wait(case, self.their_act(case, False)))

    @rule(n=CASES, p=CASES)
    def has_not_happened(self, n: int, p: int) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            self.act(case, "promise_disputed", lambda: dispute(promise, by=promise.customer))

    @rule(n=CASES, p=CASES)
    def forgive(self, n: int, p: int) -> None:
        case = self.case(n)
        if promise := self.promise(case, p):
            self.act(case, "promise_forgiven", lambda: promise.forgive(by=promise.customer))

    @rule(n=CASES, days=st.integers(-2, 3))
    def you_told_me(self, n: int, days: int) -> None:
        case = self.case(n)
        when = clock.now() + timedelta(days=days)
        act = self.their_act(case, False)
        self.act(case, "recalled", lambda: recall(case, act, "A spare one", by_when=when))

    @rule(n=CASES, who=WHO, how=st.sampled_from(["confirm", "offer", "decline", "yes", "no"]))
    def about_what_they_remember(self, n: int, who: str, how: str) -> None:
        case, by = self.case(n), self.who(who)
        row = Recollection.objects.filter(owed__case=case).order_by("-id").first()
        if row is None:
            return
        act = self.their_act(case, False)
        words = "Nobody of ours can be there before that."
        due = clock.now() + timedelta(days=2)
        ways: dict[str, tuple[str, Callable[[], Any]]] = {
            "confirm": ("sent", lambda: recalling.confirm(row, by=by)),
            "offer": ("sent", lambda: recalling.offer(row, due, by=by, words=words)),
            "decline": ("sent", lambda: recalling.decline(row, by=by, words=words)),
            "yes": ("recollection_confirmed", lambda: recalling.take_time(row, act)),
            "no": ("recollection_refused", lambda: recalling.refuse_time(row, act)),
        }
        self.act(case, *ways[how])

    # Two that are one, and two again

    @rule(n=CASES, m=CASES, who=WHO, joins=st.booleans())
    def merge(self, n: int, m: int, who: str, joins: bool) -> None:
        case, into = self.case(n), self.case(m)
        self.act(into, "merged", lambda: case.merge_into(into, by=self.who(who), joins=joins))

    @rule(n=CASES, who=WHO)
    def unmerge(self, n: int, who: str) -> None:
        case = self.case(n)
        self.act(case, "unmerged", lambda: case.unmerge(by=self.who(who)))

    @rule(n=CASES, m=CASES, who=WHO)
    def merge_and_undo_at_once(self, n: int, m: int, who: str) -> None:
        case, into = self.case(n), self.case(m)
        before = [rows(each) for each in (case, into)]
        spoken = Message.objects.count()
        if self.act(into, "merged", lambda: case.merge_into(into, by=self.who(who), joins=True)):
            Case.objects.get(pk=case.pk).unmerge(by=self.who(who))
            # Where the desk told the customer at once, that line stays in the survivor; and a
            # merge ends a pause for good.
            was_paused = any(p["paused_at"] for each in before for p in each["promises"].values())
            if Message.objects.count() == spoken and not was_paused:
                after = [rows(each) for each in (case, into)]
                for each, was in zip(after, before, strict=True):
                    fallen_away(each["promises"], was["promises"])
                assert after == before

    @rule(n=CASES, who=WHO, picks=st.lists(st.integers(0, 5), min_size=1, max_size=3))
    def split(self, n: int, who: str, picks: list[int]) -> None:
        case = self.case(n)
        there = list(case.messages.order_by("-id").values_list("pk", flat=True)[:6])
        chosen = [there[pick % len(there)] for pick in picks] if there else []
        new = self.act(case, "split", lambda: case.split(chosen, by=self.who(who)))
        if new is not None and len(self.cases) < 6:
            self.cases.append(new.pk)

    @rule(n=CASES, who=WHO)
    def put_back(self, n: int, who: str) -> None:
        case = self.case(n)
        self.act(case, "merged", lambda: case.unsplit(by=self.who(who)))

    @rule(n=CASES)
    def answer_the_merged_one(self, n: int) -> None:
        case = self.case(n)
        into = case.survivor()
        if into.pk != case.pk:
            fields = {"meant_for": case}
            into.hear(case.customer, "About the first", fields=fields)

    # The mail servers and time

    @rule(n=CASES, what=st.sampled_from(["bounced", "given_up", "soft", "again", "sent"]), who=WHO)
    def delivery(self, n: int, what: str, who: str) -> None:
        case = self.case(n)
        copy = OutgoingMessage.objects.filter(message__case=case, role="to").order_by("-id").first()
        if copy is None:
            return
        verbs: dict[str, Callable[[], Any]] = {
            "bounced": lambda: copy.note_bounced("550", hard=True),
            "soft": lambda: copy.note_bounced("452", hard=False),
            "again": lambda: copy.send_again(by=self.who(who)),
            "given_up": lambda: self.leased(copy).note_failed("550"),
            "sent": lambda: self.leased(copy).note_sent("250"),
        }
        kind = {"again": "sending_again", "soft": "bounced", "sent": "bounced"}.get(what, what)
        if what in ("given_up", "sent") and not copy.is_open:
            return
        self.act(case, kind, verbs[what])

    def leased(self, copy: OutgoingMessage) -> OutgoingMessage:
        from goodword.core.work import claim

        here = OutgoingMessage.objects.filter(pk=copy.pk)
        here.update(due_at=clock.now())
        return claim(here, limit=1, lease=timedelta(minutes=5), now=clock.now())[0]

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        clock.fix(clock.now() + span)

    @rule()
    def the_clock_ticks(self) -> None:
        unanswered = {case.pk for case in Case.objects.all() if case.unanswered_since}
        asked_before = set(Entry.objects.filter(kind="reminded").values_list("id", flat=True))
        tick()
        assert not Promise.objects.due_before(clock.now()).exists()
        reminded = Entry.objects.filter(kind__in=("reminded", "lapsed")).exclude(
            pk__in=asked_before
        )
        fresh = reminded.filter(at=clock.now())
        assert not unanswered & set(fresh.values_list("case_id", flat=True)) or not fresh

    # What must hold

    @invariant()
    def one_owner_who_may_own(self) -> None:
        for case in Case.objects.select_related("owner"):
            assert case.owner.is_active and not case.owner.is_contractor
            assert case.is_taken or case.owner_id in (case.team.duty_id, case.owner_id)

    @invariant()
    def an_unanswered_customer_is_ours(self) -> None:
        for case in self.standing().filter(unanswered_since__isnull=False):
            assert case.move == Move.OURS
            assert case.rested_at is None and case.set_aside_at is None

    @invariant()
    def whoever_sleeps_waits_for_nobody(self) -> None:
        asleep = set(Case.objects.filter(snoozed_until__isnull=False).values_list("pk", flat=True))
        for case in Case.objects.filter(pk__in=asleep):
            assert not (case.unanswered_since or case.has_broken or case.is_ended)
        hidden = Case.objects.snoozed(clock.now())
        assert not set(Case.objects.awake(clock.now())) & set(hidden)
        assert not hidden.filter(unanswered_since__isnull=False).exists()

    @invariant()
    def no_dark_time(self) -> None:
        open_ = self.standing().exclude(state__in=ENDED)
        for case in open_.filter(rested_at=None, set_aside_at=None):
            assert case.promises.outstanding().exists(), (case.state, case.move)

    @invariant()
    def only_the_customer_settles(self) -> None:
        for case in Case.objects.filter(state=State.SETTLED):
            assert case.pk in self.settled_by_them
            assert case.verdicts.filter(is_settled=True, undone_at=None).exists()

    @invariant()
    def dues_never_change(self) -> None:
        now = dict(Promise.objects.values_list("pk", "due"))
        for pk, due in self.dues.items():
            assert now[pk] == due
        self.dues = now

    @invariant()
    def one_open_clock_of_a_kind(self) -> None:
        open_ = Promise.objects.open().filter(kind__in=("acknowledge", "reply"))
        keys = list(open_.values_list("case", "customer", "kind"))
        assert len(keys) == len(set(keys))

    @invariant()
    def nothing_is_broken_early_and_nothing_kept_counts_as_broken(self) -> None:
        for promise in Promise.objects.all():
            if promise.state == "broken":
                assert promise.broken_at is not None and promise.broken_at > promise.breaks_at
            if promise.state == "kept":
                asks = promise.kind == "check_in" and promise.made_by is None
                assert promise.kept_at is not None
                assert asks or promise.kept_at <= promise.breaks_at
            if promise.state in ("open", "kept"):
                assert promise.broken_at is None

    @invariant()
    def what_the_lists_show_is_so(self) -> None:
        for case in Case.objects.all():
            shown = [getattr(case, name) for name in COLUMNS]
            case.reckon()
            assert [getattr(case, name) for name in COLUMNS] == shown
        assert not Promise.objects.filter(kind="next_update", made_at=None).exists()

    @invariant()
    def a_question_and_a_check_in_go_together(self) -> None:
        for case in self.standing().filter(set_aside_at=None):
            watches = case.promises.open().filter(kind="check_in", made_by=None).count()
            assert watches == (1 if case.state == State.ASKED else 0), case.state

    @invariant()
    def what_is_part_of_another_holds_nothing_itself(self) -> None:
        gone = Case.objects.filter(merged_into__isnull=False)
        assert not Promise.objects.filter(case__in=gone).exists()
        assert not Message.objects.filter(case__in=gone).exists()
        assert not gone.exclude(move=Move.MERGED).exists()

    @invariant()
    def only_work_that_waits_is_paused(self) -> None:
        for promise in Promise.objects.filter(paused_at__isnull=False).select_related("case"):
            assert promise.kind in ("task_done", "resolution") and promise.state == "open"
            assert promise.case.waiting_since is not None
            updates = promise.case.promises.open().filter(kind="next_update")
            assert updates.exists()
            assert promise.pauses.filter(ended_at=None).count() == 1
        for promise in Promise.objects.exclude(breaks_at=F("due")):
            assert promise.breaks_at > promise.due and promise.pauses.exists()

    @invariant()
    def what_they_remember_is_never_dismissed(self) -> None:
        for row in Recollection.objects.select_related("owed"):
            answered = row.answer is not None
            assert row.is_waiting or answered or row.owed.state in ("released", "void")

    @invariant()
    def no_promise_is_lost(self) -> None:
        assert set(self.made) <= set(Promise.objects.values_list("pk", flat=True))
        self.made = list(Promise.objects.values_list("pk", flat=True))

    @invariant()
    def the_journal_is_whole(self) -> None:
        seal()
        assert list(damage()) == []


def test_whatever_happens_what_must_hold_holds(db: None) -> None:
    Histories.desk = gather()
    Histories.contractor = member("Cara Long", Role.AGENT, is_contractor=True)
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    profile = settings(
        max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=checks
    )
    run_state_machine_as_test(Histories, settings=profile)
