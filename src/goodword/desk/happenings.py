"""What the journal tells on a case's timeline: which entries, with which words and sign."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodword.cases.models import Case, DayException, Merge, OutgoingMessage, Tag, Verdict
from goodword.cases.models.verdict import Degree
from goodword.cases.states import AsideReason
from goodword.core.templatetags.goodword import clocktime, span
from goodword.desk.hands import Hand, Hands
from goodword.desk.ledger import Ledger
from goodword.journal.kinds import KINDS
from goodword.journal.models import Entry
from goodword.people.models import Customer
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise, Rung
from goodword.staff.models import Member, Team

# Entries that a bubble stands for.
SPOKEN = frozenset(
    {
        "received",
        "sent",
        "noted",
        "called",
        "receipt_sent",
        "reminded",
        "merge_told",
        "mayday_told",
        "automatic_received",
        "side_sent",
        "side_heard",
    }
)
# Entries that say nothing which the timeline does not show beside them.
_SILENT = SPOKEN | {"promise_handed", "unreadable_received", "stopped_waiting", "acknowledged"}
# The sign, and the state that colours it, of each kind of entry.
SIGNS: dict[str, tuple[str, str]] = {
    "taken": ("hand", ""),
    "handing_over": ("user-round-pen", ""),
    "handed_over": ("user-round-check", ""),
    "hand_over_declined": ("user-round-x", ""),
    "send_undone": ("undo-2", ""),
    "scheduled": ("calendar-clock", ""),
    "schedule_held": ("pause", "risk"),
    "schedule_ended": ("circle-x", ""),
    "schedule_resumed": ("calendar-clock", ""),
    "rested": ("coffee", ""),
    "woken": ("undo-2", ""),
    "set_aside": ("archive-x", ""),
    "brought_back": ("undo-2", ""),
    "waiting": ("circle-help", ""),
    "asked": ("scale", ""),
    "settled": ("circle-check-big", "kept"),
    "not_yet": ("corner-up-left", "risk"),
    "verdict_undone": ("undo-2", "risk"),
    "lapsed": ("moon-star", ""),
    "reopened": ("refresh-cw", ""),
    "sender_joined": ("shield-question", "risk"),
    "sender_let_in": ("user-round-check", ""),
    "sender_parted": ("user-round-plus", ""),
    "call_asked": ("phone-incoming", "risk"),
    "called": ("phone-outgoing", ""),
    "team_changed": ("arrow-right-left", ""),
    "merged": ("merge", ""),
    "split": ("split", ""),
    "side_opened": ("truck", ""),
    "unmerged": ("undo-2", ""),
    "bounced": ("mail-x", "broken"),
    "given_up": ("mail-x", "broken"),
    "sending_again": ("send", ""),
    "limit_reached": ("bell-off", ""),
    "promise_made": ("scroll-text", "open"),
    "mayday_called": ("siren", "broken"),
    "mayday_paged": ("bell", "risk"),
    "mayday_taken": ("hand", ""),
    "mayday_given_back": ("undo-2", "risk"),
    "mayday_stood_down": ("circle-check-big", "kept"),
    "escalated": ("chevrons-up", "broken"),
    "found_given": ("text-quote", "open"),
    "found_dismissed": ("text-quote", ""),
    "found_offered_again": ("undo-2", ""),
    "vague_sent": ("hourglass", "risk"),
    "promise_kept": ("circle-check-big", "kept"),
    "promise_kept_late": ("circle-check-big", "kept"),
    "promise_broken": ("octagon-x", "broken"),
    "promise_moved": ("calendar-sync", "moved"),
    "promise_released": ("circle-minus", "released"),
    "promise_voided": ("circle-minus", "released"),
    "promise_stands_again": ("undo-2", "open"),
    "evidence_undone": ("undo-2", "risk"),
    "move_asked": ("calendar-clock", ""),
    "move_answered": ("calendar-sync", ""),
    "forewarned": ("hourglass", "risk"),
    "promise_paused": ("pause", ""),
    "promise_resumed": ("clock", "open"),
    "wait_refused": ("circle-help", "risk"),
    "promise_forgiven": ("heart-handshake", ""),
    "promise_held_to": ("scroll-text", "risk"),
    "promise_offered": ("user-round-pen", ""),
    "promise_offer_declined": ("user-round-x", ""),
    "promise_disputed": ("circle-alert", "risk"),
    "dispute_taken_back": ("undo-2", ""),
    "recalled": ("quote", "risk"),
    "recollection_confirmed": ("scroll-text", "open"),
    "recollection_offered": ("calendar-clock", ""),
    "recollection_refused": ("calendar-clock", "risk"),
    "recollection_declined": ("message-square-text", ""),
    "recollection_withdrawn": ("undo-2", ""),
    "case_opened": ("square-pen", ""),
    "given_back": ("undo-2", ""),
    "offer_withdrawn": ("undo-2", ""),
    "tagged": ("tag", ""),
    "untagged": ("tag", ""),
    "snoozed": ("alarm-clock", ""),
    "snooze_ended": ("alarm-clock", ""),
    "watched": ("eye", ""),
    "unwatched": ("eye", ""),
    "mentioned": ("at-sign", ""),
    "day_excepted": ("moon-star", "risk"),
    "exception_ended": ("undo-2", ""),
    "customer_merged": ("merge", ""),
    "customer_unmerged": ("undo-2", ""),
}
_ABOUT_MEMBERS = ("handing_over", "handed_over", "given_back", "offer_withdrawn", "watched",
                  "unwatched", "mentioned", "day_excepted", "promise_offered",
                  "mayday_paged")  # fmt: skip
_NOTHING: Mapping[int, Any] = {}
_ABOUT_TAGS = ("tagged", "untagged")
_POLICY_KINDS = (*KEPT_BY_AN_ANSWER, Kind.CHECK_IN, Kind.NEXT_UPDATE)


@dataclass(frozen=True)
class Happening:
    """One entry as a sentence, with what belongs to it in a second one."""

    at: datetime
    icon: str
    state: str
    sentence: SafeString
    detail: str = ""
    quote: str = ""
    link: int | None = None
    # An address to POST to, and the word on its button, for what this very line can undo
    undo: str = ""
    undo_label: str = ""
    # Messages that stood here once: a link to one of them finds this line
    anchors: Sequence[int] = ()

    what = "event"


# Entries about two cases, which stand in the journal of both.
PAIRS = ("merged", "unmerged", "split")


class Names:
    """The names behind the ids in the facts of some entries, asked for only where there are any."""

    def __init__(
        self,
        case: Case,
        entries: Sequence[Entry],
        verdicts: Sequence[Verdict],
        hands: Hands | None = None,
    ) -> None:
        self.verdicts = {verdict.pk: verdict for verdict in verdicts}
        handed = [e for e in entries if e.kind in _ABOUT_MEMBERS]
        teams = [e for e in entries if e.kind == "team_changed"]
        senders = [e for e in entries if e.kind.startswith("sender_")]
        copies = [e for e in entries if e.kind in ("bounced", "given_up")]
        tags = [e for e in entries if e.kind in _ABOUT_TAGS]
        # What the page knows already is not asked for again.
        members = hands.known("member", "watch") if hands and handed else {}
        words = hands.known("tag", "offer") if hands and tags else {}
        self.members = _in_bulk(Member, handed, "to", "from_", "member", known=members)
        self.tags = _in_bulk(Tag, tags, "tag", known=words)
        self.teams = _in_bulk(Team, teams, "to")
        self.customers = _in_bulk(Customer, senders, "customer")
        self.copies = _in_bulk(OutgoingMessage, copies, "copy")
        merges = [e for e in entries if e.kind in PAIRS]
        self.merges: dict[int, Merge] = _in_bulk(Merge, merges, "merge")
        left = [e for e in entries if e.kind == "day_excepted"]
        self.exceptions: dict[int, DayException] = _in_bulk(DayException, left, "exception")
        self.cases: dict[int, Case] = _in_bulk(Case, merges, "case", "into")


def _in_bulk(
    model: Any, entries: Sequence[Entry], *facts: str, known: Mapping[int, Any] = _NOTHING
) -> dict[int, Any]:
    wanted = {entry.facts.get(fact) for entry in entries for fact in facts} - {None, *known}
    found: dict[int, Any] = model._base_manager.in_bulk(wanted) if wanted else {}
    return {**known, **found}


def is_shown(entry: Entry, ledger: Ledger, messages: Container[int]) -> bool:
    """Whether this entry is an event of its own, or is told by what stands beside it."""
    if entry.kind in _SILENT:
        return False
    if entry.kind == "escalated" and entry.facts["step"] == 1:
        return False  # the break itself stands beside it
    if entry.kind == "case_opened":
        return entry.actor == "member"
    promise = ledger.by_id.get(entry.facts.get("promise") or 0)
    if promise is None:
        return True
    if entry.kind == "promise_made":
        by_policy = promise.made_by_id is None
        return not by_policy and promise.said_in_id not in messages
    if entry.kind in ("promise_kept", "promise_kept_late"):
        return entry.facts.get("message") not in messages
    if entry.kind == "promise_voided":
        return promise.kind not in _POLICY_KINDS
    return True


def tell(entry: Entry, ledger: Ledger, names: Names, messages: Container[int] = ()) -> Happening:
    icon, state = SIGNS.get(entry.kind, ("info", ""))
    promise = ledger.by_id.get(entry.facts.get("promise") or 0)
    verdict = _verdict_of(entry, names)
    is_of_promise = promise is not None and entry.kind != "snoozed"
    return Happening(
        entry.at,
        icon,
        state,
        sentence_of(entry, names),
        _of_promise(entry, promise)
        if promise and is_of_promise
        else _detail(entry, names, verdict),
        verdict.words if verdict else "",
        entry.facts.get("to") if entry.kind == "sender_parted" else _other_case(entry),
        *_way_back(entry, names),
        [pk for pk in entry.facts.get("messages", ()) if pk not in messages],
    )


def _other_case(entry: Entry) -> int | None:
    """The other half of a merge or a split; while they are one, its address leads back here."""
    if entry.kind not in PAIRS:
        return None
    facts = entry.facts
    other: int = facts["into"] if entry.case_id == facts["case"] else facts["case"]
    return other


def _way_back(entry: Entry, names: Names) -> tuple[str, str]:
    new = names.cases.get(entry.facts.get("into") or 0)
    if entry.kind == "split" and new is not None and not new.merged_into_id:
        return reverse("case_unsplit", args=[new.pk]), _("Put it back")
    merge = names.merges.get(entry.facts.get("merge") or 0)
    if entry.kind != "merged" or merge is None or not merge.stands:
        return "", ""
    return reverse("case_unmerge", args=[merge.case_id]), _("Un-merge")


def sentence_of(entry: Entry, names: Names) -> SafeString:
    to, before = entry.facts.get("to"), entry.facts.get("from_")
    return format_html(
        str(KINDS.get(entry.kind, entry.kind)),
        who=_bold(_who(entry)),
        to=_bold(_given(names.members.get(to or 0))),
        from_=_bold(_given(names.members.get(before or 0))),
        member=_bold(_given(names.members.get(entry.facts.get("member") or 0))),
    )


def _who(entry: Entry) -> str:
    if entry.member is not None:
        return entry.member.given
    return entry.customer.given if entry.customer is not None else _("The desk")


def _bold(name: str) -> SafeString:
    return format_html("<b>{}</b>", name)


def _given(member: Member | Hand | None) -> str:
    return member.given if member else _("somebody")


def _of_promise(entry: Entry, promise: Promise) -> str:
    """The promise's words, and the time that the entry is about."""
    due = clocktime(promise.due)
    if entry.kind == "escalated":
        who = str(Rung.Step(entry.facts["step"]).label)
        return _("“%(text)s”: %(who)s") % {"text": promise.text, "who": who}
    if entry.kind == "promise_kept" and promise.kept_at:
        facts = {"text": promise.text, "early": span(promise.breaks_at - promise.kept_at)}
        kept = _("“%(text)s”, %(early)s early.") % facts
        return f"{kept} {promise.evidence}".strip()
    if entry.kind in ("promise_moved", "move_asked") and entry.facts.get("to"):
        to = clocktime(datetime.fromisoformat(entry.facts["to"]))
        return _("“%(text)s”, %(due)s to %(to)s") % {"text": promise.text, "due": due, "to": to}
    return _("“%(text)s”, due %(due)s") % {"text": promise.text, "due": due}


def _detail(entry: Entry, names: Names, verdict: Verdict | None) -> str:
    facts = entry.facts
    if other := names.cases.get(_other_case(entry) or 0):
        return f"{other.reference}, “{other.title}”"
    if verdict is not None:
        return _about(verdict)
    if entry.kind == "set_aside" and facts.get("reason") in AsideReason.values:
        return str(AsideReason(facts["reason"]).label)
    if entry.kind == "team_changed" and facts.get("to") in names.teams:
        return str(names.teams[facts["to"]].name)
    if facts.get("tag") in names.tags:
        return str(names.tags[facts["tag"]].name)
    if entry.kind == "snoozed" and facts.get("until"):
        until = clocktime(datetime.fromisoformat(facts["until"]))
        return _("Until %(when)s") % {"when": until}
    if facts.get("exception") in names.exceptions:
        return f"“{names.exceptions[facts['exception']].reason}”"
    if facts.get("customer") in names.customers:
        return str(names.customers[facts["customer"]].name)
    if facts.get("copy") in names.copies:
        copy = names.copies[facts["copy"]]
        return f"{copy.address}: {copy.answer}"
    return ""


def _verdict_of(entry: Entry, names: Names) -> Verdict | None:
    for key in entry.digests:
        kind, _colon, pk = key.partition(":")
        if kind == "verdict":
            return names.verdicts.get(int(pk))
    return None


def _about(verdict: Verdict) -> str:
    parts = [str(Degree(verdict.degree).label)] if verdict.degree else []
    if verdict.marked_by is not None:
        name = verdict.marked_by.given
        parts.append(_("in their own words, marked by %(name)s") % {"name": name})
    if verdict.undone_at:
        parts.append(_("undone by the customer"))
    return ", ".join(parts)
