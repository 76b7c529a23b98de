"""The API of a soak: the simulator in a process of its own, which is spared. `python -m tests.soak.api PORT FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.simulator import Options, run

# Jobs of three to eight seconds, and limits that do not decide how long a soak takes.
TIME_SCALE, REQUESTS_A_MINUTE, CONCURRENT = 0.06, 400, 24

if __name__ == "__main__":
    run(
        Options(
            port=int(sys.argv[1]),
            state_dir=Path(sys.argv[2]),
            time_scale=TIME_SCALE,
            rpm=REQUESTS_A_MINUTE,
            concurrent=CONCURRENT,
            pictures="tests.simulator.fake_pictures",
        )
    )
