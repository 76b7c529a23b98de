"""From an accepted request to a row: the painter's order, the times, and the end where the prompt has decided it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.simulator import latency, tariff
from studio.simulator.ledger import Generation
from studio.simulator.options import Options
from studio.simulator.outcomes import Script
from studio.simulator.validate import Wish

NEVER = float("inf")
SLOW_FACTOR = 5


def plan(
    options: Options, wish: Wish, script: Script, *, generation_id: str, client: str, request_id: str
) -> Generation:
    """Return the row of a job that is accepted now; its task still lacks the inputs."""
    now = options.clock()
    generation = Generation(
        id=generation_id,
        client=client,
        request_id=request_id,
        type=wish.type,
        model=wish.model,
        created_at=now,
        starts_at=now,
        finishes_at=now,
        weight=tariff.weight(wish, options),
        price=tariff.price(wish),
        words=sorted(script.words),
        task={},
    )
    return _ended(_timed(generation, options, wish, script), script)


def order(wish: Wish, script: Script, *, salt: str, inputs: list[str], folder: Path) -> dict[str, Any]:
    """Return what the painter's process needs to know; pictures go to `folder`."""
    return {
        "type": wish.type,
        "prompt": script.prompt,
        "aspect_ratio": wish.aspect_ratio,
        "style": wish.style,
        "output_format": wish.output_format,
        "as_jpeg": wish.output_format == "jpeg" or "jpeg-named-png" in script.words,
        "resolution": wish.resolution,
        "bounds": "no-bounds" not in script.words,
        "salt": salt,
        "inputs": inputs,
        "folder": str(folder),
    }


def _timed(generation: Generation, options: Options, wish: Wish, script: Script) -> Generation:
    queued, total = latency.duration(wish, generation.id)
    factor = options.time_scale * (SLOW_FACTOR if "slow" in script.words else 1)
    share = script.failure.at if script.failure else 1.0
    starts_at = generation.created_at + queued * factor
    finishes_at = starts_at + (total - queued) * factor * share
    if "queued" in script.words:
        return replace(generation, starts_at=NEVER, finishes_at=NEVER)
    return replace(generation, starts_at=starts_at, finishes_at=NEVER if "stuck" in script.words else finishes_at)


def _ended(generation: Generation, script: Script) -> Generation:
    if script.failure:
        return replace(generation, failure_code=script.failure.code, failure_reason=script.failure.reason)
    if "null-output" in script.words:
        return replace(generation, painted_at=generation.created_at, outputs=None)
    if "no-output" in script.words:
        return replace(generation, painted_at=generation.created_at, outputs=[])
    return generation
