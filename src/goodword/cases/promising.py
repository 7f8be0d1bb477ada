"""What a policy promises in a case: by their words, by a tag, by our first word.

A promise that was made stands, whatever becomes of the policy, the tag or the team.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from goodword import clock
from goodword.cases.models.message import AUTOMATIC, Direction, Message
from goodword.cases.models.tag import Tag, Tagging
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.people.models import Account, Customer
from goodword.promises.kinds import Kind, State
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.promises.policies import ACKNOWLEDGED, ONCE, About, Rule
from goodword.promises.policy import Policy
from goodword.staff.models import Business

if TYPE_CHECKING:
    from goodword.cases.models.acts import CustomerAct
    from goodword.cases.models.case import Case

# A tag that is taken off that soon was a slip; later, what it promised stands.
SLIP = timedelta(minutes=10)


def policy_of(case: Case) -> Policy:
    """The policy that this case is under: its account's, its team's, or that of the business."""
    default = Business.current().policy
    rows = Policy.all_current(default)
    accounts = _accounts(case) if any(row.terms.accounts for row in rows) else set()
    return Policy.chosen(rows, default, team=case.team.slug, accounts=accounts)


def _accounts(case: Case) -> set[int]:
    """The account, and those that were merged into it; a policy may still name one of them."""
    if case.account_id is None:
        return set()
    merged = Account.objects.filter(merged_into=case.account_id).values_list("pk", flat=True)
    return {case.account_id, *merged}


def open_clocks(case: Case, message: Message, *, but: Collection[str] = ()) -> list[Promise]:
    """The promises that a customer's message opens, whichever are not there already.

    `but` are kinds that need no clock of an answer: they were promised from the same words.
    """
    assert message.customer is not None
    person = message.customer if message.is_unconfirmed else case.customer
    policy = policy_of(case)
    about = _about(case, policy, message)
    there = _there(case, person)
    kinds = {kind for kind, _rule, state in there if state == State.OPEN}
    made = []
    for rule in _earliest(case, policy.terms.for_contact(about), message):
        is_there = rule.kind in kinds or rule.kind in but
        if not rule.is_contact:
            is_there = rule.key in {key for _kind, key, _state in there}
        if not is_there:
            made.append(_make(case, policy, rule, message, person))
    if not message.is_unconfirmed:
        made += _make_once(case, policy, policy.terms.once(about, ONCE), message)
    return made


def _there(case: Case, person: Customer) -> set[tuple[str, str, str]]:
    """Kind, rule and state of what is outstanding to this person."""
    if (made := case.made_since_opened) is not None:
        return {(row.kind, row.rule, row.state) for row in made if row.customer_id == person.pk}
    return set(_outstanding(case=case.pk, customer=person.pk))


@prepared
def _outstanding(*, case: int, customer: int) -> QuerySet[Promise, tuple[str, str, str]]:
    rows = Promise.objects.outstanding().filter(case=case, customer=customer)
    return rows.values_list("kind", "rule", "state")


def _about(case: Case, policy: Policy, message: Message) -> About:
    return About(
        is_internal=case.customer.is_internal,
        team=case.team.slug,
        channel=message.channel,
        tags=tags_of(case) if policy.terms.asks_for_tags() else frozenset(),
    )


def tags_of(case: Case) -> frozenset[str]:
    """The tags that it carries, each by the word of the one that it stands for."""
    rows = case.taggings.values_list("tag__slug", "tag__root__slug")
    return frozenset(root or slug for slug, root in rows)


def _earliest(case: Case, rules: Iterable[Rule], message: Message) -> list[Rule]:
    """Of two that promise an answer the stricter one counts; each other rule stands by itself."""
    hours = case.schedule_in_force().hours
    found: dict[str, Rule] = {}
    for rule in rules:
        name = rule.kind if rule.is_contact else rule.key
        before = found.get(name)
        if before is None or _due(rule, message, hours) < _due(before, message, hours):
            found[name] = rule
    return list(found.values())


def _due(rule: Rule, message: Message, hours: clock.Schedule) -> float:
    return clock.due(rule.form, message.at, hours).at.timestamp()


def _make_once(
    case: Case, policy: Policy, rules: list[Rule], start: Message, said_in: Message | None = None
) -> list[Promise]:
    """Those of the rules that were never made in this case."""
    if not rules:
        return []
    fell_away = Q(state=State.VOID)
    there = set(case.promises.exclude(fell_away).exclude(rule="").values_list("rule", flat=True))
    new = [rule for rule in rules if rule.key not in there]
    return [_make(case, policy, rule, start, case.customer, said_in) for rule in new]


def _make(
    case: Case,
    policy: Policy,
    rule: Rule,
    start: Message,
    person: Customer,
    said_in: Message | None = None,
) -> Promise:
    return Promise.make(
        case,
        rule.kind,
        rule.words_in(person.reads()),
        by="system",
        form=rule.form,
        at=start.at,
        customer=person,
        said_in=said_in,
        policy=policy.kept(),
        rule=rule.key,
    )


def say_again(case: Case, rule: Rule) -> Promise:
    """A check-in, or when they hear from us next, as the policy says; counted from now."""
    words = rule.words_in(case.customer.reads())
    return Promise.make(
        case, rule.kind, words, by="system", form=rule.form, policy=policy_of(case).kept()
    )


# A tag


def tagged(case: Case, tag: Tag) -> list[Promise]:
    """It carries this tag from now on; what is promised for it counts from their words."""
    policy = policy_of(case)
    if not any(rule.tag == tag.slug for rule in policy.terms.rules):
        return []
    with case.held() as case:
        heard = _their_words(case)
        if heard is None or case.is_ended or case.set_aside_at:
            return []
        about = _about(case, policy, heard)
        made = _make_once(case, policy, _for_tag(policy.terms.once(about, ONCE), tag), heard)
        if (answer := _our_first_word_after(case, heard)) is not None:
            rules = _for_tag(policy.terms.once(about, ACKNOWLEDGED), tag)
            made += _make_once(case, policy, rules, answer, answer)
    return made


def _for_tag(rules: list[Rule], tag: Tag) -> list[Rule]:
    return [rule for rule in rules if rule.tag == tag.slug]


def _their_words(case: Case) -> Message | None:
    """The first of those that nobody answered, else their newest: that is what was read."""
    heard = case._heard().filter(is_unconfirmed=False)
    if case.unanswered_since:
        return heard.filter(at__gte=case.unanswered_since).first()
    return heard.last()


def _our_first_word_after(case: Case, heard: Message) -> Message | None:
    said = Q(direction=Direction.CALL) | Q(direction=Direction.OUT) & ~Q(purpose__in=AUTOMATIC)
    return case.messages.filter(said, at__gte=heard.at).order_by("at", "id").first()


def untagged(case: Case, taggings: list[Tagging]) -> None:
    """A slip of the hand promises nothing; what stood longer is our word, whoever tagged it."""
    slips = [each.tag.slug for each in taggings if now() - each.at <= SLIP]
    rules = [rule for rule in policy_of(case).terms.rules if rule.tag in slips] if slips else []
    if not rules:
        return
    with case.held() as case:
        made = case.promises.open().filter(rule__in=[rule.key for rule in rules], made_by=None)
        for promise in made:
            promise.case = case
            promise.void("tag_taken_off", by="system")


# Our first word, and their verdict


def first_word_said(case: Case, message: Message) -> None:
    """What counts from our acknowledgement begins now. Undone with the message."""
    policy = policy_of(case)
    if not any(rule.when == ACKNOWLEDGED for rule in policy.terms.rules):
        return
    if not case._reaches(message, case.customer_id):
        return
    heard = case._heard().filter(is_unconfirmed=False, at__lte=message.at).last()
    if heard is not None:
        rules = policy.terms.once(_about(case, policy, heard), ACKNOWLEDGED)
        _make_once(case, policy, rules, message, message)


def settled(case: Case, act: CustomerAct) -> None:
    """Only they can say that it is settled, and so what a policy promised to settle is kept."""
    with override(case.customer.reads()):
        evidence = _("You said that it is settled")
    for promise in _final_answers(case).filter(state__in=(State.OPEN, State.BROKEN)):
        promise.case = case
        promise.keep(by=act.customer, evidence=evidence)


def unsettled(case: Case) -> None:
    """Their verdict was taken back, and with it what it kept."""
    verdict = case.verdicts.filter(is_settled=True).order_by("-at", "-id").first()
    if verdict is None:
        return
    kept = _final_answers(case).filter(kept_by=None, kept_at__gte=verdict.at)
    for promise in kept:
        promise.case = case
        promise.undo_keeping(by="system", why="verdict_undone")


def _final_answers(case: Case) -> PromiseQuerySet:
    return case.promises.filter(kind=Kind.RESOLUTION, made_by=None).exclude(rule="")
