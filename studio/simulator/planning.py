"""Turn an accepted request into a row: the painter's task, the times, and the failure where the prompt names one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from studio.simulator import pricing
from studio.simulator.database import Generation
from studio.simulator.options import Options
from studio.simulator.outcomes import Script
from studio.simulator.validate import GenerationRequest

NEVER = float("inf")
SLOW_FACTOR = 5


# Log-normal spreads of seconds: median, sigma, shortest, longest. Those of layering are invented.
SPREADS = {
    "uni-1": (64, 0.06, 55, 85),
    "uni-1-max": (93, 0.16, 70, 135),
    "1k": (100, 0.1, 80, 140),
    "2k": (150, 0.1, 120, 210),
}
WEB_SEARCH_SECONDS = 6.0
QUEUED_SHARE = (0.10, 0.15)


def plan(
    options: Options, spec: GenerationRequest, script: Script, generation_id: str, client: str, request_id: str
) -> Generation:
    """Return the row of a job that is accepted now; its task still lacks the inputs."""
    now = options.clock()
    generation = Generation(
        id=generation_id,
        client=client,
        request_id=request_id,
        type=spec.type,
        model=spec.model,
        created_at=now,
        starts_at=now,
        finishes_at=now,
        weight=pricing.weight(spec, options),
        price=pricing.price(spec),
        words=sorted(script.words),
        task={},
    )
    return _ended(_timed(generation, options, spec, script), script)


def task(spec: GenerationRequest, script: Script, *, number: int, inputs: list[str], folder: Path) -> dict[str, Any]:
    """Return what the painter process needs to know; pictures go to `folder`."""
    return {
        "type": spec.type,
        "prompt": script.prompt,
        "aspect_ratio": spec.aspect_ratio,
        "size": spec.size,
        "style": spec.style,
        "output_format": spec.output_format,
        "as_jpeg": spec.output_format == "jpeg" or "jpeg-named-png" in script.words,
        "resolution": spec.resolution,
        "bounds": "no-bounds" not in script.words,
        "number": number,
        "inputs": inputs,
        "folder": str(folder),
    }


def _timed(generation: Generation, options: Options, spec: GenerationRequest, script: Script) -> Generation:
    queued, total = duration(spec, generation.id)
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


def duration(spec: GenerationRequest, job_id: str) -> tuple[float, float]:
    """Return the unscaled seconds a job is queued, and the seconds from submit to its end.

    The shape is published and measured (luma-api.md section 13), and the same for the same job id.
    """
    median, sigma, shortest, longest = SPREADS[spec.resolution if spec.type == "layering" else spec.model]
    random = Random(job_id)  # noqa: S311 - chance for waiting times, not for secrets
    total = min(max(median * math.exp(sigma * random.gauss()), shortest), longest)
    total += WEB_SEARCH_SECONDS if spec.web_search else 0
    return total * random.uniform(*QUEUED_SHARE), total
