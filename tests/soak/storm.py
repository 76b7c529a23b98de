"""Kills and freezes processes of a studio at random, until told to stop."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter

from tests.soak import processes
from tests.stack.running import Running

CALM = (1.0, 5.0)  # seconds between two blows
FREEZE = (1.0, 4.0)
SHARE_OF_FREEZES = 0.3
# Without a bias the conductor, one of a dozen, would be hit too seldom.
SHARE_OF_CONDUCTOR = 0.3


class Storm:
    """Use it as `with`; every process it has frozen is awake afterwards."""

    def __init__(self, studio: Running, seed: int) -> None:
        self.studio = studio
        self.lot = random.Random(seed)
        self.blows: Counter[str] = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._rage, name="storm")

    def __enter__(self) -> Storm:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        processes.wake_all(self.studio)

    def _rage(self) -> None:
        while not self._over.wait(self.lot.uniform(*CALM)):
            victim, name = self._choose()
            if not victim:
                continue
            if self.lot.random() < SHARE_OF_FREEZES:
                self.blows[f"froze {name}"] += processes.send(victim, signal.SIGSTOP)
                time.sleep(self.lot.uniform(*FREEZE))
                processes.send(victim, signal.SIGCONT)
            else:
                self.blows[f"killed {name}"] += processes.send(victim, signal.SIGKILL)

    def _choose(self) -> tuple[int, str]:
        parts = processes.parts(self.studio)
        conductor = processes.conductor(self.studio)
        if conductor in parts and self.lot.random() < SHARE_OF_CONDUCTOR:
            return conductor, "the conductor"
        return (self.lot.choice(parts), "a process") if parts else (0, "")
