from django.apps import AppConfig


class SettingsConfig(AppConfig):
    name = "goodword.settings"
    label = "settings"
