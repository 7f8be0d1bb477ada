"""Gather every word that goes through gettext, and compile the translations:
`python -m tools.messages`. With `--pseudo` it makes the language of `tools/pseudo.py` in
`build/locale` instead, outside of what is shipped.

It needs no gettext on the machine. Entries are sorted and name files without lines, so that a
change of one sentence is a change of one entry.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from tools import pseudo

SOURCE = Path(__file__).resolve().parents[1] / "src/goodword"
LANGUAGES = ("de",)
# The functions that mark words, and what their first arguments are.
SHAPES = {
    "_": ("one",),
    "gettext": ("one",),
    "gettext_lazy": ("one",),
    "gettext_noop": ("one",),
    "ngettext": ("one", "many"),
    "ngettext_lazy": ("one", "many"),
    "pgettext": ("context", "one"),
    "pgettext_lazy": ("context", "one"),
    "npgettext": ("context", "one", "many"),
}
# What Django's templatize leaves of a template: calls of gettext, the rest crossed out.
_STRING = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(
    rf"\b(n?p?gettext|_)\(\s*{_STRING}(?:\s*,\s*{_STRING})?(?:\s*,\s*{_STRING})?", re.S
)

Message = tuple[str, str, str]
"""A context, which may be empty, a msgid, and its plural, which is empty where there is none."""


def messages_in(file: Path) -> set[Message]:
    """Every message that a file of Python or a template uses."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        return set(_of_python(ast.parse(text)))
    return set(_of_template(text))


def _of_python(tree: ast.Module) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        shape = SHAPES.get(name, ())
        words = [getattr(each, "value", None) for each in node.args[: len(shape)]]
        if shape and len(words) == len(shape) and all(isinstance(word, str) for word in words):
            yield _message(shape, [str(word) for word in words])


def _of_template(text: str) -> Iterator[Message]:
    for call in _CALL.finditer(templatize(text)):
        name, *written = call.groups()
        words = [ast.literal_eval(each) for each in written if each]
        yield _message(SHAPES[name], words)


def _message(shape: tuple[str, ...], words: list[str]) -> Message:
    named = dict(zip(shape, words, strict=False))
    return named.get("context", ""), named["one"], named.get("many", "")


def sources() -> list[Path]:
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
    return sorted(file for file in files if "migrations" not in file.parts)


def catalogue() -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Every context and msgid, with its plural and the files that use it."""
    plurals: dict[tuple[str, str], str] = {}
    used: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for file in sources():
        for context, one, many in sorted(messages_in(file)):
            plurals[context, one] = plurals.get((context, one)) or many
            used[context, one].append(file.relative_to(SOURCE).as_posix())
    names = sorted((name for name in used if name[1]), key=lambda name: name[::-1])
    return {name: (plurals[name], sorted(set(used[name]))) for name in names}


def po_file(language: str) -> Path:
    return SOURCE / "locale" / language / "LC_MESSAGES/django.po"


def refresh(language: str) -> polib.POFile:
    """Bring the .po up to what the source says, and the .mo up to the .po."""
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    before = polib.pofile(str(path)) if path.exists() else ()
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in before}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = {
        "Project-Id-Version": "goodword",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    fresh.extend(_entries(known))
    fresh.save(str(path))
    path.with_suffix(".mo").write_bytes(fresh.to_binary())
    return fresh


def _entries(known: dict[tuple[str, str], polib.POEntry]) -> Iterable[polib.POEntry]:
    for (context, one), (many, files) in catalogue().items():
        old = known.get((context, one))
        entry = polib.POEntry(
            msgctxt=context or None,
            msgid=one,
            msgid_plural=many,
            occurrences=[(file, "") for file in files],
        )
        if "%(" in one + many:
            entry.flags = ["python-format"]
        if many:
            said = dict(old.msgstr_plural) if old else {}
            entry.msgstr_plural = {n: said.get(n, "") for n in (0, 1)}
        elif old:
            entry.msgstr = old.msgstr
        yield entry


def main() -> None:
    if "--pseudo" in sys.argv[1:]:
        print(pseudo.write(catalogue(), SOURCE.parents[1] / "build/locale"))
        return
    for language in LANGUAGES:
        fresh = refresh(language)
        without = len(fresh.untranslated_entries())
        print(f"{language}: {len(fresh)} messages, {without} without a translation")


if __name__ == "__main__":
    main()
