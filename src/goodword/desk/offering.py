"""Articles offered to whoever answers: beside the composer, never instead of their own words."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from goodword.articles.access import visible_articles
from goodword.articles.matching import fitting
from goodword.articles.models import Article
from goodword.articles.quoting import name_of
from goodword.cases.models import Case
from goodword.cases.models.message import Direction
from goodword.desk.library import language_name
from goodword.staff.access import MemberRequest
from goodword.staff.models import Business

MOST = 3
MESSAGES_READ = 3
MOST_SAID = 5000
MOST_FOUND = 8


@dataclass(frozen=True)
class Offer:
    """One article, and what is put into the message to name it; nothing where it is ours alone.

    `language` is named where it is not the customer's.
    """

    article: Article
    language: str
    link: str


def offered_for(case: Case, request: MemberRequest) -> list[Offer]:
    """Up to three that fit what the customer said last, those in their language first."""
    said_in = case.messages.filter(direction=Direction.IN, automatic="")
    texts = said_in.order_by("-at", "-id").values_list("text", flat=True)[:MESSAGES_READ]
    said = " ".join([case.title, *(text[:MOST_SAID] for text in texts)])
    ours = Business.current().language
    others = visible_articles(request.user).values_list("language", flat=True).distinct()[:20]
    languages = list(dict.fromkeys([case.customer.language or ours, ours, *sorted(others)]))
    found = fitting(visible_articles(request.user).published(), said, languages, MOST)
    return [_offer(article, request, theirs=languages[0]) for article in found]


def found_for(case: Case, request: MemberRequest, words: str) -> list[Offer]:
    """What may be put into a message and has these words in its title: blocks, then articles."""
    ours = visible_articles(request.user).published().select_related("shown")
    named = ours.filter(title__icontains=words.strip()[:80]).order_by("-kind", "title")
    theirs = case.customer.language or Business.current().language
    offers = (_offer(article, request, theirs=theirs) for article in named[: 4 * MOST_FOUND])
    return [offer for offer in offers if offer.link][:MOST_FOUND]


def _offer(article: Article, request: HttpRequest, *, theirs: str) -> Offer:
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    title = article.shown.title if article.shown else article.title
    link = f"{title}: {base}{article.public_path}" if article.is_public else name_of(article)
    language = "" if article.language == theirs else language_name(article.language)
    return Offer(article, language, link)
