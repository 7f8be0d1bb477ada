"""Files of customers: read however they are written, brought in once, and taken out again."""

from typing import Any

import pytest
from django.test import Client

from goodword.cases import importing
from goodword.cases.merging_people import merge_customers, unmerge
from goodword.core.refusals import Refused
from goodword.core.sheets import as_it_was, neutral
from goodword.journal.models import Entry
from goodword.people.importing.columns import guessed
from goodword.people.importing.reading import Look, lines_of, look_at
from goodword.people.models import Account, ContactPoint, Customer, ImportedRow, PeopleImport
from tests.cast import Desk
from tests.desk.conftest import signed_in

GERMAN = (
    "Vorname;Nachname;E-Mail-Adresse;Telefonnummer;Firma;Sprache\r\n"
    "Jörg;Müller;joerg@mueller.example;020 7946 0150;Müller & Söhne;Deutsch\r\n"
    "Äda;Öz;ada@oez.example;;;\r\n"
)
MIXED = (
    "Name,Mail,Phone,Company\n"
    "Grace Okafor,grace@okafor.example,020 7946 0190,Okafor\n"
    "Ellen,ellen@whitcombe.example,020 7946 0191,\n"
    "Daniel Reyes,daniel@reyes.example,,\n"
    "Nobody,,,\n"
    "Wrong,not an address,,\n"
    "Both,ellen@whitcombe.example; daniel@reyes.example,,\n"
    "Grace again,grace@okafor.example,,\n"
    '"=HYPERLINK(""http://evil.example"")",eve@evil.example,,\n'
)
CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lee;Ann;;;\r\nFN:Ann \r\n Lee\r\n"
    "EMAIL;TYPE=work:ann@lee.example\r\nTEL:+44 20 7946 0155\r\nORG:Lee\\, Lee;Sales\r\n"
    "END:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bo\r\nTEL;VALUE=uri:tel:+44-20-7946-0156\r\n"
    "LANG;PREF=1:de\r\nEMAIL:bo@lee.example\r\nEMAIL:bo@home.example\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg M=C3=BCller\r\n"
    "EMAIL;INTERNET:joerg@mueller.example\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cut off\r\n"
)


def looked(desk: Desk, text: str | bytes, name: str = "people.csv") -> PeopleImport:
    content = text.encode() if isinstance(text, str) else text
    made = importing.take_in(name, content, by=desk.priya)
    importing.finish(made)
    return made


def brought(desk: Desk, text: str | bytes) -> PeopleImport:
    made = looked(desk, text)
    importing.begin(made, by=desk.priya)
    importing.finish(made)
    return made


def told(of: PeopleImport) -> list[tuple[int, str]]:
    return list(of.rows.order_by("line").values_list("line", "what"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_a_german_file_is_read_however_it_is_written(
    desk: Desk, encoding: str, delimiter: str
) -> None:
    made = looked(desk, GERMAN.replace(";", delimiter).encode(encoding))
    assert made.mapping == ["first", "last", "mail", "phone", "account", "language"]
    assert (made.total, made.counts) == (2, {"new": 2})
    importing.begin(made, by=desk.priya)
    importing.finish(made)
    joerg = Customer.objects.get(points__value="joerg@mueller.example")
    assert (joerg.name, joerg.language) == ("Jörg Müller", "de")
    assert joerg.account is not None and joerg.account.name == "Müller & Söhne"
    assert joerg.phone_number() == "+442079460150"


def test_what_will_become_of_each_row_is_said_before_and_so_it_becomes(desk: Desk) -> None:
    before = Customer.objects.count()
    made = looked(desk, MIXED)
    whats = [(2, "new"), (3, "changed"), (4, "double"), (5, "wrong"), (6, "wrong"),
             (7, "wrong"), (8, "double"), (9, "new")]  # fmt: skip
    assert told(made) == whats
    assert made.counts == {"new": 2, "changed": 1, "double": 2, "wrong": 3}
    assert Customer.objects.count() == before and made.step == "ready"
    importing.begin(made, by=desk.priya)
    importing.finish(made)
    assert told(made) == whats and made.step == "done"
    assert Customer.objects.count() == before + 2
    desk.ellen.refresh_from_db()
    assert desk.ellen.name == "Ellen Whitcombe"
    assert desk.ellen.points.filter(value="+442079460191").exists()
    whys = dict(made.rows.values_list("line", "why"))
    assert "nobody could be reached" in whys[5]
    assert "“not an address” is no mail address" in whys[6]
    assert "of two customers: Daniel Reyes, Ellen Whitcombe" in whys[7]
    assert Customer.objects.filter(name='=HYPERLINK("http://evil.example")').exists()
    kinds = Entry.objects.filter(kind__startswith="import_").values_list("kind", flat=True)
    assert list(kinds) == ["import_begun", "import_ended"]


def test_the_file_may_be_right_where_we_know_otherwise(desk: Desk) -> None:
    made = looked(desk, "Name,Mail\nEllen W.,ellen@whitcombe.example\n")
    assert made.counts == {"double": 1}
    importing.change_reading(made, overwrites=True)
    importing.finish(made)
    assert made.counts == {"changed": 1}
    importing.begin(made, by=desk.priya)
    importing.finish(made)
    desk.ellen.refresh_from_db()
    assert desk.ellen.name == "Ellen W."
    importing.undo(made, by=desk.priya)
    importing.finish(made)
    desk.ellen.refresh_from_db()
    assert desk.ellen.name == "Ellen Whitcombe"


def test_columns_and_heading_are_changed_by_hand(desk: Desk) -> None:
    made = looked(desk, "Spalte A|Wer\nann@lee.example|Ann\nbo@lee.example|Bo\n")
    importing.change_reading(made, mapping=["mail", "name"], has_header=True)
    importing.finish(made)
    assert made.counts == {"new": 2}
    plain = looked(desk, "Cy Lee,cy@lee.example,020 7946 0155\n")
    assert (plain.has_header, plain.mapping) == (False, ["name", "mail", "phone"])


def test_a_batch_that_is_killed_half_way_is_gone_on_with_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    rows = "".join(f"P {n},p{n}@many.example\n" for n in range(35))
    made = looked(desk, "Name,Mail\n" + rows)
    importing.begin(made, by=desk.priya)
    made_before = Customer.objects.count()
    hand = importing.Importing(PeopleImport.objects.all())
    assert hand.turn() and hand.turn()
    made.refresh_from_db()
    assert (made.position, Customer.objects.count()) == (20, made_before + 20)

    def killed(*_: Any, **__: Any) -> None:
        raise RuntimeError("the plug")

    with monkeypatch.context() as during:
        during.setattr(importing._Batches, "_went", killed)
        with pytest.raises(RuntimeError):
            hand.turn()
    assert Customer.objects.count() == made_before + 20
    desk.later(minutes=5)  # its lease ends
    importing.finish(made)
    assert made.counts == {"new": 35} and made.step == "done"
    assert Customer.objects.count() == made_before + 35
    assert ImportedRow.objects.filter(of=made).count() == 35


def test_a_worker_that_was_paused_does_not_bring_them_in_twice(desk: Desk) -> None:
    made = looked(desk, MIXED)
    importing.begin(made, by=desk.priya)
    late = importing.Importing(PeopleImport.objects.all())
    assert late.turn()
    desk.later(minutes=5)
    importing.finish(made)
    count = Customer.objects.count()
    late.turn()
    assert Customer.objects.count() == count and made.step == "done"


def test_beginning_twice_is_refused(desk: Desk) -> None:
    made = brought(desk, MIXED)
    for verb in (importing.begin, importing.undo, importing.undo):
        if verb is importing.undo and made.step == "done":
            importing.undo(made, by=desk.priya)
            continue
        with pytest.raises(Refused):
            verb(made, by=desk.priya)


def test_undoing_takes_out_whoever_nobody_has_dealt_with(desk: Desk) -> None:
    before = (set(Customer.objects.values_list("pk")), set(ContactPoint.objects.values_list("pk")))
    accounts = Account.objects.count()
    made = brought(desk, MIXED)
    grace = Customer.objects.get(name="Grace Okafor")
    importing.undo(made, by=desk.priya)
    importing.finish(made)
    after = (set(Customer.objects.values_list("pk")), set(ContactPoint.objects.values_list("pk")))
    assert after == before and Account.objects.count() == accounts
    assert not Customer.objects.filter(pk=grace.pk).exists()


def test_whoever_wrote_since_stays(desk: Desk) -> None:
    made = brought(desk, MIXED)
    grace = Customer.objects.get(name="Grace Okafor")
    desk.heard(grace)
    importing.undo(made, by=desk.priya)
    importing.finish(made)
    assert Customer.objects.filter(pk=grace.pk).exists()
    assert made.rows.get(customer=grace, what="new").why.startswith("Stays")
    assert made.step == "undone"


def test_whoever_was_merged_and_un_merged_since_is_taken_out_all_the_same(desk: Desk) -> None:
    made = brought(desk, MIXED)
    grace, eve = Customer.objects.order_by("-pk")[:2][::-1]
    merge = merge_customers(eve, grace, by=desk.priya)
    unmerge(merge, by=desk.priya)
    merge_customers(eve, desk.daniel, by=desk.priya)
    importing.undo(made, by=desk.priya)
    importing.finish(made)
    assert not Customer.objects.filter(pk=grace.pk).exists()
    assert Customer.objects.filter(pk=eve.pk).exists()


def test_cards_of_every_version_are_read(desk: Desk) -> None:
    made = brought(desk, CARDS)
    assert made.kind == "vcard"
    assert [what for _line, what in told(made)] == ["new", "new", "new", "wrong"]
    ann, bo, joerg = Customer.objects.order_by("-pk")[:3][::-1]
    assert (ann.name, ann.account.name) == ("Ann Lee", "Lee, Lee")
    assert (bo.language, bo.points.count(), bo.phone_number()) == ("de", 3, "+442079460156")
    assert joerg.name == "Jörg Müller"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04" + b"x" * 100, "ZIP"),
        (b"", "empty"),
        (b" \n ; \n", "empty"),
        (b"a\0b,c\0d\n", "no text"),
        (b"x" * (21 * 1024 * 1024), "MB"),
        (b"n,a@b.example\n" * 60_000, "more than 50,000 rows"),
    ],
    ids=["zip", "nothing", "blank", "nul", "large", "many"],
)
def test_what_is_no_list_is_refused_with_a_sentence(desk: Desk, content: bytes, says: str) -> None:
    answer = signed_in(desk.priya).post("/customers/import/", {"file": upload(content)})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not PeopleImport.objects.exists()


def upload(content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("people.csv", content)


def test_a_line_of_a_megabyte_and_stray_signs_are_wrong_and_no_more(desk: Desk) -> None:
    text = f"Name,Mail\nAnn,ann@lee.example\n{'x' * 1_000_000},a@b.example\nN\0,n@b.example\n"
    text += "Bo,bo@lee.example\n" + '"never closed,c@b.example\n'
    lines = list(lines_of(text.encode(), look_at(text.encode())))
    assert [bool(line.why) for line in lines] == [False, False, True, True, False, False]


def test_an_unclosed_quote_does_not_take_the_memory(desk: Desk) -> None:
    text = 'Name,Mail\n"' + "a,b@c.example\n" * 40_000
    lines = list(lines_of(text.encode(), Look("csv", "utf-8-sig", ",")))
    assert any(line.why for line in lines)


@pytest.mark.parametrize("cell", ["=1+1", "+44 20", "-1", "@x", "\tx", "'=1", "plain", ""])
def test_a_cell_comes_back_as_it_was(cell: str) -> None:
    written = neutral(cell)
    assert written[:1] not in {"=", "+", "-", "@", "\t", "\r"}
    assert as_it_was(written) == (cell if cell != "'=1" else "=1")


def test_headings_of_other_programs_are_known() -> None:
    outlook = ["First Name", "Last Name", "Company", "E-mail Address", "Mobile Phone"]
    assert guessed(outlook) == ["first", "last", "account", "mail", "phone"]
    assert guessed(["Kunde", "E-Mail", "Handy"]) == ["name", "mail", "phone"]


def test_the_screens_of_a_file(desk: Desk, client: Client) -> None:
    client.force_login(desk.priya)
    answer = client.post("/customers/import/", {"file": upload(MIXED.encode())}, follow=True)
    shown = answer.content.decode()
    assert "Bring in 3 customers" in shown and "Line 6" in shown and "Wrong" in shown
    made = PeopleImport.objects.get()
    client.post(f"/imports/{made.pk}/map", {"column-0": "name", "column-1": "mail",
                "delimiter": ",", "encoding": "utf-8-sig", "has_header": "1"})  # fmt: skip
    made.refresh_from_db()
    assert made.mapping == ["name", "mail", "", ""]
    begun = client.post(f"/imports/{made.pk}/begin", follow=True).content.decode()
    assert "Brought in" in begun and "Undo all of it" in begun
    report = b"".join(client.get(f"/imports/{made.pk}/report.csv").streaming_content).decode()
    assert "'=HYPERLINK" in report and "no mail address" in report
    undone = client.post(f"/imports/{made.pk}/undo", follow=True).content.decode()
    assert "Undone" in undone
    assert client.post(f"/imports/{made.pk}/begin").status_code == 409
    assert signed_in(desk.dele).get(f"/imports/{made.pk}/").status_code == 404


def test_a_long_file_is_the_workers(desk: Desk, client: Client) -> None:
    client.force_login(desk.priya)
    rows = "".join(f"P {n},p{n}@many.example\n" for n in range(250))
    answer = client.post("/customers/import/", {"file": upload(b"Name,Mail\n" + rows.encode())})
    part = client.get(answer.headers["Location"], HTTP_HX_REQUEST="true").content.decode()
    assert 'hx-trigger="load delay:1s"' in part and "<html" not in part
    hand = importing.Importing()
    while hand.turn():
        pass
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "Bring in 250 customers" in shown
