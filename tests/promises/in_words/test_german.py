"""The German pack: the same grammar, other words."""

import pytest

from goodword.promises.in_words import find
from tests.promises.in_words.hours import WEDNESDAY, WITH_LUNCH, only, wall

SAID = [
    ("Ich melde mich morgen bei Ihnen.", "next_update", "Thu 19 Nov 17:00"),
    ("Ich werde Sie am Freitag um 10 Uhr anrufen.", "callback", "Fri 20 Nov 10:00"),
    ("Wir schicken Ihnen das Angebot bis Ende der Woche.", "task_done", "Fri 20 Nov 17:00"),
    ("Sie hören bis morgen Mittag von mir.", "next_update", "Thu 19 Nov 12:30"),
    ("Wir melden uns innerhalb von zwei Werktagen.", "next_update", "Fri 20 Nov 17:00"),
    ("Ihr Laptop ist in 3-5 Arbeitstagen fertig.", "task_done", "Wed 25 Nov 17:00"),
    ("Ich rufe Sie in einer Stunde zurück.", "callback", "Wed 18 Nov 14:05"),
    ("Ich gebe Ihnen bis Geschäftsschluss Bescheid.", "next_update", "Wed 18 Nov 17:00"),
    ("Meine Kollegin wird Sie heute Nachmittag anrufen.", "callback", "Wed 18 Nov 17:00"),
    ("Wir bringen Ihnen das Gerät am 3.12. zurück.", "custody_return", "Thu 03 Dec 17:00"),
    ("Das Gerät wird nächste Woche geliefert.", "task_done", "Fri 27 Nov 17:00"),
]


@pytest.mark.parametrize(("text", "kind", "due"), SAID, ids=[text for text, *_ in SAID])
def test_a_german_sentence_gives_our_word(text, kind, due):
    found = only(text, hours=WITH_LUNCH)
    assert (found.language, found.kind, wall(found.due, WITH_LUNCH)) == ("de", kind, due)


@pytest.mark.parametrize(
    "text",
    [
        "Vielen Dank für Ihre Geduld.",
        "Können Sie mir bitte Ihre Bestellnummer nennen?",
        "Die Rechnung wurde am Montag verschickt.",
        "Wir haben Ihre Nachricht heute Morgen erhalten.",
        "Ich habe Sie um 10 Uhr angerufen, aber nicht erreicht.",
        "Der Techniker war am Freitag um 15 Uhr bei Ihnen.",
        "Wir schließen freitags um 17 Uhr.",
        "Wir freuen uns auf Ihren Besuch nächste Woche.",
        "Sie haben recht, das hätte nicht passieren dürfen.",
        "Mit freundlichen Grüßen, Marta",
    ],
)
def test_an_ordinary_german_sentence_does_not_light_up(text):
    assert find(text, WEDNESDAY, WITH_LUNCH) == []


def test_soon_is_vague_in_german_too():
    found = only("Wir melden uns in Kürze.", hours=WITH_LUNCH)
    assert found.vague
    assert found.due is None


def test_languages_can_be_named():
    text = "Ich rufe Sie morgen an. I'll call you tomorrow."
    found = find(text, WEDNESDAY, WITH_LUNCH, languages=("de", "en"))
    assert [each.language for each in found] == ["de", "en"]
