"""Why a promise fell away (P12), in words that a customer may read. The ledger counts them all."""

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

# What nobody outside ever saw as a promise, or sees again in another row.
UNTOLD = ("send_undone", "earlier_open_again", "merged", "unmerged", "asked_anew", "went_on",
          "contact_budget")  # fmt: skip

_WHY: dict[str, "str | LazyText"] = {
    "settled": _("It fell away when you said that it is settled."),
    "withdrawn": _("It fell away when the case was withdrawn."),
    "they_answered": _("It fell away because you answered first."),
    "no_answer_needed": _("It fell away because your last message needed no answer."),
    "case_of_their_own": _("It goes on in a case of its own."),
    "merged": _("It goes on in the case that this one became part of."),
    "unmerged": _("It goes on in the other of the two cases."),
    "not_a_customer": _("It fell away because the case was set aside."),
    "duplicate": _("It was there twice; the other one stands."),
    "need_withdrawn": _("It fell away because what it was for is no longer needed."),
    "verdict_undone": _("It fell away when what we took for your word was taken back."),
    "not_yet": _("It fell away because you said what is missing."),
    "did_not_arrive": _("It fell away because our question did not reach you."),
    "lapsed": _("It fell away because we stopped asking."),
    "they_wrote": _("It fell away because you wrote instead."),
    "erased": _("It fell away because you wished to be erased."),
    "tag_taken_off": _("It was promised by mistake, and taken back within minutes."),
    "send_undone": _("The message that gave it was taken back before it left."),
    "earlier_open_again": _("An earlier one stands in its place."),
}


def why_it_fell_away(reason: str) -> str:
    """The sentence for a reason; a reason that is a sentence already stays as it is."""
    return str(_WHY.get(reason, reason if " " in reason else _("It fell away.")))
