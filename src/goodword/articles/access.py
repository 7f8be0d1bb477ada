"""The only door to articles: members read all of them, everybody else what is public."""

from django.db import models
from django.http import Http404

from goodword.articles.models import Article, ArticlePicture, ArticleVersion, Kind
from goodword.articles.models.article import ArticleQuerySet
from goodword.staff.models import Member


def visible_articles(member: Member) -> ArticleQuerySet:
    return Article.objects.all() if member.is_active else Article.objects.none()


def blocks_for(member: Member, language: str) -> ArticleQuerySet:
    """The how-to blocks that may be put into a message, those in this language first."""
    theirs = models.Case(models.When(language=language, then=0), default=1)
    found = visible_articles(member).published().filter(kind=Kind.BLOCK).select_related("shown")
    return found.order_by(theirs, "topic", "title")


def article_for(member: Member, pk: int) -> Article:
    people = ("team", "shown__by", "translation_of")
    found = visible_articles(member).select_related(*people).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def version_for(article: Article, number: int) -> ArticleVersion:
    found = article.versions.select_related("by").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def public_articles() -> ArticleQuerySet:
    return Article.objects.public()


def public_article(language: str, slug: str) -> Article:
    """The article that has or had this address; 404 for a draft and for what is ours alone."""
    named = public_articles().filter(addresses__language=language, addresses__slug=slug)
    found = named.select_related("shown__by").first()
    if found is None:
        raise Http404
    return found


def picture_for(pk: int, member: Member | None) -> ArticlePicture:
    """A picture of a public article, or of any for a member."""
    found = ArticlePicture.objects.select_related("article").filter(pk=pk).first()
    if found is None or not (found.article.is_public or (member and member.is_active)):
        raise Http404
    return found
