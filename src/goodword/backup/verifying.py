"""Whether everything is as it was written: each damaged row by its name."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import CharField
from django.utils.translation import gettext as _

from goodword.channels.mail.models import RawMail
from goodword.core import files
from goodword.journal import sealing

AT_ONCE = 500


@dataclass(frozen=True)
class Part:
    """One thing to look through, and what is wrong with it, a sentence each."""

    name: str
    damage: Callable[[], Iterator[str]]


def parts() -> tuple[Part, ...]:
    return (
        Part(_("The database itself"), _of_the_database),
        Part(_("The journal, and the words it vouches for"), sealing.damage),
        Part(_("Files"), _of_files),
        Part(_("Mail as it came"), _of_raw_mail),
    )


def damage() -> Iterator[str]:
    """A sentence for each row, file or mail that is not as it was written; empty: all is whole."""
    for part in parts():
        yield from look_through(part)


def look_through(part: Part) -> Iterator[str]:
    """What the database cannot even read is damage too, and not the end of looking."""
    try:
        yield from part.damage()
    except DatabaseError as error:
        facts = {"part": part.name, "reason": " ".join(str(error).split())}
        yield _("%(part)s: cannot be read to the end (%(reason)s).") % facts


def _of_the_database() -> Iterator[str]:
    """https://www.sqlite.org/pragma.html#pragma_integrity_check; PostgreSQL checks its pages."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(200)")
        for (said,) in cursor.fetchall():
            if said != "ok":
                yield _("The database: %(what)s.") % {"what": said}
        cursor.execute("PRAGMA foreign_key_check")
        for table, row, parent, _number in cursor.fetchall():
            facts = {"table": table, "row": row, "parent": parent}
            yield _("%(table)s %(row)s: what it belongs to in %(parent)s is gone.") % facts


def _of_files() -> Iterator[str]:
    """Every row that names a file by its hash; a file that several name is read once."""
    known: dict[str, bool] = {}
    for model in apps.get_models():
        if not any(isinstance(f, CharField) and f.name == "sha256" for f in model._meta.fields):
            continue
        if model is RawMail._meta.get_field("incoming").related_model:
            continue  # its hash is of the raw mail, which is a row
        rows = model._base_manager.order_by("pk").values_list("pk", "sha256")
        for pk, name in rows.iterator(chunk_size=AT_ONCE):
            if name and not known.setdefault(name, files.is_whole(name)):
                facts = {"row": f"{model.__name__} {pk}", "name": name[:12]}
                yield _("%(row)s: its file %(name)s… is gone or was changed.") % facts


def _of_raw_mail() -> Iterator[str]:
    rows = RawMail.objects.order_by("pk").values_list("pk", "content", "incoming__sha256")
    for pk, content, digest in rows.iterator(chunk_size=50):
        if hashlib.sha256(bytes(content)).hexdigest() != digest:
            yield _("RawMail %(pk)s: is not the mail that came.") % {"pk": pk}
