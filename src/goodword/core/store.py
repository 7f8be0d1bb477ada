"""Files in a store elsewhere (S3, or what speaks like it), by way of django-storages.

It says yes only when what was sent is kept, so that what we acknowledge after it is durable.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.functional import cached_property

from goodword.core.room import StoreGone

CONNECT_WITHIN, ANSWER_WITHIN, TRIES = 2, 10, 2
# Nobody is led to the store; were a bucket open to all, nothing in it would be shown either.
_AS_DOWNLOAD = {"ContentType": "application/octet-stream", "ContentDisposition": "attachment"}


def settings_of(address: str) -> dict[str, Any]:
    """Django's STORAGES for s3://bucket/folder; keys and endpoint are those of AWS's own settings.

    ValueError for what is no such address, and where the extra is not installed.
    """
    scheme, _, rest = address.partition("://")
    bucket, _, folder = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError("write s3://bucket/folder")
    try:
        from botocore.config import Config
        from storages.backends.s3 import S3Storage
    except ImportError as error:
        raise ValueError("files in S3 need: pip install 'goodword[s3]'") from error
    patience = Config(
        connect_timeout=CONNECT_WITHIN,
        read_timeout=ANSWER_WITHIN,
        retries={"max_attempts": TRIES, "mode": "standard"},
    )
    how = {"bucket_name": bucket, "location": folder.strip("/"), "default_acl": None,
           "file_overwrite": True, "gzip": False, "object_parameters": _AS_DOWNLOAD,
           "client_config": patience}  # fmt: skip
    return {"BACKEND": f"{S3Storage.__module__}.{S3Storage.__name__}", "OPTIONS": how}


class Store:
    """The store that the settings name as “files”; `within` says where a name lies in it."""

    def __init__(self, within: Callable[[str], str]) -> None:
        self._within = within

    @cached_property
    def _storage(self) -> Any:
        return storages["files"]

    def keep(self, name: str, content: bytes) -> None:
        with _answering():
            # What is kept under its hash is not sent again.
            if not self._storage.exists(self._within(name)):
                self._storage.save(self._within(name), ContentFile(content))

    def read(self, name: str) -> bytes:
        with _answering(), self._storage.open(self._within(name)) as file:
            return bytes(file.read())

    def open(self, name: str) -> IO[bytes]:
        return io.BytesIO(self.read(name))

    def has(self, name: str) -> bool:
        with _answering():
            return bool(self._storage.exists(self._within(name)))

    def drop(self, name: str) -> None:
        with _answering():
            self._storage.delete(self._within(name))

    def every(self) -> Iterator[tuple[str, int]]:
        folder = f"{self._storage.location}/" if self._storage.location else ""
        with _answering():
            for found in self._storage.bucket.objects.filter(Prefix=folder):
                yield found.key.rpartition("/")[2], found.size


@contextmanager
def _answering() -> Iterator[None]:
    """StoreGone where it does not answer, or not as a store does."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise StoreGone(" ".join(str(error).split())[:300]) from error
