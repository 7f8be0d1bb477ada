"""Hours that were planned for a day stand from now on in the version that is in force."""

from zoneinfo import ZoneInfo

from django.db import migrations


def hold_both(apps, schema_editor):
    Schedule = apps.get_model("staff", "Schedule")
    for planned in Schedule.objects.filter(is_planned=True).order_by("version"):
        before = Schedule.objects.filter(name=planned.name, version__lt=planned.version)
        now = before.filter(is_planned=False).order_by("-version").first()
        if now is None:
            continue
        if now.content["zone"] != planned.content["zone"]:
            # A zone changes on the day itself; nobody keeps a version that never began.
            planned.delete()
            continue
        _hold(planned, now)
        for model in ("Business", "Team"):
            rows = apps.get_model("staff", model).objects.filter(schedule__name=planned.name)
            rows.update(schedule=planned)


def _hold(planned, now):
    begins = planned.in_force_from.astimezone(ZoneInfo(now.content["zone"])).date()
    later = {**planned.content, "from": begins.isoformat()}
    for name in ("closed", "special", "breaks", "holidays", "worked"):
        later.setdefault(name, None)
    del later["zone"]
    planned.content = {**now.content, "versions": [later]}
    planned.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("staff", "0009_member_reads")]
    operations = [migrations.RunPython(hold_both, migrations.RunPython.noop, elidable=True)]
