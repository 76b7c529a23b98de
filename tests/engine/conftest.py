"""An API to talk to, one conductor's slice at a time, and receivers of alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from studio.engine.conductor import conduct
from studio.luma import ApiKey, Luma
from studio.models import AlertChannel, Job, User
from studio.models.alerts.alert import Event
from tests.engine.deliveries.receiver import Receiver
from tests.simulator.conftest import quick
from tests.simulator.threads import in_thread

Slice = Callable[..., bool]
MakeChannel = Callable[..., AlertChannel]


@pytest.fixture
def api(tmp_path: Any, settings: Settings) -> Iterator[str]:
    """A simulator without delays."""
    with in_thread(quick(tmp_path / "simulator", rpm=10_000, concurrent=1000)) as address:
        settings.LUMA_BASE_URL = address
        yield address


@pytest.fixture
def run_slice(transactional_db: None, settings: Settings) -> Slice:
    """Conduct until nothing is left to do, or for `seconds`."""

    def run(*, seconds: float = 15.0, linger: float = 0.3) -> bool:
        def luma() -> Luma:
            return Luma(ApiKey("luma-api-tests"), base_url=settings.LUMA_BASE_URL, connect_timeout=1.0, create_wall=3.0)

        return conduct(luma, slice=seconds, linger=linger)

    return run


def states(*jobs: Job) -> list[str]:
    return [str(Job.objects.get(pk=job.pk).state) for job in jobs]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.listener.close()
    for connection in opened.held:
        connection.close()


@pytest.fixture
def private(settings: Settings) -> None:
    """The tests' receivers are on this machine."""
    settings.STUDIO_WEBHOOKS_PRIVATE = True


@pytest.fixture
def channel(ada: User) -> MakeChannel:
    def make(kind: str = "webhook", address: str = "https://hooks.example/x", *events: Event) -> AlertChannel:
        wanted = [event.value for event in events or Event]
        fields = {"kind": kind, "address": address, "events": wanted, "site": "https://studio.example"}
        return AlertChannel.objects.create(name="Team", created_by=ada, **fields)

    return make
