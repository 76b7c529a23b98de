"""A search for an order of events that breaks a promise: two conductors, people, a clock, an API, and deaths."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from studio import imaging
from studio.engine import storing
from tests import people
from tests.crash.machine import SLOTS, Studio
from tests.crash.model import PICTURE

# A sample in a quarter of a minute; the whole search is 2000x50 and takes half an hour.
EXAMPLES, STEPS = (int(number) for number in os.environ.get("CRASH_SEARCH", "25x30").split("x"))


@pytest.fixture
def one_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Judge the picture once; after that its measures are known."""
    (tmp_path / "known.png").write_bytes(PICTURE)
    (tmp_path / "made").mkdir()
    known = imaging.measure(tmp_path / "known.png", tmp_path / "made")

    async def measured(source: Path, folder: Path) -> imaging.Measured:
        if Studio.api.download_as == "no picture":
            raise imaging.Unusable("broken", "This is no picture.")
        rendition = folder / "rendition.webp"
        shutil.copy(known.rendition.path, rendition)
        return known._replace(rendition=known.rendition._replace(path=rendition))

    async def unchanged(source: Path, folder: Path) -> imaging.Wire:
        return imaging.Wire(source, "image/png", 48, 32, source.stat().st_size)

    monkeypatch.setattr(imaging, "measure_async", measured)
    monkeypatch.setattr(imaging, "for_sending_async", unchanged)


@pytest.fixture
def quick_rows(transactional_db: None) -> Iterator[None]:
    """Real commits, but without waiting for the disk: nobody pulls the plug here."""
    people.make_person("Alice Moreau")
    people.make_person("Bob Stranger")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=OFF")
        else:
            cursor.execute("SET synchronous_commit = off")
    yield
    connection.close()


@pytest.mark.usefixtures("quick_rows", "one_picture")
def test_no_order_of_events_breaks_a_promise(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = SLOTS, 1000
    # The steps run in a loop of their own here, with nobody else in the thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(Studio.serial), version=4))
    free = shutil.disk_usage(settings.STUDIO_DATA)
    monkeypatch.setattr(storing.shutil, "disk_usage", lambda _: free._replace(free=0 if Studio.disk_is_full else 2**40))
    run_state_machine_as_test(
        Studio,
        settings=how(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            print_blob=True,
        ),
    )
