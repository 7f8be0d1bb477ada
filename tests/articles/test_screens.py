"""Articles on the desk: with HTMX and without, by two people, and with hostile words."""

from typing import Any

import pytest
from django.test import Client

from goodword.articles import access
from goodword.articles.models import Article, ArticleDraft, ArticleFeedback, BlockUse
from tests.articles.test_writing import begun, published
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.hostile_html import links, running
from tests.desk.test_files import PNG
from tests.look.test_markdown import harm_in

FORM = {"title": "How do I reset it?", "text": "Hold the **button**.", "kind": "article",
        "audience": "public", "language": "en-gb", "topic": "Router", "on": "0"}  # fmt: skip


@pytest.fixture
def priya(desk: Desk) -> Client:
    return signed_in(desk.priya)


def test_written_previewed_and_published_without_a_script(desk: Desk, priya: Client) -> None:
    preview = priya.post("/articles/new/", {**FORM, "do": "preview"}).content.decode()
    assert "<strong>button</strong>" in preview and not Article.objects.exists()
    answer = priya.post("/articles/new/", {**FORM, "do": "publish"})
    article = Article.objects.get()
    assert answer["Location"] == f"/articles/{article.pk}/" and article.is_public
    assert not ArticleDraft.objects.exists()
    page = priya.get(f"/articles/{article.pk}/").content.decode()
    assert "Everybody can read this" in page


def test_half_typed_words_are_kept_and_only_for_who_typed_them(desk: Desk, priya: Client) -> None:
    article = begun(desk)
    said = priya.post(f"/articles/{article.pk}/draft", {**FORM, "text": "Half a li", "on": "1"})
    assert said.content.decode().startswith("Draft kept")
    assert "Half a li" in priya.get(f"/articles/{article.pk}/write/").content.decode()
    dele = signed_in(desk.dele)
    assert "Half a li" not in dele.get(f"/articles/{article.pk}/write/").content.decode()
    priya.post(f"/articles/{article.pk}/write/", {**FORM, "do": "discard", "on": "1"})
    assert "Half a li" not in priya.get(f"/articles/{article.pk}/write/").content.decode()


def test_a_draft_of_a_new_article_is_one_and_can_be_thrown_away(desk: Desk, priya: Client) -> None:
    for text in ("Half", "Half a line"):
        priya.post("/articles/new/draft", {**FORM, "text": text})
    assert ArticleDraft.objects.count() == 1
    assert "Half a line" in priya.get("/articles/new/").content.decode()


def test_two_writers_both_texts_are_on_the_page_of_the_second(desk: Desk, priya: Client) -> None:
    article = begun(desk)
    priya.post(f"/articles/{article.pk}/write/", {**FORM, "text": "Priya’s words.", "on": "1"})
    dele = signed_in(desk.dele)
    mine = {**FORM, "text": "Dele’s words.", "on": "1", "do": "publish"}
    answer = dele.post(f"/articles/{article.pk}/write/", mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Priya’s words." in page and "Dele’s words." in page and 'name="on" value="2"' in page
    assert Article.objects.get().state == "draft"
    again = dele.post(f"/articles/{article.pk}/write/", {**mine, "on": "2"})
    assert again.status_code == 302 and Article.objects.get().number == 3


def test_a_form_that_is_sent_twice_writes_one_version(desk: Desk, priya: Client) -> None:
    form = {**FORM, "form_id": "5ba0a2b5-46f1-4b8a-8f0c-0d7c3b8f3a11"}
    for _twice in range(2):
        assert priya.post("/articles/new/", form).status_code == 302
    assert Article.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"title": ""}, "Give it a title"), ({"text": " "}, "Write the text first"),
     ({"audience": ""}, "Say who may read it"), ({"language": "klingon"}, "Choose the language")],
)  # fmt: skip
def test_what_is_refused_comes_back_as_it_was_typed(
    desk: Desk, priya: Client, wrong: dict[str, str], sentence: str
) -> None:
    answer = priya.post("/articles/new/", {**FORM, "topic": "Typed with care", **wrong})
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and "Typed with care" in page
    assert not Article.objects.exists()


def test_nothing_hostile_runs_on_any_page_of_an_article(desk: Desk, priya: Client) -> None:
    """The words themselves are looked at here; a browser looks at the same in test_walk."""
    text = "\n\n".join([*running(), *links()])
    article = published(desk, title="<script>alert(1)</script>", text=text)
    ArticleFeedback.give(article, helped=False, words="<img src=x onerror=alert(1)>")
    article.write(by=desk.dele, title='"><img src=x onerror=alert(1)>', text=f"{text}!", on=1)
    paths = [
        f"/articles/{article.pk}/",
        f"/articles/{article.pk}/history/",
        "/articles/",
        f"/articles/{article.pk}/write/",
        article.public_path,
        "/help/",
        "/help/?q=script",
    ]
    for path in paths:
        page = priya.get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page, path
        prose = page.partition('class="prose"')[2].partition("</article>")[0]
        assert harm_in(prose) == [], path


def test_history_marks_the_words_that_changed_and_restores(desk: Desk, priya: Client) -> None:
    article = begun(desk, text="Hold the red button.\n\nWait.")
    article.write(by=desk.dele, title=article.title, text="Hold the blue button.\n\nWait.", on=1)
    page = priya.get(f"/articles/{article.pk}/history/").content.decode()
    assert "<del>red</del>" in page and "<ins>blue</ins>" in page
    priya.post(f"/articles/{article.pk}/restore", {"version": "1", "on": "2"})
    assert Article.objects.get().newest().text == "Hold the red button.\n\nWait."


def test_retiring_offers_a_way_back_that_shows_what_was_shown(desk: Desk, priya: Client) -> None:
    article = published(desk)
    article.write(by=desk.dele, title="Half", text="Not ready.", on=1)
    page = priya.post(f"/articles/{article.pk}/retire", follow=True).content.decode()
    assert f"/articles/{article.pk}/back" in page
    assert Client().get(article.public_path).status_code == 404
    priya.post(f"/articles/{article.pk}/back")
    assert "Not ready." not in Client().get(article.public_path).content.decode()


def test_a_picture_comes_into_the_draft_with_its_words(desk: Desk, priya: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    article = begun(desk)
    for alt, content, status in (("", PNG, 422), ("The button", b"<svg/>", 422),
                                 ("The button", PNG, 302)):  # fmt: skip
        file = SimpleUploadedFile("a.png", content)
        sent = {"picture": file, "alt": alt}
        assert priya.post(f"/articles/{article.pk}/picture", sent).status_code == status
    page = priya.get(f"/articles/{article.pk}/write/").content.decode()
    assert "![The button](picture:" in page and 'alt="The button"' in page
    path = article.pictures.get().path
    assert Client().get(path).status_code == 404
    answer = priya.get(path)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")


def test_the_list_filters_counts_and_teaches(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    assert (
        "Write down what you explain most often"
        in priya.get("/articles/", **headers).content.decode()
    )
    published(desk, title="Router")
    begun(desk, title="Draft of a printer", kind="block")
    rows = priya.get("/articles/?q=button&view=public", **headers).content.decode()
    assert "Router" in rows and "Draft of a printer" not in rows
    assert "Draft of a printer" in priya.get("/articles/?view=blocks", **headers).content.decode()
    assert "No article like that" in priya.get("/articles/?q=zzz", **headers).content.decode()


def test_an_article_is_offered_beside_the_composer(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    article = published(desk)
    ours = published(desk, title="Router: what only we know", audience="internal")
    case = desk.heard(text="How do I reset my router? The red button does nothing.")
    offered = priya.get(f"/cases/{case.pk}/articles", **headers).content.decode()
    assert "Link it" in offered and (not headers or article.public_path in offered)
    assert ours.title in offered and ours.public_path not in offered
    other = desk.heard(text="The invoice for November is wrong.")
    assert article.title not in priya.get(f"/cases/{other.pk}/articles", **headers).content.decode()


def test_a_light_member_reads_and_writes_nothing(desk: Desk) -> None:
    article = published(desk)
    luz = signed_in(desk.luz)
    assert luz.get(f"/articles/{article.pk}/").status_code == 200
    assert luz.post(f"/articles/{article.pk}/write/", {**FORM, "on": "1"}).status_code == 403
    assert luz.post(f"/articles/{article.pk}/retire").status_code == 403


def test_a_block_says_where_it_was_sent_to_who_may_see_that_case(desk: Desk) -> None:
    block = published(desk, kind="block", audience="internal", title="Mailbox settings")
    case = desk.answered(desk.heard(text="My mailbox asks for its settings."))
    BlockUse.objects.create(version=block.shown, message=desk.last(case), by=desk.priya)
    for member, sees in ((desk.priya, True), (desk.ines, False)):
        page = signed_in(member).get(f"/articles/{block.pk}/").content.decode()
        assert ("asks for its settings" in page) is sees
    assert list(access.blocks_for(desk.priya, "de")) == [block]


def test_without_a_script_the_words_stay_and_the_link_stands_below_them(
    desk: Desk, priya: Client
) -> None:
    article = published(desk)
    case = desk.heard(text="How do I reset my router? The red button does nothing.")
    typed = {"mode": "reply", "text": "Dear Ellen,", "do": "articles"}
    answer = priya.post(f"/cases/{case.pk}/compose", typed, follow=True)
    assert "Link it" in answer.content.decode()
    page = priya.post(f"/cases/{case.pk}/articles", {"article": article.pk}, follow=True)
    text = page.content.decode().partition('<textarea id="text"')[2].partition("</textarea>")[0]
    assert "Dear Ellen," in text and article.public_path in text
    assert priya.post(f"/cases/{case.pk}/articles", {"article": "0"}).status_code == 409
