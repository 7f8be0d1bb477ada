"""What a stranger's mail may try with the addresses of others."""

from datetime import timedelta

import pytest

from goodword.core.time import now
from goodword.people.models import ContactPoint
from tests.cast import Desk
from tests.mail.letters import case_of, delivered, heard, letter

FORGED = {"Authentication_Results": "mx; dmarc=fail header.from=whitcombe.example"}


@pytest.mark.parametrize(
    "raw",
    [
        letter(sender="Any Body <any@body.example>", Cc="old@whitcombe.example"),
        letter(sender="Ellen <old@whitcombe.example>", **FORGED),
    ],
    ids=["in copy", "forged"],
)
def test_nobody_else_chooses_to_which_address_of_theirs_we_write(desk: Desk, raw: bytes) -> None:
    yesterday = now() - timedelta(days=1)
    ContactPoint.objects.create(
        customer=desk.ellen, kind="mail", value="old@whitcombe.example", last_used_at=yesterday
    )
    desk.later(minutes=5)
    heard(raw)
    assert desk.ellen.mail_address() == "ellen@whitcombe.example"


def test_who_writes_from_another_address_of_theirs_is_answered_there(desk: Desk) -> None:
    yesterday = now() - timedelta(days=1)
    ContactPoint.objects.create(
        customer=desk.ellen, kind="mail", value="new@whitcombe.example", last_used_at=yesterday
    )
    desk.later(minutes=5)
    heard(letter(sender="Ellen <new@whitcombe.example>"))
    assert desk.ellen.mail_address() == "new@whitcombe.example"


def test_mail_through_a_group_that_is_our_own_address_is_from_a_person(desk: Desk) -> None:
    group = {
        "List_Id": "<support.harbourlane.example>",
        "List_Post": "<https://groups.example/support>, <mailto:Support@harbourlane.example>",
        "Precedence": "list",
    }
    case = case_of(letter(**group))
    assert (case.customer, case.move) == (desk.ellen, "ours")
    assert case.promises.open().count() == 2


def test_mail_through_anybody_elses_list_is_still_automatic(desk: Desk) -> None:
    row = delivered(letter(List_Id="<news.else.example>", List_Post="<mailto:news@else.example>"))
    assert (row.state, row.automatic, row.message) == ("automatic", "list", None)
