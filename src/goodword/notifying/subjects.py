"""What members may be told of, and by which ways unless they choose otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


class Way(StrEnum):
    """A way to a member. `BROWSER` is web push, `SERVICE` one that apprise knows."""

    PAGE = "page"
    MAIL = "mail"
    BROWSER = "browser"
    SERVICE = "service"


HERE = frozenset({Way.PAGE, Way.MAIL})
AT_ONCE = frozenset(Way)


@dataclass(frozen=True)
class Subject:
    """One line of the settings. What is urgent is shown on whatever page is open."""

    label: str | LazyText
    ways: frozenset[Way] = HERE
    is_urgent: bool = False
    # Nobody chooses how they are paged, and no quiet hours put it off.
    is_page: bool = False


SUBJECTS: dict[str, Subject] = {
    # Its mail is a letter of its own, at once.
    "page": Subject(_("Somebody’s business is stopped, and I am paged"),
                    AT_ONCE - {Way.MAIL}, True, is_page=True),
    "mention": Subject(_("A colleague calls me to a note"), AT_ONCE, True),
    "asked": Subject(_("I am asked to take a case, or get one"), AT_ONCE, True),
    "new": Subject(_("A new case comes to me"), AT_ONCE),
    "wrote": Subject(_("A customer of mine writes, or wants a call"), AT_ONCE),
    "verdict": Subject(_("A customer of mine says that it is settled, or answers a wish of ours")),
    "broken": Subject(_("Our word is broken, or will be: mine, or my team’s where I lead"),
                      AT_ONCE, True),
    "sweep": Subject(_("Half an hour before closing somebody has heard nothing from us"), AT_ONCE,
                     True),
    "failed": Subject(_("A message of mine did not arrive, or is held"), AT_ONCE, True),
    "answered": Subject(_("A colleague takes over a case of mine, or declines")),
    "back": Subject(_("A case of mine comes back from its sleep")),
    "watched": Subject(_("Something is said in a case that I watch")),
    "desk": Subject(_("A mailbox cannot be read (operators)"), AT_ONCE, True),
}  # fmt: skip
