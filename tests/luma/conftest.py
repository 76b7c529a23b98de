"""Servers to talk to, and clients that talk to them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.luma import ApiKey, Luma
from tests.luma.wire import Server, listening

KEY = "luma-api-canary-5d41402abc4b2a76b9719d911017c592"
CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def key() -> ApiKey:
    return ApiKey(KEY)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with listening() as scripted:
        yield scripted


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    """A second server, for everything that must never be visited or must never see the key."""
    async with listening() as scripted:
        yield scripted


@pytest.fixture
async def tls_server() -> AsyncIterator[Server]:
    """The same over TLS, with a certificate for the name localhost only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    async with listening(context) as scripted:
        yield scripted


@pytest.fixture
async def luma(server: Server, key: ApiKey) -> AsyncIterator[Luma]:
    """A client of the scripted server, whose answer may be late on a busy machine."""
    async with Luma(key, f"{server.url}/v1", connect_timeout=5, create_wall=10, read_wall=10) as client:
        yield client


@pytest.fixture
async def hasty(server: Server, key: ApiKey) -> AsyncIterator[Luma]:
    """The same, losing patience soon: for servers that never answer."""
    async with Luma(key, f"{server.url}/v1", connect_timeout=0.5, create_wall=1, read_wall=1) as client:
        yield client
