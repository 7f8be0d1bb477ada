"""Every template: no script of its own, only icons that there are, and words for translators."""

import re
from pathlib import Path

import pytest

from goodword.core.templatetags import goodword as tags
from tests.sweeps.pages import SOURCE, SPRITE, named, templates

TEMPLATES = templates()
by_name = pytest.mark.parametrize("template", TEMPLATES, ids=named)

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE)
_ON_EVENT = re.compile(r"<[^>]*\s(on[a-z]+)\s*=", re.IGNORECASE)
_INLINE_STYLE = re.compile(r"<style\b", re.IGNORECASE)
_ICON = re.compile(r"\{%\s*icon\s+\"([\w-]+)\"|icon=\"([\w-]+)\"|#i-([\w-]+)")

_BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
# Blocks that stand inside a tag of HTML are no words.
_INSIDE_TAG = re.compile(r"\{%\s*block \w*(?:attributes|class)\s*%\}.*?\{%\s*endblock\s*%\}")
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_HTML = re.compile(r"<[^>]*>", re.DOTALL)
_SILENT = re.compile(r"<(svg|script|style)\b.*?</\1>", re.DOTALL)
_KEY = re.compile(r"<kbd\b.*?</kbd>", re.DOTALL)
_ENTITY = re.compile(r"&[a-z]+;|&#\d+;")
_SPOKEN = re.compile(r"\b(?:title|aria-label|placeholder|alt|label|data-draft-failed)=\"([^\"]*)\"")
_HANDED_ON = re.compile(r"\b(?:headline|text|action_label|label|title)=\"([^\"]*)\"")
_WORD = re.compile(r"[^\W\d_]{2,}")

_ADDRESS = re.compile(r"\S+@\S+\.\w+")
# Names are the same in every language.
BRAND = {"Goodword", "Good", "word", "Python", "Django"}


def read(template: Path) -> str:
    return _COMMENT.sub("", template.read_text())


def test_there_are_templates_to_look_through() -> None:
    assert len(TEMPLATES) > 15


@by_name
def test_no_template_holds_script_or_style(template: Path) -> None:
    text = read(template)
    found = [
        *_INLINE_SCRIPT.findall(text),
        *_INLINE_STYLE.findall(text),
        *_ON_EVENT.findall(_TAG.sub("", text)),
    ]
    assert not found, "the Content-Security-Policy would stop this"


@by_name
def test_every_icon_is_in_the_sprite(template: Path) -> None:
    wanted = {name for names in _ICON.findall(read(template)) for name in names if name}
    assert not wanted - symbols()


def test_every_icon_that_code_names_is_in_the_sprite() -> None:
    wanted = {symbol for symbol, _word in (*tags.STATES.values(), *tags.KINDS.values())}
    for module in SOURCE.glob("**/*.py"):
        # Rows and presets of the desk name their icon in code.
        wanted |= set(re.findall(r"\bicon\(?\s*[=:(]\s*\"([\w-]+)\"", module.read_text()))
    assert not wanted - symbols()


def symbols() -> set[str]:
    return set(re.findall(r"id=\"i-([\w-]+)\"", SPRITE.read_text()))


@by_name
def test_every_visible_word_can_be_translated(template: Path) -> None:
    assert not raw_words(read(template))


def raw_words(text: str) -> list[str]:
    """The words that a reader would see or hear and that no translator would."""
    text = _ADDRESS.sub("", _INSIDE_TAG.sub("", _BLOCK.sub("", text)))
    spoken = [word for said in _SPOKEN.findall(_TAG.sub("", text)) for word in _WORD.findall(said)]
    handed_on = [said for tag in _TAG.findall(text) for said in _HANDED_ON.findall(tag)]
    spoken += [word for said in handed_on for word in _WORD.findall(said)]
    # A tag of HTML may hold tags of Django's with > in them, so those go first.
    bare = _TAG.sub("", _KEY.sub("", _SILENT.sub("", text)))
    seen = _WORD.findall(_ENTITY.sub("", _HTML.sub(" ", bare)))
    return [word for word in [*seen, *spoken] if word not in BRAND]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Take it</p>", ["Take", "it"]),
        ('<p>{% translate "Take it" %}</p>', []),
        ("{% blocktranslate with n=1 %}Take {{ n }}{% endblocktranslate %}", []),
        ('<button aria-label="Close"></button>', ["Close"]),
        ('<a class="btn primary" href="{% url \'inbox\' %}">{{ name }}</a>', []),
        ('{% include "core/empty.html" with headline="Nothing" %}', ["Nothing"]),
        ('{% include "core/empty.html" with headline=_("Nothing") %}', []),
        ("<b>{% if n > 1 %}{{ n }} days{% endif %}</b>", ["days"]),
    ],
)
def test_a_raw_word_would_be_found(text: str, words: list[str]) -> None:
    assert raw_words(text) == words
