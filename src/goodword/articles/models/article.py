"""Article: what the business knows, written once; public or ours alone. A how-to block is one
that is put into messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from goodword.articles import addressing, words
from goodword.articles.models.kept import ArticleVersion, ArticleWord
from goodword.core.compare import change
from goodword.core.markdown import LONGEST
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member, Team

LONGEST_TITLE = 160
STALE_AFTER = timedelta(days=365)
NOT_HELPFUL = 2  # so often since somebody last looked at it, and somebody should


class Kind(models.TextChoices):
    ARTICLE = "article", _("Article")
    BLOCK = "block", _("How-to block")


class Audience(models.TextChoices):
    PUBLIC = "public", _("Everybody can read this")
    INTERNAL = "internal", _("Only we can read this")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(state=State.PUBLISHED)

    def public(self) -> ArticleQuerySet:
        """What a stranger may read."""
        return self.published().filter(audience=Audience.PUBLIC, kind=Kind.ARTICLE)

    def stale(self, at: datetime) -> ArticleQuerySet:
        """Nobody has looked at it for a year, or it did not help those who read it."""
        since = Q(feedback__helped=False, feedback__at__gte=models.F("looked_at"))
        counted = self.published().annotate(unhelped=models.Count("feedback", filter=since))
        return counted.filter(Q(looked_at__lt=at - STALE_AFTER) | Q(unhelped__gte=NOT_HELPFUL))


class Article(models.Model):
    """Its words are in versions, which are added and never edited; `shown` is what is read."""

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ARTICLE)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.INTERNAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    language = models.CharField(max_length=10)
    slug = models.CharField(max_length=90)
    topic = models.CharField(max_length=80, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="articles")
    translation_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="translations"
    )
    title = models.CharField(max_length=LONGEST_TITLE)  # of the newest version
    number = models.PositiveIntegerField(default=1)  # of the newest version
    shown = models.ForeignKey(
        "articles.ArticleVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=now)
    written_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(default=now)  # when somebody last said that it is right

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="article_slug_once"),
            models.UniqueConstraint(
                fields=["translation_of", "language"], name="article_translated_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "audience", "kind", "topic", "title"], name="article_reading"
            ),
            models.Index(fields=["kind", "-written_at"], name="article_written"),
            models.Index(fields=["looked_at"], name="article_looked_at"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/articles/{self.pk}/"

    @property
    def public_path(self) -> str:
        return f"/help/{self.language}/{self.slug}/"

    @property
    def is_public(self) -> bool:
        """Whether a stranger can read it now."""
        is_page = self.kind == Kind.ARTICLE and self.audience == Audience.PUBLIC
        return is_page and self.state == State.PUBLISHED

    @property
    def is_block(self) -> bool:
        return self.kind == Kind.BLOCK

    @property
    def has_newer(self) -> bool:
        """Whether something was written that nobody can read yet."""
        return self.shown is not None and self.shown.number != self.number

    @property
    def family(self) -> int:
        """The same for an article and its translations."""
        return self.translation_of_id or self.pk

    def newest(self) -> ArticleVersion:
        return self.versions.select_related("by").get(number=self.number)

    # Writing

    @classmethod
    @transaction.atomic
    def begin(
        cls,
        *,
        by: Member,
        title: str,
        text: str,
        language: str,
        kind: str = Kind.ARTICLE,
        audience: str = Audience.INTERNAL,
        topic: str = "",
        team: Team | None = None,
        translation_of: Article | None = None,
    ) -> Article:
        """A new article: a draft that nobody reads until it is published."""
        title, text = read_words(title, text)
        origin = translation_of.family if translation_of else None
        if origin and cls.objects.filter(Q(pk=origin) | Q(translation_of=origin)).filter(
            language=language
        ):
            sentence = _("It is there in this language already. Write on in that one.")
            raise Refused("TRANSLATED", sentence)
        article = cls.objects.create(
            kind=Kind(kind), audience=Audience(audience), language=language, topic=topic,
            team=team, translation_of_id=origin, title=title,
            slug=addressing.free_slug(title, language),
        )  # fmt: skip
        addressing.keep(article)
        version = ArticleVersion.add(article, 1, title, text, by=by)
        record(None, "article_begun", by=by, words=version, facts={"article": article.pk})
        return article

    @transaction.atomic
    def write(self, *, by: Member, title: str, text: str, on: int, what: str = "") -> bool:
        """A new version on top of version `on`; False where the words are the same.

        Refused where somebody else has written meanwhile: nothing of theirs is overwritten
        unseen. Nobody reads the new version until it is published.
        """
        title, text = read_words(title, text)
        if self._has_words(title, text):
            return False
        to = {"number": on + 1, "title": title, "written_at": now(), "looked_at": now()}
        if not change(self, {"number": on}, to):
            raise _written_meanwhile()
        version = ArticleVersion.add(self, on + 1, title, text, by=by, what=what)
        facts = {"article": self.pk, "version": version.number}
        record(None, "article_written", by=by, words=version, facts=facts)
        return True

    def _has_words(self, title: str, text: str) -> bool:
        here = self.versions.order_by("-number").first()
        return here is not None and (here.title, here.text) == (title, text)

    def restore(self, version: ArticleVersion, *, by: Member, on: int) -> bool:
        """Write an old version anew; everything between stays in the history."""
        what = _g("As in version %(number)s") % {"number": version.number}
        return self.write(by=by, title=version.title, text=version.text, on=on, what=what)

    # Who reads it

    @transaction.atomic
    def publish(self, *, by: Member, on: int) -> bool:
        """Let it be read as it stands in version `on`; False where it is already."""
        version = self.versions.filter(number=on).first()
        if version is None or not Article.objects.filter(pk=self.pk, number=on).exists():
            raise _written_meanwhile()
        if self.state == State.PUBLISHED and self.shown_id == version.pk:
            return False
        at = now()
        to = {"state": State.PUBLISHED, "shown": version, "published_at": at, "looked_at": at}
        if not change(self, {"number": on}, to):
            raise _written_meanwhile()
        ArticleWord.replace(self, words.weights(version.title, self.topic, version.text))
        facts = {"article": self.pk, "version": on, "audience": self.audience}
        record(None, "article_published", by=by, words=version, facts=facts)
        return True

    @transaction.atomic
    def retire(self, *, by: Member) -> bool:
        """Nobody finds or reads it any more; `bring_back` undoes this."""
        if not change(self, {"state": State.PUBLISHED}, {"state": State.RETIRED}):
            return False
        record(None, "article_retired", by=by, facts={"article": self.pk})
        return True

    @transaction.atomic
    def bring_back(self, *, by: Member) -> bool:
        """Let it be read again, in the version that was read before it was retired."""
        if not change(self, {"state": State.RETIRED}, {"state": State.PUBLISHED}):
            return False
        shown = self.shown.number if self.shown else self.number
        facts = {"article": self.pk, "version": shown, "audience": self.audience}
        record(None, "article_published", by=by, facts=facts)
        return True

    @transaction.atomic
    def rearrange(self, *, by: Member, **fields: object) -> list[str]:
        """Change what stands around its words: audience, topic, team, address. What changed."""
        slug = str(fields.pop("slug", "") or self.slug)
        changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if slug != self.slug:
            changed["slug"] = addressing.wanted_slug(slug, self)
        if not changed or not change(self, {}, changed):
            return []
        if "slug" in changed:
            addressing.keep(self)
        if "topic" in changed and self.shown is not None:
            shown = self.shown
            ArticleWord.replace(self, words.weights(shown.title, self.topic, shown.text))
        facts = {"article": self.pk, "fields": sorted(changed)}
        record(None, "article_changed", by=by, facts=facts)
        return sorted(changed)

    @transaction.atomic
    def look_at(self, *, by: Member) -> None:
        """Somebody read it and says that it is still right."""
        change(self, {}, {"looked_at": now()})
        record(None, "article_looked_at", by=by, facts={"article": self.pk})


def read_words(title: str, text: str) -> tuple[str, str]:
    """Title and text as they are kept. Refused (422) when one is missing or far too long."""
    title, text = " ".join(title.split()), text.replace("\r\n", "\n").replace("\0", "").strip()
    if not title:
        raise Refused("NO_TITLE", _("Give it a title, as somebody would ask for it."), 422)
    if len(title) > LONGEST_TITLE:
        sentence = _("The title has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused("TOO_LONG", sentence % {"there": len(title), "most": LONGEST_TITLE}, 422)
    if not text:
        raise Refused("NO_TEXT", _("Write the text first; nothing is kept without one."), 422)
    if len(text) > LONGEST:
        sentence = _("The text has %(there)s characters; %(most)s fit. Make two articles of it.")
        raise Refused("TOO_LONG", sentence % {"there": f"{len(text):,}", "most": f"{LONGEST:,}"},
                      422)  # fmt: skip
    return title, text


def _written_meanwhile() -> Refused:
    sentence = _("Somebody else wrote this article meanwhile. Both texts are here: yours below, "
                 "theirs beside it.")  # fmt: skip
    return Refused("WRITTEN_MEANWHILE", sentence)
