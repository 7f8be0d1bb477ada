"""A kind of work that exists only in the tests."""

from django.db import models

from goodword.core.work import Work


class Errand(Work):
    done_by = models.TextField(default="")

    class Meta(Work.Meta):
        app_label = "workapp"


class Doing(models.Model):
    """One line for each time that an errand was really done."""

    errand = models.IntegerField()
    worker = models.TextField()

    class Meta:
        app_label = "workapp"
