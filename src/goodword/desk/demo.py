"""Who may sign in to the demo, as the demo itself noted it in its data folder."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from goodword.core.time import clock
from goodword.staff.models import Member

FILE = "demo_sign_ins.json"


@dataclass(frozen=True)
class SignIn:
    name: str
    role: str
    email: str
    password: str


def note_sign_ins(passwords: dict[str, str]) -> None:
    """Note the passwords, by mail address, that the sign-in page offers. For the demo alone."""
    (Path(settings.DATA) / FILE).write_text(json.dumps(passwords), encoding="utf-8")


def sign_ins() -> list[SignIn]:
    """Empty wherever the clock or the data folder is not a demo's."""
    path = Path(settings.DATA) / FILE
    if not clock.is_demo or not path.is_file():
        return []
    passwords: dict[str, str] = json.loads(path.read_text("utf-8"))
    rows = Member.objects.active().filter(email__in=passwords).select_related("role")
    order = list(passwords)
    found = [SignIn(row.name, str(row.role.title), row.email, passwords[row.email]) for row in rows]
    return sorted(found, key=lambda each: order.index(each.email))
