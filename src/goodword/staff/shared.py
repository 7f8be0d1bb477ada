"""The table of the shared cache: what one process of the web has seen, all have."""

from django.db import models


class Shared(models.Model):
    """As Django's database cache wants it (CACHES in the settings)."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "staff_shared"
