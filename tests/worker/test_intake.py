"""Intake: what is placed, put off, shown, and gone on with."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from goodword.cases.models import Case
from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.placing import Placing
from goodword.channels.mail.reading import Reader, ReadMail, read, unreadable
from goodword.channels.mail.taking import take
from goodword.core.room import StoreGone
from goodword.core.time import clock
from goodword.worker.intake import ATTEMPTS, Intake, drain_intake
from goodword.worker.receiving import Receiver
from tests.cast import Desk
from tests.cli.running import a_mail

Patch = pytest.MonkeyPatch


def taken(desk: Desk, subject: str = "A question") -> IncomingMail:
    raw = a_mail(subject, to=desk.mailbox.address)
    recipients = [desk.mailbox.address]
    return take(raw, envelope_from="eve@client.example", recipients=recipients)[0]


def test_a_mail_finds_its_place(desk: Desk) -> None:
    row = taken(desk)
    assert drain_intake() == 1
    row.refresh_from_db()
    assert (row.state, row.message.case.title) == ("placed", "A question")  # type: ignore[union-attr]
    assert drain_intake() == 0


def test_a_mail_that_cannot_be_placed_ends_as_a_case_that_everybody_sees(
    desk: Desk, monkeypatch: Patch
) -> None:
    real = Placing.commit

    def fails_while_readable(self: Placing) -> object:
        if self.read.readable:
            raise RuntimeError("a mistake of ours")
        return real(self)

    monkeypatch.setattr(Placing, "commit", fails_while_readable)
    row = taken(desk)
    for _ in range(ATTEMPTS):
        drain_intake()
        clock.fix(clock.now() + timedelta(minutes=5))
    row.refresh_from_db()
    case = Case.objects.get()
    assert (row.state, row.is_readable, row.is_open) == ("placed", False, False)
    assert case.move == "ours"
    assert case.messages.get().is_unreadable


def test_a_mail_that_cannot_even_be_shown_is_on_the_operators_page(
    desk: Desk, monkeypatch: Patch
) -> None:
    def fails(self: Placing) -> object:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(Placing, "commit", fails)
    row = taken(desk)
    for _ in range(ATTEMPTS):
        drain_intake()
        clock.fix(clock.now() + timedelta(minutes=5))
    row.refresh_from_db()
    assert (row.state, row.gave_up_at is not None) == ("stuck", True)
    assert "a mistake of ours" in row.last_error


def test_one_bad_mail_does_not_hold_up_the_others(desk: Desk, monkeypatch: Patch) -> None:
    real = Placing.commit

    def fails_for_bad(self: Placing) -> object:
        if self.read.subject == "Bad":
            raise RuntimeError("a mistake of ours")
        return real(self)

    monkeypatch.setattr(Placing, "commit", fails_for_bad)
    for subject in ("First", "Bad", "Good"):
        taken(desk, subject)
    drain_intake()
    assert list(Case.objects.order_by("id").values_list("title", flat=True)) == ["First", "Good"]
    assert IncomingMail.objects.filter(done_at=None).count() == 1


def test_mails_of_one_batch_see_each_other(desk: Desk) -> None:
    from tests.mail.letters import letter

    first = letter(Message_ID="<one@client.example>")
    second = letter(In_Reply_To="<one@client.example>", Message_ID="<two@client.example>")
    for raw in (first, second, letter()):
        take(raw, envelope_from="eve@client.example", recipients=[desk.mailbox.address])
    assert drain_intake() == 3
    assert sorted(case.messages.count() for case in Case.objects.all()) == [1, 2]


def test_large_mails_are_not_held_in_memory_together(desk: Desk, monkeypatch: Patch) -> None:
    from goodword.channels.mail.reading import read
    from goodword.worker import intake

    monkeypatch.setattr(intake, "READS_OCTETS", 100)
    for n in range(3):
        taken(desk, f"Large {n}")
    works = Intake(read)
    together = works._together
    held: list[int] = []
    monkeypatch.setattr(works, "_together", lambda rows: held.append(len(rows)) or together(rows))
    assert works.turn() == 3
    assert held in ([1, 1], []), "the last goes alone, and on PostgreSQL each does"


def test_while_one_is_placed_the_next_is_read(desk: Desk, monkeypatch: Patch) -> None:
    seen: list[str] = []

    class Watched(Reader):
        def begin(self, raw: bytes) -> Callable[[], ReadMail]:
            answer, title = super().begin(raw), unreadable(raw, "").subject
            seen.append(f"begun {title}")

            def answered() -> ReadMail:
                seen.append(f"read {title}")
                return answer()

            return answered

    real = Placing.commit

    def commit(self: Placing) -> object:
        seen.append(f"placed {self.read.subject}")
        return real(self)

    monkeypatch.setattr(Placing, "commit", commit)
    monkeypatch.setattr(Intake, "_several", lambda self: 0)  # as on PostgreSQL
    for n in range(3):
        taken(desk, str(n))
    with Watched() as reader:
        assert drain_intake(reader) == 3
    assert seen == [
        "begun 0", "read 0", "begun 1", "placed 0",
        "read 1", "begun 2", "placed 1", "read 2", "placed 2",
    ]  # fmt: skip


def test_a_mail_whose_next_is_gone_from_the_store_is_placed(desk: Desk, monkeypatch: Patch) -> None:
    real = IncomingMail.raw

    def raw(self: IncomingMail) -> bytes:
        if self.pk == second.pk:
            raise StoreGone("the store is away")
        return real(self)

    monkeypatch.setattr(Intake, "_several", lambda self: 0)
    first, second = taken(desk, "First"), taken(desk, "Second")
    monkeypatch.setattr(IncomingMail, "raw", raw)
    with Reader() as reader, pytest.raises(StoreGone):
        drain_intake(reader)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("placed", "taken")


def test_what_was_claimed_is_gone_on_with_after_the_database_was_away(
    desk: Desk, monkeypatch: Patch
) -> None:
    away = {"now": True}
    real_commit, real_retry = Placing.commit, IncomingMail.retry

    def commit(self: Placing) -> object:
        if away["now"]:
            raise OperationalError("gone")
        return real_commit(self)

    def retry(self: IncomingMail, *args: object, **kw: object) -> None:
        if away["now"]:
            raise OperationalError("gone")
        real_retry(self, *args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(Placing, "commit", commit)
    monkeypatch.setattr(IncomingMail, "retry", retry)
    taken(desk)
    from goodword.channels.mail.reading import read

    intake = Intake(read)
    with pytest.raises(OperationalError):
        intake.turn()
    away["now"] = False
    assert intake.turn() == 1
    assert Case.objects.count() == 1


def test_a_worker_that_woke_up_late_writes_nothing(desk: Desk) -> None:
    from goodword.channels.mail.reading import read

    row = taken(desk)
    late, other = Intake(read), Intake(read)
    late._claimed = [row]
    row.lease_token = None
    assert other.turn() == 1
    late.turn()
    assert Case.objects.count() == 1


def test_a_mailbox_that_was_taken_away_in_between_leaves_the_mail_with_its_sender(
    desk: Desk,
) -> None:
    import threading

    from goodword.channels.mail.obstacles import Busy

    receiver = Receiver(threading.Event())
    with pytest.raises(Busy):
        receiver.take(
            a_mail("Whose"),
            envelope_from="eve@client.example",
            recipients=["gone@elsewhere.example"],
            peer="",
            source="smtp",
        )
    assert IncomingMail.objects.count() == 0


def test_mails_that_go_one_by_one_ask_once_what_all_of_them_ask(
    desk: Desk, monkeypatch: Patch
) -> None:
    """As on PostgreSQL; and what was changed before they were claimed is seen."""
    monkeypatch.setattr(Intake, "_several", lambda _self: 0)
    monkeypatch.setattr("goodword.worker.intake.PLACES_FOR", 1e9)
    intake = Intake(read)
    for team in (desk.support, desk.offices):
        Mailbox.objects.update(team=team)
        rows = [taken(desk, f"{team.slug} {n}") for n in range(4)]
        with CaptureQueriesContext(connection) as asked:
            assert intake.turn() == 4
        boxes = [each for each in asked if 'FROM "mail_mailbox" INNER JOIN' in each["sql"]]
        assert len(boxes) == 1
        cases = Case.objects.filter(messages__in=[row.message_id for row in _anew(rows)])
        assert {case.team for case in cases} == {team}


def _anew(rows: list[IncomingMail]) -> list[IncomingMail]:
    return list(IncomingMail.objects.filter(pk__in=[row.pk for row in rows]))
