"""Articles and how-to blocks: the list, one of them, its history, and writing it."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodword.articles import access
from goodword.articles.differing import compare
from goodword.articles.illustrating import MOST_BYTES, add_picture
from goodword.articles.models import Article, ArticleVersion, BlockUse
from goodword.articles.models.kept import pictures_of
from goodword.cases.access import case_for, visible_cases
from goodword.cases.models import Case
from goodword.core.markdown import to_html
from goodword.core.refusals import Refused
from goodword.core.templatetags.goodword import hour
from goodword.core.time import now
from goodword.desk.answering import done, is_htmx, moved_on, refused
from goodword.desk.authoring import Author
from goodword.desk.library import Library, language_name
from goodword.desk.models import AlreadySent
from goodword.desk.offering import Offer, offered_for
from goodword.desk.shell import page, part
from goodword.desk.typed import key, line
from goodword.desk.views.cases import page_of
from goodword.staff.access import MemberRequest, members_only

FEEDBACK_SHOWN = 50
USES_SHOWN = 50
VERSIONS_SHOWN = 200
Act = Callable[[MemberRequest, Article], str]


@require_safe
@members_only
def articles(request: MemberRequest) -> HttpResponse:
    """The list; with HTMX, as somebody types, its rows alone."""
    context = {"nav": "articles", "library": Library(request.user, request.GET)}
    if is_htmx(request):
        return part(request, "desk/articles/rows.html", context)
    return page(request, "desk/articles/list.html", context)


@require_safe
@members_only
def article(request: MemberRequest, pk: int) -> HttpResponse:
    return show(request, access.article_for(request.user, pk))


def show(request: MemberRequest, found: Article, *, refusal: Refused | None = None) -> HttpResponse:
    """One article as its readers see it, or as it will be; with what they said of it."""
    newest = found.newest()
    read = found.shown or newest
    family = Article.objects.filter(pk=found.family) | Article.objects.filter(
        translation_of=found.family
    )
    context = {
        "nav": "articles",
        "article": found,
        "newest": newest,
        "read": read,
        "html": to_html(read.text, images=pictures_of(found)),
        "language": language_name(found.language),
        "others": [
            (each, language_name(each.language)) for each in family.exclude(pk=found.pk)[:40]
        ],
        "feedback": found.feedback.select_related("case", "dealt_by", "version").order_by(
            "dealt_at", "-at"
        )[:FEEDBACK_SHOWN],
        "helped": found.feedback.filter(helped=True).count(),
        "unhelped": found.feedback.filter(helped=False).count(),
        "uses": _uses(request, found) if found.is_block else [],
        "refusal": refusal,
    }
    return page(request, "desk/articles/one.html", context, refusal.status if refusal else 200)


def _uses(request: MemberRequest, found: Article) -> "list[BlockUse]":
    """The messages that it was put into, as far as this member sees their cases."""
    uses = BlockUse.objects.filter(version__article=found)
    seen = uses.filter(message__case__in=visible_cases(request.user).values("pk"))
    whole = seen.select_related("version", "message__case__customer", "by")
    return list(whole.order_by("-at")[:USES_SHOWN])


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def article_new(request: MemberRequest) -> HttpResponse:
    return _write(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def article_write(request: MemberRequest, pk: int) -> HttpResponse:
    return _write(request, access.article_for(request.user, pk))


def _write(request: MemberRequest, found: Article | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, Author.opened(request.user, found, request.GET))
    author = Author.posted(request.user, found, request.POST)
    doing = request.POST.get("do", "")
    if doing == "discard":
        author.discard()
        return moved_on(request, _way_back(found), _("The draft is gone. Nothing else changed."))
    if doing == "preview":
        author.keep()
        return _form(request, author)
    try:
        written = author.send(publishes=doing == "publish")
    except Refused as error:
        author.article = found
        author.refuse(error)
        return _form(request, author, error.status)
    except AlreadySent:
        return moved_on(request, _way_back(found), _("That was sent already, once."))
    return moved_on(request, written.get_absolute_url(), _told(written, doing))


def _form(request: MemberRequest, author: Author, status: int = 200) -> HttpResponse:
    context = {"nav": "articles", "author": author, "article": author.article}
    return page(request, "desk/articles/write.html", context, status)


def _way_back(found: Article | None) -> str:
    return found.get_absolute_url() if found else reverse("articles")


def _told(written: Article, doing: str) -> str:
    if doing != "publish":
        return _("Kept. Nobody reads this version until it is published.")
    if written.is_public:
        return _("Published. Everybody can read it.")
    return _("Published. Only we can read it.")


@require_POST
@members_only
def article_preview(request: MemberRequest) -> HttpResponse:
    """The text as it will be read, while somebody types."""
    pk = key(request.POST, "article")
    found = access.article_for(request.user, pk) if pk else None
    author = Author.posted(request.user, found, request.POST)
    return part(request, "desk/articles/preview.html", {"author": author})


@require_POST
@members_only
def article_draft(request: MemberRequest, pk: int = 0) -> HttpResponse:
    """Keep what is typed; the answer is the line that the form shows beside it."""
    found = access.article_for(request.user, pk) if pk else None
    kept = Author.posted(request.user, found, request.POST).keep()
    said = _("Draft kept %(when)s. Only you see it.") % {"when": hour(now())} if kept else ""
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@require_safe
@members_only
def article_history(request: MemberRequest, pk: int) -> HttpResponse:
    """Every version, and what changed between two of them."""
    found = access.article_for(request.user, pk)
    to = access.version_for(found, key(request.GET, "to") or found.number)
    before = key(request.GET, "from") or to.number - 1
    origin = access.version_for(found, before) if before else None
    context = {
        "nav": "articles",
        "article": found,
        "versions": found.versions.select_related("by")[:VERSIONS_SHOWN],
        "to": to,
        "from": origin,
        "lines": compare(_whole(origin), _whole(to)) if origin else [],
        "html": to_html(to.text, images=pictures_of(found)),
    }
    return page(request, "desk/articles/history.html", context)


def _whole(version: ArticleVersion) -> str:
    return f"{version.title}\n\n{version.text}"


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def case_articles(request: MemberRequest, pk: int) -> HttpResponse:
    """Up to three articles that fit what the customer said; sent, the link of one of them stands
    in the draft of the answer."""
    case = case_for(request.user, pk)
    offered = offered_for(case, request)
    if request.method == "POST":
        _link(request, case, offered)
        return redirect(f"{case.get_absolute_url()}#composer")
    context = {"case": case, "offered": offered, "whole": not is_htmx(request)}
    if is_htmx(request):
        return part(request, "desk/articles/offered.html", context)
    return page(request, "desk/articles/offered_page.html", {**context, "nav": "inbox"})


def _link(request: MemberRequest, case: Case, offered: list[Offer]) -> None:
    chosen = key(request.POST, "article")
    links = [offer.link for offer in offered if offer.article.pk == chosen and offer.link]
    if not links:
        raise Refused("NOT_FOUND", _("This article is not offered any more."))
    composer = page_of(request, case).composer("reply")
    composer.data["text"] = f"{composer.text}\n{links[0]}".strip()
    composer.keep()


def _act(name: str, act: Act, undo: str = "") -> object:
    """The view of one act; a refusal gives the page back with its sentence."""

    @require_POST
    @members_only
    def view(request: MemberRequest, pk: int) -> HttpResponse:
        found = access.article_for(request.user, pk)
        try:
            said = act(request, found)
        except Refused as error:
            found.refresh_from_db()
            return refused(request, error) if is_htmx(request) else show(
                request, found, refusal=error
            )  # fmt: skip
        back = reverse(f"article_{undo}", args=[pk]) if undo else ""
        return done(request, found.get_absolute_url(), said, undo=back)

    return path(f"articles/<int:pk>/{name}", view, name=f"article_{name}")


def publish(request: MemberRequest, found: Article) -> str:
    found.publish(by=request.user, on=key(request.POST, "on") or found.number)
    return _told(found, "publish")


def retire(request: MemberRequest, found: Article) -> str:
    found.retire(by=request.user)
    return _("Retired. Nobody finds or reads it; its history stays.")


def bring_back(request: MemberRequest, found: Article) -> str:
    found.bring_back(by=request.user)
    return _told(found, "publish")


def looked(request: MemberRequest, found: Article) -> str:
    found.look_at(by=request.user)
    return _("Noted: it is still right. It comes up again in a year.")


def restore(request: MemberRequest, found: Article) -> str:
    version = found.versions.filter(number=key(request.POST, "version")).first()
    if version is None:
        raise Refused("NOT_FOUND", _("There is no such version."))
    on = key(request.POST, "on") or found.number
    if not found.restore(version, by=request.user, on=on):
        return _("It stands like that already.")
    said = _("Version %(number)s stands as the newest again. Publish it to have it read.")
    return said % {"number": version.number}


def dealt(request: MemberRequest, found: Article) -> str:
    said = found.feedback.filter(pk=key(request.POST, "feedback")).first()
    if said is None:
        raise Refused("NOT_FOUND", _("This is not there any more."))
    said.deal_with(by=request.user)
    return _("Noted as dealt with.")


@require_POST
@members_only
def article_picture(request: MemberRequest, pk: int) -> HttpResponse:
    """A picture for the text; its mark is put at the end of what is typed so far."""
    found = access.article_for(request.user, pk)
    author = Author.opened(request.user, found, request.GET)
    file = request.FILES.get("picture")
    try:
        if file is None:
            raise Refused("NO_PICTURE", _("Choose a picture first."), 422)
        content = file.read(MOST_BYTES + 1)
        picture = add_picture(found, content, line(request.POST, "alt"), by=request.user)
    except Refused as error:
        author.refusal = error
        return _form(request, author, error.status)
    author.typed["text"] = f"{author.typed['text']}\n\n{picture.mark}".strip()
    author.keep()
    return redirect(reverse("article_write", args=[pk]) + "#text")


urls = [
    path("articles/", articles, name="articles"),
    path("articles/new/", article_new, name="article_new"),
    path("articles/new/draft", article_draft, name="article_new_draft"),
    path("articles/preview", article_preview, name="article_preview"),
    path("cases/<int:pk>/articles", case_articles, name="case_articles"),
    path("articles/<int:pk>/", article, name="article"),
    path("articles/<int:pk>/write/", article_write, name="article_write"),
    path("articles/<int:pk>/draft", article_draft, name="article_draft"),
    path("articles/<int:pk>/history/", article_history, name="article_history"),
    path("articles/<int:pk>/picture", article_picture, name="article_picture"),
    _act("publish", publish),
    _act("retire", retire, undo="back"),
    _act("back", bring_back, undo="retire"),
    _act("looked", looked),
    _act("restore", restore),
    _act("dealt", dealt),
]
