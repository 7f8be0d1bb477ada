"""A verified act of the customer: the only thing that settles, consents or releases."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from goodword.cases.models.links import CaseLink
from goodword.core.refusals import Refused
from goodword.people.models import Customer
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models.case import Case
    from goodword.cases.models.message import Message


@dataclass(frozen=True)
class CustomerAct:
    """Who said it, and how we know: a POST on their page, or their words that a member marked.

    Made by `on_page` or `in_words` alone; there is no act for staff or machines (R74).
    """

    customer: Customer
    link: CaseLink | None = None
    message: "Message | None" = None
    sentence: str = ""
    marked_by: Member | None = None

    @classmethod
    def on_page(cls, link: CaseLink) -> "CustomerAct":
        """An act by the holder of a case's link. Whoever reads along may not decide."""
        if link.customer_id != link.case.customer_id:
            sentence = _("Only %(name)s can decide this.") % {"name": link.case.customer.name}
            raise Refused("CUSTOMER_ONLY", sentence, 403)
        return cls(customer=link.customer, link=link)

    @classmethod
    def in_words(cls, message: "Message", sentence: str, *, marked_by: Member) -> "CustomerAct":
        """The customer's own words, marked by a member; they must stand in the message."""
        said = " ".join(sentence.split())
        if not said or said not in " ".join(message.text.split()):
            raise Refused("NOT_THEIR_WORDS", _("Mark a sentence that the customer wrote."), 422)
        if message.direction not in {"in", "call"} or message.is_unconfirmed:
            raise Refused("NOT_THEIR_WORDS", _("Only the customer’s own words count."), 422)
        if message.customer_id != message.case.customer_id or message.automatic:
            raise Refused("CUSTOMER_ONLY", _("Only the customer of this case can decide."), 403)
        assert message.customer is not None
        return cls(message.customer, message=message, sentence=said, marked_by=marked_by)

    def must_be_for(self, case: "Case") -> None:
        here = self.link.case_id if self.link else self.message.case_id if self.message else None
        spoke = self.link or self.message
        if spoke is not None and spoke.customer_id != self.customer.pk:
            raise Refused("CUSTOMER_ONLY", _("Only the customer of this case can decide."), 403)
        if here != case.pk or self.customer.pk != case.customer_id:
            raise Refused("CUSTOMER_ONLY", _("Only the customer of this case can decide."), 403)


def must_be_an_act(act: object) -> None:
    """Refused (403) for members, tokens, timers: whatever is not a customer's own act."""
    if not isinstance(act, CustomerAct):
        raise Refused("CUSTOMER_ONLY", _("Only the customer can say this."), 403)
