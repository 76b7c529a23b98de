"""Run an errand's child to its end, or kill it. The child never outlives the call, and a failure leaves no file."""

from __future__ import annotations

import contextlib
import selectors
import subprocess
import time
from typing import IO, TYPE_CHECKING, TypeVar

from studio.imaging.errand import ChildLost, Errand, out_of_time
from studio.imaging.limits import MAX_REPLY_BYTES

if TYPE_CHECKING:
    import asyncio

Result = TypeVar("Result")

_CHUNK = 16 * 1024
_FAREWELL_SECONDS = 1.0
# Seconds before a child that was killed is followed by another one; after the last the caller hears of it.
_PAUSES = (0.2, 1.0)


def run(errand: Errand[Result]) -> Result:
    """Wait for the child, and for another when it was killed. Raises `Unusable`, or OSError for trouble of the machine."""
    errand.check_source()
    for pause in _PAUSES:
        try:
            return _run_once(errand)
        except ChildLost:
            time.sleep(pause)
    return _run_once(errand)


def _run_once(errand: Errand[Result]) -> Result:
    done = False
    try:
        with contextlib.ExitStack() as stack:
            process = stack.enter_context(
                subprocess.Popen(
                    errand.command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=errand.environment,
                )
            )
            stack.callback(process.kill)
            answer, code = _converse(process, errand)
        result = errand.result(code, answer)
        done = True
    finally:
        if not done:
            errand.sweep()
    return result


def _converse(process: subprocess.Popen[bytes], errand: Errand[Result]) -> tuple[bytes, int]:
    deadline = time.monotonic() + errand.limits.wall_seconds
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both ends are pipes")
    # A child that died at once has closed its end; its exit code says why.
    with contextlib.suppress(BrokenPipeError), process.stdin as request:
        request.write(errand.line)
    answer = _read(process.stdout, deadline)
    if len(answer) > MAX_REPLY_BYTES:
        process.kill()
    try:
        return answer, process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as late:
        raise out_of_time() from late


def _read(pipe: IO[bytes], deadline: float) -> bytes:
    """Read to the end, or to just above the cap."""
    answer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(answer) <= MAX_REPLY_BYTES:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise out_of_time()
            chunk = pipe.read1(_CHUNK)  # type: ignore[attr-defined]
            if not chunk:
                break
            answer += chunk
    return answer


async def run_async(errand: Errand[Result]) -> Result:
    """Await the child as `run` does; cancelling kills it."""
    import asyncio

    errand.check_source()
    for pause in _PAUSES:
        try:
            return await _run_once_async(errand)
        except ChildLost:
            await asyncio.sleep(pause)
    return await _run_once_async(errand)


async def _run_once_async(errand: Errand[Result]) -> Result:
    # Imported here because the child imports this package too, and asyncio would double the time it takes to start.
    import asyncio

    done = False
    process: asyncio.subprocess.Process | None = None
    try:
        async with asyncio.timeout(errand.limits.wall_seconds):
            process = await asyncio.create_subprocess_exec(
                *errand.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=errand.environment,
            )
            answer = await _converse_async(process, errand.line)
            code = await process.wait()
        result = errand.result(code, answer)
        done = True
    except TimeoutError as late:
        raise out_of_time() from late
    finally:
        if process is not None:
            await _bury(process)
        if not done:
            errand.sweep()
    return result


async def _bury(process: asyncio.subprocess.Process) -> None:
    """Kill what still runs, and close its pipes by reading them to the end."""
    import asyncio

    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # Something that the child has started may hold the other end; it is not worth waiting for.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await process.communicate()


async def _converse_async(process: asyncio.subprocess.Process, line: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both ends are pipes")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(line)
        await process.stdin.drain()
    process.stdin.close()
    answer = b""
    while len(answer) <= MAX_REPLY_BYTES:
        chunk = await process.stdout.read(_CHUNK)
        if not chunk:
            return answer
        answer += chunk
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    return answer
