"""Every screen of the demo, by name: what axe looks at and what the pictures show."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Page

from tests.browser.server import DeskServer, until
from tests.peers import processes

NOW = "2026-11-19T16:33"
AGENT, LEADER, OPERATOR = (f"{name}@harbourlane.example" for name in ("priya", "jonas", "olu"))
PASSWORD = "every word is kept"
NOBODY = ""

_STRANGER = """
from goodword.cases.models import Case, CaseLink, Participant
from goodword.people.meeting import customer_of
case = Case.objects.get(pk=2044)
stranger = customer_of("neighbour@elsewhere.example", "A. Neighbour")
Participant.objects.get_or_create(
    case=case, customer=stranger, defaults={"role": Participant.Role.UNCONFIRMED})
print(CaseLink.for_customer(case, stranger).path)
"""

_HANDS = """
from datetime import timedelta
from goodword.cases import several
from goodword.cases.models import Case, Notice, Tag
from goodword.core.refusals import Refused
from goodword.core.time import now, resume_demo_clock
from goodword.staff.models import Member
resume_demo_clock()
priya, marta, jonas = (Member.objects.get(email=f"{n}@harbourlane.example")
                       for n in ("priya", "marta", "jonas"))
ours = list(Case.objects.filter(team__members=priya, ended_at=None, set_aside_at=None,
                                merged_into=None).order_by("pk"))
for case in ours[:4]:
    case.tag("Outage", by=priya)
ours[1].tag("Parts ordered", by=priya)
Tag.make("Fax", by=marta).retire(by=marta)
Tag.make("Line down", by=marta).merge_into(Tag.objects.get(slug="outage"), by=marta)
shown = Case.objects.get(pk=2041)
shown.tag("Outage", by=priya)
shown.watch(priya, by=priya)
outside = Member.objects.active().exclude(teams=shown.team).exclude(role="leader").first()
called = outside.name.replace(" ", ".")
shown.note(f"@{called} have you seen this one? @jonas knows them.", by=marta)
ours[0].note("@priya.raman, could you look at the router here?", by=marta)
for case in ours:
    word = case.promises.open().filter(made_by__isnull=False).order_by("due").first()
    if case.unanswered_since is None and not case.has_broken and word and case.pk != 2041:
        try:
            case.snooze(now() + timedelta(days=1, hours=17), by=marta, beyond=True)
        except Refused:
            continue
        break
due = now() + timedelta(hours=17)
text = "The line in Harbour Lane is down since 16:10.\\n\\nThe carrier works on it. Phones work."
notice = Notice.prepare([case.pk for case in ours[:5]], text, due, by=priya)
act = several.begin(priya, "take", [case.pk for case in ours[:6]])
several.go_on(act)
print(notice.pk, act.pk)
"""

_PEN = """
from datetime import timedelta
from goodword.cases.models import Case, CaseLink, CustomerAct
from goodword.cases.recalling import offer, recall
from goodword.cases.waiting import ask_and_pause
from goodword.cases.warning import forewarn
from goodword.core.time import now, resume_demo_clock
from goodword.people.meeting import customer_of
from goodword.promises.disputing import dispute
from goodword.promises.models import Promise
from goodword.staff.models import Member
resume_demo_clock()
priya, dele = (Member.objects.get(email=f"{n}@harbourlane.example") for n in ("priya", "dele"))
ada = customer_of("ada@pine.example", "Ada Pine")
case = Case.open(ada, title="The printer on the second floor eats paper", by=ada)
case.hear(ada, "It eats every third sheet.")
by = now() + timedelta(hours=18)
words = [
    {"kind": "task_done", "text": "A new roller in the printer", "due": by + timedelta(hours=6)},
    {"kind": "callback", "text": "I call you about the contract", "due": by},
    {"kind": "arrival_window", "text": "Dele comes by with the old one", "due": by},
]
case.reply(by=priya, text="We put it right.", then="promise", promises=words)
roller, call, visit = case.promises.filter(made_by=priya).order_by("pk")
call.keep(by=priya, evidence="Rang at four, left word with the desk.")
dispute(Promise.objects.get(pk=call.pk), by=ada, words="Nobody rang me.")
case = Case.objects.get(pk=case.pk)
forewarn(Promise.objects.get(pk=visit.pk), "Dele may be late tomorrow.", by=priya)
act = CustomerAct.on_page(CaseLink.for_customer(case, ada))
row = recall(case, act, "A spare printer while ours is in pieces", by_when=by, said_by="Dele")
third = recall(case, act, "A new drum this week", by_when=by)
offer(third, by + timedelta(days=4), by=dele, words="The drum comes from the maker on Monday.")
ask_and_pause(Promise.objects.get(pk=roller.pk), "Which tray do you use most?", by=priya)
print(CaseLink.for_customer(case, ada).path, case.pk, row.pk, roller.pk, call.pk)
"""

_DOORS = """
from urllib.parse import urlsplit
from allauth.mfa.totp.internal import auth as totp
from goodword.cases.asking_outside import ask_outside
from goodword.cases.models import Case
from goodword.core.time import resume_demo_clock
from goodword.staff.inviting import invite
from goodword.staff.models import Member
resume_demo_clock()
ines, priya, jonas = (Member.objects.get(email=f"{n}@harbourlane.example")
                      for n in ("ines", "priya", "jonas"))
totp.TOTP.activate(ines, totp.generate_totp_secret())
key = invite("Nia Okoro", "nia@harbourlane.example", "agent", by=jonas)
thread = ask_outside(Case.objects.get(pk=2047), "kay@kestrel.example", "Is it on its way?",
                     by=priya, subject="The lamp of order 4471", name="Kay Lund")
print(urlsplit(key.url).path, thread.pk)
"""


@dataclass(frozen=True)
class Screen:
    """A page, who looks at it, and what they do there before it is looked at."""

    name: str
    path: str
    who: str = AGENT
    act: Callable[[Page], None] | None = None


GROUPS = ("desk", "hands", "people", "articles", "operators", "portal", "pen", "errors")


@dataclass
class Demo:
    server: DeskServer
    customer: str
    stranger: str
    notice: int = 0
    several: int = 0
    pen: tuple[str, ...] = ()  # a customer’s path, and the ids of what they have a pen in
    doors: tuple[str, ...] = ()  # the path of an invitation, and the id of a side thread

    def screens(self, *groups: str) -> list[Screen]:
        """The screens of these groups, of all where none is named."""
        return [each for group in groups or GROUPS for each in getattr(self, f"_{group}")()]

    def _desk(self) -> Iterator[Screen]:
        yield Screen("sign-in", "/sign-in/", NOBODY)
        yield Screen("sign-in-refused", "/sign-in/", NOBODY, _wrong_password)
        yield Screen("sign-in-code", "/sign-in/", NOBODY, _ask_for_a_code)
        yield Screen("sign-in-second", "/sign-in/", NOBODY, _sign_in_with_an_app)
        yield Screen("join", self.doors[0], NOBODY)
        yield Screen("join-no-link", "/join/nothing/", NOBODY)
        yield Screen("me", "/me/")
        yield Screen("me-again", "/me/again/")
        yield Screen("me-app", "/me/app/")
        yield Screen("me-refused", "/me/", act=_bad_new_password)
        yield Screen("notifications", "/notifications/?show=all")
        yield Screen("notifications-empty", "/notifications/", OPERATOR)
        yield Screen("notify-as", "/me/notifications/")
        yield Screen("notify-as-refused", "/me/notifications/", act=_unknown_service)
        yield Screen("members", "/settings/members/", OPERATOR)
        dele = self._one("staff_member", "name LIKE 'Dele%'")
        yield Screen("member", f"/settings/members/{dele}/", OPERATOR)
        yield Screen("roles", "/settings/roles/", OPERATOR)
        yield Screen("role", "/settings/roles/agent/", OPERATOR)
        yield Screen("today", "/today/")
        yield Screen("day", "/day/?of=it-support")
        yield Screen("day-refused", "/day/?of=it-support", act=_leave_out_a_part)
        yield Screen("day-leave", "/day/?of=it-support", act=_leave_for_later)
        yield Screen("day-empty", "/day/?of=billing")
        yield Screen("days-before", "/day/before?of=it-support", LEADER)
        yield Screen("inbox", "/inbox/?case=2041")
        for tab in ("theirs", "decide", "settled", "aside"):
            yield Screen(f"inbox-{tab}", f"/inbox/?tab={tab}")
        yield Screen("inbox-empty", "/inbox/?team=billing&filter=mine&tab=decide")
        yield Screen("case", "/cases/2041/")
        yield Screen("case-mayday", "/cases/2035/")
        yield Screen("case-ladder", "/cases/2037/", LEADER)
        yield Screen("case-preview", "/cases/2041/", act=_show_preview)
        yield Screen("case-words", "/cases/2041/", act=_give_word)
        yield Screen("case-copies", "/cases/2041/", act=_unfold_copies)
        yield Screen("case-blocks", "/cases/2041/blocks")
        yield Screen("signature", "/me/signature/")
        yield Screen("case-note", "/cases/2041/?mode=note")
        yield Screen("case-call", "/cases/2041/?mode=call")
        yield Screen("case-ask", "/cases/2054/?then=ask")
        yield Screen("case-refused", "/cases/2054/", act=_send_nothing)
        yield Screen("case-nobody", "/cases/2051/")
        yield Screen("case-settled", "/cases/2042/", LEADER)
        yield Screen("case-keys", "/cases/2041/", act=_show_keys)
        yield Screen("case-menu", "/cases/2041/", act=_show_menu)
        for name in ("hand", "mark", "aside", "print", "merge", "split", "side"):
            yield Screen(f"case-{name}", f"/cases/2041/{name}")
        yield Screen("case-side-thread", "/cases/2047/")
        yield Screen("case-side-write", f"/cases/2047/side/{self.doors[1]}")
        offered = self._one("cases_foundpromise", "state = 'offered'")
        yield Screen("found", f"/found/{offered}/", LEADER)
        yield Screen("case-new", "/cases/new/")
        yield Screen("search-empty", "/search/")
        yield Screen("palette", "/cases/2041/", act=_open_palette)
        yield Screen("palette-found", "/cases/2041/", act=_ask_palette("ellen"))
        yield Screen("palette-page", "/palette/", OPERATOR)
        yield Screen("palette-page-nothing", "/palette/?q=nothing+like+that")
        yield Screen("search", "/search/?q=server+is:open")
        yield Screen("search-filters", "/search/?q=is:ours+promise:brokn+-spam")
        yield Screen("views", "/views/", LEADER)
        yield Screen("search-nothing", "/search/?q=nothinglikethis+owner:me")
        yield Screen("promise-new", "/promises/new")
        yield Screen("promises", "/promises/")
        yield Screen("silences", "/silences/", LEADER)
        yield Screen("silences-agent", "/silences/")
        yield from self._ledger()
        yield Screen("promise", f"/promises/{self._one('promises_promise', 'case_id = 2041')}/")

    def _ledger(self) -> Iterator[Screen]:
        yield Screen("today-lead", "/today/", LEADER)
        yield Screen("ledger", "/promises/?view=list&state=all", LEADER)
        yield Screen("ledger-narrowed", "/promises/?view=list&owner=me&due=week&made=hand")
        yield Screen("ledger-menu", "/promises/?view=list", LEADER, _open_filter)
        yield Screen("ledger-to-whom", "/promises/?find=ellen")
        yield Screen("ledger-empty", "/promises/?view=list&state=void&kind=refund_paid&due=today")
        reply = "kind = 'reply' AND due > made_at AND state = 'kept'"
        yield Screen("promise-reply", f"/promises/{self._one('promises_promise', reply)}/")
        yield Screen("calendar-week", "/promises/?view=week", LEADER)
        yield Screen("calendar-month", "/promises/?view=month", LEADER)
        yield Screen("calendar-empty", "/promises/?view=month&day=2031-12-01&owner=me")
        yield Screen("my-calendar", "/me/calendar/")
        yield Screen("my-calendar-made", "/me/calendar/", OPERATOR, _make_feed)

    def _hands(self) -> Iterator[Screen]:
        for tab in ("snoozed", "watching", "mentions"):
            yield Screen(f"inbox-{tab}", f"/inbox/?tab={tab}")
        yield Screen("inbox-snoozed-empty", "/inbox/?tab=snoozed&filter=nobody&tag=none")
        yield Screen("inbox-chosen", "/inbox/?case=2041", act=_choose_three)
        for name in ("Hand over…", "Tag…", "Snooze…"):
            word = name.split()[0].strip("…").lower()
            yield Screen(f"several-{word}", "/inbox/", act=_choose_and(name))
        yield Screen("several-rest", "/inbox/", act=_choose_and("Needs no answer…"))
        yield Screen("several-notice", "/inbox/", act=_choose_and("One notice to all"))
        yield Screen("several-done", f"/several/{self.several}/")
        yield Screen("case-snooze", "/cases/2041/snooze")
        yield Screen("notices", "/notices/", LEADER)
        yield Screen("notices-empty", "/notices/", OPERATOR)
        yield Screen("notice", f"/notices/{self.notice}/", LEADER)
        yield Screen("tags", "/settings/tags/", LEADER)

    def _people(self) -> Iterator[Screen]:
        ellen = self._one("people_customer", "name = 'Ellen Whitcombe'")
        yield Screen("customers", "/customers/")
        yield Screen("customer", f"/customers/{ellen}/")
        yield Screen("customers-us", "/customers/?who=us")
        yield Screen("customers-nobody", "/customers/?q=zzzz")
        yield Screen("customer-new", "/customers/new/")
        yield Screen("customer-merge", f"/customers/{ellen}/merge?q=e")
        daniel = self._one("people_customer", "name = 'Daniel Reyes'")
        yield Screen("customer-merge-two", f"/customers/{ellen}/merge?with={daniel}", LEADER)
        yield Screen("customer-erase", f"/customers/{daniel}/erase", LEADER)
        yield Screen("doubles", "/customers/doubles/", LEADER)
        yield Screen("note", f"/notes/{self._one('people_pinnednote', '1 = 1')}/", LEADER)
        yield Screen("import", "/customers/import/")
        yield Screen("import-look", "/customers/import/", act=_look_at_a_file)
        account = "name = 'Ferndale Medical Practice'"
        ferndale = self._one("people_account", account)
        yield Screen("account", f"/accounts/{ferndale}/", LEADER)
        yield Screen("account-merge", f"/accounts/{ferndale}/merge?q=e", LEADER)

    def _articles(self) -> Iterator[Screen]:
        calendar = self._one("articles_article", "slug = 'my-calendar-shows-two-of-everything'")
        draft = self._one("articles_article", "state = 'draft'")
        yield Screen("articles", "/articles/")
        yield Screen("articles-blocks", "/articles/?view=blocks")
        yield Screen("articles-stale", "/articles/?view=stale")
        yield Screen("articles-empty", "/articles/?view=retired")
        yield Screen("articles-none-found", "/articles/?q=zzz")
        yield Screen("article", f"/articles/{calendar}/")
        yield Screen("article-draft", f"/articles/{draft}/")
        yield Screen("article-write", f"/articles/{calendar}/write/")
        yield Screen("article-new", "/articles/new/")
        yield Screen("article-refused", "/articles/new/", act=_publish_nothing)
        yield Screen("article-history", f"/articles/{calendar}/history/")
        yield Screen("case-articles", "/cases/2041/articles")
        read = "/help/en-gb/my-calendar-shows-two-of-everything/"
        yield Screen("help", "/help/", NOBODY)
        yield Screen("help-found", "/help/?q=calendar", NOBODY)
        yield Screen("help-nothing", "/help/?q=lighthouse", NOBODY)
        yield Screen("help-article", read, NOBODY)
        yield Screen("help-not-yet", f"{read}?said=not-yet", NOBODY)
        yield Screen("write", "/write/", NOBODY)
        yield Screen("write-refused", "/write/", NOBODY, _write_to_nobody)

    def _operators(self) -> Iterator[Screen]:
        yield Screen("operator", "/operator/", OPERATOR)
        mailbox = self._one("mail_mailbox", "1 = 1")
        yield Screen("operator-mailbox", f"/operator/mailboxes/{mailbox}/", OPERATOR)
        yield Screen("settings", "/settings/", OPERATOR)
        yield Screen("settings-nothing", "/settings/?q=nothing+like+that", OPERATOR)
        for name in ("business", "look"):
            yield Screen(f"settings-{name}", f"/settings/{name}/", OPERATOR)
        hours = self._one("staff_schedule", "1 = 1")
        yield Screen("settings-hours", "/settings/hours/", OPERATOR)
        yield Screen("settings-hours-one", f"/settings/hours/{hours}/", OPERATOR)
        yield Screen("settings-holidays", f"/settings/holidays/{hours}/", OPERATOR)
        yield Screen("settings-hours-planned", f"/settings/hours/{hours}/", OPERATOR, other_hours)
        yield Screen("settings-calendar", f"/settings/holidays/{hours}/calendar/", OPERATOR)
        calendar = f"/settings/holidays/{hours}/calendar/"
        yield Screen("settings-calendar-days", calendar, OPERATOR, days_of_a_file)
        account = self._one("people_account", "merged_into_id IS NULL")
        yield Screen("settings-account", f"/settings/accounts/{account}/", LEADER)
        yield Screen("settings-teams", "/settings/teams/", OPERATOR)
        team = self._one("staff_team", "1 = 1")
        yield Screen("settings-team", f"/settings/teams/{team}/", OPERATOR)
        yield Screen("settings-mailboxes", "/settings/mailboxes/", OPERATOR)
        yield Screen("settings-mailbox", f"/settings/mailboxes/{mailbox}/", OPERATOR)
        yield Screen("settings-mail-app", "/settings/mailboxes/oauth/microsoft/", OPERATOR)
        yield Screen("settings-mailbox-new", "/settings/mailboxes/new/", OPERATOR)
        for name in ("rules", "spam", "sources", "words", "policies", "file"):
            yield Screen(f"settings-{name}", f"/settings/{name}/", OPERATOR)
        yield Screen("settings-policy", "/settings/policies/plain/", OPERATOR)
        yield Screen("settings-policy-refused", "/settings/policies/plain/", OPERATOR, _no_answer)
        yield Screen("settings-refused", "/settings/business/", OPERATOR, _bad_prefix)
        yield Screen("outgoing", "/outgoing/", OPERATOR)
        yield Screen("outgoing-mail", "/outgoing/", OPERATOR, _open_first_mail)

    def _portal(self) -> Iterator[Screen]:
        yield Screen("portal", self.customer, NOBODY)
        yield Screen("portal-mayday", f"{self.customer}mayday/", NOBODY)
        yield Screen("portal-stranger", self.stranger, NOBODY)
        yield Screen("portal-refused", self.customer, NOBODY, _not_yet_without_words)
        yield Screen("written", "/write/", NOBODY, _write_to_a_person)

    def _pen(self) -> Iterator[Screen]:
        page, case, row, paused, disputed = self.pen
        yield Screen("portal-pen", page, NOBODY)
        yield Screen("portal-told", page, NOBODY, _unfold_the_pen)
        yield Screen("case-recalled", f"/cases/{case}/")
        yield Screen("recollection", f"/recollections/{row}/")
        yield Screen("promise-paused", f"/promises/{paused}/")
        yield Screen("promise-disputed", f"/promises/{disputed}/")

    def _errors(self) -> Iterator[Screen]:
        yield Screen("error-404", "/cases/999999/")
        yield Screen("error-403", "/operator/")
        yield Screen("error-422", "/cases/2041/", act=_old_form)

    def _one(self, table: str, where: str) -> int:
        return int(self.server.ask(f"SELECT id FROM {table} WHERE {where} ORDER BY id")[0][0])


def _leave_out_a_part(page: Page) -> None:
    line = page.locator(".ackline").first
    line.get_by_label("What we received").fill("Nobody reads the inbox that our mail named")
    line.get_by_role("button", name="Send word to").click()
    page.locator(".ackline .refusal").wait_for()


def _leave_for_later(page: Page) -> None:
    page.get_by_text("Leave it for later…").first.click()


def _unfold_the_pen(page: Page) -> None:
    page.locator("#told summary").click()


def _sign_in_with_an_app(page: Page) -> None:
    page.get_by_label("Your mail address").fill("ines@harbourlane.example")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/sign-in/second/**")


def _ask_for_a_code(page: Page) -> None:
    page.get_by_label("Your mail address").fill("nobody@harbourlane.example")
    page.get_by_role("button", name="Send me a code by mail").click()
    page.wait_for_url("**/sign-in/code/enter/")


def _bad_new_password(page: Page) -> None:
    page.get_by_label("A new one").fill("short")
    page.get_by_label("Your present password").fill("guess")
    page.get_by_role("button", name="Take this password").click()
    page.locator("#refusal").wait_for()


def _no_answer(page: Page) -> None:
    page.locator(".rulelist summary").nth(1).click()
    page.locator("#r-1-kind").select_option("")
    page.get_by_role("button", name="Save this policy").click()
    page.locator("#refusal").wait_for()


def _unknown_service(page: Page) -> None:
    page.get_by_label("Address").fill("fax://020 7946 0000")
    page.get_by_role("button", name="Add it").click()
    page.locator("#refusal").wait_for()


def _wrong_password(page: Page) -> None:
    page.get_by_label("Your mail address").fill(AGENT)
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").first.wait_for()


def _send_nothing(page: Page) -> None:
    page.locator("#text").fill(" ")
    page.locator("#composer [data-send]").click()
    page.locator("#refusal").wait_for()


def _bad_prefix(page: Page) -> None:
    page.get_by_label("Letters before").fill("H L!")
    page.get_by_role("button", name="Save").click()
    page.locator("#refusal").wait_for()


def other_hours(page: Page) -> None:
    page.get_by_label("In force from").fill("2027-01-04")
    page.locator("input[name=fri-0-to]").fill("15:00")
    page.get_by_role("button", name="Save these hours").click()
    page.get_by_text("Not after all").wait_for()


_CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261229
SUMMARY:Between the years
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/London:20261218T140000
DURATION:PT3H
SUMMARY:Staff party
END:VEVENT
END:VCALENDAR
"""


def days_of_a_file(page: Page) -> None:
    file = FilePayload(name="days.ics", mimeType="text/calendar", buffer=_CALENDAR.encode())
    page.get_by_label("Calendar file").set_input_files(file)
    page.get_by_role("button", name="Show its days").click()
    page.get_by_text("Staff party").wait_for()


_FILE = """Name;E-Mail;Telefon;Firma
Grace Okafor;grace@okafor.example;020 7946 0190;Okafor & Sons
Jörg Müller;joerg@mueller.example;+49 30 901820;Müller
Ellen Whitcombe;ellen@whitcombe.example;;Whitcombe Consulting
Nobody;;;
Mistyped;not an address;;
=HYPERLINK("http://evil.example");eve@evil.example;;
"""


def _look_at_a_file(page: Page) -> None:
    file: FilePayload = {"name": "people.csv", "mimeType": "text/csv", "buffer": _FILE.encode()}
    page.locator("#im-f").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("How it is read").wait_for()


def _show_preview(page: Page) -> None:
    page.locator("#text").fill("It is **fixed**:\n\n- the cable\n- the switch")
    page.locator("[data-preview-button]").click()
    page.locator(".preview").wait_for()


def _give_word(page: Page) -> None:
    words = "I'll call you tomorrow by 10. We will get back to you about the drum shortly."
    page.locator("#text").fill(words)
    page.locator(".wordchip").nth(1).wait_for()
    page.locator(".wordchip .change summary").first.click()


def _unfold_copies(page: Page) -> None:
    for name in ("Copies", "More"):
        page.locator("#composer summary", has_text=name).last.click()


def _show_keys(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()


def _open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("group", name="Go to").wait_for()


def _ask_palette(words: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        _open_palette(page)
        page.keyboard.type(words)
        page.locator("#palette").get_by_role("group", name="Customers").wait_for()

    return act


def _open_filter(page: Page) -> None:
    page.get_by_role("button", name="Whose").click()
    page.locator("#f-owner").wait_for()


def _make_feed(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Make a (new )?link")).click()
    page.get_by_label("Copy it").wait_for()


def _show_menu(page: Page) -> None:
    page.get_by_role("button", name="More acts").click()
    page.locator("#m-case").wait_for()


def _choose_three(page: Page) -> None:
    for box in page.locator("[data-pick]").all()[:3]:
        box.check()
    page.locator("#several").wait_for()


def _choose_and(name: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        _choose_three(page)
        button = page.locator("#several").get_by_role("button", name=name)
        if not button.is_visible():
            page.locator("#several").get_by_role("button", name="More acts").click()
        button.click()
        page.wait_for_url(re.compile(r"/inbox/several$"))

    return act


def _open_first_mail(page: Page) -> None:
    page.locator("main a[href^='/outgoing/']").first.click()
    page.wait_for_url(re.compile(r"/outgoing/.+"))


def _not_yet_without_words(page: Page) -> None:
    page.locator("[name=missing]").evaluate("field => { field.required = false; }")
    page.locator("[name=missing]").evaluate("field => field.form.submit()")
    page.locator("#refusal").wait_for()


def _publish_nothing(page: Page) -> None:
    page.locator("[data-send]").click()
    page.locator("#refusal").wait_for()


def _write_to_nobody(page: Page) -> None:
    page.locator("#words").fill("Do you repair lamps?")
    page.locator("#mail").fill("no-reply@elsewhere.example")
    page.get_by_role("button", name="Send it to a person").click()
    page.locator("#refusal").wait_for()


def _write_to_a_person(page: Page) -> None:
    page.locator("#words").fill("Do you repair lamps?")
    page.locator("#mail").fill("ada@elsewhere.example")
    page.get_by_role("button", name="Send it to a person").click()
    page.wait_for_url("**/write/done/**")


def _old_form(page: Page) -> None:
    """A form whose token has gone stale, with words in it."""
    page.locator("#text").fill("I have been writing this for a very long time.")
    page.locator("#composer [name=csrfmiddlewaretoken]").evaluate("field => { field.value = ''; }")
    page.locator("#composer").evaluate("form => form.submit()")
    page.locator("main h1").wait_for()
    page.wait_for_url(re.compile(r"/reply$"))


@contextmanager
def demo(folder: Path | None = None) -> Iterator[Demo]:
    """The demo as `goodword demo` serves it, in a folder of its own and at a fixed time."""
    with processes.folder_for(None) as made:
        server = DeskServer(folder or made)
        server.start("demo", "--now", NOW)
        try:
            # It is said once all parts answer, which may be after the pages do.
            link = re.compile(r"(http\S+/c/\S+)")
            found = until(lambda: link.search(server.log.read_text()), "no link was said")
            stranger = server.inside(_STRANGER).strip()
            notice, act = map(int, server.inside(_HANDS).split())
            pen = tuple(server.inside(_PEN).split())
            doors = tuple(server.inside(_DOORS).split())
            customer = urlsplit(found.group(1)).path
            yield Demo(server, customer, stranger, notice, act, pen, doors)
        finally:
            server.stop()
        assert "Traceback" not in server.log.read_text(), server.log.read_text()[-6000:]
