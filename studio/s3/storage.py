"""Files on S3: bounded waits, one call to read a file, and trouble told as the OSError that a disk would raise."""

from __future__ import annotations

import errno
import functools
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple, ParamSpec, TypeVar

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage, clean_name

from studio.network import cut_off
from studio.s3 import wire as s3_wire
from studio.storage import Listed, NoSuchPart, Unavailable

CONNECT_SECONDS, READ_SECONDS = 3, 10
TRIES = 3  # of one call, with growing pauses; botocore repeats only what is safe to repeat
# A server that sends a byte at a time never exceeds these waits: each STEP of a file has to come within this one (seconds).
STEP, STEP_SECONDS = 1 << 18, 20.0
# Pages hold a thread while they wait: they try once, and so many of one process wait at once.
PAGE_READ_SECONDS, PAGE_TRIES, PAGE_WAITERS, PAGE_STEP_SECONDS = 5, 1, 4, 8.0
WAIT_FOR_A_TURN = 2.0  # seconds
# After a call that was never answered nobody waits for the next ones for this long (seconds).
REST = 5.0
IN_MEMORY = 8 * 1024 * 1024  # bytes
LISTED_AT_ONCE = 1000  # names of one call: the most that S3 gives
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)

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
        self._expect_answers()
        if self._turns and not self._turns.acquire(timeout=WAIT_FOR_A_TURN):
            # Nobody else holds a thread for that either.
            self.silent_until = max(self.silent_until, time.monotonic() + WAIT_FOR_A_TURN)
            raise Unavailable("too many wait for it")
        try:
            self._expect_answers()  # who had the turn before may have waited in vain
            yield
        finally:
            if self._turns:
                self._turns.release()

    def _expect_answers(self) -> None:
        if time.monotonic() < self.silent_until:
            raise Unavailable("it was silent a moment ago")

    def was_silent(self) -> None:
        if self._turns:
            self.silent_until = time.monotonic() + REST


turns = Turns()
# A session is not made for several threads at once.
_making = threading.Lock()
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
        # Links to files are signed so too: the older way is refused by newer regions.
        signature_version="s3v4",
        tcp_keepalive=True,
    )


def _step_seconds() -> float:
    return PAGE_STEP_SECONDS if _is_brief else STEP_SECONDS


def _judge_time(problem: Exception | None) -> None:
    """Raise Unavailable where the time was up before the answer was whole."""
    if cut_off.is_over():
        turns.was_silent()
        raise Unavailable("it answers too slowly") from problem


def as_storage_error(ask: Callable[P, R]) -> Callable[P, R]:
    """Let a call raise Unavailable for whatever goes wrong between here and S3; FileNotFoundError passes."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        with turns.one(), cut_off.after(_step_seconds()):
            try:
                answer = ask(*args, **kwargs)
            except (BotoCoreError, ClientError, HTTPClientError, ConnectionError, OSError) as problem:
                # Half an answer reads like another one: like a file that is not there, or is shorter.
                _judge_time(problem)
                if isinstance(problem, ClientError):
                    raise _told(problem) from problem
                if isinstance(problem, FileNotFoundError | Unavailable):
                    raise
                if isinstance(problem, BotoCoreError | HTTPClientError | ConnectionError):
                    turns.was_silent()
                # Else of the connection, below botocore.
                raise Unavailable(type(problem).__name__) from problem
            _judge_time(None)
            return answer

    return asked


def _told(problem: ClientError) -> OSError:
    status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = problem.response.get("Error", {}).get("Code", "")
    # A gateway whose S3 is away may say 404 as well, without the word for it; only an answer to HEAD has no words at all.
    if code == "NoSuchKey" or (status == 404 and problem.operation_name == "HeadObject"):
        return FileNotFoundError(errno.ENOENT, "The file is not in the bucket")
    return Unavailable(f"{code or 'an error'} ({status})", is_refusal=status is not None and status < 500)


def _of_s3(got: dict[str, Any]) -> dict[str, Any]:
    """Return an answer about a file as it came. Raises Unavailable for a page that a gateway or a proxy says 200 with.

    S3 names the entity tag and the length of each file: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    is_page = got.get("ContentType", "").startswith("text/html")  # nothing of ours is one
    if is_page or not got.get("ETag") or got.get("ContentLength") is None:
        raise Unavailable("something else answers in its place")
    return got


def _fetched(body: Any) -> IO[bytes]:
    """Read a whole answer, so that nothing can fail later, while it is handed out."""
    kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        for block in body.iter_chunks(STEP):
            kept.write(block)
            cut_off.put_off()
    except BaseException:
        kept.close()
        raise
    finally:
        body.close()
    kept.seek(0)
    return kept


class Part(NamedTuple):
    """Bytes of a file of `total` bytes."""

    stream: IO[bytes]
    start: int
    length: int
    total: int


class Storage(S3Storage):  # type: ignore[misc]
    """The bucket, with the waits of this process."""

    def __init__(self, **settings: Any) -> None:
        # Threads of an upload's own would not end with its time, and most files are one part anyway.
        super().__init__(**{"transfer_config": TransferConfig(use_threads=False), **settings})
        self.client_config: Any = Config.merge(self.client_config, _config())
        self._session: Any = None

    @property
    def connection(self) -> Any:
        """This thread's way to S3, made of the one session: a session of its own costs a thread 65 ms and more of CPU."""
        with _making:
            made = super().connection
            s3_wire.watch(made.meta.client)
            return made

    def _create_session(self) -> Any:
        self._session = self._session or super()._create_session()
        return self._session

    @as_storage_error
    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """Fetch a whole file with one call: nothing can fail later, while it is handed out."""
        if mode != "rb":
            raise ValueError("Files on S3 are stored whole, so they are only opened for reading.")
        got = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._key(name))
        return File(_fetched(_of_s3(got)["Body"]), name)

    def _key(self, name: str) -> str:
        return str(self._normalize_name(clean_name(name)))

    def _head(self, name: str) -> int:
        """Ask for the length of a file."""
        got = _of_s3(self.connection.meta.client.head_object(Bucket=self.bucket_name, Key=self._key(name)))
        return int(got["ContentLength"])

    @as_storage_error
    def part(self, name: str, start: int, last: int | None) -> Part:
        """Fetch bytes from `start` (or the last `-start`) up to and with `last`, with one call.

        Raises NoSuchPart where the file has none of them.
        """
        wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{'' if last is None else last}"
        try:
            got = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._key(name), Range=wanted)
        except ClientError as problem:
            if problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 416:
                raise
            raise NoSuchPart(int(problem.response["Error"].get("ActualObjectSize") or 0)) from None
        found = CONTENT_RANGE.fullmatch(got.get("ContentRange", ""))
        if not found:
            raise Unavailable("it gave another part than was asked for")
        first, end, total = map(int, found.groups())
        return Part(_fetched(_of_s3(got)["Body"]), first, end - first + 1, total)

    def signed(self, name: str, media_type: str, named: str, *, seconds: int, method: str = "GET") -> str:
        """Return a link to a file that works for `seconds`, without asking S3.

        The answer has this media type and this Content-Disposition, whatever was stored.
        """
        asked = {
            "Bucket": self.bucket_name,
            "Key": self._key(name),
            "ResponseContentType": media_type,
            "ResponseCacheControl": "private, max-age=31536000, immutable",
            **({"ResponseContentDisposition": named} if named else {}),
        }
        action = "head_object" if method == "HEAD" else "get_object"
        link: str = self.connection.meta.client.generate_presigned_url(action, Params=asked, ExpiresIn=seconds)
        return link

    @as_storage_error
    def _save(self, name: str, content: File[bytes]) -> str:
        return str(super()._save(name, content))

    @as_storage_error
    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except ClientError as problem:
            if isinstance(_told(problem), FileNotFoundError):
                return False
            raise
        return True

    @as_storage_error
    def size(self, name: str) -> int:
        return self._head(name)

    @as_storage_error
    def delete(self, name: str) -> None:
        super().delete(name)

    @as_storage_error
    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(name)
        return folders, files

    def listing(self, name: str) -> Iterator[Listed]:
        """Yield every file in a folder and below with its size and time, LISTED_AT_ONCE with one call."""
        start = self._normalize_name(clean_name(name)) + "/"
        pages = iter(
            self.connection.meta.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket_name, Prefix=start, PaginationConfig={"PageSize": LISTED_AT_ONCE}
            )
        )
        next_page = as_storage_error(lambda: next(pages, None))
        while page := next_page():
            for one in page.get("Contents", ()):
                # Some programs keep an empty file for a folder.
                if not one["Key"].endswith("/"):
                    yield Listed(f"{name}/{one['Key'][len(start) :]}", one["Size"], one["LastModified"])

    @as_storage_error
    def get_modified_time(self, name: str) -> Any:
        return super().get_modified_time(name)
