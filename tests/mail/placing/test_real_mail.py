"""Mail that people and servers really wrote, through taking, reading and placing, whole."""

from pathlib import Path

import pytest

from goodword.cases.models import Case, Message
from goodword.cases.states import ENDED, Move
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.reading import Reader
from goodword.channels.mail.taking import take
from goodword.core.files import read as stored
from goodword.journal.sealing import damage
from goodword.worker.intake import drain_intake
from tests.cast import Desk
from tests.mail.letters import SUPPORT

FOLDERS = {
    "sisimai": ("eml",), "mime4j": ("msg",), "mikel-mail": ("eml",), "cpython-email": ("txt",),
    "django-helpdesk": ("eml",), "spamassassin": ("txt",), "talon": ("eml",), "notmuch": (),
}  # fmt: skip
NOT_MAIL = ("LICENCE", "ORIGIN", "README", "LICENSE", "COPYING")
KNOWN = {"bounce", "vacation", "challenge", "feedback", "list", "bulk", "other"}


def mails(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        path
        for path in files
        if not path.name.upper().startswith(NOT_MAIL)
        and (not endings or path.suffix.lstrip(".") in endings)
    ]


@pytest.mark.testdata
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_real_mail_ends_as_a_case_or_a_known_automatic_kind(
    desk: Desk, testdata: Path, folder: str
) -> None:
    raws = [path.read_bytes() for path in mails(testdata / folder, FOLDERS[folder])]
    assert raws, "there is nothing to try"
    desk.at("2026-11-19 20:00")
    rows = {take(raw, envelope_from="", recipients=[SUPPORT])[0].pk for raw in raws}
    with Reader() as reader:
        assert drain_intake(reader) == len(rows)
    kept = IncomingMail.objects.all()
    assert kept.count() == len(rows)
    assert sum(row.copies for row in kept) == len(raws) - len(rows)
    assert [row.last_error for row in kept if row.last_error] == []
    counts = {state: kept.filter(state=state).count() for state in ("placed", "automatic")}
    assert sum(counts.values()) == len(rows), counts
    assert set(kept.exclude(automatic="").values_list("automatic", flat=True)) <= KNOWN
    for row in kept:
        assert (row.message is not None) == (row.state == "placed")
        assert row.message is not None or row.automatic
    everything_is_in_order()


def everything_is_in_order() -> None:
    for case in Case.objects.exclude(state__in=ENDED):
        assert case.move == Move.OURS
        kinds = set(case.promises.open().values_list("kind", flat=True))
        assert kinds == {"acknowledge", "reply"}
    for message in Message.objects.prefetch_related("attachments"):
        for part in message.attachments.all():
            assert len(stored(part.sha256)) == part.size
    assert list(damage()) == []
