"""The short ways of templates say what Django's own say, whatever they are given."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Engine, Template
from django.utils import translation
from django.utils.functional import SimpleLazyObject, lazystr
from django.utils.safestring import mark_safe

from goodword.cases.models import Case
from goodword.core.dates import full_day, short_day
from goodword.core.quick import Addressed, Looked, Shown, Worded
from goodword.core.steady import draw_together


class Named(NamedTuple):
    first: str
    count: int


class Found:
    def __str__(self) -> str:
        return "found <here>"

    name = "<Ada> & 'Bo'"
    nothing = None
    safe = mark_safe("<b>Ada</b>")
    number = 1234567
    share = 0.25
    at = datetime(2026, 11, 19, 16, 33, tzinfo=UTC)
    lazy = lazystr("Inbox")
    pair = ("one", "two")
    named = Named("one", 2)
    case = Case(state="received", move="nowhere", set_aside_as="")
    items = {"keys": "a key", "0": "zero"}
    rows = ["first", "second"]

    def said(self) -> str:
        return "said <aloud>"

    @property
    def broken(self) -> str:
        raise AttributeError("nothing")

    def alters(self) -> str:
        return "changed"

    alters.alters_data = True  # type: ignore[attr-defined]


@dataclass
class Holder:
    found: Found


NAMES = [
    "x.found.name", "x.found.nothing", "x.found.safe", "x.found.number", "x.found.share",
    "x.found.at", "x.found.lazy", "x.found.items.keys", "x.found.items.0", "x.found.rows.1",
    "x.found.rows.9", "x.found.said", "x.found.broken", "x.found.alters", "x.none.more", "nowhere",
    "x.found.case.get_state_display", "x.found.case.get_move_display", "x.found.pair.1",
    "x.found.case.get_set_aside_as_display", "x.found.case.get_state_display.upper",
    "x.found.named.first", "x.found.named.count.real", "x.found.named.0", "x.found.items.missing",
    "x.found.items.7",
    "lazy.name", "kind.name", "call", "call.name", "x.found.name.upper", "forloop.counter", "five",
]  # fmt: skip
FORMS = [
    "{{ NAME }}", "{% autoescape off %}{{ NAME }}{% endautoescape %}", "{{ NAME|default:'-' }}",
    "{% if NAME and not five == NAME %}yes{% else %}no{% endif %}",
    "{% blocktranslate with name=NAME %}Choose {{ name }}, {{ five }} %{% endblocktranslate %}",
    "{% with given=NAME %}{{ given }}{% endwith %}",
    "{% for each in NAME %}{{ each }}{{ forloop.counter }}{% endfor %}",
]  # fmt: skip


def context():
    found = Found()
    return Context({
        "x": Holder(found), "lazy": SimpleLazyObject(lambda: found), "kind": Found, "five": 5,
        "call": lambda: found,
    })  # fmt: skip


def both(text):
    plain = Template(text, engine=Engine.get_default())
    quick = Template(text, engine=Engine.get_default())
    draw_together(quick.nodelist)
    return plain, quick


def outcome(template):
    try:
        return template.render(context())
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_django_says(form, name):
    plain, quick = both(form.replace("NAME", name))
    with translation.override("de"):
        assert [outcome(quick), outcome(quick)] == [outcome(plain)] * 2


def test_the_short_ways_are_taken():
    _plain, quick = both("{{ x.found.name }}")
    [node] = quick.nodelist
    assert isinstance(node, Shown)
    assert isinstance(node.filter_expression.var, Looked)


def test_a_sentence_follows_the_language_of_each_reader():
    plain, quick = both("{% blocktranslate with name=five %}for {{ name }}{% endblocktranslate %}")
    assert isinstance(quick.nodelist[0], Worded)
    for language in ("en-gb", "de", "en-gb"):
        with translation.override(language):
            assert outcome(quick) == outcome(plain)


def test_within_another_language_words_are_of_that_one():
    text = (
        "{% load i18n %}"
        + 3
        * "{% translate 'Save' %} {% blocktranslate with name=five %}for \
{{ name }}{% endblocktranslate %}{% language 'de' %}"
    )
    plain, quick = both(text + "{% endlanguage %}" * 3 + "{% translate 'Save' %}")
    for language in ("en-gb", "de", "en-gb"):
        with translation.override(language):
            assert outcome(quick) == outcome(plain)
    assert "Speichern" in outcome(quick)


@pytest.mark.parametrize("given", ["five", "x.found.nothing", "x.found.name", "pk=five"])
def test_an_address_is_that_of_its_number(given):
    plain, quick = both("{% url 'case' " + given + " %}")
    assert isinstance(quick.nodelist[0], Addressed) == ("=" not in given)
    assert [outcome(quick), outcome(quick)] == [outcome(plain)] * 2


def test_a_day_is_said_in_the_language_of_each_reader():
    on = date(2026, 3, 5)
    said = []
    for language in ("en-gb", "de", "en-gb"):
        with translation.override(language):
            said.append((short_day(on), short_day(on, year=True), full_day(on)))
    assert said[0] == said[2] == ("Thu 5 Mar", "Thu 5 Mar 2026", "Thursday 5 March")
    assert said[1][2] == "Donnerstag, 5. März"


def test_an_instant_for_a_machine_is_in_utc_and_nothing_is_nothing():
    at = datetime(2026, 11, 19, 16, 33, tzinfo=ZoneInfo("Asia/Tokyo"))
    text = "{{ at|iso }},{{ nowhere|iso }},{{ none|iso }}"
    plain = Template(text, engine=Engine.get_default())
    assert plain.render(Context({"at": at, "none": None})) == "2026-11-19T07:33:00+00:00,,"
