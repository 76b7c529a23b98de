"""The official SDK in our place: its asynchronous client asks about every job each two seconds, over the same stub."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks import stub
from benchmarks.figures import Figure, share

COUNTS = (200, 500)
PAUSE = 2.0  # seconds: what the SDK's own examples wait
WINDOW = 20.0  # seconds
FINISHING = 40


def measure(ours: float) -> list[Figure]:
    """Let the SDK poll; `ours` is what a thousand jobs cost Studio, in cores."""
    figures = []
    for count in COUNTS:
        with stub.Stub() as luma:
            said = _run(count, luma.url)
            _, told = luma.tally()
        waits = [moment - stub.ready_at(code) for code, moment in told.items()]
        thousand = said["cores"] * 1000 / count
        seen = f"{said['gets']:.0f} GET/s; seen p50 {share(waits, 0.5):.2f} s, p95 {share(waits, 0.95):.2f} s"
        figures += [
            Figure(f"official SDK, {count} jobs: CPU of one core", said["cores"], "cores", note=seen),
            Figure(f"official SDK, {count} jobs: CPU for a job, ours is 1", thousand / ours, "times"),
        ]
    return figures


def _run(count: int, url: str) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.sdk", str(count), url]
    return dict(json.loads(subprocess.run(words, cwd=stub.ROOT, capture_output=True, check=True, timeout=90).stdout))


async def _poll(codes: Sequence[str], url: str) -> dict[str, float]:
    from luma_agents import AsyncLuma

    gets = 0

    async def follow(code: str) -> None:
        nonlocal gets
        await asyncio.sleep(random.uniform(0.0, PAUSE))
        while (await client.generations.get(code)).state != "completed":
            gets += 1
            await asyncio.sleep(PAUSE)

    async with AsyncLuma(auth_token="luma-api-bench", base_url=url, max_retries=0) as client:
        followers = [asyncio.create_task(follow(code)) for code in codes]
        await asyncio.sleep(PAUSE + 1)
        before, gets, began = time.process_time(), 0, time.monotonic()
        await asyncio.sleep(WINDOW)
        took = time.monotonic() - began
        said = {"cores": (time.process_time() - before) / took, "gets": gets / took}
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
    return said


def _codes(count: int) -> list[str]:
    """Most stay unfinished throughout; a few become ready, to see how soon that is noticed."""
    now = time.time()
    ready = [now + random.uniform(8.0, WINDOW) for _ in range(FINISHING)]
    return [stub.name(moment, drawing=600) for moment in [*ready, *[now + 600] * (count - FINISHING)]]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_poll(_codes(int(sys.argv[1])), sys.argv[2]))))
