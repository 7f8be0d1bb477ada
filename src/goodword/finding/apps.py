from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FindingConfig(AppConfig):
    name = "goodword.finding"

    def ready(self) -> None:
        from goodword.finding.keeping import after_migrating

        # SQLite makes a table anew to change it, and its triggers are gone then (decision 0012).
        post_migrate.connect(after_migrating, sender=self)
