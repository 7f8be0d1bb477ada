"""What is the same on every page is made once, and is still what it would have been."""

import pytest
from django.template import Context, Engine, Template
from django.template.loader import get_template
from django.urls import set_script_prefix
from django.utils import translation

from goodword.core.steady import Steady, draw_together

ALL = """{% load static %}<p title="{% translate 'Inbox' %}">{% icon "sun" %}
<a href="{% url 'inbox' %}">
{% if on %}<b>{% translate "Today" %}</b>{% else %}{% nobody "s" %}{% endif %}{{ name }}</a>
{% for each in rows %}<i>{% kind_icon "callback" %}{{ each }}</i>{% endfor %}</p>"""
SHOWN = {"name": "<Ada>", "rows": [1, 2]}


def plain(text):
    return Template(text, engine=Engine.get_default())


def drawn(text):
    template = plain(text)
    draw_together(template.nodelist)
    return template


def shown(template, **context):
    return template.render(Context(context))


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("language", ["en-gb", "de"])
def test_it_says_what_the_template_says(language, on):
    template = drawn(ALL)
    with translation.override(language):
        wanted = shown(plain(ALL), on=on, **SHOWN)
        assert [shown(template, on=on, **SHOWN) for _time in range(2)] == [wanted, wanted]


def test_one_template_follows_the_language_of_each_reader():
    template = drawn("<p>{% translate 'Inbox' %}</p>")
    found = []
    for language in ("en-gb", "de", "en-gb"):
        with translation.override(language):
            found.append(shown(template))
    assert found[0] == found[2] == "<p>Inbox</p>" != found[1]


def test_an_address_follows_where_the_desk_is_mounted():
    template = drawn("<a href=\"{% url 'inbox' %}\">")
    assert shown(template) == '<a href="/inbox/">'
    set_script_prefix("/desk/")
    try:
        assert shown(template) == '<a href="/desk/inbox/">'
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("varies", [
    "{{ name }}", "{% translate name %}", "{% translate 'Inbox' as name %}", "{% icon name %}",
    "{% url 'case' number %}", "{% url 'inbox' as name %}", "{% csrf_token %}",
    "{% translate 'Inbox'|add:name %}", "{% other_languages as name %}", "{% static name %}",
])  # fmt: skip
def test_what_a_request_decides_is_made_each_time(varies):
    found = drawn("{% load static %}" + varies).nodelist
    assert not isinstance(found[-1], Steady)


def test_a_list_of_keys_is_one_piece_of_text():
    [whole] = get_template("core/parts/keys.html").template.nodelist
    assert isinstance(whole, Steady)
