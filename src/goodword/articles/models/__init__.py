from goodword.articles.models.article import Article, Audience, Kind, State
from goodword.articles.models.feedback import ArticleFeedback
from goodword.articles.models.kept import (
    ArticleAddress,
    ArticleDraft,
    ArticlePicture,
    ArticleVersion,
    ArticleWord,
)
from goodword.articles.models.use import BlockUse

__all__ = [
    "Article",
    "ArticleAddress",
    "ArticleDraft",
    "ArticleFeedback",
    "ArticlePicture",
    "ArticleVersion",
    "ArticleWord",
    "Audience",
    "BlockUse",
    "Kind",
    "State",
]
