"""What searching keeps for itself; all of it but the views can be made anew from the rest."""

from django.db import models


class Stale(models.Model):
    """Something that was written since the index last looked; triggers put it here.

    Never alter this table: SQLite would make it anew while the triggers still name it.
    """

    kind = models.CharField(max_length=10)  # message, case, customer, account
    subject = models.BigIntegerField()


class Filling(models.Model):
    """How far the index was filled from what is stored: newest first, down to nought."""

    kind = models.CharField(max_length=10, unique=True)  # customer, account, message
    below = models.BigIntegerField()  # all from here up is in the index
    start = models.BigIntegerField()


class Name(models.Model):
    """A name, an address or a number by which somebody is found."""

    kind = models.CharField(max_length=10)  # customer, account
    subject = models.BigIntegerField()
    text = models.CharField(max_length=320)
    is_name = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["kind", "subject"], name="name_subject")]


class Code(models.Model):
    """A number of an order, an invoice or the like that stands in a message."""

    code = models.CharField(max_length=32)
    message = models.ForeignKey("cases.Message", models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["code", "-message"], name="code_message")]
