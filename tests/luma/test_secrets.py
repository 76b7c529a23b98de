"""The key and the signed links are in no log, whatever the level and whatever happens."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from studio.luma import Luma, Request, errors
from tests.luma.conftest import KEY
from tests.luma.wire import Server, hang, reply, reset, send

pytestmark = pytest.mark.anyio

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"


async def test_no_log_tells_a_secret(
    hasty: Luma, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpcore.connection", "httpcore.http11", "httpx", "aiohttp.client", "asyncio", "studio"):
        caplog.set_level(logging.DEBUG, logger=name)
    for step in (reply(201, {"id": ID}), reply(401, {"detail": KEY}), reset, hang, send(b"junk\r\n\r\n")):
        server.play(step)
        for call in (
            hasty.create(Request(prompt="x"), request_id="attempt"),
            hasty.get(ID),
            hasty.get_file(ID),
            hasty.download(f"{server.url}/x?X-Amz-Signature=5f3759df", tmp_path / "x.part", wall=0.5),
        ):
            try:
                await call
            except errors.Error as error:
                logging.getLogger("studio").exception("It failed: %s", error)
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert "It failed" in caplog.text
    told = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "canary" not in told
    assert "5f3759df" not in told
