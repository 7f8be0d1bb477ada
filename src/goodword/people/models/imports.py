"""PeopleImport: a file of customers on its way in, row by row, undoable."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodword.core.time import now
from goodword.core.work import Work
from goodword.people.models.customers import Customer
from goodword.staff.models import Member


class Step(models.TextChoices):
    LOOKING = "looking", _("Is being looked through")
    READY = "ready", _("Waits for your yes")
    DOING = "doing", _("Is being brought in")
    DONE = "done", _("Brought in")
    UNDOING = "undoing", _("Is being undone")
    UNDONE = "undone", _("Undone")


class What(models.TextChoices):
    """What becomes of one row of the file."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Known, with something new")
    DOUBLE = "double", _("Known already")
    WRONG = "wrong", _("Wrong")


class PeopleImport(Work):
    """One file, how it is read, and how far it is. `done_at` of Work: nothing is left to do."""

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=5)  # csv or vcard
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    has_header = models.BooleanField(default=True)
    mapping = models.JSONField(default=list)  # for each column the field that it fills, or ""
    overwrites = models.BooleanField(default=False)
    step = models.CharField(max_length=8, choices=Step.choices, default=Step.LOOKING)
    position = models.PositiveIntegerField(default=0)  # rows that this step is through with
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(Work.Meta):
        abstract = False

    def __str__(self) -> str:
        return self.name

    @property
    def is_at_work(self) -> bool:
        return self.step in (Step.LOOKING, Step.DOING, Step.UNDOING)

    @property
    def share(self) -> int:
        """How far it is, of a hundred."""
        return min(100, 100 * self.position // self.total) if self.total else 0


class ImportedRow(models.Model):
    """What became of one row: for the report, and for undoing. Rows that were right and known
    already are not kept."""

    of = models.ForeignKey(PeopleImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    what = models.CharField(max_length=8, choices=What.choices)
    said = models.CharField(max_length=300, blank=True)  # the name or address on that line
    why = models.CharField(max_length=300, blank=True)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    points = models.JSONField(default=list)
    is_undone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["of", "what", "line"], name="imported_row_what")]
