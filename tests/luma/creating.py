"""The request that is sent, the documented answer to it, and the error it ends in."""

from __future__ import annotations

import pytest

from studio.luma import Luma, Request, errors

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
QUEUED = {
    "id": ID,
    "type": "image",
    "state": "queued",
    "model": "uni-1",
    "created_at": "2026-04-08T12:00:00Z",
    "output": [],
    "failure_reason": None,
    "failure_code": None,
}
REQUEST = Request(prompt="A harbour")


async def failure(luma: Luma, request: Request = REQUEST) -> errors.Error:
    with pytest.raises(errors.Error) as caught:
        await luma.create(request, request_id="attempt-1")
    return caught.value
