"""All settings as one file, and a file applied: seen first, checked whole, or not at all.

TOML, because people read and write it without surprises and a comment may stand in it
(docs/decisions). Secrets are never in it: a password stays where it is. What it does not name
stays; what it names with `removed = true` goes, last of all and after it was shown.
"""

import re
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tomlkit
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from goodword.cases.models.tag import Tag
from goodword.channels.mail.models import Mailbox
from goodword.channels.mail.oauth.providers import PROVIDERS
from goodword.core import files
from goodword.core.refusals import Refused
from goodword.people.models import SenderRule
from goodword.settings.changing import Subject, Values, save
from goodword.settings.drawing import kept_as_it_was
from goodword.settings.editing import Difference, label_of
from goodword.settings.models import SettingChange
from goodword.settings.places import shown_value
from goodword.settings.subjects import KINDS, SINGLE, subject_of
from goodword.settings.subjects.apps import AppSubject
from goodword.settings.subjects.policies import policies
from goodword.settings.subjects.views import EVERYBODY
from goodword.staff.models import Business, Member, Role, Schedule, Team
from goodword.staff.settings import PAGES, SETTINGS

LARGEST = 2_000_000
# What names another comes after it: members name roles, teams their hours and members.
ORDER = (
    "hours", "role", "member", "team", "app", "mailbox", "rule", "tag", "policy", "views",
)  # fmt: skip
REMOVED = "removed"
# The table with what the settings point to: logos, by the name that their hash gives them
FILES = "files"
LOGOS = ("logo", "logo_night")
_TABLE = re.compile(r"^\s*\[+([^\]]+)\]+")
_KEY = re.compile(r"""^\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=""")


@dataclass(frozen=True)
class Step:
    """What applying would do, or did, to one subject."""

    subject: str
    change: str  # new, changed, gone
    fields: list[Difference]


def subjects() -> Iterator[Subject]:
    """Everything that has settings, in the order in which it is applied."""
    hours = Schedule.objects.filter(is_dropped=False).values_list("name", flat=True)
    keys = {
        "hours": sorted(set(hours)),
        "role": Role.objects.order_by("slug").values_list("slug", flat=True),
        "member": _not_left().order_by("email").values_list("email", flat=True),
        "team": Team.objects.order_by("slug").values_list("slug", flat=True),
        "app": [each for each in PROVIDERS if AppSubject(each).values()],
        "mailbox": Mailbox.objects.values_list("address", flat=True),
        "rule": SenderRule.objects.filter(ended_at=None).order_by("sender").values_list(
            "sender", flat=True
        ),
        # A merged one after the one that it stands for
        "tag": Tag.objects.filter(retired_at=None).order_by(
            F("root").asc(nulls_first=True), "slug"
        ).values_list("slug", flat=True),
        "policy": sorted(policy.slug for policy in policies()),
        "views": [EVERYBODY, *Team.objects.order_by("slug").values_list("slug", flat=True)],
    }  # fmt: skip
    for kind in ORDER:
        for key in keys[kind]:
            yield KINDS[kind](key)
    for name in (*PAGES, *SINGLE):
        yield subject_of(name)


def _not_left() -> "QuerySet[Member]":
    """Everybody but those whose access has ended; the invited with the others."""
    return Member.objects.get_queryset().filter(Q(is_active=True) | Q(joined_at=None))


def export() -> str:
    """The file: a table for each subject, and a sentence for each setting that has one."""
    file = tomlkit.document()
    file.add(tomlkit.comment(_("Settings of this desk.")))
    secrets = _("Passwords, and the secrets of apps, are never in it: applying asks for them.")
    file.add(tomlkit.comment(secrets))
    file.add(tomlkit.comment(_("Apply it with: goodword settings apply FILE")))
    sentences = {each.name: str(each.sentence) for each in SETTINGS}
    for subject in subjects():
        values = subject.values()
        if values is None:
            continue
        table = _table(values, sentences if subject.kind in PAGES else {})
        if subject.key:
            group = file.setdefault(subject.kind, tomlkit.table(is_super_table=True))
            group.add(subject.key, table)
        else:
            file.add(subject.kind, table)
    if logos := _logos():
        file.add(FILES, _table(logos, {}))
    return tomlkit.dumps(file)


def _logos() -> dict[str, str]:
    """The logos in use, as text."""
    business = Business.current()
    names = [name for each in LOGOS if (name := business.setting(each))]
    return {name: b64encode(files.read(name[:64])).decode() for name in names}


def _table(values: Values, sentences: dict[str, str]) -> Any:
    table = tomlkit.table()
    for name, value in values.items():
        if name in sentences:
            table.add(tomlkit.comment(sentences[name]))
        table.add(name, _item(value))
    return table


def _item(value: Any) -> Any:
    if isinstance(value, list):
        array = tomlkit.array()
        for each in value:
            array.append(_item(each))
        return array.multiline(len(value) > 1 or any(isinstance(e, dict) for e in value))
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        for name, each in value.items():
            inline.append(name, _item(each))
        return inline
    if isinstance(value, str) and "\n" in value:
        return tomlkit.string(value, multiline=True)
    return value


class Plan:
    """A file that was read: which subjects it names, with which values."""

    def __init__(self, text: str) -> None:
        self._text = text
        if len(text) > LARGEST:
            raise Refused("TOO_LONG", _("A file of settings has at most two million letters."), 422)
        try:
            said = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            sentence = _("The file cannot be read as TOML: %(why)s.") % {"why": error}
            raise Refused("BAD_FILE", sentence, 422) from error
        self._files = said.pop(FILES, {})
        rows = list(self._rows(said))
        gone = [row for row in rows if row[1] is None]
        self.rows = [row for row in rows if row[1] is not None] + gone[::-1]
        self.subjects = [subject for subject, values in self.rows if values is not None]

    def _rows(self, said: dict[str, Any]) -> Iterator[tuple[Subject, Values | None]]:
        order = [*ORDER, *PAGES, *SINGLE]
        for kind in said:
            if kind not in order:
                self._unknown([kind], _("is no kind of setting; these are: %s") % ", ".join(order))
        for kind in (each for each in order if each in said):
            tables = said[kind] if kind in ORDER else {"": said[kind]}
            for key, values in self._tables([kind], tables).items():
                subject = KINDS[kind](key) if key else subject_of(kind)
                if key and values.get(REMOVED) is True:
                    yield subject, None
                    continue
                self._must_be_known(subject, values)
                yield subject, values

    def _tables(self, path: list[str], tables: Any) -> dict[str, Any]:
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            self._unknown(path, _("has to be a table with a table for each of them"))
        return dict(tables)

    def _must_be_known(self, subject: Subject, values: Values) -> None:
        known = subject.fields()
        for name in values:
            if name not in known:
                path = [subject.kind, *([subject.key] if subject.key else []), name]
                self._unknown(path, _("is no setting here; these are: %s") % ", ".join(known))

    def _unknown(self, path: list[str], why: str) -> None:
        facts = {"where": ".".join(path), "line": self.line_of(path), "why": why}
        sentence = _("Line %(line)s: “%(where)s” %(why)s.") % facts
        raise Refused("UNKNOWN_SETTING", sentence, 422)

    def line_of(self, path: list[str]) -> int:
        """The line on which a key or table stands; 1 where it cannot be told."""
        here: list[str] = []
        for number, line in enumerate(self._text.splitlines(), 1):
            if found := _TABLE.match(line):
                here = _parts(found[1])
                if here[: len(path)] == path:
                    return number
            found = _KEY.match(line)
            if found and [*here, next(filter(None, found.groups()))] == path:
                return number
        return 1

    def apply(self, *, by: Member | str) -> list[Step]:
        """Do all of it, or nothing: Refused with every sentence and its line where one is bad."""
        with transaction.atomic():
            return self._applied(by)

    def tried(self, *, by: Member | str) -> list[Step]:
        """What `apply` would do. Nothing of it stays."""
        with transaction.atomic():
            steps = self._applied(by)
            transaction.set_rollback(True)
        return steps

    def _keep_files(self) -> None:
        for name, content in dict(self._files).items():
            try:
                kept_as_it_was(name, b64decode(str(content), validate=True))
            except ValueError as error:
                sentence = _("Line %(line)s: what stands under “%(name)s” is no file.")
                facts = {"line": self.line_of([FILES, name]), "name": name[:20]}
                raise Refused("BAD_FILE", sentence % facts, 422) from error

    def _applied(self, by: Member | str) -> list[Step]:
        steps: list[Step] = []
        wrong: list[str] = []
        self._keep_files()
        for subject, values in self.rows:
            try:
                with transaction.atomic():
                    change = save(subject, values, by=by)
            except Refused as refused:
                path = [subject.kind, *([subject.key] if subject.key else [])]
                line = self.line_of(path)
                wrong.append(f"{_('Line %s') % line}, {subject.name}: {refused.sentence}")
                continue
            if change is not None:
                steps.append(_step(change))
        if wrong:
            raise Refused("BAD_FILE", "\n".join(wrong), 422)
        return steps


def _parts(header: str) -> list[str]:
    """The names in the head of a table, as TOML reads them."""
    try:
        found: Any = tomllib.loads(f"[{header}]")
    except tomllib.TOMLDecodeError:
        return []
    parts = []
    while found:
        name = next(iter(found))
        parts.append(name)
        found = found[name]
    return parts


def _step(change: SettingChange) -> Step:
    before, after = change.before or {}, change.after or {}
    fields = [
        Difference(label_of(name), shown_value(before.get(name)), shown_value(after.get(name)))
        for name in change.fields
    ]
    if change.after is None:
        return Step(change.subject, "gone", fields)
    return Step(change.subject, "new" if change.before is None else "changed", fields)
