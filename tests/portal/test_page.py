"""The customer's page: by link, without script, every act by POST; the customer alone decides."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodword.cases.models import Case, CustomerAct, Verdict
from goodword.cases.states import Move
from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from tests.cast import Desk, london

ACTS = [
    "say",
    "language",
    "call",
    "settled",
    "not-yet",
    "withdraw",
    "undo/1",
    "another-time/1",
    "agree/1",
    "decline/1",
    "release/1",
    "forgive/1",
    "hold/1",
    "not-happened/1",
    "happened/1",
    "go-on",
    "told",
    "mistaken/1",
    "other-time/1",
    "no-other-time/1",
]


def page(client: Client, case: Case) -> str:
    from goodword.cases.models import CaseLink

    return client.get(CaseLink.for_customer(case, case.customer).path).content.decode()


def test_the_page_says_what_was_promised_and_who_answers(desk: Desk, client: Client) -> None:
    text = page(client, desk.answered())
    assert "I call you" in text
    assert "Priya Raman" in text
    assert "I am on it." in text
    assert "Is it settled? You decide." in text


def test_opening_the_page_changes_nothing(desk: Desk, client: Client) -> None:
    case = desk.asked()
    entries = case.entries.count()
    for act in ACTS:
        assert client.get(f"{desk.link(case).path}{act}/").status_code == 405
    page(client, case)
    assert case.entries.count() == entries


def test_a_forged_a_cut_and_a_revoked_link_show_nothing(desk: Desk, client: Client) -> None:
    case = desk.heard()
    link = desk.link(case)
    good = link.token
    other = desk.link(desk.heard(desk.daniel)).token
    forged = other[:8] + good[8:]
    for token in (good[:-1], good + "A", forged, "x", "é" * 30):
        assert client.get(f"/c/{token}/").status_code == 404
    link.revoke(by=desk.priya)
    assert client.get(f"/c/{good}/").status_code == 404
    assert client.get(desk.link(case).path).status_code == 200


def test_yes_with_a_degree_settles(desk: Desk, client: Client) -> None:
    case = desk.asked()
    link = desk.link(case)
    answer = client.post(f"{link.path}settled/", {"degree": "good", "verdict_words": "All fine"})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.move) == ("settled", Move.SETTLED)
    verdict = Verdict.objects.get()
    assert (verdict.degree, verdict.words, verdict.link) == ("good", "All fine", link)
    assert "You said today 16:33 that it is settled." in page(client, case)


def test_not_yet_needs_a_line_and_gives_the_case_back_to_us(desk: Desk, client: Client) -> None:
    case = desk.asked()
    link = desk.link(case)
    refused = client.post(f"{link.path}not-yet/", {"missing": " "})
    assert refused.status_code == 422
    assert "what is missing" in refused.content.decode()
    client.post(f"{link.path}not-yet/", {"missing": "The printer still fails."})
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", Move.OURS)
    assert case.promises.open().filter(kind="acknowledge").exists()
    assert "The printer still fails." in page(client, case)


def test_settled_reopens_by_any_word_even_after_400_days(desk: Desk, client: Client) -> None:
    case = desk.asked()
    link = desk.link(case)
    client.post(f"{link.path}settled/")
    desk.later(days=400)
    client.post(f"{link.path}say/", {"words": "It is back."})
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", Move.OURS)


def test_staff_and_machines_cannot_settle(desk: Desk) -> None:
    case = desk.asked()
    for somebody in (desk.priya, desk.jonas, desk.olu, "system", "clock", desk.ellen, None):
        with pytest.raises(Refused, match="CUSTOMER_ONLY") as refused:
            case.settle(somebody)  # type: ignore[arg-type]
        assert refused.value.status == 403
    assert Case.objects.get().state == "asked"


def test_whoever_reads_along_may_write_and_not_decide(desk: Desk, client: Client) -> None:
    case = desk.asked()
    reader = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=reader, role="copy")
    link = desk.link(case, reader)
    assert client.post(f"{link.path}settled/").status_code == 403
    assert client.post(f"{link.path}say/", {"words": "Me too."}).status_code == 302
    case.refresh_from_db()
    assert case.state != "settled"


def test_a_stranger_with_a_link_sees_nothing_of_the_past(desk: Desk, client: Client) -> None:
    case = desk.answered()
    stranger = customer_of("eve@elsewhere.example", "Eve")
    case.hear(stranger, "Let me in.", is_confirmed=False)
    text = client.get(desk.link(case, stranger).path).content.decode()
    assert "Let me in." in text
    assert "I am on it." not in text
    assert "I call you" not in text
    assert "The server is down" not in text


def test_a_form_sent_twice_is_one_message(desk: Desk, client: Client) -> None:
    case = desk.heard()
    link = desk.link(case)
    for _time in range(2):
        client.post(f"{link.path}say/", {"words": "And the scanner.", "form_id": "abc"})
    assert case.messages.filter(direction="in").count() == 2


def test_a_file_comes_with_the_words_and_is_downloaded_never_rendered(
    desk: Desk, client: Client
) -> None:
    case = desk.heard()
    link = desk.link(case)
    evil = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "text/html")
    client.post(f"{link.path}say/", {"words": "See this.", "files": [evil]})
    attachment = desk.last(case).attachments.get()
    answer = client.get(f"{link.path}files/{attachment.pk}/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    other = desk.link(desk.heard(desk.daniel))
    assert client.get(f"{other.path}files/{attachment.pk}/").status_code == 404


def test_another_time_is_asked_and_moves_only_when_both_agree(desk: Desk, client: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    link = desk.link(case)
    client.post(f"{link.path}another-time/{promise.pk}/", {"to": "2026-11-24T10:00"})
    request = promise.move_requests.get()
    assert (request.to, request.state) == (london("2026-11-24 10:00"), "asked")
    request.agree(by=desk.priya)
    promise.refresh_from_db()
    assert promise.state == "moved"
    assert promise.moved_to.due == london("2026-11-24 10:00")
    text = page(client, case)
    assert "Moved, and you agreed:" in text
    assert text.count("I call you") == 1


def test_our_wish_to_move_waits_for_the_customers_yes(desk: Desk, client: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    request = promise.ask_to_move(london("2026-11-25 10:00"), by=desk.priya, reason="The part")
    with pytest.raises(Refused, match="NOT_CONSENTED"):
        request.agree(by=desk.priya)
    link = desk.link(case)
    assert "asks:" in page(client, case)
    client.post(f"{link.path}agree/{request.pk}/")
    promise.refresh_from_db()
    assert promise.state == "moved"


def test_the_customer_lets_us_off_and_nobody_else_can(desk: Desk, client: Client) -> None:
    case = desk.answered()
    promise = desk.promise(case, "callback")
    with pytest.raises(Refused, match="CUSTOMER_ONLY"):
        promise.release(by=desk.priya)  # type: ignore[arg-type]
    client.post(f"{desk.link(case).path}release/{promise.pk}/")
    promise.refresh_from_db()
    assert promise.state == "released"


def test_ring_me_back_is_promised(desk: Desk, client: Client) -> None:
    case = desk.heard()
    link = desk.link(case)
    assert client.post(f"{link.path}call/", {"number": "later"}).status_code == 422
    for _tap in range(2):
        client.post(f"{link.path}call/", {"number": "020 7946 0142", "when": "before five"})
    assert case.messages.count() == 2
    assert desk.promise(case, "callback").due == london("2026-11-19 17:00")


def test_marked_words_are_mirrored_and_can_be_taken_back(desk: Desk, client: Client) -> None:
    case = desk.asked()
    said = case.hear(desk.ellen, "Works now. All fine, thank you. Bye")
    act = CustomerAct.in_words(said, "All fine, thank you.", marked_by=desk.priya)
    case.settle(act)
    assert Case.objects.get().state == "settled"
    assert "You wrote “All fine, thank you.”." in page(client, case)
    verdict = Verdict.objects.get()
    client.post(f"{desk.link(case).path}undo/{verdict.pk}/")
    case.refresh_from_db()
    assert (case.state, case.move) == ("in_progress", Move.OURS)


def test_words_that_the_customer_did_not_write_mean_nothing(desk: Desk) -> None:
    case = desk.asked()
    said = case.hear(desk.ellen, "It is still broken.")
    with pytest.raises(Refused, match="NOT_THEIR_WORDS"):
        CustomerAct.in_words(said, "All fine", marked_by=desk.priya)
    ours = case.messages.get(direction="out")
    with pytest.raises(Refused, match="NOT_THEIR_WORDS"):
        CustomerAct.in_words(ours, "It is fixed.", marked_by=desk.priya)


def test_five_megabytes_of_text_get_a_sentence_and_are_kept(desk: Desk, client: Client) -> None:
    link = desk.link(desk.heard())
    words = "word " * 1_000_000
    answer = client.post(f"{link.path}say/", {"words": words})
    assert answer.status_code == 422
    assert "Send the rest as a file" in answer.content.decode()
    assert len(answer.content) > 5_000_000


def test_the_page_asks_as_many_queries_for_2_messages_as_for_20(
    desk: Desk, client: Client, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    case = desk.answered()
    link = desk.link(case)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(link.path)
        counts.append(len(asked))
        for number in range(18):
            case.hear(desk.ellen, f"Line {number}")
    assert counts[0] == counts[1]
    assert counts[0] <= 15
