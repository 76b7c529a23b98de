"""What happens to one step: what the API says, where the worker dies, what its database refuses."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.crash.model import ANSWERS, DOWNLOADS, FILES, LOOKS
from tests.crash.worker import Place

# Most steps go well, or nothing would ever get far.
DEADLY, REFUSING, SLOW = 0.2, 0.3, 0.3
REFUSED = (*["accept"] * 4, "settle", "begin_sending", "store", "put_off", "uploaded", "became_ready")


@dataclass(frozen=True)
class Fate:
    """One throw of the dice."""

    answer: str
    is_slow: bool
    look: str
    download: str
    file: str
    dies: Place | None
    refuses: str

    @classmethod
    def thrown(cls, dice: int) -> Fate:
        """Each outcome as likely as its list says: the search itself would try the first of each too often."""
        lot = random.Random(dice)
        dies = (lot.choice(("before", "after")), lot.randint(1, 3)) if lot.random() < DEADLY else None
        refuses = lot.choice(REFUSED) if lot.random() < REFUSING else ""
        is_slow = lot.random() < SLOW
        answer, look, download, file = (lot.choice(words) for words in (ANSWERS, LOOKS, DOWNLOADS, FILES))
        return cls(answer, is_slow, look, download, file, dies, refuses)


fates = st.integers(0, 2**64 - 1).map(Fate.thrown)
