"""The words of what the desk writes by itself: its own, or those that the business put there.

A machine states facts: what, and when. It never says sorry, and it never says that nobody reads
the answer. The last lines are the desk's own and cannot be changed: who wrote this, and how to
reach a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.core.refusals import Refused
from goodword.staff.models import Business

LONGEST = 1500
_PLACE = re.compile(r"\{([^{}]*)\}")
# In the languages that the desk writes; a machine's apology is worth nothing to anybody.
_SORRY = re.compile(
    r"\bsorry\b|apolog|\bregret|entschuldig|tut (?:uns|mir) leid|bedauer|verzeih|désolé|excuse",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(
    r"(?:do not|don.t|cannot|can.t) (?:reply|answer|respond)|no.?reply|not monitored|unmonitored"
    r"|nicht (?:auf diese|antworten)|keine antwort|ne pas répondre",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wording:
    """One text: the part that may be changed, what it must say, and the part that stays."""

    name: str
    label: "str | LazyText"
    words: "str | LazyText"
    stays: "str | LazyText"
    places: Mapping[str, "str | LazyText"]
    needed: tuple[str, ...]


RECEIPT = Wording(
    "receipt",
    _("Receipt, when nobody can answer the same day"),
    _(
        "We have your message, %(name)s. It reached us at %(received)s, outside our hours.\n\n"
        "%(owner)s answers for it. You hear from a person by %(due)s."
    ),
    _(
        "This line was written by the desk, not by a person. A person reads every answer "
        "to it, so write back if there is more to say."
    ),
    {
        "name": _("what we call the customer"),
        "received": _("when their message came"),
        "owner": _("who answers for it"),
        "due": _("by when a person writes"),
        "business": _("your name"),
    },
    ("owner", "due"),
)
REMINDER = Wording(
    "reminder",
    _("Reminder, when we asked whether it is settled and heard nothing"),
    _(
        "%(name)s, we answered you about “%(title)s” and asked whether it is settled. "
        "Only you decide that."
    ),
    _(
        "Your page, linked below, has one button for yes and one for not yet. If you would "
        "rather say it in your own words, answer this mail: %(owner)s at %(business)s "
        "reads it."
    ),
    {
        "name": _("what we call the customer"),
        "title": _("what the case is about"),
        "owner": _("who answers for it"),
        "business": _("your name"),
    },
    ("title",),
)
WORDINGS = {each.name: each for each in (RECEIPT, REMINDER)}


def own_words(wording: Wording, language: str) -> str:
    """The desk's own words in a language, with places as people write them: {name}."""
    with override(language):
        return str(wording.words) % {name: f"{{{name}}}" for name in wording.places}


def chosen_words(business: Business, wording: Wording, language: str) -> str:
    """What the business put there for this language; empty where it put nothing."""
    kept = business.chosen.get("words", {})
    return str(kept.get(f"{wording.name}.{language}", ""))


def text_of(wording: Wording, language: str, facts: Mapping[str, str], *, words: str = "") -> str:
    """The whole text as it is sent, in the language of the customer.

    `words` are tried instead of those that are kept.
    """
    business = Business.current()
    known = {"business": business.name, **facts}
    words = words or chosen_words(business, wording, language) or own_words(wording, language)
    said = _PLACE.sub(lambda found: known.get(found[1], ""), words)
    with override(language):
        return f"{said}\n\n{str(wording.stays) % known}"


def must_be_sound(wording: Wording, words: str) -> None:
    """Refused, with what to do, for words that the desk must not write by itself."""
    places = _PLACE.findall(words)
    unknown = [place for place in places if place not in wording.places]
    missing = [place for place in wording.needed if place not in places]
    if len(words) > LONGEST:
        _refuse(_("That is longer than %(most)s characters; a receipt is short."), most=LONGEST)
    if unknown:
        sentence = _("There is no {%(place)s}. You may use %(places)s.")
        _refuse(sentence, place=unknown[0], places=_braced(wording.places))
    if missing:
        _refuse(_("It has to say {%(place)s}, or the customer learns nothing."), place=missing[0])
    if _PLACE.sub("", words).strip("\n {}") == "" or "{" in _PLACE.sub("", words):
        _refuse(_("Write whole sentences, and every place as {name}."))
    if _SORRY.search(words):
        _refuse(_("A machine states facts; people apologise. Leave the apology to a person."))
    if _NO_REPLY.search(words):
        _refuse(_("Every mail of ours can be answered, and a person reads it. Say nothing else."))


def _braced(places: Mapping[str, object]) -> str:
    return ", ".join(f"{{{name}}}" for name in places)


def _refuse(sentence: "str | LazyText", **facts: object) -> None:
    raise Refused("BAD_WORDS", str(sentence) % facts, 422)
