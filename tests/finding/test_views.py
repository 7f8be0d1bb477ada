"""Saved views: whose they are, who may change them, and how many cases they find."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.finding.access import visible_views
from goodword.finding.counting import MOST, counted
from goodword.finding.filters import Viewpoint
from goodword.finding.keeping import catch_up
from goodword.finding.models import DEFAULTS, MOST_VIEWS, View, default_views
from goodword.journal.models import Entry
from goodword.staff.models import Member
from tests.cast import Desk
from tests.desk.conftest import signed_in


def names(member: Member) -> list[str]:
    return [view.name for view in visible_views(member)]


def test_ones_own_a_teams_and_everybodys(desk: Desk) -> None:
    View.keep("All broken", "promise:broken", by=desk.jonas, for_all=True)
    View.keep("Team", "is:ours", by=desk.marta, team=desk.support)
    View.keep("Mine", "besitzer:me", by=desk.priya)
    assert names(desk.priya) == ["Mine", "Team", "All broken"]
    assert names(desk.ines) == ["All broken"]
    assert View.objects.get(name="Mine").query == "owner:me"
    kinds = Entry.objects.filter(kind="view_saved").values_list("member__name", flat=True)
    assert sorted(kinds) == ["Jonas Weber", "Marta Nowak", "Priya Raman"]


def test_only_a_lead_shares_and_changes_what_is_shared(desk: Desk) -> None:
    shared = View.keep("Team", "is:ours", by=desk.marta, team=desk.support)
    with pytest.raises(Refused) as refusal:
        View.keep("Team too", "is:ours", by=desk.priya, team=desk.support)
    assert refusal.value.status == 403
    verbs: list[Callable[[Member], object]] = [
        lambda by: shared.rewrite(by=by, name="Other", query="is:theirs"),
        lambda by: shared.move(by=by, up=True),
        lambda by: shared.remove(by=by),
    ]
    for verb in verbs:
        for member in (desk.priya, desk.ines):
            with pytest.raises(Refused):
                verb(member)
    shared.rewrite(by=desk.marta, name="Other", query="is:theirs")
    shared.refresh_from_db()
    assert (shared.name, shared.query) == ("Other", "is:theirs")
    with pytest.raises(Refused):
        View.keep("All", "is:ours", by=desk.marta, for_all=True)


def test_what_is_not_understood_is_not_kept(desk: Desk) -> None:
    for name, query in (("", "is:ours"), ("A", ""), ("A", "promise:brokn"), ("A", "***")):
        with pytest.raises(Refused) as refusal:
            View.keep(name, query, by=desk.priya)
        assert refusal.value.status == 422
    assert not View.objects.exists()


def test_two_who_change_one_view_do_not_overwrite_each_other(desk: Desk) -> None:
    first = View.keep("Mine", "is:ours", by=desk.priya)
    second = View.objects.get(pk=first.pk)
    first.rewrite(by=desk.priya, name="Mine", query="is:theirs")
    with pytest.raises(Refused):
        second.rewrite(by=desk.priya, name="Mine", query="is:decide")


def test_a_view_is_moved_removed_and_brought_back_once(desk: Desk) -> None:
    views = [View.keep(name, "is:ours", by=desk.priya) for name in ("A", "B", "C")]
    views[2].move(by=desk.priya, up=True)
    assert names(desk.priya) == ["A", "C", "B"]
    views[0].move(by=desk.priya, up=True)
    assert names(desk.priya) == ["A", "C", "B"]
    assert views[0].remove(by=desk.priya)
    assert not View.objects.get(pk=views[0].pk).remove(by=desk.priya)
    assert names(desk.priya) == ["C", "B"]
    assert views[0].bring_back(by=desk.priya)
    assert names(desk.priya) == ["A", "C", "B"]
    assert Entry.objects.filter(kind="view_removed").count() == 1


def test_there_is_an_end_to_them(desk: Desk) -> None:
    for number in range(MOST_VIEWS):
        View.keep(f"View {number}", "is:ours", by=desk.priya)
    with pytest.raises(Refused):
        View.keep("One more", "is:ours", by=desk.priya)


def test_counts_are_of_what_the_member_sees_and_all_in_one_query(desk: Desk) -> None:
    desk.heard(title="Ours", text="printer")
    desk.heard(desk.daniel, title="Theirs", text="scanner", team=desk.offices)
    desk.heard(title="Mine", text="printer").take(by=desk.priya)
    catch_up()
    questions = {1: "is:ours", 2: "owner:me", 3: "printer", 4: "customer:daniel", 5: "in:note",
                 6: "tag:none", 7: "promise:due<9w is:open", 8: "printer -is:ours"}  # fmt: skip
    view = Viewpoint(desk.priya, now(), ZoneInfo("Europe/London"))
    with CaptureQueriesContext(connection) as asked:
        found = counted(questions, view)
    assert len(asked) <= 2
    assert {key: found.get(key, 0) for key in questions} == {
        1: 2, 2: 1, 3: 2, 4: 0, 5: 0, 6: 0, 7: 2, 8: 0
    }  # fmt: skip
    assert counted({1: "is:ours"}, Viewpoint(desk.jonas, now(), view.zone)) == {1: 3}
    assert MOST == 100


def test_a_new_desk_begins_with_views_that_are_understood(desk: Desk) -> None:
    assert default_views() == len(DEFAULTS)
    assert default_views() == 0
    side = signed_in(desk.priya).get("/inbox/").content.decode()
    for name, _query in DEFAULTS:
        assert str(name) in side


def test_the_pages_keep_change_and_undo(desk: Desk, client: Client) -> None:
    desk.heard(title="Found by it")
    client.force_login(desk.priya)
    posted = client.post("/views/new", {"name": "To do", "query": "is:ours"}, follow=True)
    view = View.objects.get()
    assert (view.owner, view.query) == (desk.priya, "is:ours")
    html = posted.content.decode()
    assert "Found by it" in html
    assert f'id="saved-{view.pk}"' in html
    client.post(f"/views/{view.pk}/edit", {"name": "Doing", "query": "owner:me"})
    refused = client.post(f"/views/{view.pk}/edit", {"name": "Doing", "query": "ownr:me"})
    assert refused.status_code == 422
    assert "“ownr:me” is not understood" in refused.content.decode()
    assert 'value="ownr:me"' in refused.content.decode()
    html = client.post(f"/views/{view.pk}/remove", follow=True).content.decode()
    assert f"/views/{view.pk}/back" in html
    assert client.get(f"/search/?view={view.pk}").status_code == 404
    client.post(f"/views/{view.pk}/back")
    view.refresh_from_db()
    assert (view.name, view.query, view.removed_at) == ("Doing", "owner:me", None)
    assert signed_in(desk.ines).get(f"/search/?view={view.pk}").status_code == 404
    assert signed_in(desk.ines).post(f"/views/{view.pk}/remove").status_code == 404
    stolen = client.post("/views/new", {"name": "X", "query": "is:ours", "share": desk.support.pk})
    assert stolen.status_code == 403


def test_a_lead_shares_with_the_team_on_the_page(desk: Desk, client: Client) -> None:
    client.force_login(desk.marta)
    assert "/views/?query=is%3Aours#h-new" in client.get("/search/?q=is:ours").content.decode()
    html = client.get("/views/?query=is%3Aours").content.decode()
    assert 'value="is:ours"' in html
    assert f'<option value="{desk.support.pk}">IT support' in html
    client.post("/views/new", {"name": "Ours", "query": "is:ours", "share": desk.support.pk})
    assert View.objects.get().team == desk.support
    assert names(desk.dele) == ["Ours"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite finds them once by itself")
def test_the_newest_messages_are_found_once_even_where_nothing_is_known_of_a_table(
    desk: Desk,
) -> None:
    desk.heard(title="Ours", text="printer")
    view = Viewpoint(desk.priya, now(), ZoneInfo("Europe/London"))
    with CaptureQueriesContext(connection) as asked:
        counted({1: "printer is:ours"}, view)
    [statement] = [each["sql"] for each in asked if "finding_words" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement.replace("%", "%%"))
        plan = [line for (line,) in cursor.fetchall()]
    [once] = [number for number, line in enumerate(plan) if "InitPlan" in line]
    assert any("finding_words" in line for line in plan[once:])
    assert not any("finding_words" in line for line in plan[:once])
