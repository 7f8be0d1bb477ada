"""Every page in a language that nobody speaks: what stays plain English was never marked."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import models
from django.test import Client, override_settings

from goodword.cases.models import Message
from goodword.people import reading
from goodword.staff import reading as members
from goodword.worker.tick import tick
from tests.articles.test_writing import published
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tools import pseudo
from tools.messages import catalogue

MEMBERS = (
    "/today/", "/inbox/", "/inbox/?tab=snoozed", "/inbox/?tab=theirs&filter=nobody",
    "/cases/{case}/", "/cases/{case}/?mode=note", "/cases/{case}/?mode=call", "/cases/{case}/hand",
    "/cases/{case}/mark", "/cases/{case}/snooze", "/cases/{case}/print", "/cases/{case}/merge",
    "/cases/{case}/split", "/cases/{case}/side", "/cases/{case}/articles", "/cases/new/",
    "/promises/", "/promises/?view=list", "/promises/{promise}/",
    "/promises/new?customer={customer}",
    "/customers/", "/customers/{customer}/", "/customers/new/", "/customers/import/",
    "/customers/doubles/", "/customers/{customer}/merge", "/search/", "/search/?q=server",
    "/search/?q=lighthouse", "/views/", "/articles/", "/articles/{article}/", "/articles/new/",
    "/articles/{article}/write/", "/articles/{article}/history/", "/me/", "/me/signature/",
    "/notices/", "/notifications/",
)  # fmt: skip
OPERATORS = (
    "/operator/", "/settings/", "/settings/business/", "/settings/look/", "/settings/hours/",
    "/settings/hours/{schedule}/", "/settings/teams/", "/settings/mailboxes/",
    "/settings/mailboxes/new/", "/settings/rules/", "/settings/spam/", "/settings/sources/",
    "/settings/words/", "/settings/policies/", "/settings/policies/plain/",
    "/settings/file/", "/settings/tags/",
)  # fmt: skip
EVERYBODY = ("/sign-in/", "/help/", "/help/?q=router", "/help/?q=lighthouse",
             "/help/en-gb/reset-your-router/", "/write/", "{page}")  # fmt: skip
# Names of things, units, codes and what a field shows as its form; days come from Django's words.
NOT_WORDS = re.compile(
    r"(?x) https?://\S+ | \S+@\S+ | \b[\w-]+\.(?:example|org|com|invalid|csv|vcf|json|toml)\b"
    r"| \b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?\b"
    r"| \b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\b"
    r"| \b[A-Z]{2,5}-\d+ | \b(?:KB|MB|GB)\b | \b[A-Za-z]+/[A-Za-z_]+ | \b[a-z]+:[\w>.+-]*"
    r"| Goodword | Good | word | English | Deutsch | Ctrl | Esc | Enter | Shift | Tab | GitHub"
    r"| Python | Django | SQLite | PostgreSQL | TOML | X-[\w-]+ | /help/\S*"
)
SAID = ("title", "aria-label", "placeholder", "alt", "data-copy", "data-failed", "data-not-live")
SILENT = {"script", "style", "code", "pre", "kbd", "textarea", "svg", "datalist"}
PLAIN = re.compile(r"[A-Za-z]{3,}")


class Words(HTMLParser):
    """Every stretch of a page that somebody reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What is marked as another language, or as code, is silent up to its end."""
        is_other = dict(attrs).get("lang") not in (None, pseudo.CODE)
        if (tag in SILENT or is_other) and not self._silent:
            self._silent = [tag]
        elif self._silent and tag == self._silent[0]:
            self._silent.append(tag)
        if not self._silent:
            self.found += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[0] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


def kept() -> list[str]:
    """What stands in the database: names, letters, whatever somebody typed. Longest first."""
    found: set[str] = set()
    for model in apps.get_models():
        named = [each.attname for each in model._meta.concrete_fields
                 if isinstance(each, models.CharField | models.TextField)]  # fmt: skip
        for row in model._default_manager.values_list(*named) if named else ():
            for value in map(str, row):
                found |= {value, *value.splitlines(), *re.split(r"\W*\s+\W*", value)[:1]}
        for each in model._meta.concrete_fields:
            if isinstance(each, models.JSONField):
                texts = map(str, model._default_manager.values_list(each.attname, flat=True))
                found |= {word for text in texts for word in re.findall(r"'([^']+)'", text)}
    return sorted((each for each in found if len(each) > 2), key=len, reverse=True)


def plain_english(page: str, names: list[str]) -> list[str]:
    words = Words()
    words.feed(page)
    left = []
    for stretch in words.found:
        rest = stretch
        for name in names:
            rest = rest.replace(name, " ")
        if PLAIN.search(NOT_WORDS.sub(" ", rest)):
            left.append(stretch)
    return left


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pseudo.write(catalogue(), tmp_path_factory.mktemp("locale"))


@pytest.fixture
def spoken(folder: Path) -> Iterator[None]:
    tongues = [*django_settings.LANGUAGES, (pseudo.CODE, "Ⱥççéñţéđ")]
    places = [*django_settings.LOCALE_PATHS, folder]
    with override_settings(LANGUAGES=tongues, LOCALE_PATHS=places):
        yield


@pytest.fixture
def town(desk: Desk, spoken: None) -> Desk:
    """A business, its people and a customer who all read it."""
    type(desk.business).objects.update(language=pseudo.CODE)
    desk.business.refresh_from_db()
    for member in (desk.priya, desk.jonas, desk.olu):
        members.choose(member, language=pseudo.CODE, zone="Asia/Tokyo")
    reading.chosen_on_page(desk.ellen, pseudo.CODE)
    return desk


def test_a_message_keeps_its_places_and_grows() -> None:
    said = pseudo.said("Hello %(name)s, <b>{day}</b> is 100%% &amp; fine. ")
    assert said.startswith("Ĥéļļó %(name)s, <b>{day}</b> íš 100%% &amp; ƒíñé.")
    assert said.endswith("· ")
    assert said.count("·") == 7
    assert pseudo.said("l j F", "form of a date") == "l j F"


def test_no_page_has_a_stretch_that_was_never_marked(town: Desk) -> None:
    case = town.asked()
    broken = town.answered(town.heard(text="The router blinks."))
    broken.note("Ring the landlord first.", by=town.priya)
    ids = {
        "case": broken.pk,
        "promise": town.promise(broken, "callback").pk,
        "customer": town.ellen.pk,
        "article": published(town).pk,
        "schedule": town.business.schedule_id,
        "page": town.link(case).path,
    }
    # What was asked for, an article in its own words beside its history, and tags of presets.
    tags = ["complaint-stage-2", "payment-complaint", "super-complaint", "complaint"]
    shown = ["lighthouse", "server", "Hold the", "for ten seconds.", "yes", "Ada", *tags, *kept()]
    names = sorted(shown, key=len, reverse=True)
    found: list[str] = []
    for client, paths in (
        (signed_in(town.priya), MEMBERS),
        (signed_in(town.olu), OPERATORS),
        (Client(HTTP_ACCEPT_LANGUAGE=pseudo.CODE), EVERYBODY),
    ):
        for path in paths:
            answer = client.get(path.format(**ids), follow=True)
            if answer.status_code != 200:
                found.append(f"{path}: {answer.status_code}")
            for stretch in plain_english(answer.content.decode(), names):
                found.append(f"{path}: {stretch[:120]}")
    assert not found, "\n".join(dict.fromkeys(found))


def test_a_receipt_and_a_reminder_are_in_it_whole(town: Desk) -> None:
    town.at("2026-11-20 18:30")
    town.heard()
    case = town.asked(town.heard(text="The printer hums."))
    for _day in range(9):
        town.later(days=1)
        tick()
    ours = Message.objects.filter(purpose__in=("receipt", "reminder"), case__customer=town.ellen)
    assert "reminder" in {each.purpose for each in ours}
    assert case.pk
    names = kept_without(ours)
    for message in ours:
        assert plain_english(message.text, names) == [], message.purpose


def kept_without(ours: "models.QuerySet[Message]") -> list[str]:
    texts = {line for each in ours for line in each.text.splitlines()}
    return [name for name in kept() if name not in texts]


def test_it_would_find_words_that_were_never_marked() -> None:
    page = '<p>Ĥéļļó Ellen</p><p title="Close it">Save this</p><code>GET</code>'
    assert plain_english(page, ["Ellen"]) == ["Close it", "Save this"]
