"""What is sensitive is classed, and all cryptography is listed: held against what there is."""

import re
from collections import Counter
from pathlib import Path

from django.apps import apps

from goodword.erasing.words import PLACES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/goodword"
CLASSES = ("words", "people", "keys", "happened", "ours", "passing")
_CRYPTOGRAPHY = re.compile(
    r"salted_hmac\(|hashlib\.\w|hmac\.digest|Fernet\(|AESGCM|HKDF|\bec\.\w|signing\.dumps"
    r"|token_(?:hex|urlsafe|bytes)\("
)


def _rows(paper: str) -> dict[str, list[str]]:
    """The last table of the paper: the class, and its models."""
    table = (ROOT / paper).read_text().split("| class | models |")[1]
    found = re.findall(r"^\| (\w+) \| (.+) \|$", table, re.M)
    return {name: [each.strip() for each in models.split(",")] for name, models in found}


def test_every_model_stands_in_one_class() -> None:
    rows = _rows("docs/operating/data.md")
    assert tuple(rows) == CLASSES
    said = Counter(name for models in rows.values() for name in models)
    twice = {"people.Merge", "cases.Merge"}
    there = Counter(
        label if (label := f"{each._meta.app_label}.{each.__name__}") in twice else each.__name__
        for each in apps.get_models()
        if not each.__module__.startswith("tests.")
    )
    assert said == there


def test_what_is_erased_with_a_person_is_classed_as_theirs() -> None:
    rows = _rows("docs/operating/data.md")
    theirs = {*rows["words"], *rows["people"], *rows["passing"]}
    assert not {place.model.partition(".")[2] for place in PLACES} - theirs


def test_every_module_with_cryptography_is_listed() -> None:
    paper = (ROOT / "docs/operating/cryptography.md").read_text()
    using = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and _CRYPTOGRAPHY.search(path.read_text())
    }
    assert not {name for name in using if f"`{name}`" not in paper}
    named = set(re.findall(r"`([a-z_/]+\.py)`", paper)) - {"tests/sweeps/test_classes.py"}
    assert not {name for name in named if not (SOURCE / name).is_file()}
