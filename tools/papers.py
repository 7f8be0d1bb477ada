"""Write the papers that are tables of the code: `python -m tools.papers`.

A test compares them, so that no setting and no entry is without its line.
"""

from pathlib import Path

from django.conf import settings

from goodword.config.options import OPTIONS

FOLDER = Path(__file__).resolve().parents[1] / "docs/operating"

_SETTINGS = """\
# Settings

What an operator may choose stands in the environment, and nowhere else. An option on the command
line wins over it. `goodword check --settings` prints this table with what is in force.

Passwords of mailboxes are no settings: they stand in the database under the installation's key
(`GOODWORD_SECRET_KEY`, or the one in `secrets.json`), or in the environment, which wins: for
help@harbour.example they are
`GOODWORD_IMAP_PASSWORD_HELP_HARBOUR_EXAMPLE` and `GOODWORD_SMTP_PASSWORD_HELP_HARBOUR_EXAMPLE`.

| setting | default | what it does |
| --- | --- | --- |
"""

_ENTRIES = """\
# Entries

Everything that happened is an entry in the journal: who, what, when and why, written in the same
transaction as the change, and never changed again. Each entry is chained to the one before it in
its case by a hash; the chains are sealed together by the worker, so that an entry that is edited,
taken out or put in is found. Entries hold salted digests of words. The words themselves live in
rows that can be erased.

The timeline on a case reads from here. `{who}` is a member, a customer or the desk itself.

| entry | what the timeline says |
| --- | --- |
"""


def settings_paper() -> str:
    rows = [f"| `{each.name}` | {_code(each.default)} | {each.help} |" for each in OPTIONS]
    return _SETTINGS + "\n".join(rows) + "\n"


def entries_paper() -> str:
    from goodword.journal.kinds import KINDS

    rows = [f"| `{kind}` | {sentence} |" for kind, sentence in KINDS.items()]
    return _ENTRIES + "\n".join(rows) + "\n"


PAPERS = {"settings.md": settings_paper, "entries.md": entries_paper}


def _code(text: str) -> str:
    return f"`{text}`" if text else "(none)"


def main() -> None:
    settings.configure(USE_I18N=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAPERS.items():
        (FOLDER / name).write_text(write())


if __name__ == "__main__":
    main()
