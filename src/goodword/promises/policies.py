"""Which promises a business makes by itself, and by when. An SLA is a policy."""

from dataclasses import dataclass

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodword.promises.kinds import Kind


@dataclass(frozen=True)
class Rule:
    """One promise that a policy makes: its kind, its form (clock.md, rule 3), its words."""

    kind: Kind
    form: str
    words: "str | LazyText"

    def words_in(self, language: str) -> str:
        """The words as they are kept: a promise is read in one language, whoever made it."""
        with override(language):
            return str(self.words)


@dataclass(frozen=True)
class Policy:
    """What one customer's message opens, and how long we wait before we ask again."""

    name: str
    contact: tuple[Rule, ...]
    check_ins: tuple[Rule, ...]
    check_ins_after_failure: tuple[Rule, ...]
    waiting: Rule
    next_update: Rule  # where nothing else is promised on an open case


def _check_in(days: int) -> Rule:
    return Rule(Kind.CHECK_IN, f"calendar_days:{days}", _("We ask whether it is settled"))


# design.md, “Kind to the people in it”: acknowledge as R03, reply by the end of the next
# business day, check-in after seven days; lapses after one reminder, or after three over
# thirty days where something had failed.
PLAIN = Policy(
    name="plain",
    contact=(
        Rule(Kind.ACKNOWLEDGE, "acknowledge", _("A first word from a person")),
        Rule(Kind.REPLY, "end_of_nth_business_day:1", _("An answer")),
    ),
    check_ins=(_check_in(7), _check_in(7)),
    check_ins_after_failure=(_check_in(7), _check_in(7), _check_in(7), _check_in(9)),
    waiting=Rule(
        Kind.NEXT_UPDATE,
        "end_of_nth_business_day:5",
        _("We come back to you, whether or not you have answered"),
    ),
    next_update=Rule(Kind.NEXT_UPDATE, "end_of_nth_business_day:1", _("You hear from us again")),
)
POLICIES = {policy.name: policy for policy in (PLAIN,)}
