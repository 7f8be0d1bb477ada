"""A rule as a sentence: what is promised, by when, to whom, and what starts it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodword.promises.policies import ACKNOWLEDGED, ONCE, Rule

_DEFAULTS = (60, 15, 30)
HOUR, WEEK = 60, 7


def form_in_words(form: str) -> str:
    """“within 60 open minutes, today if 15 minutes are left”; the form itself where it is odd."""
    name, *written = form.split(":")
    numbers = [int(each) for each in written if each.isdigit()]
    n = numbers[0] if numbers else 0
    if name == "acknowledge":
        return _acknowledge(numbers)
    if name == "within":
        return _within(n)
    if name == "by_close_today":
        return _("by the end of the day")
    if name == "first_thing":
        said = ngettext("in the first minute of the next day",
                        "in the first %(n)s minutes of the next day", n)  # fmt: skip
        return said % {"n": n}
    if name == "end_of_nth_business_day":
        said = ngettext("by the end of the next business day",
                        "by the end of the day, %(n)s business days on", n)  # fmt: skip
        return said % {"n": n}
    if name == "calendar_days":
        if n % WEEK == 0 and n > WEEK:
            return ngettext("within %(n)s week", "within %(n)s weeks", n // WEEK) % {"n": n // WEEK}
        return ngettext("within %(n)s day", "within %(n)s days", n) % {"n": n}
    return form


def _acknowledge(numbers: list[int]) -> str:
    limit, grace, morning = (*numbers, *_DEFAULTS[len(numbers) :])
    said = _("within %(limit)s open minutes, today if %(grace)s minutes are left, else within "
             "%(morning)s minutes of the next opening")  # fmt: skip
    return said % {"limit": limit, "grace": grace, "morning": morning}


def _within(minutes: int) -> str:
    hours, rest = divmod(minutes, HOUR)
    if hours > 1 and not rest:
        return ngettext("within %(n)s open hour", "within %(n)s open hours", hours) % {"n": hours}
    said = ngettext("within %(n)s open minute", "within %(n)s open minutes", minutes)
    return said % {"n": minutes}


def who_in_words(who: str) -> str:
    what, _colon, name = who.partition(":")
    said = {
        "internal": _("internal customers"),
        "external": _("customers from outside"),
        "tag": _("cases tagged “%s”"),
        "team": _("cases of the team “%s”"),
        "channel": _channel(name),
    }.get(what, _("everybody"))
    return said % name if "%s" in said else said


def _channel(name: str) -> str:
    return {
        "mail": _("what comes by mail"),
        "page": _("what comes on their page"),
        "web": _("what comes through the form"),
        "phone": _("what comes by phone"),
        "counter": _("what comes at the counter"),
    }.get(name, name)


def when_in_words(when: str) -> str:
    if when == ONCE:
        return _("once, from their words")
    if when == ACKNOWLEDGED:
        return _("once, from our first word")
    return _("each time they write")


def rule_in_words(rule: Rule, language: str) -> str:
    """“A first word from a person: within 60 open minutes, …”"""
    return f"{rule.words_in(language)}: {form_in_words(rule.form)}"
