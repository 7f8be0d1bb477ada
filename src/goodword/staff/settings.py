"""What the business may choose on a page: each with its name, default, sentence and check.

A setting is one row of `SETTINGS`. It gets its place on a page, its check, its entry in the
journal, its undo and its line in the file of settings from there. It stands in the column of
Business that has its name, else in `Business.chosen`; read it by `business.setting("…")`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.core.files import is_there

if TYPE_CHECKING:
    from goodword.staff.models import Business

# A workplace keeps clear of the hues that say broken, at risk and kept (tokens.css).
HUES = range(171, 360)
MOST_WORDS = 500


@dataclass(frozen=True)
class Page:
    """A page of settings. `group` is the heading under which the index shows it."""

    label: "str | LazyText"
    sentence: "str | LazyText"
    icon: str
    group: str = "business"


@dataclass(frozen=True)
class Setting:
    """One thing that may be chosen. `field` reads and checks it; its value is plain JSON.

    Words about people are private: the journal then holds a digest of them and nothing else.
    """

    name: str
    page: str
    label: "str | LazyText"
    sentence: "str | LazyText"
    default: Any
    field: Callable[[], forms.Field]
    is_private: bool = False

    def of(self, business: "Business") -> Any:
        if self.is_column(business):
            return getattr(business, self.name)
        return business.chosen.get(self.name, self.default)

    def is_column(self, business: "Business") -> bool:
        return self.name in {column.name for column in business._meta.concrete_fields}


def line(longest: int, *, is_needed: bool = False, **errors: Any) -> Callable[[], Any]:
    return lambda: forms.CharField(
        max_length=longest, required=is_needed, error_messages=dict(errors)
    )


def text(longest: int = MOST_WORDS) -> Callable[[], Any]:
    area = forms.Textarea(attrs={"rows": 3})
    return lambda: forms.CharField(max_length=longest, required=False, widget=area)


def number(least: int, most: int) -> Callable[[], Any]:
    sentence = _("Write a whole number from %(least)s to %(most)s.")
    facts = {"least": least, "most": most}

    def field() -> forms.Field:
        said = str(sentence) % facts
        errors = dict.fromkeys(("invalid", "required", "min_value", "max_value"), said)
        return forms.IntegerField(min_value=least, max_value=most, error_messages=errors)

    return field


def yes_or_no() -> forms.Field:
    return forms.BooleanField(required=False, widget=forms.CheckboxInput(attrs={"role": "switch"}))


def choice(choices: "list[tuple[str, str | LazyText]]") -> Callable[[], Any]:
    return lambda: forms.ChoiceField(choices=choices)


class PrefixField(forms.CharField):
    """The letters before a case's number."""

    def clean(self, value: Any) -> str:
        prefix = str(super().clean(value)).strip().upper()
        if not re.fullmatch(r"[A-Z0-9]{1,6}", prefix):
            raise forms.ValidationError(_("Write one to six letters or digits, as HL."))
        return prefix


class HueField(forms.IntegerField):
    """A hue of the colour circle on which every text can be read, and that means nothing else."""

    widget = forms.NumberInput(
        attrs={"type": "range", "min": HUES[0], "max": HUES[-1], "data-hue": ""}
    )

    def clean(self, value: Any) -> int:
        hue = super().clean(value)
        if hue not in HUES:
            sentence = _(
                "Hues of red, amber and green say broken, at risk and kept on every page. "
                "Choose one from 171 to 359."
            )
            raise forms.ValidationError(sentence)
        return int(hue)


class LogoField(forms.CharField):
    """The name of a logo that was uploaded here; the page has its own form for that."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(max_length=70, required=False)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        if name and not (re.fullmatch(r"[0-9a-f]{64}\.(png|svg)", name) and is_there(name[:64])):
            sentence = _("That logo is not kept on this desk. Upload it on the page “Look”.")
            raise forms.ValidationError(sentence)
        return name


def calendar_words() -> forms.Field:
    shown = (
        ("", _("The reference and the kind")),
        ("words", _("Our words and the customer’s name as well")),
    )
    return forms.ChoiceField(choices=shown, required=False)


def languages() -> forms.Field:
    return forms.ChoiceField(choices=settings.LANGUAGES)


def mail_address() -> forms.Field:
    wrong = _("This is not a whole mail address, as help@example.com is.")
    return forms.EmailField(required=False, error_messages={"invalid": wrong})


PAGES: dict[str, Page] = {
    "business": Page(
        _("Business"),
        _("What customers read of you on their page and in every mail."),
        "building",
    ),
    "messages": Page(
        _("Messages"), _("What stands under them, and how long they can be taken back."), "send"
    ),
    "look": Page(
        _("Look"), _("Your logo and your colour, on the customer’s page and here."), "eye"
    ),
}

# Of whoever has none of their own: kind, short, and nothing in it has to be looked after.
SIGNATURE = "{name}\n{business}, {phone}"

SETTINGS: tuple[Setting, ...] = (
    Setting("name", "business", _("Name"), _("As customers know you."), "",
            line(120, is_needed=True, required=_("Write the name that customers know."))),
    Setting("prefix", "business", _("Letters before a case’s number"),
            _("From now on only: a reference that a customer holds never changes."), "GW",
            lambda: PrefixField(max_length=6)),
    Setting("mail_address", "business", _("Mail address"),
            _("Shown to customers who would rather write. Answers to it must be read."), "",
            mail_address, is_private=True),
    Setting("phone", "business", _("Telephone"),
            _("Stands on every customer’s page, one tap away."), "", line(40), is_private=True),
    Setting("postal_address", "business", _("Postal address"), _("As on an envelope."), "",
            text(), is_private=True),
    Setting("language", "business", _("Language"),
            _("Of this desk, and of mail to customers of whom we know no other."), "en-gb",
            languages),
    Setting("logo", "look", _("Logo"),
            _("A PNG, JPEG or WebP of up to 2 MB, or an SVG; it is drawn anew."), "", LogoField),
    Setting("logo_night", "look", _("Logo by night"),
            _("For dark pages, where the other one cannot be seen well on them."), "", LogoField),
    Setting("brand_hue", "look", _("Colour"),
            _("One hue; light and dark follow from it, so that every word can be read."), 264,
            HueField),
    Setting("signature", "messages", _("Signature"),
            _("Under the messages of whoever has none of their own. {name}, {role}, {phone} and "
              "{business} are filled in."), SIGNATURE, text(1_000)),
    Setting("hold_vague", "messages", _("“Shortly” needs a time"),
            _("A message that names no time waits for one, or for a reason. Off: it is only "
              "counted."), True, yes_or_no),
    Setting("undo_seconds", "messages", _("Seconds to take a message back"),
            _("So long it waits before it leaves. 0 sends at once; 30 is the most."), 10,
            number(0, 30)),
    Setting("calendar_words", "messages", _("What a calendar outside shows of a promise"),
            _("A member’s own calendar reads their promises by a secret link, and lies with "
              "whoever keeps that calendar."), "", calendar_words),
)  # fmt: skip
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def setting(name: str) -> Setting:
    """The setting of that name. KeyError where there is none."""
    return _BY_NAME[name]


def settings_on(page: str) -> list[Setting]:
    return [each for each in SETTINGS if each.page == page]
