from django.db import migrations, models

import goodword.core.time

BUILT_IN = ("agent", "lead", "leader", "operator", "light")


def add_built_in(apps, schema_editor):
    role = apps.get_model("staff", "Role")
    rows = [role(slug=slug) for slug in BUILT_IN]
    role.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_settings")]

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[
                ("slug", models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("own_rights", models.JSONField(blank=True, default=list)),
                ("second_factor_after", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("second_factor_since", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=goodword.core.time.now)),
            ],
            options={"ordering": ["created_at", "slug"]},
        ),
        migrations.RunPython(add_built_in, migrations.RunPython.noop),
    ]
