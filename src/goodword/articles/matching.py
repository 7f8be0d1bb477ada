"""Which articles fit some words: bounded questions of one index, and no model."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import sqrt

from django.db.models import Q

from goodword.articles.models import Article, ArticleWord
from goodword.articles.models.article import ArticleQuerySet
from goodword.articles.words import IN_TITLE, stems

MOST_ASKED = 24  # words of a long letter
MOST_TYPED = 6  # words of a search
MOST_ROWS = 4000


@dataclass
class _Match:
    score: float = 0
    words: set[str] = field(default_factory=set)
    in_title: set[str] = field(default_factory=set)


def search(among: ArticleQuerySet, typed: str, most: int = 20) -> list[Article]:
    """Articles with these words or words that begin so; those with more of them first."""
    asked = list(stems(typed))[:MOST_TYPED]
    if not asked:
        return []
    matches = _matches(among, asked, is_typed=True)
    order = sorted(matches, key=lambda pk: (-len(matches[pk].words), -matches[pk].score, -pk))
    return _in_order(among, order[:most])


def fitting(among: ArticleQuerySet, said: str, languages: list[str], most: int) -> list[Article]:
    """Articles that a letter seems to be about, the first language first; often none.

    One word in common says nothing: two must fit, and one of them stand in the title.
    """
    asked = [word for word, _count in stems(said).most_common(MOST_ASKED)]
    matches = _matches(among, asked) if asked else {}
    fits = {pk: each for pk, each in matches.items() if len(each.words) > 1 and each.in_title}
    best = sorted(fits, key=lambda pk: (-fits[pk].score, -pk))[: most * 4]
    places = {language: place for place, language in enumerate(languages)}
    found = [each for each in _in_order(among, best) if each.language in places]
    seen: set[int] = set()
    chosen = []
    for article in sorted(found, key=lambda each: places[each.language]):
        if article.family not in seen:
            seen.add(article.family)
            chosen.append(article)
    return chosen[:most]


def _matches(
    among: ArticleQuerySet, asked: list[str], *, is_typed: bool = False
) -> dict[int, _Match]:
    beginning = Q(word__in=asked)
    if is_typed:
        for word in asked:
            beginning |= Q(word__gte=word, word__lt=word + "\uffff")
    there = ArticleWord.objects.filter(beginning, article__in=among.values("pk"))
    rows = there.order_by("-weight").values_list("article_id", "word", "weight")[:MOST_ROWS]
    by_word: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for article_id, word, weight in rows:
        key = next(each for each in asked if word.startswith(each)) if is_typed else word
        by_word[key].append((article_id, weight))
    matches: dict[int, _Match] = defaultdict(_Match)
    for word, found in by_word.items():
        for article_id, weight in found:
            match = matches[article_id]
            match.score += weight / sqrt(len(found))
            match.words.add(word)
            if weight >= IN_TITLE:
                match.in_title.add(word)
    return matches


def _in_order(among: ArticleQuerySet, keys: list[int]) -> list[Article]:
    rows = {each.pk: each for each in among.select_related("shown", "team").filter(pk__in=keys)}
    return [rows[key] for key in keys if key in rows]
