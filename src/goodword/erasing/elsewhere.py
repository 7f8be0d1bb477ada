"""Traces of a person where no row points to them: their names and addresses themselves."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from goodword.cases.models import OutgoingMessage
from goodword.channels.mail.models import IncomingMail, RawMail
from goodword.core import files
from goodword.core.compare import change
from goodword.erasing.words import COPY, MAIL, ROW
from goodword.finding.models import View
from goodword.people.models import (
    Account,
    ContactPoint,
    Customer,
    ImportedRow,
    PeopleImport,
    SenderRule,
)

SHORTEST = 3  # a name of two letters stands in too many words


class Traces:
    """What they are called and where they are reached, read before any of it goes."""

    def __init__(self, people: QuerySet[Customer]) -> None:
        names = list(people.values_list("name", flat=True))
        points = ContactPoint.objects.filter(customer__in=people.values("pk"))
        self.addresses = list(points.filter(kind="mail").values_list("value", flat=True))
        numbers = [text for pair in points.filter(kind="phone").values_list("value", "typed")
                   for text in pair]  # fmt: skip
        parts = [part for name in names for part in name.split()]
        said = {*names, *self.addresses, *numbers, *parts}
        self.said = sorted((each for each in said if len(each) >= SHORTEST), key=len, reverse=True)
        words = "|".join(map(re.escape, self.said)) or r"(?!)"
        self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)

    def without(self, text: str) -> str:
        """The text, with what names them taken out."""
        return self._pattern.sub(_("[erased]"), text)

    def forget(self) -> set[str]:
        """Mail that found no case, copies, rules, imports, searches; files that go with them."""
        self._mail()
        self._views()
        OutgoingMessage.objects.filter(address__in=self.addresses).update(**COPY)
        SenderRule.objects.filter(sender__in=self.addresses).delete()
        return self._imports()

    def forget_accounts(self) -> list[int]:
        """Organisations that nobody else is of, and that are called as they are or write."""
        domains = [address.rpartition("@")[2] for address in self.addresses]
        alone = list(Account.objects.filter(domain__in=domains, customers=None))
        for each in alone:
            name = self.without(each.name)
            if each.name == each.domain:
                name = _("Erased organisation")
            change(each, {}, {"domain": None, "name": name})
        return [each.pk for each in alone]

    def _mail(self) -> None:
        theirs = Q(from_address__in=self.addresses) | Q(envelope_from__in=self.addresses)
        found = list(IncomingMail.objects.filter(theirs).values_list("pk", flat=True))
        RawMail.objects.filter(pk__in=found).delete()
        IncomingMail.objects.filter(pk__in=found).update(**MAIL)

    def _views(self) -> None:
        """A search that somebody saved under their name."""
        for view in View.objects.all():
            if self._pattern.search(f"{view.name}\n{view.query}"):
                view.delete()

    def _imports(self) -> set[str]:
        for row in ImportedRow.objects.filter(self._in("said")):
            change(row, {}, ROW)
        loose = set()
        for each in PeopleImport.objects.exclude(sha256=""):
            if not each.is_at_work and self._is_in(each.sha256):
                loose.add(each.sha256)
                change(each, {}, {"sha256": "", "name": self.without(each.name)})
        return loose

    def _is_in(self, name: str) -> bool:
        try:
            content = files.read(name)
        except FileNotFoundError:
            return False
        return any(bool(self._pattern.search(_text(content, code))) for code in _CODES)

    def _in(self, column: str) -> Any:
        found = Q(pk__in=[])
        for said in self.said:
            found |= Q(**{f"{column}__icontains": said})
        return found


_CODES = ("utf-8", "latin-1", "utf-16")


def _text(content: bytes, code: str) -> str:
    return content.decode(code, errors="ignore")
