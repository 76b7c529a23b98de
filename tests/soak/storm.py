"""Kills and freezes processes of a studio at random, until told to stop."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter

from tests.soak import processes
from tests.stack.running import Running, eventually

CALM = (1.0, 5.0)  # seconds between two blows
FREEZE = (1.0, 4.0)
SHARE_OF_FREEZES = 0.3
# Without a bias the conductor, one of a dozen, would be hit too seldom.
SHARE_OF_CONDUCTOR = 0.3
# Of all blows; a soak of five minutes has about ninety. The first comes early, so that the shortest has one.
SHARE_OF_SUPERVISOR, FIRST_SUPERVISOR = 0.06, 3
# Its processes must be gone within this time, and a start must work at once.
GONE_TARGET = 1.0  # seconds


class Storm:
    """Use it as `with`; every process it has frozen is awake afterwards."""

    def __init__(self, studio: Running, seed: int) -> None:
        self.studio = studio
        self.lot = random.Random(seed)
        self.blows: Counter[str] = Counter()
        # Seconds until nothing of it was left, and until it was open again, for each kill of the supervisor.
        self.gone: list[float] = []
        self.reopened: list[float] = []
        self.problem = ""
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
        number = 0
        while not self._over.wait(self.lot.uniform(*CALM)) and not self.problem:
            number += 1
            if number == FIRST_SUPERVISOR or self.lot.random() < SHARE_OF_SUPERVISOR:
                self._kill_supervisor()
                continue
            victim, name = self._choose()
            if not victim:
                continue
            if self.lot.random() < SHARE_OF_FREEZES:
                self.blows[f"froze {name}"] += processes.send(victim, signal.SIGSTOP)
                time.sleep(self.lot.uniform(*FREEZE))
                processes.send(victim, signal.SIGCONT)
            else:
                self.blows[f"killed {name}"] += processes.send(victim, signal.SIGKILL)

    def _kill_supervisor(self) -> None:
        """Kill it alone, wait for the end of all it had started, and start it again; the first try must do."""
        assert self.studio.process
        # Not by its environment: the process that places orders has the same.
        started = set(processes.parts(self.studio))
        began = time.monotonic()
        self.studio.process.kill()
        self.studio.process.wait()
        try:
            eventually(lambda: not started & processes.parents().keys(), within=10, what="its processes are gone")
            self.gone.append(time.monotonic() - began)
            self.reopened.append(self.studio.start())
        except AssertionError as problem:
            self.problem = str(problem)
        self.blows["killed the supervisor"] += 1

    @property
    def broken(self) -> list[str]:
        """What the deaths of the supervisor broke."""
        late = [f"its children lived for {seconds:.2f} s" for seconds in self.gone if seconds > GONE_TARGET]
        return [*late, *([self.problem] if self.problem else [])]

    def _choose(self) -> tuple[int, str]:
        parts = processes.parts(self.studio)
        conductor = processes.conductor(self.studio)
        if conductor in parts and self.lot.random() < SHARE_OF_CONDUCTOR:
            return conductor, "the conductor"
        return (self.lot.choice(parts), "a process") if parts else (0, "")
