"""Articles: what each verb does, what it leaves behind, and who is told no."""

import pytest
from django.http import Http404

from goodword.articles import access
from goodword.articles.illustrating import add_picture, without_whereabouts
from goodword.articles.matching import fitting, search
from goodword.articles.models import Article, ArticleFeedback, ArticleVersion
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from tests.cast import Desk
from tests.desk.test_files import PNG

TEXT = "Hold the **red button** for ten seconds.\n\nThe light goes out."


def begun(desk: Desk, **fields: object) -> Article:
    how = {"title": "Reset your router", "text": TEXT, "language": "en-gb", "audience": "public"}
    return Article.begin(by=desk.priya, **{**how, **fields})  # type: ignore[arg-type]


def published(desk: Desk, **fields: object) -> Article:
    article = begun(desk, **fields)
    article.publish(by=desk.priya, on=1)
    return Article.objects.get(pk=article.pk)


def entries() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("kind", flat=True))


def test_every_verb_leaves_one_entry_and_none_the_second_time(desk: Desk) -> None:
    article = begun(desk)
    before = len(entries())
    for _twice in range(2):
        article.write(by=desk.priya, title="Reset your router", text="New.", on=1)
        article.publish(by=desk.dele, on=2)
    for _twice in range(2):
        article.retire(by=desk.dele)
    for _twice in range(2):
        article.rearrange(by=desk.dele, topic="Internet", audience="internal")
    assert entries()[before:] == [
        "article_written", "article_published", "article_retired", "article_changed",
    ]  # fmt: skip


def test_a_second_writer_is_told_and_nothing_is_lost(desk: Desk) -> None:
    article, same = begun(desk), None
    same = Article.objects.get(pk=article.pk)
    article.write(by=desk.priya, title="Reset your router", text="Priya’s words.", on=1)
    with pytest.raises(Refused) as refusal:
        same.write(by=desk.dele, title="Reset your router", text="Dele’s words.", on=1)
    assert (refusal.value.code, refusal.value.status) == ("WRITTEN_MEANWHILE", 409)
    same.write(by=desk.dele, title="Reset your router", text="Dele’s words.", on=2)
    said = [each.text for each in article.versions.order_by("number")]
    assert said == [TEXT, "Priya’s words.", "Dele’s words."]


def test_what_somebody_has_not_seen_is_not_published(desk: Desk) -> None:
    article = begun(desk)
    article.write(by=desk.dele, title="Reset your router", text="Half a", on=1)
    with pytest.raises(Refused):
        article.publish(by=desk.priya, on=1)
    assert Article.objects.get(pk=article.pk).state == "draft"


def test_readers_see_the_published_version_until_the_next_is_published(desk: Desk) -> None:
    article = published(desk)
    article.write(by=desk.dele, title="Reset it", text="Better.", on=1)
    there = access.public_article("en-gb", "reset-your-router")
    assert there.shown is not None and there.shown.text == TEXT and there.has_newer


def test_restoring_adds_a_version_and_keeps_those_between(desk: Desk) -> None:
    article = begun(desk)
    article.write(by=desk.dele, title="Worse", text="Worse.", on=1)
    article.restore(access.version_for(article, 1), by=desk.priya, on=2)
    newest = Article.objects.get(pk=article.pk).newest()
    assert (newest.number, newest.text, newest.title) == (3, TEXT, "Reset your router")
    assert newest.hash == access.version_for(article, 1).hash
    assert ArticleVersion.objects.filter(article=article).count() == 3


def test_an_address_stays_when_the_title_changes_and_an_old_one_leads_on(desk: Desk) -> None:
    article = published(desk)
    article.write(by=desk.priya, title="Router trouble", text=TEXT, on=1)
    article.rearrange(by=desk.priya, slug="Router, trouble!")
    for slug in ("reset-your-router", "router-trouble"):
        assert access.public_article("en-gb", slug).pk == article.pk
    other = begun(desk)
    assert other.slug == "reset-your-router-2"
    with pytest.raises(Refused):
        other.rearrange(by=desk.priya, slug="reset-your-router")
    assert begun(desk, language="de").slug == "reset-your-router"


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Größe ändern", "groesse-aendern"), ("Ελλάδα", "ελλάδα"), ("?!", "article")],
)
def test_a_title_in_any_script_has_an_address(desk: Desk, title: str, slug: str) -> None:
    assert begun(desk, title=title).slug == slug


def test_what_is_ours_or_not_published_does_not_exist_for_others(desk: Desk) -> None:
    for article in (begun(desk), published(desk, audience="internal"),
                    published(desk, kind="block")):  # fmt: skip
        with pytest.raises(Http404):
            access.public_article("en-gb", article.slug)
    gone = published(desk)
    gone.retire(by=desk.priya)
    with pytest.raises(Http404):
        access.public_article("en-gb", gone.slug)
    gone.publish(by=desk.priya, on=1)
    assert access.public_article("en-gb", gone.slug).pk == gone.pk


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [(" ", TEXT, "NO_TITLE"), ("A", " \n", "NO_TEXT"), ("A" * 161, TEXT, "TOO_LONG"),
     ("A", "a" * 100_001, "TOO_LONG")],
)  # fmt: skip
def test_a_text_that_cannot_be_kept_is_refused(
    desk: Desk, title: str, text: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        begun(desk, title=title, text=text)
    assert refusal.value.code == code and not Article.objects.exists()


def test_a_translation_is_made_once(desk: Desk) -> None:
    article = begun(desk)
    german = begun(desk, language="de", title="Router", translation_of=article)
    assert german.family == article.pk
    with pytest.raises(Refused):
        begun(desk, language="de", translation_of=german)


def test_a_picture_is_pixels_with_words(desk: Desk) -> None:
    article = begun(desk)
    with pytest.raises(Refused) as refusal:
        add_picture(article, PNG, " ", by=desk.priya)
    assert refusal.value.code == "NO_DESCRIPTION"
    for hostile in (b"<svg onload=alert(1)>", b"<html>", b"", b"\x89PNG"):
        with pytest.raises(Refused):
            add_picture(article, hostile, "A button", by=desk.priya)
    picture = add_picture(article, PNG, "A [red] button", by=desk.priya)
    assert picture.mark == f"![A (red) button](picture:{picture.pk})"
    with pytest.raises(Http404):
        access.picture_for(picture.pk, None)
    assert access.picture_for(picture.pk, desk.ines) == picture
    article.publish(by=desk.priya, on=1)
    assert access.picture_for(picture.pk, None) == picture


def test_a_photo_does_not_say_where_it_was_taken_but_which_way_up_it_is() -> None:
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0GPS 51.5 N"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    photo = b"\xff\xd8" + segment + b"\xff\xdb\x00\x04ab" + b"\xff\xda\x00\x02scan GPS\xff\xd9"
    stripped = without_whereabouts(photo)
    assert b"51.5" not in stripped and entry in stripped
    assert stripped.endswith(b"\xff\xdb\x00\x04ab\xff\xda\x00\x02scan GPS\xff\xd9")
    for cut in range(len(photo)):
        without_whereabouts(photo[:cut])


def test_search_finds_beginnings_and_what_has_more_of_the_words_first(desk: Desk) -> None:
    router = published(desk)
    other = published(desk, title="Ring us", text="The router of the telephone line.")
    found = search(access.public_articles(), "resetting routers RED")
    assert [each.pk for each in found] == [router.pk, other.pk]
    assert [each.pk for each in search(access.public_articles(), "rout")] != []
    assert search(access.public_articles(), "the and %_") == []


def test_an_article_fits_a_letter_by_its_title_and_one_word_more(desk: Desk) -> None:
    router = published(desk)
    german = published(
        desk, language="de", title="Router", text="Reset your router.", translation_of=router
    )
    said = "Hello, our router is dead. How do I reset it? Thank you"
    every = Article.objects.published()
    assert fitting(every, said, ["en-gb", "de"], 3) == [router]
    assert fitting(every, said, ["de", "en-gb"], 3) == [german]
    assert fitting(every, "The invoice for November is wrong", ["en-gb"], 3) == []


def test_what_nobody_looked_at_and_what_does_not_help_is_stale(desk: Desk) -> None:
    old, fine = published(desk), None
    desk.later(days=366)
    fine = published(desk, title="New")
    assert list(Article.objects.stale(desk.later(seconds=1))) == [old]
    old.look_at(by=desk.priya)
    fine.refresh_from_db()
    for _twice in range(2):
        ArticleFeedback.give(fine, helped=False)
    assert list(Article.objects.stale(desk.later(seconds=1))) == [fine]
