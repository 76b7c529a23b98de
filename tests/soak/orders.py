"""Places orders as the pages do, from a process of its own. `python -m tests.soak.orders JOBS SECONDS [WORD…]`.

Each order is repeated now and then with the same token, as a double click would. It prints one line for each order:
its token and how many pictures it asks for. Without words, one order in ten misbehaves at the API.
"""

from __future__ import annotations

import random
import sys
import time
import uuid

import django

django.setup()

from django.db import OperationalError  # noqa: E402
from django.utils import timezone  # noqa: E402

from studio import tasks  # noqa: E402
from studio.models import Submission, User  # noqa: E402
from studio.models.requests.request_spec import RequestSpec  # noqa: E402

PEOPLE = ("Alice", "Bob", "Chandra", "Dewi")
# What the simulator does to these orders (python -m studio.simulator --help). None holds everybody up for minutes.
FAULTS = (
    *("accept-then-drop", "500-after-accept", "moderated", "generation_failed", "expired-link", "truncated-download"),
    *("flaky-polls", "429 once", "busy once", "503 once", "null-output", "400"),
)
SHARE_OF_FAULTS = 0.1
SHARE_OF_DOUBLE_CLICKS = 0.1


def place(person: User, count: int, word: str) -> None:
    token = uuid.uuid4()
    prompt = f"A harbour, {token}" + (f" [{word}]" if word else "")
    spec = RequestSpec(type="image", prompt=prompt, model="uni-1", aspect_ratio="1:1", count=count)
    for _ in range(2 if random.random() < SHARE_OF_DOUBLE_CLICKS else 1):
        Submission.place(person, token, spec, now=timezone.now())
        tasks.wake_conductor()
    sys.stdout.write(f"{token} {count}\n")
    sys.stdout.flush()


def main(jobs: int, seconds: float, words: list[str]) -> None:
    people = [User.objects.filter(name=name).first() or User.objects.create_user(name) for name in PEOPLE]
    began, placed = time.monotonic(), 0
    while placed < jobs:
        count = min(random.randint(1, 3), jobs - placed)
        word = random.choice(words or FAULTS) if words or random.random() < SHARE_OF_FAULTS else ""
        try:
            place(random.choice(people), count, word)
        except OperationalError as problem:
            # A person would see an error page; nothing was promised. It is placed again.
            sys.stderr.write(f"not placed: {problem}\n")
            continue
        placed += count
        time.sleep(max(0.0, began + seconds * placed / jobs - time.monotonic()))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
