"""“Did this help?”: what a reader said of an article."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodword.articles.models.article import Article
from goodword.articles.models.kept import ArticleVersion
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.models import digest_of_words
from goodword.journal.recording import record
from goodword.people.models import new_salt
from goodword.staff.models import Member

LONGEST_WORDS = 2000


class ArticleFeedback(models.Model):
    """A yes or a not yet, with words where they had some. Of the reader we keep nothing else."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback")
    version = models.ForeignKey(ArticleVersion, models.CASCADE, related_name="+")
    helped = models.BooleanField()
    words = models.TextField(blank=True)
    # Where they left an address, their words became a case, which is how they are answered.
    case = models.ForeignKey("cases.Case", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=now)
    dealt_at = models.DateTimeField(null=True)
    dealt_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    salt = models.CharField(max_length=16, default=new_salt)

    class Meta:
        indexes = [
            models.Index(fields=["article", "-at"], name="feedback_article_at"),
            models.Index(fields=["dealt_at", "-at"], name="feedback_dealt"),
        ]

    def digest(self) -> str:
        return digest_of_words(self.salt, self.words)

    @classmethod
    @transaction.atomic
    def give(
        cls, article: Article, *, helped: bool, words: str = "", case: Any = None
    ) -> ArticleFeedback:
        if article.shown is None:
            raise Refused("NOT_FOUND", _("This article is not there any more."), 404)
        if len(words) > LONGEST_WORDS:
            raise Refused("TOO_LONG", _("That is too long for here. Write to us instead."), 422)
        given = cls.objects.create(
            article=article, version=article.shown, helped=helped, words=words, case=case
        )
        facts = {"article": article.pk, "version": article.shown.number, "helped": helped}
        record(None, "article_rated", by="system", words=given, facts=facts)
        return given

    @transaction.atomic
    def deal_with(self, *, by: Member) -> bool:
        """Somebody has read it and done what there was to do."""
        if not change(self, {"dealt_at": None}, {"dealt_at": now(), "dealt_by": by}):
            return False
        record(None, "feedback_dealt_with", by=by, facts={"feedback": self.pk})
        return True
