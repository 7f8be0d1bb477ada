from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "goodword.articles"
    label = "articles"

    def ready(self) -> None:
        from goodword.articles.quoting import quoted
        from goodword.core.formatting import quote_with

        quote_with(quoted)
