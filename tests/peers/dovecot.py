"""A real Dovecot: IMAP with IDLE on one side, LMTP into maildirs on the other."""

import getpass
import grp
import imaplib
import os
import pwd
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from tests.peers import processes, programs

PASSWORD = "a-word-for-tests"


@dataclass(frozen=True)
class Dovecot:
    imap_port: int
    lmtp_port: int
    folder: Path
    numbers: Iterator[int]

    def add_user(self, address: str = "", password: str = PASSWORD) -> str:
        """Give `address` (or a new one) an empty mailbox; return the address."""
        if not address:
            return f"person{next(self.numbers)}@mail.example"
        with (self.folder / "users").open("a") as users:
            users.write(_user(address, password))
        self._wait_for(address, password)
        return address

    def _wait_for(self, address: str, password: str) -> None:
        # Dovecot looks at its file of users once a second at most.
        deadline = time.monotonic() + 10
        while True:
            try:
                self.sign_in(address, password).logout()
                return
            except imaplib.IMAP4.error:
                if time.monotonic() > deadline:
                    raise

    def deliver(self, recipient: str, mail: bytes, sender: str = "sender@example.com") -> None:
        """Hand `mail` in by LMTP, as the mail server of the recipient's host would."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, local_hostname="localhost") as lmtp:
            lmtp.sendmail(sender, [recipient], mail)

    def sign_in(self, address: str, password: str = PASSWORD) -> imaplib.IMAP4:
        """Return a signed-in IMAP connection of Python's own reader."""
        connection = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=20)
        connection.login(address, password)
        return connection

    def mails(self, address: str, *, at_least: int = 0, seconds: float = 20) -> list[EmailMessage]:
        """Return what lies in the inbox, once `at_least` mails do or `seconds` are over."""
        deadline = time.monotonic() + seconds
        while True:
            found = self._read(address)
            if len(found) >= at_least or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def _read(self, address: str) -> list[EmailMessage]:
        with self.sign_in(address) as connection:
            connection.select("INBOX", readonly=True)
            numbers = connection.search(None, "ALL")[1][0].split()
            parts = [connection.fetch(number, "(RFC822)")[1][0] for number in numbers]
        raw = [part[1] for part in parts if isinstance(part, tuple)]
        return [message_from_bytes(one, policy=policy.default) for one in raw]


@contextmanager
def dovecot(introspection: str = "", mechanism: str = "xoauth2") -> Iterator[Dovecot]:
    """Yield a Dovecot with free ports of 127.0.0.1 and no user yet.

    With an address for introspection it takes a token, in this mechanism, and no password.
    """
    program = programs.find("dovecot")
    if not program:
        raise processes.NotStarted(programs.DOVECOT.absence())
    with processes.folder_for(None) as folder:
        imap, lmtp = processes.free_port(), processes.free_port()
        people = [f"person{number}@mail.example" for number in range(1, 1001)]
        (folder / "users").write_text("".join(_user(one, PASSWORD) for one in people))
        (folder / "dovecot.conf").write_text(_configuration(folder, imap, lmtp))
        if introspection:
            _take_tokens(folder, introspection, mechanism)
        command = [program, "-F", "-c", folder / "dovecot.conf"]
        with processes.running(command, ports=[imap, lmtp], log=folder / "log"):
            yield Dovecot(imap, lmtp, folder, count(1))


def _user(address: str, password: str) -> str:
    return f"{address}:{{PLAIN}}{password}::::::\n"


def version() -> str:
    """Return Dovecot's version, or "" when it cannot be run."""
    program = programs.find("dovecot")
    if not program:
        return ""
    command = [str(program), "--version"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _take_tokens(folder: Path, introspection: str, mechanism: str) -> None:
    (folder / "oauth2.conf").write_text(
        f"introspection_mode = get\nintrospection_url = {introspection}?token=\n"
        "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
    )
    whole = (folder / "dovecot.conf").read_text()
    passwords = f"passdb {{\n  driver = passwd-file\n  args = {folder}/users\n}}\n"
    assert passwords in whole
    tokens = (
        f"auth_mechanisms = {mechanism}\n"
        f"passdb {{\n  driver = oauth2\n  mechanisms = {mechanism}\n"
        f"  args = {folder}/oauth2.conf\n}}\n"
    )
    (folder / "dovecot.conf").write_text(
        # LMTP cannot look a person up where only a token says who they are.
        whole.replace(passwords, tokens).replace("args = uid=", "args = allow_all_users=yes uid=")
    )


def _configuration(folder: Path, imap: int, lmtp: int) -> str:
    me = getpass.getuser() if os.geteuid() else ""
    owner = me or processes.first_user("mail", "nobody") or "nobody"
    entry = pwd.getpwnam(owner)
    mail = folder / "mail"
    mail.mkdir()
    if not me:
        os.chown(mail, entry.pw_uid, entry.pw_gid)
    group = grp.getgrgid(entry.pw_gid).gr_name
    return CONFIGURATION.format(
        folder=folder,
        mail=mail,
        imap=imap,
        lmtp=lmtp,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        internal=me or "dovecot",
        login=me or "dovenull",
        group=group if me else "dovecot",
    )


# Without root nothing can change its root folder or its user, so every service stays ours.
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Lu
recipient_delimiter = +
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{mail}/%u
mailbox_list_index = no
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@mail.example
}}
protocol imap {{
  mail_max_userip_connections = 100
}}
"""
