from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "goodword.articles"
    label = "articles"
