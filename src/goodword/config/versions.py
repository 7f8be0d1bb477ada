"""The oldest versions that hold of what stands between us and an attacker.

Older ones have faults that are known to everybody, or lack what the code relies on. pip keeps to
pyproject.toml when it installs; this finds what a system package or a later hand put in its place.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

# What it does for us stands beside each.
OLDEST = {
    "Django": "5.2.19",  # the framework
    "django-allauth": "65.13",  # passkeys, codes, the company's sign-in
    "django-csp": "4.0",  # the policy of every page
    "argon2-cffi": "23.1",  # passwords
    "cryptography": "44.0",  # secrets of mailboxes, push, keys of the second factor
    "nh3": "0.2.21",  # cleans HTML of mail
    "defusedxml": "0.7.1",  # XML of a logo
    "pillow": "12.0",  # draws pictures anew
    "markdown-it-py": "4.0",  # reads what members type
    "uvicorn": "0.38",  # answers requests
    "h11": "0.16",  # reads requests: 0.14 took two where there was one
    "aiosmtpd": "1.4.6",  # takes mail: 1.4.4 could be told two mails in one
    "imapclient": "3.0",  # fetches mail
    "requests": "2.32.4",  # asks services: older ones may tell a .netrc's password
    "urllib3": "2.5.0",  # connects, under the guard of core/outward.py
    "certifi": "2024.7.4",  # whom TLS trusts
    "apprise": "1.9",  # tells services
}


def too_old() -> Iterator[str]:
    """A sentence for each that is older, or not there at all."""
    for name, oldest in OLDEST.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            yield f'{name} is not installed. Run: pip install "{name}>={oldest}"'
            continue
        if _parts(found) < _parts(oldest):
            yield (
                f"{name} {found} is not safe any more; {oldest} is the oldest that is. "
                f'Run: pip install --upgrade "{name}>={oldest}"'
            )


def _parts(number: str) -> tuple[int, ...]:
    """The release alone, without zeros at its end: 5.2.0 is 5.2."""
    found = re.match(r"\d+(?:\.\d+)*", number)
    parts = [int(each) for each in found[0].split(".")] if found else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
