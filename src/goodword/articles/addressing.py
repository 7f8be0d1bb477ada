"""The address of an article: made from its first title, and good for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused

if TYPE_CHECKING:
    from goodword.articles.models import Article

LONGEST = 80


def slug_of(title: str) -> str:
    """Latin letters where there are any; else the script of the title itself."""
    spelled = title.lower().replace("ß", "ss").replace("ä", "ae").replace("ö", "oe")
    spelled = spelled.replace("ü", "ue")
    slug = slugify(spelled) or slugify(title, allow_unicode=True) or "article"
    return slug[:LONGEST].strip("-_") or "article"


def free_slug(title: str, language: str) -> str:
    """The slug of this title, with a number behind it where another article has it."""
    from goodword.articles.models import ArticleAddress

    slug = slug_of(title)
    there = ArticleAddress.objects.filter(language=language, slug__startswith=slug)
    taken = set(there.values_list("slug", flat=True))
    tries = (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in tries if each not in taken)


def wanted_slug(typed: str, article: Article) -> str:
    """An address that a member asks for. Refused where another article has or had it."""
    from goodword.articles.models import ArticleAddress

    slug = slug_of(typed)
    there = ArticleAddress.objects.filter(language=article.language, slug=slug)
    if there.exclude(article=article).exists():
        raise Refused("ADDRESS_TAKEN", _("Another article has or had this address."))
    return slug


def keep(article: Article) -> None:
    article.addresses.get_or_create(language=article.language, slug=article.slug)
