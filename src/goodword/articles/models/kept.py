"""What is kept with an article: its versions, addresses, pictures, words, and half-typed texts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import models

from goodword.core import files
from goodword.core.markdown import Pictures
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.people.models import new_salt
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.articles.models.article import Article


class ArticleVersion(models.Model):
    """The words of an article at one time. Added, never edited: a message may quote it."""

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField()
    what = models.CharField(max_length=200, blank=True)  # what changed, in a line
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    hash = models.CharField(max_length=64)
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    @classmethod
    def add(
        cls, article: Article, number: int, title: str, text: str, *, by: Member, what: str = ""
    ) -> ArticleVersion:
        return cls.objects.create(
            article=article, number=number, title=title, text=text, by=by,
            what=" ".join(what.split())[:200], hash=hash_of(title, text),
        )  # fmt: skip

    def digest(self) -> str:
        return digest_of_words(self.salt, f"{self.title}\n{self.text}")


def hash_of(title: str, text: str) -> str:
    """SHA-256 (hex) of the words: whoever was sent them can show which they were."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


class ArticleAddress(models.Model):
    """Every address that an article ever had in its language; the old ones lead to the new."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="addresses")
    language = models.CharField(max_length=10)
    slug = models.CharField(max_length=90)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="article_address_once")
        ]


class ArticleDraft(models.Model):
    """A text as a member has typed it so far; `article` is empty for one that is not begun."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    typed = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "article"], name="article_draft_once"),
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(article=None), name="article_draft_of_new"
            ),
        ]


class ArticlePicture(models.Model):
    """A picture of an article, served by us under its number, with words for who cannot see it."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="pictures")
    alt = models.CharField(max_length=300)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.alt

    @property
    def mark(self) -> str:
        """What stands in the text for it."""
        return f"![{self.alt}](picture:{self.pk})"

    @property
    def path(self) -> str:
        return f"/help/pictures/{self.pk}/"

    def content(self) -> bytes:
        return files.read(self.sha256)


def pictures_of(article: Article) -> Pictures:
    """Where the pictures of this article are, by the names that its text gives them."""
    paths = {f"picture:{each.pk}": each.path for each in article.pictures.all()}
    return paths.get


class ArticleWord(models.Model):
    """A word of a published version, as `articles/words.py` writes it, and how much it weighs."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    word = models.CharField(max_length=12)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["word", "article"], name="article_word_once")
        ]

    @classmethod
    def replace(cls, article: Article, weights: dict[str, int]) -> None:
        ArticleWord.objects.filter(article=article).delete()
        ArticleWord.objects.bulk_create(
            ArticleWord(article=article, word=word, weight=weight)
            for word, weight in weights.items()
        )
