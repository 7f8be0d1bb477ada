"""Case and what belongs to it."""

from goodword.cases.models.acts import CustomerAct
from goodword.cases.models.case import Case
from goodword.cases.models.closing import DayException, TeamDay
from goodword.cases.models.drafts import Draft
from goodword.cases.models.found import FoundPromise
from goodword.cases.models.links import CaseLink
from goodword.cases.models.mayday import Mayday, Paging
from goodword.cases.models.merge import Merge
from goodword.cases.models.message import Attachment, Message
from goodword.cases.models.notice import Notice
from goodword.cases.models.outgoing import OutgoingMessage
from goodword.cases.models.participant import Participant
from goodword.cases.models.recollection import Recollection
from goodword.cases.models.scheduled import Scheduled
from goodword.cases.models.sending import TakeBack
from goodword.cases.models.several import BulkAct, BulkStep
from goodword.cases.models.side_thread import SideThread
from goodword.cases.models.tag import Tag, Tagging
from goodword.cases.models.verdict import Verdict
from goodword.cases.models.watch import MemberMention, Watch

__all__ = [
    "Attachment",
    "BulkAct",
    "BulkStep",
    "Case",
    "CaseLink",
    "CustomerAct",
    "DayException",
    "Draft",
    "FoundPromise",
    "Mayday",
    "MemberMention",
    "Merge",
    "Message",
    "Notice",
    "OutgoingMessage",
    "Paging",
    "Participant",
    "Recollection",
    "Scheduled",
    "SideThread",
    "Tag",
    "Tagging",
    "TakeBack",
    "TeamDay",
    "Verdict",
    "Watch",
]
