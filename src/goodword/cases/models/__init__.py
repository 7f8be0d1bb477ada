"""Case and what belongs to it."""

from goodword.cases.models.acts import CustomerAct
from goodword.cases.models.case import Case
from goodword.cases.models.drafts import Draft
from goodword.cases.models.links import CaseLink
from goodword.cases.models.message import Attachment, Message
from goodword.cases.models.outgoing import OutgoingMessage
from goodword.cases.models.participant import Participant
from goodword.cases.models.verdict import Verdict

__all__ = [
    "Attachment",
    "Case",
    "CaseLink",
    "CustomerAct",
    "Draft",
    "Message",
    "OutgoingMessage",
    "Participant",
    "Verdict",
]
