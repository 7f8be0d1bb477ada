"""Customers, the organisations that they belong to, and how they are reached."""

from goodword.people.models.accounts import Account
from goodword.people.models.customers import Customer
from goodword.people.models.dates import CriticalDate
from goodword.people.models.different import Different
from goodword.people.models.imports import ImportedRow, PeopleImport
from goodword.people.models.merges import Merge
from goodword.people.models.notes import PinnedNote, new_salt
from goodword.people.models.points import ContactPoint
from goodword.people.models.rules import SenderRule

__all__ = [
    "Account",
    "ContactPoint",
    "CriticalDate",
    "Customer",
    "Different",
    "ImportedRow",
    "Merge",
    "PeopleImport",
    "PinnedNote",
    "SenderRule",
    "new_salt",
]
