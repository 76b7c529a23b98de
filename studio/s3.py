"""Files on S3: bounded waits, one call to read a file, and trouble told as the OSError that a disk would raise."""

from __future__ import annotations

import errno
import functools
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage, clean_name

from studio.storage import Unavailable

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 3, 10
TRIES = 3  # of one call, with growing pauses; botocore repeats only what is safe to repeat
# Pages hold a thread while they wait: they try once, and so many of one process wait at once.
PAGE_READ_SECONDS, PAGE_TRIES, PAGE_WAITERS = 5, 1, 4
WAIT_FOR_A_TURN = 2.0  # seconds
# After a call that was never answered nobody waits for the next ones for this long (seconds).
REST = 5.0
IN_MEMORY = 8 * 1024 * 1024  # bytes
BLOCK = 1 << 20

P = ParamSpec("P")
R = TypeVar("R")


class Turns:
    """How many threads of this process may wait for S3 at once, and for how long nobody asks after a silence."""

    def __init__(self) -> None:
        self.silent_until = 0.0
        self._turns: threading.BoundedSemaphore | None = None

    def limit(self, most: int) -> None:
        self._turns = threading.BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Unavailable when it was silent a moment ago, or when nobody gets a turn."""
        if time.monotonic() < self.silent_until:
            raise Unavailable("it was silent a moment ago")
        if self._turns and not self._turns.acquire(timeout=WAIT_FOR_A_TURN):
            raise Unavailable("too many wait for it")
        try:
            yield
        finally:
            if self._turns:
                self._turns.release()

    def was_silent(self) -> None:
        if self._turns:
            self.silent_until = time.monotonic() + REST


turns = Turns()
_is_brief = False


def serve_pages() -> None:
    """Say that this process serves pages: its threads wait for S3 shortly, and only some of them."""
    global _is_brief
    _is_brief = True
    turns.limit(PAGE_WAITERS)


def _config() -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=PAGE_READ_SECONDS if _is_brief else READ_SECONDS,
        retries={"total_max_attempts": PAGE_TRIES if _is_brief else TRIES, "mode": "standard"},
        max_pool_connections=32,
        tcp_keepalive=True,
    )


def as_storage_error(ask: Callable[P, R]) -> Callable[P, R]:
    """Let a call raise Unavailable for whatever goes wrong between here and S3; FileNotFoundError passes."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        with turns.one():
            try:
                return ask(*args, **kwargs)
            except ClientError as problem:
                raise _told(problem) from problem
            except (BotoCoreError, HTTPClientError, ConnectionError) as problem:
                turns.was_silent()
                raise Unavailable(type(problem).__name__) from problem
            except FileNotFoundError:
                raise
            except OSError as problem:  # of the connection, below botocore
                raise Unavailable(type(problem).__name__) from problem

    return asked


def _told(problem: ClientError) -> OSError:
    status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = problem.response.get("Error", {}).get("Code", "")
    if status == 404 and code != "NoSuchBucket":
        return FileNotFoundError(errno.ENOENT, "The file is not in the bucket")
    return Unavailable(f"{code or 'an error'} ({status})", is_refusal=status is not None and status < 500)


class Storage(S3Storage):  # type: ignore[misc]
    """The bucket, with the waits of this process."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.client_config: Any = Config.merge(self.client_config, _config())

    @as_storage_error
    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """Fetch a whole file with one call: nothing can fail later, while it is handed out."""
        if mode != "rb":
            raise ValueError("Files on S3 are stored whole, so they are only opened for reading.")
        key = self._normalize_name(clean_name(name))
        body = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)["Body"]
        kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            for block in body.iter_chunks(BLOCK):
                kept.write(block)
        except BaseException:
            kept.close()
            raise
        finally:
            body.close()
        kept.seek(0)
        return File(kept, name)

    @as_storage_error
    def _save(self, name: str, content: File[bytes]) -> str:
        return str(super()._save(name, content))

    @as_storage_error
    def exists(self, name: str) -> bool:
        return bool(super().exists(name))

    @as_storage_error
    def size(self, name: str) -> int:
        return int(super().size(name))

    @as_storage_error
    def delete(self, name: str) -> None:
        super().delete(name)

    @as_storage_error
    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(name)
        return folders, files

    @as_storage_error
    def get_modified_time(self, name: str) -> Any:
        return super().get_modified_time(name)
