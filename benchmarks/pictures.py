"""What a placeholder picture of 2K costs the simulator's painter: CPU from the task to the PNG on disk."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from studio.simulator.painter import SIZES, answer

PROMPTS = (
    "a harbour in the rain",
    "concert poster, red rings",
    "portrait of a sailor",
    "autumn forest",
    'the sea, "Open"',
)
TARGET = 0.6  # seconds of CPU, of the dearest picture


def measure() -> list[Figure]:
    costs = []
    with tempfile.TemporaryDirectory(prefix="studio-bench-pictures-") as folder:
        for number, ratio in enumerate(SIZES):
            for prompt in PROMPTS:
                costs.append(min(_cost(prompt, ratio, number, folder) for _ in range(2)))
    return [
        Figure(
            "placeholder picture, CPU of the dearest", max(costs), "s", TARGET, f"mean {sum(costs) / len(costs):.2f} s"
        )
    ]


def _cost(prompt: str, ratio: str, number: int, folder: str) -> float:
    task = {
        "type": "image", "prompt": prompt, "style": "auto", "aspect_ratio": ratio, "output_format": "png", "as_jpeg": False,
        "number": number, "inputs": [], "folder": str(Path(folder)), "pictures": "studio.simulator.pictures",
    }  # fmt: skip
    before = time.process_time()
    answer(task)
    return time.process_time() - before
