"""Words kept under the installation's key: who reads the database alone cannot read them."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


class CannotOpen(Exception):
    """The words were closed with another key: the installation's key has changed since."""


def close(words: str, purpose: str) -> str:
    """The words, encrypted and signed (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _lock(purpose).encrypt(words.encode()).decode()


def reopen(closed: str, purpose: str) -> str:
    """The words again. Raises CannotOpen."""
    try:
        return _lock(purpose).decrypt(closed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen from error


def _lock(purpose: str) -> Fernet:
    key = salted_hmac(f"goodword.secrecy.{purpose}", "v1", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
