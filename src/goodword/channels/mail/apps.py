from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "goodword.channels.mail"
    label = "mail"
