"""The list of articles: what a member asks to see of it, and how many there are of each."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.articles.access import visible_articles
from goodword.articles.models import Article, Audience, Kind, State
from goodword.articles.models.article import ArticleQuerySet
from goodword.core.time import now
from goodword.desk.typed import page
from goodword.staff.models import Member, Team

PER_PAGE = 50
UNDEALT = Q(feedback__dealt_at=None) & (~Q(feedback__words="") | Q(feedback__helped=False))
VIEWS: dict[str, "tuple[str | LazyText, Q]"] = {
    "": (_("All articles"), Q(kind=Kind.ARTICLE) & ~Q(state=State.RETIRED)),
    "public": (
        _("Everybody reads"),
        Q(kind=Kind.ARTICLE, audience=Audience.PUBLIC, state=State.PUBLISHED),
    ),
    "internal": (
        _("Only we read"),
        Q(kind=Kind.ARTICLE, audience=Audience.INTERNAL, state=State.PUBLISHED),
    ),
    "drafts": (_("Drafts"), Q(state=State.DRAFT)),
    "blocks": (_("How-to blocks"), Q(kind=Kind.BLOCK) & ~Q(state=State.RETIRED)),
    "retired": (_("Retired"), Q(state=State.RETIRED)),
}
STALE = "stale"


@dataclass(frozen=True)
class View:
    key: str
    label: "str | LazyText"
    count: int


class Library:
    """The articles of one view, newest words first."""

    def __init__(self, member: Member, asked: QueryDict) -> None:
        self.member = member
        self.view = asked.get("view", "") if asked.get("view") in {*VIEWS, STALE} else ""
        self.query = " ".join(asked.get("q", "").replace("\0", "").split())[:100]
        self.language = asked.get("language", "")
        self.team = asked.get("team", "")
        self.page_number = page(asked)
        self.page_before, self.page_after = self.page_number - 1, self.page_number + 1

    @cached_property
    def views(self) -> list[View]:
        every = visible_articles(self.member)
        counts = every.aggregate(**{f"n{at}": Count("pk", filter=VIEWS[key][1])
                                    for at, key in enumerate(VIEWS)})  # fmt: skip
        found = [View(key, VIEWS[key][0], counts[f"n{at}"]) for at, key in enumerate(VIEWS)]
        stale = every.stale(now()).values("pk").count()
        found.insert(-1, View(STALE, _("To be looked at"), stale))
        return found

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or self.language or self.team)

    @property
    def has_any(self) -> bool:
        return any(view.count for view in self.views)

    @cached_property
    def page(self) -> tuple[list[Article], bool]:
        start = (self.page_number - 1) * PER_PAGE
        found = list(self._found()[start : start + PER_PAGE + 1])
        for each in found:
            each.written_in = language_name(each.language)  # type: ignore[attr-defined]
        return found[:PER_PAGE], len(found) > PER_PAGE

    def _found(self) -> ArticleQuerySet:
        every = visible_articles(self.member)
        found = every.stale(now()) if self.view == STALE else every.filter(VIEWS[self.view][1])
        if self.query:
            said = Q(versions__text__icontains=self.query)
            found = found.filter(
                Q(title__icontains=self.query) | Q(topic__icontains=self.query)
                | Q(pk__in=every.filter(said).values("pk"))
            )  # fmt: skip
        if self.language:
            found = found.filter(language=self.language)
        if self.team:
            found = found.filter(team__slug=self.team)
        pks = found.values("pk")
        yes = Count("feedback", filter=Q(feedback__helped=True))
        no = Count("feedback", filter=Q(feedback__helped=False))
        rows = Article.objects.filter(pk__in=pks).annotate(
            yes=yes, not_yet=no, undealt=Count("feedback", filter=UNDEALT)
        )
        return rows.select_related("team", "shown").order_by("-written_at", "-pk")

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        used = visible_articles(self.member).order_by("language").values_list("language", flat=True)
        return [(code, language_name(code)) for code in used.distinct()]

    @cached_property
    def teams(self) -> list[Team]:
        return list(Team.objects.all())


def language_name(code: str) -> str:
    """The language as those who speak it call it."""
    ours = dict(settings.LANGUAGES)
    known = LANG_INFO.get(code) or LANG_INFO.get(code.split("-")[0]) or {}
    return str(ours.get(code) or known.get("name_local") or code)


def languages_to_write_in() -> list[tuple[str, str]]:
    """The desk's own languages first, then every other that we have a name for."""
    ours = dict(settings.LANGUAGES)
    others = {code: str(info["name_local"]) for code, info in LANG_INFO.items()
              if "name_local" in info and code not in ours and code not in {"en"}}  # fmt: skip
    return [*ours.items(), *sorted(others.items(), key=lambda each: each[1].lower())]
