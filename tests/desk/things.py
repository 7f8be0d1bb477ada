"""What stands in the parameters of addresses: one of each, made for the access matrix.

A parameter is known by its own name, or by the part of the path before it: in
`/articles/<int:pk>/edit` the thing is "articles". A new one needs a maker here, which gives
what to put into the address, and who of the cast may see it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from django.core import signing

from goodword.articles.illustrating import add_picture
from goodword.articles.models import Article
from goodword.cases import several
from goodword.cases.asking_outside import ask_outside
from goodword.cases.importing import finish, take_in
from goodword.cases.merging_people import merge_customers
from goodword.cases.models import (
    Attachment,
    Case,
    CustomerAct,
    FoundPromise,
    Notice,
    OutgoingMessage,
    Scheduled,
    Tag,
)
from goodword.cases.recalling import recall
from goodword.cases.telling_apart import tell_apart
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.sending import MaildirTransport
from goodword.channels.mail.taking import take
from goodword.core.files import keep
from goodword.finding.models import View
from goodword.notifying.choosing import add_service
from goodword.people.meeting import customer_of
from goodword.people.models import CriticalDate, PinnedNote, SenderRule
from goodword.promises.models import Dispute, MoveRequest, Promise
from goodword.settings.changing import save
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.subjects.roles import RoleSubject
from goodword.staff.appointing import make_role
from goodword.staff.feed import Feed
from goodword.staff.inviting import invite
from goodword.staff.models import Business
from goodword.worker.intake import drain_intake
from tests.cast import Desk, london
from tests.desk.test_files import PNG

INSIDE = frozenset({"light", "agent", "other_team", "lead", "leader", "operator"})
# The case is Priya's, of IT support; leaders see all.
TEAM = frozenset({"light", "agent", "lead", "leader"})


@dataclass
class Scene:
    """One case of one team, with everything that hangs on it."""

    desk: Desk
    folder: Path  # where outgoing mail is kept
    made: dict[str, object] = field(default_factory=dict)

    @cached_property
    def case(self) -> Case:
        desk = self.desk
        return desk.answered(desk.heard(fields={"html": "<p>Quite secret words</p>"}))

    @cached_property
    def callback(self) -> Promise:
        return self.desk.promise(self.case, "callback")

    @cached_property
    def mail(self) -> IncomingMail:
        # Other things may have said something in the case that no mail can answer.
        answered = self.case.messages.exclude(message_id="").latest("pk").message_id
        raw = f"From: ellen@whitcombe.example\nReferences: {answered}\n\nQuite secret words"
        [mail] = take(
            raw.encode(), envelope_from="ellen@whitcombe.example",
            recipients=[self.desk.mailbox.address],
        )  # fmt: skip
        drain_intake()
        mail.refresh_from_db()
        assert mail.message is not None and mail.message.case_id == self.case.pk
        return mail

    def of(self, parameter: str, before: str) -> object:
        """What to put where the parameter stands."""
        key = parameter if parameter in THINGS else before
        if key not in self.made:
            self.made[key] = THINGS[key].make(self)
        return self.made[key]


Make = Callable[[Scene], object]


@dataclass(frozen=True)
class Thing:
    make: Make
    seen_by: frozenset[str]


THINGS: dict[str, Thing] = {}


def thing(*names: str, seen_by: frozenset[str]) -> Callable[[Make], Make]:
    def known(make: Make) -> Make:
        THINGS.update((name, Thing(make, seen_by)) for name in names)
        return make

    return known


@thing("cases", "preview", seen_by=TEAM)
def a_case(scene: Scene) -> object:
    return scene.case.pk


@thing("found", seen_by=TEAM)
def a_word_of_ours(scene: Scene) -> object:
    scene.desk.answered(scene.case, text="I'll call you on Monday by 10.", then="promise")
    return FoundPromise.objects.filter(state="offered").latest("pk").pk


@thing("thread", seen_by=TEAM)
def a_side_thread(scene: Scene) -> object:
    return ask_outside(
        scene.case, "sales@kestrel.example", "When does it come?", by=scene.desk.priya,
        subject="Lamp",
    ).pk  # fmt: skip


@thing("promises", "release", "forgive", "hold", "not-happened", seen_by=TEAM)
def a_promise(scene: Scene) -> object:
    return scene.callback.pk


@thing("another-time", seen_by=TEAM)
def a_promise_to_move(scene: Scene) -> object:
    return scene.callback.pk


@thing("agree", "decline", seen_by=TEAM)
def a_wish_to_move(scene: Scene) -> object:
    asked = MoveRequest.objects.filter(promise=scene.callback).first()
    to = london("2026-11-20 12:00")
    return (asked or scene.callback.ask_to_move(to=to, by=scene.desk.priya, reason="Parts")).pk


@thing("recollections", "mistaken", "other-time", "no-other-time", seen_by=TEAM)
def a_recollection(scene: Scene) -> object:
    act = CustomerAct.on_page(scene.desk.link(scene.case))
    return recall(scene.case, act, "A spare battery").pk


@thing("happened", seen_by=TEAM)
def a_dispute(scene: Scene) -> object:
    promise = scene.desk.promise(scene.case, "reply")
    said = scene.desk.last(scene.case)
    return Dispute.objects.create(
        promise=promise, customer=promise.customer, at=said.at, heard_as=said,
        state=promise.state, kept_at=said.at,
    ).pk  # fmt: skip


@thing("undo", seen_by=TEAM)
def a_verdict(scene: Scene) -> object:
    said = scene.mail.message
    assert said is not None
    return scene.case.verdicts.create(
        customer=scene.desk.ellen, is_settled=False, words="Oh", at=said.at, message=said
    ).pk


@thing("customers", seen_by=TEAM)
def a_customer(scene: Scene) -> object:
    return scene.case.customer_id


@thing("accounts", seen_by=TEAM)
def an_account(scene: Scene) -> object:
    return scene.case.customer.account_id


@thing("merges", seen_by=TEAM)
def a_merge(scene: Scene) -> object:
    ellie = customer_of("ellen@home.example", "Ellie")
    return merge_customers(ellie, scene.case.customer, by=scene.desk.jonas).pk


@thing("said", seen_by=TEAM)
def two_who_are_not_one(scene: Scene) -> object:
    anna = customer_of("anna@home.example", "Anna")
    scene.desk.heard(anna)
    return tell_apart(anna, scene.case.customer, by=scene.desk.jonas).pk


@thing("notes", seen_by=TEAM)
def a_note(scene: Scene) -> object:
    return PinnedNote.pin(scene.case.customer, "Deaf in one ear.", by=scene.desk.priya).pk


@thing("imports", seen_by=frozenset({"agent", "leader"}))
def a_file_of_customers(scene: Scene) -> object:
    made = take_in("people.csv", b"name,mail\nAnn,ann@lee.example\n", by=scene.desk.dele)
    finish(made)
    return made.pk


@thing("feeds", seen_by=INSIDE)
def a_link_of_a_calendar(scene: Scene) -> object:
    return Feed.make(scene.desk.priya).split("/")[-2]


@thing("dates", seen_by=TEAM)
def a_date(scene: Scene) -> object:
    day = london("2026-11-25 09:00").date()
    return CriticalDate.set(scene.case.customer, "Payroll", day, by=scene.desk.priya).pk


@thing("messages", seen_by=TEAM)
def a_message(scene: Scene) -> object:
    return scene.case.messages.order_by("id")[0].pk


@thing("attachments", "files", seen_by=TEAM)
def a_file(scene: Scene) -> object:
    said = scene.case.messages.order_by("id")[0]
    return Attachment.keep("a.png", b"\x89PNG\r\n\x1a\n", "image/png", message=said).pk


@thing("later", seen_by=TEAM)
def a_message_for_later(scene: Scene) -> object:
    case = scene.case
    at, seen = london("2026-11-20 10:00"), case.newest_message_id()
    words = {"text": "Quite secret words", "then": "promise"}
    return Scheduled.write(case, by=scene.desk.priya, at=at, seen=seen, **words).pk


@thing("mail", seen_by=TEAM)
def a_mail_of_the_case(scene: Scene) -> object:
    return scene.mail.pk


@thing("mails", seen_by=INSIDE)
def a_mail_for_operators(scene: Scene) -> object:
    return scene.mail.pk


@thing("mailboxes", seen_by=INSIDE)
def a_mailbox(scene: Scene) -> object:
    return scene.desk.mailbox.pk


@thing("oauth", seen_by=INSIDE)
def a_mail_provider(scene: Scene) -> object:
    return "google"


@thing("copies", seen_by=INSIDE)
def a_copy(scene: Scene) -> object:
    return OutgoingMessage.objects.filter(message__case=scene.case).order_by("id")[0].pk


@thing("rules", seen_by=INSIDE)
def a_rule(scene: Scene) -> object:
    return SenderRule.make("@spam.example", "spam", by=scene.desk.priya).pk


@thing("join", seen_by=INSIDE)
def an_invitation(scene: Scene) -> object:
    return invite("Nia Obi", "nia@harbourlane.example", "light", by="system").token


@thing("channels", seen_by=frozenset({"agent"}))
def a_channel(scene: Scene) -> object:
    """Dele's own. It leads inside, where nothing is sent to."""
    return add_service(scene.desk.dele, "json://127.0.0.1:9/x").pk


@thing("factors", seen_by=INSIDE)
def a_factor_of_nobody_here(scene: Scene) -> object:
    return 1


@thing("sessions", seen_by=INSIDE)
def a_session_of_nobody_here(scene: Scene) -> object:
    return "0" * 24


@thing("outgoing", seen_by=INSIDE)
def a_mail_that_left(scene: Scene) -> object:
    raw = b"Subject: Hi\r\n\r\nWords"
    MaildirTransport(scene.folder).send("a@x.example", "b@x.example", raw)
    return next((scene.folder / "new").iterdir()).name


@thing("settings", seen_by=INSIDE)
def a_page_of_settings(scene: Scene) -> object:
    return "business"


@thing("policy", seen_by=INSIDE)
def a_policy(scene: Scene) -> object:
    return scene.desk.business.policy


@thing("changes", seen_by=INSIDE)
def a_change_of_settings(scene: Scene) -> object:
    change = save(PageOfSettings("business"), {"phone": "020 7946 0000"}, by=scene.desk.olu)
    assert change is not None
    return change.pk


@thing("articles", seen_by=INSIDE)
def an_article(scene: Scene) -> object:
    """A public one, so that everybody finds it where the help centre shows it."""
    words = {"title": "Reset your router", "text": "Hold the button.", "language": "en-gb"}
    article = Article.begin(by=scene.desk.priya, audience="public", **words)
    article.publish(by=scene.desk.priya, on=1)
    return article.pk


@thing("language", seen_by=INSIDE)
def the_language_of_an_article(scene: Scene) -> object:
    return Article.objects.get(pk=scene.of("pk", "articles")).language  # type: ignore[misc]


@thing("slug", seen_by=INSIDE)
def the_address_of_an_article(scene: Scene) -> object:
    return Article.objects.get(pk=scene.of("pk", "articles")).slug  # type: ignore[misc]


@thing("pictures", seen_by=INSIDE)
def a_picture(scene: Scene) -> object:
    article = Article.objects.get(pk=scene.of("pk", "articles"))  # type: ignore[misc]
    return add_picture(article, PNG, "The button", by=scene.desk.priya).pk


@thing("done", seen_by=INSIDE)
def a_receipt_on_a_page(scene: Scene) -> object:
    return signing.dumps(scene.case.pk, salt="goodword.written", compress=True)


@thing("hours", "holidays", seen_by=INSIDE)
def the_hours(scene: Scene) -> object:
    return scene.desk.business.schedule_id


@thing("teams", seen_by=INSIDE)
def a_team(scene: Scene) -> object:
    return scene.desk.support.pk


@thing("tags", seen_by=INSIDE)
def a_tag(scene: Scene) -> object:
    return Tag.make("Outage", by=scene.desk.marta).pk


@thing("several", seen_by=frozenset({"agent"}))
def an_act_on_several(scene: Scene) -> object:
    """Whoever did it sees it, and nobody else."""
    return several.begin(scene.desk.dele, "watch", [scene.case.pk]).pk


@thing("notices", seen_by=frozenset({"agent", "leader"}))
def a_notice(scene: Scene) -> object:
    """Whoever prepared it, and those who sign."""
    due = london("2026-11-24 10:00")
    return Notice.prepare([scene.case.pk], "Quite secret words", due, by=scene.desk.dele).pk


@thing("logo", seen_by=INSIDE)
def the_logo(scene: Scene) -> object:
    name = f"{keep(b'pixels')}.png"
    Business.objects.update(logo=name)
    return name


@thing("views", seen_by=TEAM - {"leader"})
def a_view_of_the_team(scene: Scene) -> object:
    desk = scene.desk
    return View.keep("Ours", "is:ours", by=desk.marta, team=desk.support).pk


@thing("members", seen_by=INSIDE)
def a_member(scene: Scene) -> object:
    return scene.desk.priya.pk


@thing("role_change", seen_by=INSIDE)
def a_change_of_a_role(scene: Scene) -> object:
    change = save(RoleSubject("light"), {"second_factor": 30}, by="system")
    assert change is not None
    return change.pk


@thing("role", "roles", seen_by=INSIDE)
def a_role_of_our_own(scene: Scene) -> object:
    return make_role("Evening", ["answer"], by="system").slug
