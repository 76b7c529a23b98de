"""Empty the trash in processes that are killed (SIGKILL) before their first, second, third ... step.

`python -m tests.engine.pictures.trash_victim` works in STUDIO_DATA and says in one line of JSON how often it killed, what
integrity found in between, and which files are left in the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import default_storage, storages  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from studio.engine import integrity  # noqa: E402
from studio.engine.pictures import trash  # noqa: E402
from studio.models import DiscardedFile, Picture  # noqa: E402
from studio.models.pictures import trash as bin  # noqa: E402
from tests import people  # noqa: E402

MOST = 400
# Only some sizes are made here, and no conductor runs.
NOT_ASKED = {"renditions-exist", "counters-are-true", "feed-is-sorted"}


def run(kill_at: int, now: Any) -> bool:
    """Empty in a fork that is killed before step `kill_at`; return whether it was."""
    connections.close_all()
    pid = os.fork()
    if not pid:
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            if steps == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        def execute(call: Any, *args: Any) -> Any:
            step()
            return call(*args)

        delete = storages["default"].delete

        def counted(name: str) -> None:
            step()
            delete(name)

        storages["default"].delete = counted  # type: ignore[method-assign]
        with connection.execute_wrapper(execute):
            trash.empty(now, seconds=60)
        os._exit(0)
    return bool(os.waitpid(pid, 0)[1])


def main() -> None:
    for folder in (settings.WORK_DIR, settings.SPOOL_DIR, settings.MEDIA_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, stdout=sys.stderr)
    now = timezone.now()
    alice = people.make_person("Alice")
    gone = [people.make_picture(alice) for _ in range(2)]
    gone += [people.make_job(alice, state="done").pictures.get() for _ in range(1)]
    source = people.make_picture(alice)
    people.make_job(alice, state="done", type="image_edit", source=source)
    shared = gone[0]
    same = Picture.objects.get(pk=shared.pk)
    same.pk, same.code = None, uuid.uuid4()
    same.save(force_insert=True)
    bin.move([one.pk for one in (*gone, source)], by=alice, now=now - timedelta(days=31))
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        os.utime(path, (time.time() - 1800,) * 2)
    trash.SWEPT_AFTER = timedelta(minutes=10)
    kills, broken = 0, set()
    for kill_at in range(1, MOST):
        was_killed = run(kill_at, now)
        if kill_at % 8 == 0 or not was_killed:
            broken |= {one.invariant for one in integrity.check(timezone.now())} - NOT_ASKED
        kept = Picture.objects.filter(deleted_at=None).prefetch_related("renditions")
        names = [name for one in kept for name in (one.file, *(row.file for row in one.renditions.all()))]
        broken |= {name for name in names if not default_storage.exists(name)}
        if not was_killed:
            break
        kills += 1
    assert not DiscardedFile.objects.exists()
    left = [str(one.relative_to(settings.MEDIA_ROOT)) for one in Path(settings.MEDIA_ROOT).rglob("*.*")]
    sys.stdout.write(
        json.dumps({"kills": kills, "broken": sorted(broken), "left": sorted(left), "needed": sorted(set(names))})
    )


main()
