from django.apps import AppConfig


class NotifyingConfig(AppConfig):
    name = "goodword.notifying"
    label = "notifying"
