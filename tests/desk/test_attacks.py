"""What a member's browser may send that no page of ours offers."""

import pytest
from django.test import Client

from goodword.cases.models import OutgoingMessage
from goodword.people.models import ContactPoint
from tests.cast import Desk


@pytest.mark.parametrize("address", ["nobody", "a b@c.example", "a@b.example\r\nBcc: x@y.example"])
def test_a_message_is_sent_again_to_an_address_alone(
    desk: Desk, priya: Client, address: str
) -> None:
    case = desk.answered()
    copy = OutgoingMessage.objects.get()
    copy.note_bounced("550 no such user", hard=True)
    answer = priya.post(f"/cases/{case.pk}/again", {"copy": copy.pk, "address": address})
    assert answer.status_code == 422
    copy.refresh_from_db()
    assert copy.state == "bounced"
    assert not ContactPoint.objects.filter(value=address.lower()).exists()


def test_numbers_beyond_every_row_are_no_rows(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    priya.raise_request_exception = False
    many = "9" * 5000
    typed = {"text": "On it.", "then": "rest", "keeps": ["9" * 30, many], "seen": many}
    assert priya.post(f"/cases/{case.pk}/draft", typed).status_code == 200
    assert priya.post(f"/cases/{case.pk}/offer", {"member": many}).status_code == 422
    assert priya.get(f"/cases/{case.pk}/", {"messages": many}).status_code == 200
    assert priya.get("/inbox/", {"page": many}).status_code == 200
    assert priya.get(f"/cases/{case.pk}/thread", {"since": many}).status_code == 200
    typed = {"text": "On it.", "then": "rest", "keeps": "9" * 30}
    assert priya.post(f"/cases/{case.pk}/reply", typed).status_code == 302
