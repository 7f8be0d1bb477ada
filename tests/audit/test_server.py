"""The audit of a folder on a real IMAP server, which it may only read."""

import pytest

from tests.audit import made
from tests.cli.running import goodword
from tests.peers.dovecot import PASSWORD


@pytest.mark.peers
def test_a_folder_is_read_and_nothing_in_it_is_marked(dovecot, tmp_path):
    address = dovecot.add_user()
    for raw in made.mails():
        dovecot.deliver(address, raw)
    url = f"imap://{address}@127.0.0.1:{dovecot.imap_port}/INBOX"
    fixed = ("--ours", "desk.example", "--until", made.UNTIL, "--report", str(tmp_path / "r.html"))
    done = goodword(tmp_path, "audit", url, *fixed, env={"GOODWORD_AUDIT_PASSWORD": PASSWORD})
    assert done.returncode == 0, done.stderr
    assert "You gave your word 5 times; 2 have no follow-up" in done.stdout
    flags = _flags(dovecot, address)
    assert len(flags) == len(made.mails())
    # Not even “recent” was taken from it, which the first look that may write takes.
    assert set(flags) == {b"(\\Recent)"}


@pytest.mark.peers
def test_a_wrong_password_is_said_in_a_sentence(dovecot, tmp_path):
    url = f"imap://{dovecot.add_user()}@127.0.0.1:{dovecot.imap_port}/INBOX"
    done = goodword(tmp_path, "audit", url, env={"GOODWORD_AUDIT_PASSWORD": "no"})
    assert done.returncode == 1
    assert "127.0.0.1 says:" in done.stderr


def _flags(dovecot, address):
    connection = dovecot.sign_in(address)
    try:
        connection.select("INBOX", readonly=True)
        answers = connection.fetch("1:*", "(FLAGS)")[1]
        return [each.partition(b"FLAGS ")[2].rstrip(b")") + b")" for each in answers]
    finally:
        connection.logout()
