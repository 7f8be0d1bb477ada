"""The pages of plain settings: what stands in `staff.settings.SETTINGS`."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from goodword.channels.mail.addresses import NoReplyAddress, is_no_reply
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Business, Member
from goodword.staff.settings import Setting, setting, settings_on

Check = Callable[[Any], None]


def _is_answered(address: str) -> None:
    if address and is_no_reply(address):
        raise ValidationError(str(NoReplyAddress(address)))


# Checks that need more than the staff's room knows.
CHECKS: dict[str, Check] = {"mail_address": _is_answered}


class PageOfSettings(Subject):
    """All settings of one page; `kind` is the name of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.kind = page  # type: ignore[misc]

    def values(self) -> Values | None:
        business = Business.current()
        return {each.name: each.of(business) for each in settings_on(self.kind)}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            raise Refused("STAYS", _("These settings cannot be taken away."), 422)
        business = Business.objects.get()
        columns: dict[str, Any] = {}
        chosen = dict(business.chosen)
        for name, value in to.items():
            row = setting(name)
            (columns if row.is_column(business) else chosen)[name] = checked(row, value)
        change(business, {}, {**columns, "chosen": chosen})

    def is_public(self, field: str) -> bool:
        return not setting(field).is_private


class SettingsForm(forms.Form):
    """The fields of a page, each with its own check."""

    def __init__(self, rows: list[Setting], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            field = row.field()
            field.label, field.help_text = str(row.label), str(row.sentence)
            if row.name in CHECKS:
                field.validators = [*field.validators, CHECKS[row.name]]
            self.fields[row.name] = field


def checked(row: Setting, value: Any) -> Any:
    """The value as it is kept. Refused, in the words of its field, where it cannot be."""
    try:
        clean = row.field().clean(value)
        if row.name in CHECKS:
            CHECKS[row.name](clean)
    except ValidationError as error:
        said = f"{row.label}: {' '.join(error.messages)}"
        raise Refused("BAD_SETTING", said, 422) from error
    return clean
