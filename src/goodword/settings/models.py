"""What was changed on the pages of settings: what it was, what it became, who and when."""

import json

from django.db import models
from django.utils.translation import gettext as _

from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.people.models import new_salt
from goodword.staff.models import Member


class SettingChange(models.Model):
    """One change of one subject: only the fields that changed, as they were and as they became.

    None on one side says that the subject was not there before, or is there no more. The entry
    in the journal holds a digest of this row, since it may hold words about people.
    """

    subject = models.CharField(max_length=400)  # as "business" or "team:it-support"
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # None: a command
    at = models.DateTimeField(default=now)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        indexes = [models.Index(fields=["subject", "-id"], name="setting_change_subject")]

    def __str__(self) -> str:
        return f"{self.subject}, {self.at}"

    @property
    def kind(self) -> str:
        return self.subject.partition(":")[0]

    @property
    def fields(self) -> list[str]:
        return sorted({*(self.before or {}), *(self.after or {})})

    @property
    def who(self) -> str:
        return self.by.name if self.by else _("The command line")

    def digest(self) -> str:
        said = json.dumps([self.subject, self.before, self.after], sort_keys=True)
        return digest_of_words(self.salt, said)
