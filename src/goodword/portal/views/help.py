"""The help centre: articles that everybody can read, beside the way to a person."""

from datetime import timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodword.articles import access
from goodword.articles.models import Article, ArticleFeedback
from goodword.articles.models.feedback import LONGEST_WORDS
from goodword.articles.models.kept import pictures_of
from goodword.core.languages import asked_for
from goodword.core.markdown import to_html, to_text
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.desk.library import language_name
from goodword.portal import forms, openly, reading
from goodword.portal.models import Knock
from goodword.portal.views.write import open_case
from goodword.staff.access import open_to_all
from goodword.staff.models import Business, Member

LONGEST_QUERY = 200
MOST_IN_MAP = 5000
TWICE = timedelta(minutes=10)  # the same words again within this are an impatient thumb


@require_safe
@openly.open_page
def index(request: HttpRequest, business: Business) -> HttpResponse:
    """Every public article by topic; with words, what fits them."""
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
    wanted, ours = asked_for(request), business.language
    context = {
        "query": words,
        "found": reading.found_for(words, wanted, ours) if words else [],
        "topics": [] if words else reading.by_topic(wanted, ours),
        "canonical": openly.absolute(request, reverse("help")),
    }
    return openly.show(request, "portal/help/index.html", business, context)


@require_safe
@openly.open_page
def article(request: HttpRequest, business: Business, language: str, slug: str) -> HttpResponse:
    found = access.public_article(language, slug)
    if found.slug != slug:
        return redirect(found.public_path, permanent=True)
    return _show(request, business, found)


def _show(
    request: HttpRequest, business: Business, found: Article, refusal: Refused | None = None
) -> HttpResponse:
    assert found.shown is not None
    others = reading.others_of(found)
    wanted = asked_for(request)
    better = openly.choose(wanted, [found.language, *(each.language for each in others)])
    context = {
        "article": found,
        "version": found.shown,
        "html": to_html(found.shown.text, images=pictures_of(found)),
        "summary": " ".join(to_text(found.shown.text[:1000]).split())[:160],
        "others": [(each, language_name(each.language)) for each in others],
        "in_theirs": next((each for each in others if each.language == better), None),
        "only_in": "" if better or not wanted else language_name(found.language),
        "canonical": openly.absolute(request, found.public_path),
        "alternates": [(e.language, openly.absolute(request, e.public_path)) for e in others],
        "said": request.GET.get("said", ""),
        "refusal": refusal,
        "typed": request.POST.dict(),
    }
    status = refusal.status if refusal else 200
    return openly.show(request, "portal/help/article.html", business, context, status)


@require_POST
@openly.open_form
def helped(request: HttpRequest, business: Business, language: str, slug: str) -> HttpResponse:
    """“Did this help?” Nothing of the reader is kept but what they say."""
    found = access.public_article(language, slug)
    try:
        with transaction.atomic():
            yes = _hear(request, found)
    except Refused as refusal:
        return _show(request, business, found, refusal)
    return redirect(f"{found.public_path}?said={'yes' if yes else 'not-yet'}#said")


def _hear(request: HttpRequest, found: Article) -> bool:
    said = request.POST.get("helped")
    if said not in {"yes", "not-yet"}:
        raise Refused("NO_ANSWER", _("Choose one of the two: yes, or not yet."), 422)
    words = forms.words(request, "words", needed=False)
    if len(words) > LONGEST_WORDS:
        raise Refused("TOO_LONG", _("That is too long for here. Write to us instead."), 422)
    lately = found.feedback.filter(words=words, at__gt=now() - TWICE)
    if words and lately.exists():
        return said == "yes"
    Knock.count("rate", request)
    case = None
    if words and request.POST.get("mail", "").strip():
        title = found.shown.title if found.shown else found.title
        about = _("About the article “%(title)s”: %(address)s") % {
            "title": title, "address": openly.absolute(request, found.public_path),
        }  # fmt: skip
        case = open_case(request, words=words, about=about)
    ArticleFeedback.give(found, helped=said == "yes", words=words, case=case)
    return said == "yes"


@require_safe
@open_to_all
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture of an article, as pixels and nothing else."""
    member = request.user if isinstance(request.user, Member) else None
    kept = access.picture_for(pk, member)
    try:
        answer = HttpResponse(kept.content(), content_type=kept.content_type)
    except FileNotFoundError:
        raise Http404 from None
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "public, max-age=3600" if kept.article.is_public else "no-store"
    return answer


@require_safe
@open_to_all
def site_map(request: HttpRequest) -> HttpResponse:
    """Every address that a search engine may list (sitemaps.org)."""
    rows = access.public_articles().order_by("pk")[:MOST_IN_MAP]
    pages = [(openly.absolute(request, each.public_path), each.published_at) for each in rows]
    pages.insert(0, (openly.absolute(request, reverse("help")), None))
    return render(request, "portal/help/sitemap.xml", {"pages": pages}, "application/xml")


@require_safe
@open_to_all
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Allow: /help/", "Allow: /static/", "Allow: /write/$", "Disallow: /",
             f"Sitemap: {openly.absolute(request, reverse('help_map'))}"]  # fmt: skip
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


urls = [
    path("robots.txt", robots, name="robots"),
    path("help/", index, name="help"),
    path("help/sitemap.xml", site_map, name="help_map"),
    path("help/pictures/<int:pk>/", picture, name="help_picture"),
    path("help/<str:language>/<str:slug>/", article, name="help_article"),
    path("help/<str:language>/<str:slug>/helped", helped, name="help_helped"),
]
