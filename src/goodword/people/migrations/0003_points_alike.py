"""Points that we have get the likeness by which doubles are suggested."""

from typing import Any

from django.db import migrations

from goodword.people.likeness import likeness


def fill(apps: Any, _editor: Any) -> None:
    points = apps.get_model("people", "ContactPoint")
    batch = []
    for point in points.objects.filter(likeness="").iterator(chunk_size=1000):
        point.likeness = likeness(point.kind, point.value)
        batch.append(point)
        if len(batch) == 1000:
            points.objects.bulk_update(batch, ["likeness"])
            batch = []
    points.objects.bulk_update(batch, ["likeness"])


class Migration(migrations.Migration):
    dependencies = [("people", "0002_people_who_are_one")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
