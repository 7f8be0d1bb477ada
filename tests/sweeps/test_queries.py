"""Every list asks as many queries for twenty rows as for two, and no page asks many."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodword.articles.models import Article, ArticleFeedback
from goodword.cases.acknowledging import Acknowledgement, Next, Parts
from goodword.cases.asking_outside import ask_outside
from goodword.cases.closing import leave_for_later
from goodword.cases.models import Case, CustomerAct, Notice, Recollection
from goodword.cases.recalling import recall
from goodword.channels.mail.outbox import Outbox, demo_maildir
from goodword.desk.operating_lists import LISTS as OPERATORS
from goodword.finding.keeping import catch_up
from goodword.finding.models import View
from goodword.notifying import telling
from goodword.people.meeting import customer_of
from goodword.people.models import ContactPoint, PinnedNote
from goodword.promises.models import Promise
from tests.cast import Desk, london

MOST = 15
Where = Callable[[Desk], str]


def named(name: str, query: str = "") -> Where:
    return lambda desk: reverse(name) + query


def of_case(name: str, query: str = "") -> Where:
    return lambda desk: reverse(name, args=[Case.objects.order_by("pk")[0].pk]) + query


LISTS: dict[str, Where] = {
    "today": named("today"),
    "before closing": named("day", "?of=it-support"),
    "the days before": named("days_before", "?of=it-support"),
    "today, its ruler": named("today_ruler"),
    "inbox": named("inbox"),
    "inbox, theirs": named("inbox", "?tab=theirs"),
    "inbox, they decide": named("inbox", "?tab=decide"),
    "inbox, settled": named("inbox", "?tab=settled"),
    "inbox by silence": named("inbox", "?sort=silence"),
    "inbox, a part": named("inbox_rows"),
    "inbox, snoozed": named("inbox", "?tab=snoozed"),
    "inbox, watching": named("inbox", "?tab=watching"),
    "inbox, mentions": named("inbox", "?tab=mentions"),
    "inbox, a tag": named("inbox", "?tag=outage"),
    "tags": named("tags"),
    "notices": named("notices"),
    "notifications": named("notifications", "?show=all"),
    "promises": named("promises"),
    "silences": named("silences"),
    "silences, everybody's": named("silences_part"),
    "promises, a list": named("promises", "?view=list&state=all"),
    "promises, a list by everything": named(
        "promises",
        "?view=list&state=all&owner=teams&kind=callback&due=week&made=hand&customer=1&account=1"
        "&from=2026-11-01&to=2026-12-24",
    ),
    "promises, a week": named("promises", "?view=week"),
    "promises, a month": named("promises", "?view=month&owner=me"),
    "promises, a part": named("promises_part", "?view=month"),
    "customers": named("customers"),
    "search, words": named("search", "?q=row"),
    "search, filters": named("search", "?q=is:ours+promise:broken"),
    "articles": named("articles"),
    "help": named("help"),
    "help, searched": named("help", "?q=router"),
    "operator": named("operating"),
    "outgoing": named("outgoing"),
    "settings": named("settings"),
    "me": named("me"),
    "members": named("members"),
    "roles": named("roles"),
    "policies": named("settings_policies"),
    "policy": lambda desk: reverse("settings_policy", args=[desk.business.policy]),
    "settings, a page": lambda desk: reverse("settings_page", args=["business"]),
}
PAGES: dict[str, Where] = {
    **LISTS,
    "search": named("search"),
    "palette": named("palette"),
    "palette, asked": named("palette", "?q=row"),
    "palette, its rooms": named("palette_rooms"),
    "views": named("views"),
    "search, both": named("search", "?q=row+is:ours"),
    "search, in vain": named("search", "?q=absent+7734211"),
    "search, for the palette": named("search_quick", "?q=row"),
    "preview": of_case("inbox_preview"),
    "signature": named("my_signature"),
    "promises, somebody looked for": named("promises", "?view=list&find=row"),
    "my calendar": named("my_calendar"),
    "case, blocks": of_case("case_blocks"),
    "case": of_case("case"),
    "strands of a case": of_case("case_strands"),
    "case, note": of_case("case", "?mode=note"),
    "case, call": of_case("case", "?mode=call"),
    "customer": lambda desk: reverse("customer", args=[desk.ellen.pk]),
    "account": lambda desk: reverse("account", args=[desk.ellen.account_id]),
    "hours agreed": lambda desk: reverse("settings_account", args=[desk.ellen.account_id]),
    "all hours": named("settings_hours"),
    "hours": lambda desk: reverse("settings_hours_one", args=[desk.business.schedule_id]),
    "single days": lambda desk: reverse("settings_holidays_one", args=[desk.business.schedule_id]),
    "calendar file": lambda desk: reverse("settings_calendar", args=[desk.business.schedule_id]),
    "import": named("import_new"),
    "doubles": named("doubles"),
    "customer, erase": lambda desk: reverse("customer_erase", args=[desk.ellen.pk]),
    "article": lambda desk: Article.objects.order_by("pk")[0].get_absolute_url(),
    "article, written": lambda desk: (
        f"{Article.objects.order_by('pk')[0].get_absolute_url()}write/"
    ),
    "article, history": lambda desk: (
        f"{Article.objects.order_by('pk')[0].get_absolute_url()}history/"
    ),
    "help, an article": lambda desk: Article.objects.order_by("pk")[0].public_path,
    "write to us": named("write"),
    "articles that fit": of_case("case_articles"),
    "recollection": lambda desk: reverse(
        "recollection", args=[Recollection.objects.order_by("pk")[0].pk]
    ),
    "portal": lambda desk: desk.link(Case.objects.order_by("pk")[0]).path,
}


def fill(desk: Desk, rows: int) -> None:
    """So many cases of as many customers in every tab, with promises in every state."""
    for number in range(rows):
        customer = customer_of(f"row{number}@rows{number}.example", f"Row {number}")
        heard = desk.heard(customer, f"Row {number} is broken")
        asleep = desk.answered(desk.heard(customer, f"Row {number} waits for a call"))
        asleep.snooze(desk.promise(asleep, "callback"), by=desk.marta)
        desk.asked(desk.heard(customer, f"Row {number} asks a question"))
        heard.take(by=desk.priya)
        heard.note("Have a look at the router, @jonas.", by=desk.dele)
        heard.tag("Outage", by=desk.priya)
        heard.tag(f"Tag {number}", by=desk.priya)
        heard.watch(desk.jonas, by=desk.priya)
        left = desk.heard(customer, f"Row {number} is on a plane")
        leave_for_later(left, by=desk.priya, decided_by=desk.marta, reason="On a plane")
        parts = Parts(f"Row {number} asks", f"Priya looks at {number}", Next.NOON)
        told = desk.heard(customer, f"Row {number} asks before closing")
        Acknowledgement(told, desk.priya, parts, seen=None).commit()
        Notice.prepare([heard.pk], "Down.", london("2026-11-24 10:00"), by=desk.priya)
    for number in range(rows):
        words = {"title": f"Router {number}", "text": "Hold the button.", "language": "en-gb"}
        article = Article.begin(by=desk.priya, audience="public", **words)
        article.publish(by=desk.priya, on=1)
        ArticleFeedback.give(article, helped=False, words="Which one?")
    Outbox(lambda _address, _use: "", demo_maildir()).send_due()
    desk.answered(desk.heard(desk.ellen, "One whose answer waits in the outbox"))
    for query in ("owner:me is:open", "promise:broken", "row is:ours", "tag:vip") * min(rows, 5):
        View.keep(f"View {query}", query, by=desk.jonas, for_all=rows == 20)
    catch_up()
    telling.catch_up()


def lengthen(desk: Desk, rows: int) -> Case:
    """One case of Ellen's with so many messages, notes, calls, promises and pinned notes."""
    case = desk.heard()
    for number in range(rows):
        case.hear(desk.ellen, f"Message {number}")
        case.note(f"Note {number}, @marta and @ines", by=desk.dele)
        case.tag(f"Word {number}", by=desk.dele)
        case.watch([desk.ines, desk.olu, desk.tom][number % 3], by=desk.priya)
        promises = [{"kind": "callback", "text": f"Call {number}", "form": "within:240"}]
        case.reply(by=desk.priya, text=f"Answer {number}", then="promise", promises=promises)
        PinnedNote.objects.create(customer=desk.ellen, text=f"Pin {number}", by=desk.priya)
        desk.heard(desk.ellen, f"Another matter {number}")
        ask_outside(case, f"k{number}@kestrel.example", "When?", by=desk.priya, subject="Lamp")
        there = ContactPoint.objects.count()
        ContactPoint.objects.create(customer=desk.ellen, kind="phone", value=f"+44207946{there:04}")
    recall(case, CustomerAct.on_page(desk.link(case)), "A spare one")
    return case


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.fixture(autouse=True)
def _mail_is_kept(settings: Any, tmp_path: Path) -> None:
    # Only where mail is kept in a folder is there a page that shows it.
    settings.OUTGOING = f"maildir:{tmp_path / 'outgoing'}"


@pytest.fixture
def signed_in(desk: Desk, client: Client) -> Client:
    client.force_login(desk.jonas)
    return client


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_as_much_for_two_rows_as_for_twenty(
    page: str, desk: Desk, signed_in: Client
) -> None:
    fill(desk, 2)
    url = LISTS[page](desk)
    queries(signed_in, url)
    few = queries(signed_in, url)
    fill(desk, 20)
    assert queries(signed_in, url) == few


@pytest.mark.parametrize("page", ["case", "preview", "customer", "account", "portal"])
def test_a_long_case_asks_as_much_as_a_short_one(page: str, desk: Desk, signed_in: Client) -> None:
    lengthen(desk, 2)
    url = PAGES[page](desk)
    queries(signed_in, url)
    few = queries(signed_in, url)
    lengthen(desk, 12)
    assert Promise.objects.count() > 20
    assert queries(signed_in, url) == few


@pytest.mark.parametrize("page", PAGES)
def test_no_page_asks_more_than_fifteen(page: str, desk: Desk, signed_in: Client) -> None:
    lengthen(desk, 5)
    fill(desk, 3)
    url = PAGES[page](desk)
    queries(signed_in, url)
    assert queries(signed_in, url) <= MOST


def test_no_list_of_the_operators_page_makes_it_ask_more(desk: Desk, signed_in: Client) -> None:
    fill(desk, 3)
    seller = desk.heard(customer_of("agent@sells.example", "Agent"), "Cheap lamps")
    seller.set_aside("spam", by=desk.priya)
    asked = {}
    for name in OPERATORS:
        url = f"{reverse('operating')}?list={name}"
        queries(signed_in, url)
        asked[name] = queries(signed_in, url)
    assert max(asked.values()) <= MOST, asked
