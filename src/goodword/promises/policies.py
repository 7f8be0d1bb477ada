"""What a policy says, as data: which promises it makes, for whom, from when, and by when.

A rule is a kind, a form (clock.md, rule 3), who it is for and what starts it. The content is
plain JSON, so that a policy can be edited on a page, exported, and come from a file of presets.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from goodword import clock
from goodword.core.refusals import Refused
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind

Content = dict[str, Any]

# What a policy may promise; “you hear from us again” and check-ins have places of their own.
KINDS = (Kind.ACKNOWLEDGE, Kind.REPLY, Kind.RESOLUTION, Kind.CALLBACK)
# The desk's own words, where the business has none in the customer's language
WORDS: "dict[str, str | LazyText]" = {
    Kind.ACKNOWLEDGE: gettext_lazy("A first word from a person"),
    Kind.REPLY: gettext_lazy("An answer"),
    Kind.RESOLUTION: gettext_lazy("Our final answer"),
    Kind.CALLBACK: gettext_lazy("We call you back"),
    Kind.NEXT_UPDATE: gettext_lazy("You hear from us again"),
    Kind.CHECK_IN: gettext_lazy("We ask whether it is settled"),
}
_WAITING = gettext_lazy("We come back to you, whether or not you have answered")
EVERYBODY = "everybody"
# What starts a rule: every contact, once a case from their words, once from our first word.
CONTACT, ONCE, ACKNOWLEDGED = "contact", "once", "acknowledged"
STARTS = (CONTACT, ONCE, ACKNOWLEDGED)
_WHO = re.compile(r"everybody|internal|external|(tag|team|channel):[\w-]{1,60}")
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MOST_RULES = 20
LONGEST_WORDS, LONGEST_WHY = 200, 300
# No rule reaches further than that: two years of days, ninety days of open minutes.
MOST_DAYS, MOST_MINUTES = 730, 90 * 24 * 60
FORMS = ("acknowledge", "within", "by_close_today", "first_thing", "end_of_nth_business_day",
         "calendar_days")  # fmt: skip


@dataclass(frozen=True)
class About:
    """What a rule is tried on: whose case it is, where it is, and what it carries."""

    is_internal: bool = False
    team: str = ""
    channel: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One promise that a policy makes."""

    key: str
    kind: str
    form: str
    who: str = EVERYBODY
    when: str = CONTACT
    words: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    own: "str | LazyText" = ""  # the desk's words, where they are not those of the kind

    def words_in(self, language: str) -> str:
        """The words as they are kept: a promise is read in one language, whoever made it."""
        if said := self.words.get(language):
            return said
        with override(language):
            return str(self.own or WORDS[self.kind])

    def is_for(self, about: About) -> bool:
        what, _colon, name = self.who.partition(":")
        if what == "tag":
            return name in about.tags
        if what in ("team", "channel"):
            return bool(name == getattr(about, what))
        return what == EVERYBODY or about.is_internal == (what == "internal")

    @property
    def tag(self) -> str:
        what, _colon, name = self.who.partition(":")
        return name if what == "tag" else ""

    @property
    def is_contact(self) -> bool:
        """Kept by an answer, and running once at a time for whoever waits."""
        return self.kind in KEPT_BY_AN_ANSWER


@dataclass(frozen=True)
class Terms:
    """A policy, read."""

    name: str
    rules: tuple[Rule, ...]
    check_ins: tuple[Rule, ...]
    check_ins_after_failure: tuple[Rule, ...]
    waiting: Rule
    next_update: Rule  # where nothing else is promised on an open case
    teams: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    preset: str = ""

    @classmethod
    def read(cls, content: Content) -> "Terms":
        return cls(
            name=content["name"],
            rules=tuple(Rule(**each) for each in content["rules"]),
            check_ins=tuple(map(_check_in, content["check_ins"])),
            check_ins_after_failure=tuple(map(_check_in, content["check_ins_after_failure"])),
            waiting=_again("waiting", content["waiting"], _WAITING),
            next_update=_again("next_update", content["next_update"]),
            teams=tuple(content["teams"]),
            accounts=tuple(content["accounts"]),
            preset=content["preset"],
        )

    def for_contact(self, about: About) -> Iterator[Rule]:
        return (rule for rule in self.rules if rule.when == CONTACT and rule.is_for(about))

    def once(self, about: About, *starts: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.when in starts and rule.is_for(about)]

    def asks_for_tags(self) -> bool:
        return any(rule.tag for rule in self.rules)


def _check_in(days: int) -> Rule:
    return Rule("check_in", Kind.CHECK_IN, f"calendar_days:{days}")


def _again(key: str, days: int, own: "str | LazyText" = "") -> Rule:
    return Rule(key, Kind.NEXT_UPDATE, f"end_of_nth_business_day:{days}", own=own)


# Checked before it is kept

DEFAULTS: Content = {
    "name": "", "preset": "", "teams": [], "accounts": [], "rules": [],
    "check_ins": [7, 7], "check_ins_after_failure": [7, 7, 7, 9], "waiting": 5, "next_update": 1,
}  # fmt: skip


def checked(content: Content) -> Content:
    """The content as it is kept. Refused, with a sentence that says what to do."""
    whole = {**DEFAULTS, **content}
    unknown = sorted(set(whole) - set(DEFAULTS))
    if unknown:
        refuse(_("A policy has no “%s”.") % unknown[0])
    whole["name"] = " ".join(str(whole["name"]).split())
    if not 0 < len(whole["name"]) <= 80:
        refuse(_("Give the policy a name of at most 80 letters."))
    if not isinstance(whole["rules"], list) or len(whole["rules"]) > MOST_RULES:
        refuse(_("A policy has a list of at most %s rules.") % MOST_RULES)
    whole["rules"] = _with_keys([_rule(each) for each in whole["rules"]])
    _must_answer_everybody(whole["rules"])
    _check_patience(whole)
    return whole


def refuse(sentence: str) -> None:
    raise Refused("BAD_POLICY", sentence, 422)


def _rule(said: Any) -> Content:
    if not isinstance(said, dict):
        refuse(_("A rule says its kind and its form."))
    known = ("key", "kind", "form", "who", "when", "words", "why")
    if unknown := sorted(set(said) - set(known)):
        refuse(_("A rule has no “%s”.") % unknown[0])
    rule = {
        "key": str(said.get("key", "")),
        "kind": str(said.get("kind", "")),
        "form": "".join(str(said.get("form", "")).split()),
        "who": str(said.get("who") or EVERYBODY),
        "when": str(said.get("when") or CONTACT),
        "words": _words(said.get("words") or {}),
        "why": " ".join(str(said.get("why", "")).split())[:LONGEST_WHY],
    }
    _must_be_sound(rule)
    return rule


def _words(said: Any) -> dict[str, str]:
    if not isinstance(said, dict):
        refuse(_("Words are written by language."))
    words = {str(code): " ".join(str(text).split()) for code, text in said.items()}
    for text in words.values():
        if len(text) > LONGEST_WORDS:
            refuse(_("“%s…” is too long for a promise.") % text[:40])
    return {code: text for code, text in words.items() if text}


def _must_be_sound(rule: Content) -> None:
    if rule["kind"] not in KINDS:
        facts = {"kind": rule["kind"], "kinds": ", ".join(KINDS)}
        refuse(_("A policy cannot promise “%(kind)s”; it promises: %(kinds)s.") % facts)
    if not _WHO.fullmatch(rule["who"]):
        refuse(_("“%s” says nobody; write everybody, internal, external, tag:…, team:… or "
                 "channel:….") % rule["who"])  # fmt: skip
    if rule["when"] not in STARTS:
        facts = {"when": rule["when"], "starts": ", ".join(STARTS)}
        refuse(_("“%(when)s” starts nothing; these do: %(starts)s.") % facts)
    if rule["kind"] in KEPT_BY_AN_ANSWER and rule["when"] != CONTACT:
        refuse(_("A first word and an answer are promised each time they write."))
    if rule["key"] and not _KEY.fullmatch(rule["key"]):
        refuse(_("“%s” is no key of a rule; write small letters and hyphens.") % rule["key"])
    _must_say_when(rule["form"])


def _must_say_when(form: str) -> None:
    try:
        clock.read_form(form)
    except clock.FormError as error:
        refuse(_(error.sentence) % error.facts)
    name, *numbers = form.split(":")
    if name not in FORMS:
        refuse(_("“%s” names an hour or an event; a policy counts from when they write.") % form)
    most = MOST_DAYS if "days" in name or "_day" in name else MOST_MINUTES
    if any(int(each) > most for each in numbers):
        refuse(_("“%s” is further away than a policy promises.") % form)


def _with_keys(rules: list[Content]) -> list[Content]:
    """Each rule has a key that stays with it, so that what it made once is not made twice."""
    given = [rule["key"] for rule in rules if rule["key"]]
    if twice := next((key for key in given if given.count(key) > 1), None):
        refuse(_("Two rules have the key “%s”.") % twice)
    taken = set(given)
    for rule in rules:
        names = (rule["kind"], *(f"{rule['kind']}-{n}" for n in range(2, MOST_RULES + 2)))
        rule["key"] = rule["key"] or next(name for name in names if name not in taken)
        taken.add(rule["key"])
    return rules


# R01 and R03 are guarantees: a policy may be stricter than the desk, never laxer.
LATEST_FIRST_WORD = {"limit": 480, "grace": 30, "morning": 60}


def _must_answer_everybody(rules: list[Content]) -> None:
    for kind, what in ((Kind.ACKNOWLEDGE, _("a first word")), (Kind.REPLY, _("an answer"))):
        forms = [each["form"] for each in rules
                 if (each["kind"], each["who"]) == (kind, EVERYBODY)]  # fmt: skip
        if not forms:
            refuse(_("Everybody who writes is promised %s. Add that rule for everybody.") % what)
        if kind == Kind.ACKNOWLEDGE and not any(map(_is_the_same_day, forms)):
            refuse(_(
                "The first word to everybody is due the same day where half an hour is left, and"
                " within an hour of the next opening else. Choose “the same day” for it."
            ))  # fmt: skip


def _is_the_same_day(form: str) -> bool:
    name, *numbers = form.split(":")
    if name == "within":
        return int(numbers[0]) <= LATEST_FIRST_WORD["morning"]
    given = dict(zip(LATEST_FIRST_WORD, map(int, numbers), strict=False))
    return name == "acknowledge" and all(n <= LATEST_FIRST_WORD[key] for key, n in given.items())


def _check_patience(whole: Content) -> None:
    """How long we wait and how often we ask: R22, and C5 and C9 of domain.md."""
    for name in ("check_ins", "check_ins_after_failure"):
        days = whole[name]
        if not isinstance(days, list) or not all(_is_number(each, 90) for each in days):
            refuse(_("Check-ins are numbers of days, each from 1 to 90, as 7, 7."))
        if not 2 <= len(days) <= 12:
            refuse(_("They are asked at least once more before a case lapses: write 2 to 12 days."))
    after = whole["check_ins_after_failure"]
    if len(after) < 4 or sum(after) < 30:
        refuse(_("Where something had failed they are asked three times over thirty days: write "
                 "at least four numbers that come to 30 days."))  # fmt: skip
    if not _is_number(whole["waiting"], 5):
        refuse(_("While we wait for them they hear from us within 1 to 5 business days."))
    if not _is_number(whole["next_update"], 10):
        refuse(_("Where nothing else is promised they hear from us within 1 to 10 business days."))


def _is_number(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
