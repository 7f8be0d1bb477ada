"""The catalogues: whole where customers read, true to their originals, compiled as they stand."""

import re

import polib
import pytest

from tools.messages import LANGUAGES, catalogue, po_file

# Whatever a customer can read: their page, our mail, promises, errors, what the server refuses.
CUSTOMERS_READ = (
    "portal/",
    "cases/automatic.py",
    "cases/calling.py",
    "cases/replying.py",
    "cases/models/",
    "channels/mail/composing.py",
    "channels/mail/looks.py",
    "channels/mail/outbox.py",
    "channels/mail/placing.py",
    "core/",
    "promises/",
)
PLACE = re.compile(r"%\(\w+\)[\d.]*[a-z]|%[sd]|\{\w+\}")

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def entries(language: str) -> dict[tuple[str, str], polib.POEntry]:
    return {(each.msgctxt or "", each.msgid): each for each in polib.pofile(str(po_file(language)))}


def test_the_catalogue_holds_what_the_source_says_and_nothing_else(language: str) -> None:
    there, wanted = set(entries(language)), set(catalogue())
    assert (wanted - there, there - wanted) == (set(), set()), "run: make messages"


def test_every_message_that_a_customer_may_read_is_translated(language: str) -> None:
    known = entries(language)
    read = {
        name
        for name, (_many, files) in catalogue().items()
        if any(file.startswith(CUSTOMERS_READ) for file in files)
    }
    assert len(read) > 200
    assert [name for name in sorted(read) if not known[name].translated()] == []


def test_no_entry_waits_to_be_looked_at(language: str) -> None:
    assert [each.msgid for each in entries(language).values() if each.fuzzy] == []


def test_every_translation_has_the_places_of_its_original(language: str) -> None:
    wrong = []
    for entry in entries(language).values():
        for n, said in {0: entry.msgstr, **entry.msgstr_plural}.items():
            original = entry.msgid_plural if n else entry.msgid
            # One thing may be said in words where its plural has a figure, and the other way round.
            allowed = set(PLACE.findall(entry.msgid + entry.msgid_plural))
            needed = set(PLACE.findall(original)) - ({"%(n)s"} if entry.msgid_plural else set())
            places = set(PLACE.findall(said))
            if said and not needed <= places <= allowed:
                wrong.append((original, said))
    assert wrong == []


def test_what_is_compiled_is_what_is_written(language: str) -> None:
    written = polib.pofile(str(po_file(language)))
    assert po_file(language).with_suffix(".mo").read_bytes() == written.to_binary(), (
        "run: make messages"
    )
