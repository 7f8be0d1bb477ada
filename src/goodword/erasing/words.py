"""Where the words of a person may stand, and what each place holds when they are erased.

One table, so that a test can hold it against every model there is: a model with words that hangs
on a case, a message, a promise or a customer stands here, or in `WITHOUT_WORDS` with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# A row that an entry vouches for loses its salt with its words: the digest says nothing then.
SALTED = {"salt": ""}


@dataclass(frozen=True)
class Place:
    """A model, the ways from it to a case or a customer, and its columns without words."""

    model: str
    of_case: str = ""
    of_person: str = ""
    without: dict[str, Any] = field(default_factory=dict)
    is_deleted: bool = False


_MESSAGE: dict[str, Any] = {
    **dict.fromkeys(("subject", "text", "signature", "quoted", "html"), ""),
    **dict.fromkeys(("from_address", "message_id", "in_reply_to", "references"), ""),
    "has_remote_images": False,
    "is_formatted": False,
    **SALTED,
}
MAIL = dict.fromkeys(("envelope_from", "from_address", "subject", "last_error"), "")
COPY = dict.fromkeys(("address", "name", "answer", "last_error"), "")
ROW: dict[str, Any] = {"said": "", "why": "", "before": {}, "after": {}, "points": []}

# What hangs on others comes first, so that the way to it still stands.
PLACES = (
    Place("mail.RawMail", "incoming__message__case", "incoming__message__customer",
          is_deleted=True),
    Place("mail.IncomingMail", "message__case", "message__customer", MAIL),
    Place("mail.ThreadId", "case", is_deleted=True),
    Place("finding.Code", "message__case", "message__customer", is_deleted=True),
    Place("notifying.Push", "notification__case", "", {"last_error": ""}),
    Place("cases.Attachment", "message__case", "message__customer", is_deleted=True),
    Place("cases.Attachment", "draft__case", is_deleted=True),
    Place("cases.Attachment", "scheduled__case", is_deleted=True),
    Place("cases.TakeBack", "message__case", "message__customer", is_deleted=True),
    Place("cases.Draft", "case", is_deleted=True),
    Place("cases.Scheduled", "case", "",
          {"text": "", "details": {}, "fields": {}, "why": "", "last_error": "", **SALTED}),
    Place("cases.OutgoingMessage", "message__case", "point__customer", COPY),
    Place("cases.Tagging", "case", is_deleted=True),
    Place("cases.SideThread", "case", "", {"address": "", "name": "", "subject": ""}),
    Place("cases.Mayday", "case", "customer", {"reason": ""}),
    Place("cases.BulkStep", "case", "", {"sentence": "", "before": {}}),
    Place("cases.DayException", "case", "", {"reason": "", **SALTED}),
    Place("cases.Verdict", "case", "customer", {"words": "", **SALTED}),
    Place("cases.Recollection", "owed__case", "owed__customer",
          {"words": "", "said_by": "", **SALTED}),
    Place("cases.FoundPromise", "message__case", "", {"form": ""}),
    Place("promises.Pause", "promise__case", "promise__customer", {"question": "", **SALTED}),
    Place("promises.Dispute", "promise__case", "customer",
          {"words": "", "evidence": "", **SALTED}),
    Place("promises.MoveRequest", "promise__case", "by_customer", {"reason": "", "answer": ""}),
    Place("promises.Promise", "case", "customer", {"text": "", "evidence": "", **SALTED}),
    Place("articles.ArticleFeedback", "case", "", {"words": "", **SALTED}),
    Place("cases.Message", "case", "customer", _MESSAGE),
    Place("people.PinnedNote", "", "customer", {"text": "", **SALTED}),
    Place("people.CriticalDate", "", "customer", is_deleted=True),
    Place("people.ImportedRow", "", "customer", ROW),
    Place("people.ContactPoint", "", "customer", is_deleted=True),
)  # fmt: skip

# Written to by `person.py` itself, column by column.
BY_HAND = {"cases.Case", "people.Customer", "people.Merge", "cases.Tag"}

WITHOUT_WORDS = {
    "journal.Entry": "ids, states and salted digests alone; what happened stays",
    "notifying.Notification": "which entry; its sentence is made when it is read",
    "staff.Presence": "who looks at a case at this moment",
    "cases.Watch": "ids", "cases.MemberMention": "ids", "cases.CaseLink": "revoked instead",
    "cases.Participant": "ids and a role", "cases.Merge": "ids and states",
    "cases.TeamDay": "ids", "cases.Paging": "ids", "people.Different": "ids",
    "cases.BulkAct": "ids; the words to many are a leader’s", "articles.BlockUse": "ids",
    "portal.ReceivedForm": "ids", "promises.Rung": "names of members",
}  # fmt: skip
