"""The places of the settings room: what the index lists, finds, and says in a line."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from goodword.channels.mail.models import Mailbox
from goodword.desk.rooms import Room
from goodword.people.models import SenderRule
from goodword.promises.policies import Rule
from goodword.promises.policy import Policy
from goodword.promises.saying import rule_in_words, when_in_words, who_in_words
from goodword.staff.models import Business, Member, Team
from goodword.staff.rights import Right
from goodword.staff.settings import PAGES, settings_on

Text = str | LazyText

GROUPS: dict[str, Text] = {
    "business": gettext_lazy("Your business"),
    "time": gettext_lazy("Time"),
    "people": gettext_lazy("Your people"),
    "mail": gettext_lazy("Mail"),
    "words": gettext_lazy("Words"),
    "desk": gettext_lazy("This desk"),
}


_MEMBERS = frozenset({"members", "roles"})


class Look:
    """What the lines on the index are read from; each question is asked once."""

    def __init__(self, business: Business) -> None:
        self.business = business

    @cached_property
    def teams(self) -> list[Team]:
        return list(Team.objects.select_related("duty"))

    @cached_property
    def mailboxes(self) -> list[str]:
        return list(Mailbox.objects.values_list("address", flat=True))

    @cached_property
    def rules(self) -> int:
        return SenderRule.objects.filter(ended_at=None).count()

    @cached_property
    def policy(self) -> str:
        default = self.business.policy
        rows = Policy.all_current(default)
        return next(row.terms.name for row in rows if row.slug == default)

    @cached_property
    def members(self) -> int:
        return Member.objects.active().count()


@dataclass(frozen=True)
class Place:
    """One page. `value` says in a line how it stands now; `also` is found but not shown."""

    name: str
    group: str
    icon: str
    label: Text
    sentence: Text
    url: str
    value: Callable[[Look], str]
    also: str = ""

    def matches(self, words: list[str]) -> bool:
        said = f"{self.label} {self.sentence} {self.also}".casefold()
        return all(word in said for word in words)


@dataclass(frozen=True)
class Shown:
    place: Place
    value: str


def places() -> list[Place]:
    """Every page that there is, in the order of the index."""
    order = list(GROUPS)
    return sorted(
        [*_of_registry(), *_of_rooms(), *_of_others()], key=lambda each: order.index(each.group)
    )


def rooms_for(member: Member) -> Iterator[Room]:
    """The same places for the palette, as far as this member may enter them."""
    for each in places():
        if each.name in _MEMBERS:
            may = member.has(Right.MEMBERS)
        else:
            may = member.has(Right.SETTINGS) or (each.name == "tags" and member.is_lead)
        if may:
            said = f"{each.sentence} {each.also}"
            yield Room(str(each.label), each.url, each.icon, _("Settings"), also=said)


def found(look: Look, asked: str) -> list[tuple[Text, list[Shown]]]:
    """The places that have all the words, under their headings."""
    words = asked.casefold().split()
    shown = [Shown(each, each.value(look)) for each in places() if each.matches(words)]
    groups = [(label, [e for e in shown if e.place.group == key]) for key, label in GROUPS.items()]
    return [(label, rows) for label, rows in groups if rows]


def _of_registry() -> Iterator[Place]:
    for name, page in PAGES.items():
        also = " ".join(f"{each.label} {each.sentence}" for each in settings_on(name))
        yield Place(name, page.group, page.icon, page.label, page.sentence,
                    reverse("settings_page", args=[name]), _line_of(name), also)  # fmt: skip


def _line_of(page: str) -> Callable[[Look], str]:
    def line(look: Look) -> str:
        return LINES[page](look) if page in LINES else _values_in_a_line(look, page)

    return line


def _values_in_a_line(look: Look, page: str) -> str:
    values = [(each.label, each.of(look.business)) for each in settings_on(page)]
    return " · ".join(f"{label}: {shown_value(value)}" for label, value in values[:3])


def shown_value(value: object) -> str:
    """A value as a person reads it in a line."""
    if value is True or value is False:
        return _("yes") if value else _("no")
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(shown_value(each) for each in value)
    if isinstance(value, dict) and value.keys() >= {"kind", "form", "who", "when"}:
        return _rule(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown_value(each)}" for name, each in value.items())
    return " ".join(str(value).split())


def _rule(value: dict[str, Any]) -> str:
    rule = Rule(**value)
    said = rule_in_words(rule, get_language() or "en-gb")
    return f"{said} ({who_in_words(rule.who)}, {when_in_words(rule.when)})"


def _of_rooms() -> Iterator[Place]:
    for name, group, icon, label, sentence, value, also in _ROOMS:
        yield Place(name, group, icon, label, sentence, reverse(f"settings_{name}"), value, also)


def _of_others() -> Iterator[Place]:
    # Pages that other rooms have; each is here once its address is.
    for name, icon, label, sentence, value in _ELSEWHERE:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        yield Place(name, "people", icon, label, sentence, url, value)


def _hours(look: Look) -> str:
    from goodword.settings.weeks import in_a_line

    schedule = look.business.schedule
    return in_a_line(schedule.hours, schedule.today)


def _holidays(look: Look) -> str:
    schedule = look.business.schedule
    return schedule.hours.rules_on(schedule.today).holidays or _("none")


def _teams(look: Look) -> str:
    return ", ".join(f"{team.name}: {team.duty.given}" for team in look.teams)


def _mailboxes(look: Look) -> str:
    return ", ".join(look.mailboxes) or "–"


def _rules(look: Look) -> str:
    return ngettext("%(n)s sender", "%(n)s senders", look.rules) % {"n": look.rules}


def _number(look: Look, name: str) -> str:
    return str(len(look.business.chosen.get(name, [])) or _("none"))


def _words(look: Look) -> str:
    own = look.business.chosen.get("words")
    return _("your words") if own else _("the desk’s own words")


_ROOMS: tuple[tuple[str, str, str, Text, Text, Callable[[Look], str], str], ...] = (
    ("hours", "time", "clock", gettext_lazy("Opening hours"),
     gettext_lazy("When you answer. Every promise is counted in these hours."), _hours,
     "schedule week break zone lunch weekend 24x7"),
    ("holidays", "time", "calendar-x", gettext_lazy("Holidays and single days"),
     gettext_lazy("Days on which you are closed, or open at other hours."), _holidays,
     "public holiday closed special christmas"),
    ("teams", "people", "users-round", gettext_lazy("Teams and duty"),
     gettext_lazy("Who belongs together, and who answers until a case is taken."), _teams,
     "team rota duty cover absence vacation members"),
    ("mailboxes", "mail", "mailbox", gettext_lazy("Mailboxes"),
     gettext_lazy("The addresses that customers write to, and their servers."), _mailboxes,
     "imap smtp password address oauth google microsoft listener plus"),
    ("rules", "mail", "ban", gettext_lazy("Sender rules"),
     gettext_lazy("Senders whose mail is set aside."), _rules, "block spam domain not a customer"),
    ("spam", "mail", "shield-alert", gettext_lazy("Spam"),
     gettext_lazy("Which marks of your mail server’s filter count."),
     lambda look: _number(look, "spam"), "x-spam-flag rspamd header threshold hop"),
    ("sources", "mail", "activity", gettext_lazy("Sources that make cases"),
     gettext_lazy("Monitoring and suppliers, whose mail makes cases of a team."),
     lambda look: _number(look, "sources"), "alert machine supplier monitoring"),
    ("words", "words", "quote", gettext_lazy("Receipt and reminder"),
     gettext_lazy("What the desk writes by itself, and how it reads."), _words,
     "text automatic placeholder"),
    ("policies", "words", "scroll-text", gettext_lazy("What is promised by itself"),
     gettext_lazy("Policies: which promises everybody gets, complaints, a team or an account."),
     lambda look: look.policy,
     "policy sla promise acknowledge reply check-in fca disp asic ombudsman cfpb complaint"),
    ("file", "desk", "file-text", gettext_lazy("All settings as one file"),
     gettext_lazy("Take them to another desk, keep them with your other files, put them back."),
     lambda _look: "TOML", "export apply download upload backup"),
)  # fmt: skip


def _people(look: Look) -> str:
    return _("%(n)s can sign in") % {"n": look.members}


_ELSEWHERE = (
    ("members", "users-round", gettext_lazy("Members"),
     gettext_lazy("Who works here, and who may sign in."), _people),
    ("roles", "key-round", gettext_lazy("Roles"),
     gettext_lazy("What each role may see and do."), lambda _look: ""),
    ("tags", "tag", gettext_lazy("Tags"),
     gettext_lazy("Words of ours on cases: rename, merge, retire."), lambda _look: ""),
)  # fmt: skip
LINES: dict[str, Callable[[Look], str]] = {
    "business": lambda look: (
        f"{look.business.name} · {look.business.prefix}-1234 · {look.business.phone or '–'}"
    ),
}
