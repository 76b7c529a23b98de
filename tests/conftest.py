"""No network but loopback, and the cast: Alice owns, Bob is another designer, Ada is the admin."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from coverage import Coverage
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import Client
from hypothesis import settings as searching

from studio.luma import pricing, ratios
from studio.models import Price, Ratio, User
from studio.models.sql.compiled_query import KEPT
from tests import people

for folder in (settings.WORK_DIR, settings.SPOOL_DIR, settings.MEDIA_ROOT, settings.STATIC_ROOT):
    folder.mkdir(parents=True, exist_ok=True)

if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
    from studio.database import idle_transactions
    from tests.servers import flush

    flush.be_quick()
    # A test is one transaction, and waits for other processes meanwhile.
    idle_transactions.LONGEST = "5min"

# The same hash of a password, in a hundredth of the time and memory that make it hard to guess.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 64, 1

# A machine that is busy makes no example wrong.
searching.register_profile("untimed", searching(), deadline=None)
searching.load_profile("untimed")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what one worker has to do alone, and takes minutes: at the end the others would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would leave this machine fails instead."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def tracing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measure no lines for a test that is marked untraced, nor in the processes that it starts."""
    measuring = Coverage.current()
    if measuring is None or request.node.get_closest_marker("untraced") is None:
        yield
        return
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", "")
    measuring.stop()
    yield
    measuring.start()


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test measured is not known to the next; prices and ratios are the published ones until a test adds one.

    Nor are the queries that it compiled: a test may have put other limits in them.
    """
    vars(connections[DEFAULT_DB_ALIAS]).pop(KEPT, None)
    monkeypatch.setattr(Price.known, "_known", (math.inf, pricing.PriceTable()))
    monkeypatch.setattr(Ratio.known, "_known", (math.inf, ratios.RatioTable()))
    cache.clear()
    yield
    cache.clear()


# ---- The cast: Alice owns, Bob is another designer, Ada is the admin


@pytest.fixture
def alice(db: None) -> User:
    return people.make_person("Alice Moreau", email="alice@studio.example")


@pytest.fixture
def bob(db: None) -> User:
    return people.make_person("Bob Stranger")


@pytest.fixture
def ada(db: None) -> User:
    return people.make_person("Ada Admin", role=User.Role.ADMIN)


@pytest.fixture
def as_alice(alice: User) -> Client:
    return people.signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return people.signed_in(bob)


@pytest.fixture
def as_ada(ada: User) -> Client:
    return people.signed_in(ada)
