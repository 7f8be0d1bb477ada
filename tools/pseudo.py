"""A language that nobody speaks, made by script: every message accented and a third longer.

What is still plain English on a page that is shown in it was never marked for translation, and
what breaks is too narrow for German. Placeholders, tags and forms of dates stay as they are.
"""

import re
from pathlib import Path

import polib

CODE, LOCALE = "en-xa", "en_XA"
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "áƀçđéƒğĥíĵķļɱñóþɋřšţúṽŵẋýžÁƁÇĐÉƑĞĤÍĴĶĻṀÑÓÞɊŘŠŢÚṼŴẊÝŽ"
_TABLE = str.maketrans(PLAIN, ACCENTED)
# Not words: %(name)s, {name}, <b>, &amp;, {% tags of the receipt's own %}
_KEPT = re.compile(r"(%\(\w+\)[\d.]*[a-z]|%[sd%]|\{\w*\}|<[^<>]*>|&#?\w+;)")
FORMS = frozenset({"form of a date"})
LONGER = 0.3


def said(message: str, context: str = "") -> str:
    """The message as it is said in that language."""
    if context in FORMS or not message.strip():
        return message
    parts = _KEPT.split(message)
    parts[::2] = [part.translate(_TABLE) for part in parts[::2]]
    text = "".join(parts)
    room = text[len(text.rstrip()) :]
    return text.rstrip() + "·" * round(sum(map(len, parts[::2])) * LONGER) + room


def write(catalogue: dict[tuple[str, str], tuple[str, list[str]]], folder: Path) -> Path:
    """Every message of the catalogue, compiled where Django looks for it; the folder of it."""
    po = polib.POFile()
    po.metadata = {
        "Language": CODE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for (context, one), (many, _files) in catalogue.items():
        entry = polib.POEntry(msgctxt=context or None, msgid=one, msgid_plural=many)
        if many:
            entry.msgstr_plural = {0: said(one, context), 1: said(many, context)}
        else:
            entry.msgstr = said(one, context)
        po.append(entry)
    place = folder / LOCALE / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / "django.mo").write_bytes(po.to_binary())
    return folder
