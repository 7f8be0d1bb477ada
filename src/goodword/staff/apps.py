from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "goodword.staff"
    label = "staff"
