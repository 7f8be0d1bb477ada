from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "goodword.cases"
    label = "cases"
