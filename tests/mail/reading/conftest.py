"""Real mails and one reader for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from goodword.channels.mail.reading import Reader

MAIL_FOLDERS = ("sisimai/bsd/*.eml", "mime4j/core/testmsgs/*.msg", "mime4j/dom/*.msg",
                "mime4j/core/mimetools-testmsgs/*.msg", "mime4j/mbox/**/*",
                "mikel-mail/*/*.eml", "cpython-email/*.txt", "django-helpdesk/*.eml",
                "notmuch/**/*", "spamassassin/*/*.txt", "talon/**/*.eml",
                "talon/signature/emails/P/*", "crisp-reply/fixtures/*.txt")  # fmt: skip


@pytest.fixture(scope="session")
def real_mails(testdata: Path) -> list[Path]:
    """Every file of the test data that is a mail."""
    found = [path for folder in MAIL_FOLDERS for path in testdata.glob(folder) if path.is_file()]
    assert len(found) > 1_000
    return sorted(found)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader
