"""An article as somebody writes it: what was typed, what is kept, and who wrote meanwhile."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodword.articles import access
from goodword.articles.differing import Line, compare
from goodword.articles.models import (
    Article,
    ArticleDraft,
    ArticleVersion,
    Audience,
    Kind,
)
from goodword.articles.models.article import read_words
from goodword.articles.models.kept import pictures_of
from goodword.core.compare import change
from goodword.core.markdown import to_html
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.library import languages_to_write_in
from goodword.desk.models import SentForm, new_token
from goodword.desk.typed import key, line
from goodword.staff.models import Member, Team

FIELDS = ("title", "text", "what", "topic", "team", "audience", "kind", "language", "slug", "of")
LONGEST_DRAFT = 500_000


class Author:
    """One member's form for one article, or for one that is not begun yet."""

    def __init__(self, member: Member, article: Article | None, typed: dict[str, Any]) -> None:
        self.member, self.article, self.typed = member, article, typed
        self.draft: ArticleDraft | None = None
        self.refusal: Refused | None = None
        self.theirs: ArticleVersion | None = None
        self.languages = languages_to_write_in()
        self.audiences = Audience.choices

    @classmethod
    def opened(cls, member: Member, article: Article | None, asked: QueryDict) -> Author:
        """As the page shows it first: the newest version, or what this member left half-typed."""
        typed = _of(article) if article else _of_new(member, asked)
        author = cls(member, article, typed)
        author.draft = author._drafts().first()
        if author.draft is not None:
            author.typed |= author.draft.typed
        author.typed["form_id"] = new_token()
        return author

    @classmethod
    def posted(cls, member: Member, article: Article | None, posted: QueryDict) -> Author:
        typed = (_of(article) if article else {}) | {
            name: posted.get(name, "").replace("\r\n", "\n").replace("\0", "") for name in FIELDS
        }
        typed |= {"on": key(posted, "on"), "form_id": posted.get("form_id", "")}
        return cls(member, article, typed)

    # What the page shows

    @property
    def is_block(self) -> bool:
        return bool(self.typed.get("kind") == Kind.BLOCK)

    @property
    def teams(self) -> list[Team]:
        return list(Team.objects.all())

    @property
    def topics(self) -> list[str]:
        every = Article.objects.exclude(topic="").order_by("topic")
        return list(every.values_list("topic", flat=True).distinct()[:200])

    @property
    def preview(self) -> SafeString:
        images = pictures_of(self.article) if self.article else None
        return to_html(str(self.typed.get("text", "")), images=images)

    @property
    def differences(self) -> list[Line]:
        """From their newest text to the one that is typed here."""
        if self.theirs is None:
            return []
        theirs = f"{self.theirs.title}\n\n{self.theirs.text}"
        return compare(theirs, f"{self.typed['title']}\n\n{self.typed['text']}")

    # What is done with it

    def keep(self) -> bool:
        """Keep it half-typed. False where this very form was sent already."""
        if SentForm.was_sent(str(self.typed.get("form_id", ""))):
            return False
        typed = {name: self.typed.get(name, "") for name in (*FIELDS, "on")}
        if not f"{typed['title']}{typed['text']}".strip():
            self.discard()
            return True
        typed["text"] = str(typed["text"])[:LONGEST_DRAFT]
        self.draft, _made = ArticleDraft.objects.update_or_create(
            member=self.member, article=self.article, defaults={"typed": typed, "at": now()}
        )
        return True

    def discard(self) -> None:
        self._drafts().delete()

    @transaction.atomic
    def send(self, *, publishes: bool) -> Article:
        """Write the version, set what stands around it, and publish where that was asked."""
        SentForm.claim(str(self.typed.get("form_id", "")), self.member)
        drafts = self._drafts()
        number = self._write()
        assert self.article is not None
        if publishes:
            self.article.publish(by=self.member, on=number)
        drafts.delete()
        return self.article

    def refuse(self, error: Refused) -> None:
        """Show why, with everything typed; where somebody wrote meanwhile, with their text."""
        self.refusal = error
        if error.code == "WRITTEN_MEANWHILE" and self.article is not None:
            self.article.refresh_from_db()
            self.theirs = self.article.newest()
            self.typed["on"] = self.theirs.number
        self.typed["form_id"] = new_token()
        self.keep()

    def _write(self) -> int:
        title, text = read_words(str(self.typed["title"]), str(self.typed["text"]))
        if self.article is None:
            self.article = self._begin(title, text)
            return 1
        on = int(self.typed["on"])
        what = str(self.typed.get("what", ""))
        written = self.article.write(by=self.member, title=title, text=text, on=on, what=what)
        self.article.rearrange(by=self.member, slug=str(self.typed["slug"]), **self._around())
        if not written:
            change(self.article, {}, {"looked_at": now()})
        return on + 1 if written else self.article.number

    def _begin(self, title: str, text: str) -> Article:
        of = str(self.typed.get("of", ""))
        origin = access.article_for(self.member, int(of)) if of.isdigit() else None
        kind = Kind.BLOCK if self.is_block else Kind.ARTICLE
        return Article.begin(
            by=self.member, title=title, text=text, kind=kind, language=self._language(),
            translation_of=origin, **self._around(),
        )  # fmt: skip

    def _language(self) -> str:
        if self.typed.get("language") not in dict(self.languages):
            raise Refused("NO_LANGUAGE", _("Choose the language that it is written in."), 422)
        return str(self.typed["language"])

    def _around(self) -> dict[str, Any]:
        audience = self.typed.get("audience")
        if audience not in Audience.values:
            raise Refused("NO_AUDIENCE", _("Say who may read it: everybody, or only we."), 422)
        team = str(self.typed.get("team") or "")
        found = Team.objects.filter(pk=int(team)).first() if team.isdigit() else None
        topic = QueryDict(mutable=True)
        topic["topic"] = str(self.typed.get("topic", ""))
        return {"audience": audience, "topic": line(topic, "topic", longest=80), "team": found}

    def _drafts(self) -> Any:
        return ArticleDraft.objects.filter(member=self.member, article=self.article)


def _of(article: Article) -> dict[str, Any]:
    newest = article.newest()
    return {
        "title": newest.title, "text": newest.text, "what": "", "topic": article.topic,
        "team": str(article.team_id or ""), "audience": article.audience, "kind": article.kind,
        "language": article.language, "slug": article.slug, "on": article.number,
    }  # fmt: skip


def _of_new(member: Member, asked: QueryDict) -> dict[str, Any]:
    """A new one begins as ours alone; a translation begins with the words to be translated."""
    from goodword.staff.models import Business

    origin = Article.objects.filter(pk=key(asked, "of")).first()
    if origin is not None:
        return _of(origin) | {"language": "", "of": str(origin.family), "on": 0, "slug": ""}
    is_block = asked.get("kind") == Kind.BLOCK
    return {
        "title": "", "text": "", "topic": "", "team": "", "on": 0,
        "audience": Audience.INTERNAL if is_block else "",
        "kind": Kind.BLOCK if is_block else Kind.ARTICLE,
        "language": Business.current().language, "of": "",
    }  # fmt: skip
