from django.apps import AppConfig


class SettingsConfig(AppConfig):
    name = "goodword.settings"
    label = "settings"

    def ready(self) -> None:
        from goodword.desk import rooms
        from goodword.settings.places import rooms_for

        rooms.also(rooms_for)
