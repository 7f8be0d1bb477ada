"""What an agent may fill in on a case. The verbs judge; the forms only read."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from goodword.cases.states import AsideReason
from goodword.desk.recipients import checked_addresses
from goodword.promises.kinds import GIVEN_BY_HAND

# What one message may hold; a longer text belongs into a file.
LONGEST_TEXT = 200_000
FIRST_WORD = "first_word"
THEN = [
    ("promise", _("Send")),
    ("ask", _("Send and ask if it’s settled")),
    ("wait", _("Send and wait for their answer")),
    ("rest", _("Send, nothing more to come")),
    (FIRST_WORD, _("Send a first word")),
]
# The same choices as the switch above the button names them.
AFTERS = [
    ("promise", _("Our word stands")),
    ("ask", _("Ask if it’s settled")),
    ("wait", _("Wait for their answer")),
    ("rest", _("Nothing more to come")),
    (FIRST_WORD, _("First word only")),
]
KINDS_BY_HAND = [(kind.value, kind.label) for kind in GIVEN_BY_HAND]
_TOO_LONG = _(
    "This has %(there)s characters; a message holds %(most)s. Attach it as a file, or shorten it. "
    "Nothing of it is lost."
)


class WritingForm(forms.Form):
    """The fields that a reply, a note and a call share."""

    text = forms.CharField(required=False, strip=False)
    form_id = forms.CharField(required=False, max_length=40)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > LONGEST_TEXT:
            facts = {"there": f"{len(text):,}", "most": f"{LONGEST_TEXT:,}"}
            raise forms.ValidationError(_TOO_LONG % facts, "too_long")
        return text


class NoteForm(WritingForm):
    pass


class CallForm(WritingForm):
    answers = forms.BooleanField(required=False)
    minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=1440,
        error_messages={"invalid": _("Write the length of the call as a number of minutes.")},
    )


class ReplyForm(WritingForm):
    then = forms.ChoiceField(choices=THEN, required=False)
    question = forms.CharField(required=False, max_length=500)
    reason = forms.CharField(required=False, max_length=300)
    seen = forms.IntegerField(required=False, min_value=0)
    cc = forms.CharField(required=False)
    bcc = forms.CharField(required=False)

    def clean_cc(self) -> list[str]:
        return checked_addresses(self._data(), "cc")

    def clean_bcc(self) -> list[str]:
        return checked_addresses(self._data(), "bcc")

    def _data(self) -> QueryDict:
        """A box for each address, and a field for more: all have one name."""
        assert isinstance(self.data, QueryDict)
        return self.data


FORMS: dict[str, type[WritingForm]] = {"reply": ReplyForm, "note": NoteForm, "call": CallForm}


class AsideForm(forms.Form):
    reason = forms.ChoiceField(
        choices=AsideReason.choices,
        widget=forms.RadioSelect,
        label=_("What is it?"),
        error_messages={"required": _("Say what it is, so that we can count it.")},
    )
    rule = forms.BooleanField(required=False)


class MarkForm(forms.Form):
    """The customer's yes in their own words."""

    MEANINGS = [
        ("settled", _("It is settled")),
        ("not_yet", _("Not yet")),
        ("move", _("They agree to another time")),
    ]

    sentence = forms.CharField(
        max_length=40, error_messages={"required": _("Choose the sentence in which they say it.")}
    )
    means = forms.ChoiceField(
        choices=MEANINGS, error_messages={"required": _("Choose what they say with it.")}
    )
    promise = forms.IntegerField(required=False)
    to = forms.CharField(required=False, max_length=40)
