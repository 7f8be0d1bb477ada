from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "goodword.desk"
    label = "desk"
