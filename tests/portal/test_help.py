"""The help centre as a stranger reads it, and the way from it to a person."""

import re
from typing import Any

import pytest
from django.test import Client

from goodword.articles.models import ArticleFeedback
from goodword.cases.models import Case
from goodword.journal.models import Entry
from tests.articles.test_writing import begun, published
from tests.cast import Desk

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9"}
PERSON = re.compile(
    r'class="pcardbox pside" id="person".*?href="tel:.*?Ring me back.*?Write', re.DOTALL
)


def text(path: str, **headers: str) -> str:
    answer = Client().get(path, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_person_stands_on_every_page_in_the_same_order(desk: Desk) -> None:
    """R10: one step away, the same ways in the same order, on the customer's page too."""
    article = published(desk)
    case = desk.heard()
    there = ("/help/", "/help/?q=router", "/help/?q=nothing", article.public_path,
             f"{article.public_path}?said=not-yet", "/write/", desk.link(case).path)  # fmt: skip
    for path in there:
        page = text(path, **ENGLISH)
        assert PERSON.search(page), path
        assert 'href="/help/"' in page and 'href="/write/"' in page, path


def test_each_article_once_in_the_language_of_the_reader(desk: Desk) -> None:
    english = published(desk)
    german = published(desk, language="de", title="Router neu starten", translation_of=english)
    only = published(desk, language="fr", title="Réinitialiser")
    page = text("/help/", **GERMAN)
    assert german.public_path in page and english.public_path not in page
    assert only.public_path in page and "fran" in page
    assert english.public_path in text("/help/", **ENGLISH)
    there_too = text(english.public_path, **GERMAN)
    assert re.search(f'hreflang="de" href="http[^"]+{german.public_path}"', there_too)
    assert '<html lang="de"' in there_too and 'lang="en-gb"' in there_too


def test_nothing_of_ours_shows_outside(desk: Desk) -> None:
    hidden = [
        begun(desk, title="Secret draft"),
        published(desk, title="Secret note", audience="internal"),
        published(desk, title="Secret block", kind="block"),
    ]
    public = published(desk)
    public.write(by=desk.priya, title="Secret title", text="Secret words", on=1)
    for path in ("/help/", "/help/?q=secr", public.public_path, "/help/sitemap.xml"):
        assert "ecret" not in text(path), path
    for article in hidden:
        assert Client().get(article.public_path).status_code == 404


def test_no_cookie_no_tracker_and_kept_by_caches(desk: Desk) -> None:
    article = published(desk)
    for path in ("/help/", article.public_path, "/write/"):
        answer = Client().get(path)
        assert not answer.cookies and "Accept-Language" in answer["Vary"], path
        assert "Cookie" not in answer["Vary"], path
    first = Client().get(article.public_path)
    assert first["Cache-Control"] == "public, no-cache"
    again = Client().get(article.public_path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and not again.content
    article.retire(by=desk.priya)
    gone = Client().get(article.public_path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert gone.status_code == 404 and gone["Cache-Control"] == "no-store"


def test_an_old_address_leads_to_the_new_one_and_pages_name_it(desk: Desk) -> None:
    article = published(desk)
    old = article.public_path
    article.rearrange(by=desk.priya, slug="restart")
    answer = Client().get(old)
    assert (answer.status_code, answer["Location"]) == (301, "/help/en-gb/restart/")
    page = text("/help/en-gb/restart/?said=yes")
    assert re.search('<link rel="canonical" href="http[^"]+/help/en-gb/restart/">', page)
    assert "noindex" not in page
    assert "/help/en-gb/restart/</loc>" in text("/help/sitemap.xml")
    assert "Disallow: /\n" in text("/robots.txt")


@pytest.mark.parametrize(("said", "word"), [("yes", "Good to know"), ("not-yet", "let a person")])
def test_what_a_reader_says_is_heard_without_knowing_who(desk: Desk, said: str, word: str) -> None:
    article = published(desk)
    sent = {"helped": said, "words": "Which button?"}
    answer = Client().post(f"{article.public_path}helped", sent, follow=True)
    assert word in answer.content.decode() and not answer.cookies
    given = ArticleFeedback.objects.get()
    assert (given.helped, given.words, given.case) == (said == "yes", "Which button?", None)
    assert Entry.objects.get(kind="article_rated").actor == "system"


def test_who_leaves_an_address_is_answered_by_a_case(desk: Desk) -> None:
    article = published(desk)
    sent = {"helped": "not-yet", "words": "Mine has no button.", "mail": "rosa@elsewhere.example"}
    for _twice in range(2):
        Client().post(f"{article.public_path}helped", sent)
    case = Case.objects.get()
    assert ArticleFeedback.objects.get().case == case
    said = case.messages.get()
    assert said.text == "Mine has no button." and article.title in said.quoted
    assert {each.kind for each in case.promises.open()} == {"acknowledge", "reply"}


def test_a_reader_who_says_too_much_too_often_waits_and_still_has_the_person(desk: Desk) -> None:
    article = published(desk)
    for _often in range(60):
        assert Client().post(f"{article.public_path}helped", {"helped": "yes"}).status_code == 302
    answer = Client().post(f"{article.public_path}helped", {"helped": "yes", "words": "Hm."})
    assert answer.status_code == 429 and PERSON.search(answer.content.decode())
    desk.later(hours=2)
    assert Client().post(f"{article.public_path}helped", {"helped": "yes"}).status_code == 302


def test_a_form_of_another_site_is_not_taken(desk: Desk) -> None:
    article = published(desk)
    client = Client(enforce_csrf_checks=True)
    for origin, status in (("https://evil.example", 403), ("null", 403),
                           ("http://testserver", 302)):  # fmt: skip
        answer = client.post(f"{article.public_path}helped", {"helped": "yes"}, HTTP_ORIGIN=origin)
        assert answer.status_code == status


def test_the_customer_reads_beside_the_way_to_a_person_and_never_after_a_broken_word(
    desk: Desk,
) -> None:
    article = published(desk)
    case = desk.heard(text="How do I reset my router with the red button?")
    page = text(desk.link(case).path)
    assert page.index("Ring me back") < page.index(article.public_path)
    case.has_broken = True
    case.save(update_fields=["has_broken"])
    assert article.public_path not in text(desk.link(case).path)


def test_lists_ask_as_much_for_two_as_for_twenty(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        published(desk, title=f"Router {number}", topic=f"Topic {number % 3}")
        for path in ("/help/", "/help/?q=router", f"/help/en-gb/router-{number}/"):
            with django_assert_max_num_queries(7):
                Client().get(path)
