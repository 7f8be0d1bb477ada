"""The help centre as a stranger reads it: each article once, in the language that fits them."""

from collections import defaultdict
from dataclasses import dataclass

from goodword.articles.access import public_articles
from goodword.articles.matching import fitting, search
from goodword.articles.models import Article
from goodword.desk.library import language_name
from goodword.portal.openly import choose

MOST_SAID = 5000
MOST = 2000  # articles on one page; past that, search


@dataclass(frozen=True)
class Title:
    """One article in a list. `only_in` names its language where it is not the reader's."""

    title: str
    path: str
    language: str
    only_in: str = ""


def by_topic(wanted: list[str], ours: str) -> list[tuple[str, list[Title]]]:
    """Topics and what stands under them, each article in one language; no topic comes last."""
    fields = ("pk", "translation_of_id", "language", "slug", "topic", "title")
    families: dict[int, dict[str, Article]] = defaultdict(dict)
    rows = public_articles().select_related("shown").only(*fields, "shown__title")
    for article in rows.order_by("topic", "title", "pk")[:MOST]:
        families[article.family][article.language] = article
    topics: dict[str, list[Title]] = defaultdict(list)
    for family in families.values():
        article = family[choose([*wanted, ours], list(family)) or next(iter(family))]
        topics[article.topic].append(title_of(article, wanted, ours))
    return sorted(topics.items(), key=lambda each: (not each[0], each[0].lower()))


def found_for(words: str, wanted: list[str], ours: str) -> list[Title]:
    """What fits a search, each article in the language that fits the reader best."""
    found: dict[int, dict[str, Article]] = {}
    for article in search(public_articles(), words):
        found.setdefault(article.family, {})[article.language] = article
    chosen = (
        family[choose([*wanted, ours], list(family)) or next(iter(family))]
        for family in found.values()
    )
    return [title_of(article, wanted, ours) for article in chosen]


def beside(said: str, language: str) -> list[Title]:
    """One or two that fit what somebody wrote, in their own language; mostly none."""
    found = fitting(public_articles(), said[:MOST_SAID], [language], 2)
    return [title_of(article, [language], language) for article in found]


def title_of(article: Article, wanted: list[str], ours: str) -> Title:
    is_theirs = choose(wanted or [ours], [article.language])
    title = article.shown.title if article.shown else article.title
    only_in = "" if is_theirs else language_name(article.language)
    return Title(title, article.public_path, article.language, only_in)


def others_of(article: Article) -> list[Article]:
    """The same article in other languages, as far as everybody can read it."""
    family = public_articles().filter(pk=article.family) | public_articles().filter(
        translation_of=article.family
    )
    return list(family.exclude(pk=article.pk).order_by("language")[:100])
