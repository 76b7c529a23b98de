"""What the queue may call: the wake-up, and that every name that is queued exists."""

from __future__ import annotations

import pydoc
import re
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from studio import tasks
from studio.apps import schedule
from studio.launcher import startup
from studio.models import ConductorLease, Heartbeat, User
from tests import people

ROOT = Path(__file__).resolve().parent.parent / "studio"
pytestmark = pytest.mark.django_db


def rung() -> list[tuple[str, str]]:
    return [(row.key, row.task["func"]) for row in OrmQ.objects.all()]


def test_every_task_named_in_the_code_exists() -> None:
    named = {name for path in ROOT.rglob("*.py") for name in re.findall(r'"(studio\.tasks\.\w+)"', path.read_text())}
    assert len(named) >= 4
    for name in named:
        assert callable(pydoc.locate(name)), name


def test_the_bell_rings_once_on_the_conductors_queue() -> None:
    tasks.wake_conductor()
    tasks.wake_conductor()
    assert rung() == [("io", "studio.tasks.conduct")]


def test_nobody_rings_for_a_conductor_who_is_there() -> None:
    assert ConductorLease.acquire(now=timezone.now())
    tasks.wake_conductor()
    assert rung() == []


def test_ensure_conductor_wakes_one_only_for_work(alice: User) -> None:
    tasks.ensure_conductor()
    assert rung() == []
    people.make_job(alice)
    tasks.ensure_conductor()
    assert rung() == [("io", "studio.tasks.conduct")]


def test_a_beat_leaves_its_mark_and_conducts_nothing_without_work() -> None:
    tasks.beat("io")
    assert Heartbeat.age("io", now=timezone.now())
    assert Heartbeat.age("studio", now=timezone.now()) is None
    assert not ConductorLease.objects.exists()


def test_the_whole_path_from_the_bell_to_the_conductor(monkeypatch: pytest.MonkeyPatch) -> None:
    conducted: list[object] = []
    monkeypatch.setattr(Conf, "SYNC", True)
    monkeypatch.setattr(tasks, "run_slice", lambda make: conducted.append(make))
    tasks.wake_conductor()
    assert conducted == [tasks.luma]


def test_every_start_writes_periodic_work_anew_and_prunes_it() -> None:
    schedule()
    Schedule.objects.filter(name="ensure_conductor").update(func="studio.tasks.gone", minutes=99, repeats=0)
    Schedule.objects.create(name="tune_tables", func="studio.tasks.tune_tables", minutes=1)  # twice
    Schedule.objects.create(name="old", func="studio.tasks.sweep", minutes=1)
    Schedule.objects.create(name="theirs", func="backup.nightly", minutes=1)
    Schedule.objects.filter(name="complete_sizes").delete()
    startup.tables()
    expected = sorted((name, func, minutes) for name, (func, minutes) in tasks.PERIODIC.items())
    ours = Schedule.objects.exclude(name="theirs").order_by("name")
    assert list(ours.values_list("name", "func", "minutes")) == expected
    assert set(ours.values_list("repeats", flat=True)) == {-1}
    assert Schedule.objects.filter(name="theirs").exists()


def test_periodic_work_is_one_visible_table() -> None:
    schedule()
    schedule()
    assert list(Schedule.objects.order_by("name").values_list("name", "func", "minutes")) == [
        ("clear_notifications", "studio.tasks.clear_notifications", 60),
        ("complete_sizes", "studio.tasks.complete_sizes", 60),
        ("empty_trash", "studio.tasks.empty_trash", 60),
        ("ensure_conductor", "studio.tasks.ensure_conductor", 1),
        ("measure_storage", "studio.tasks.measure_storage", 30),
        ("quarantine_orphans", "studio.tasks.quarantine_orphans", 15),
        ("send_webhooks", "studio.tasks.send_webhooks", 1),
        ("sweep_watermarks", "studio.tasks.sweep_watermarks", 360),
        ("tend_archives", "studio.tasks.tend_archives", 5),
        ("tend_layers", "studio.tasks.tend_layers", 60),
        ("tune_tables", "studio.tasks.tune_tables", 60),
        ("watch_alerts", "studio.tasks.watch_alerts", 1),
        ("watch_custody", "studio.tasks.watch_custody", 1),
        ("write_look_words", "studio.tasks.write_look_words", 15),
    ]
