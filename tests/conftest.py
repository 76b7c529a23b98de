"""The room the tests run in: a data folder of its own, no key, no network but loopback, and the cast."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connections

# Before Django reads its settings: nothing of this machine's own studio may be touched.
DATA = Path(tempfile.mkdtemp(prefix="studio-tests-"))
for name in ("LUMA_AGENTS_API_KEY", "LUMA_AGENTS_API_KEY_FILE", "LUMA_BASE_URL", "STUDIO_SECRET_KEY"):
    os.environ.pop(name, None)
os.environ.update(STUDIO_DATA=str(DATA), STUDIO_DOTENV="off", DJANGO_SETTINGS_MODULE="studio.settings")
if settings.configured:
    # pytest-django has read them already, with the environment as it was: read them again, without what apps changed.
    fresh = importlib.reload(sys.modules["studio.settings"])
    for name in set(filter(str.isupper, dir(fresh))) - {"TEMPLATES"}:
        setattr(settings, name, getattr(fresh, name))
    connections.settings = connections.configure_settings(None)
    del connections["default"]
django.setup()

from django.core.cache import cache  # noqa: E402
from django.test import Client  # noqa: E402

from studio.models import User  # noqa: E402
from tests import cast  # noqa: E402

for folder in (settings.WORK_DIR, settings.SPOOL_DIR, settings.MEDIA_ROOT, settings.STATIC_ROOT):
    folder.mkdir(parents=True, exist_ok=True)

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


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
def empty_cache() -> Iterator[None]:
    """What one test measured is not known to the next."""
    cache.clear()
    yield
    cache.clear()


# ---- The cast: Alice owns, Bob is another designer, Ada is the admin


@pytest.fixture
def alice(db: None) -> User:
    return cast.make_person("Alice Moreau", email="alice@studio.example")


@pytest.fixture
def bob(db: None) -> User:
    return cast.make_person("Bob Stranger")


@pytest.fixture
def ada(db: None) -> User:
    return cast.make_person("Ada Admin", role=User.Role.ADMIN)


@pytest.fixture
def as_alice(alice: User) -> Client:
    return cast.signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return cast.signed_in(bob)


@pytest.fixture
def as_ada(ada: User) -> Client:
    return cast.signed_in(ada)
