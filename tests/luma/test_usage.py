"""The usage of a day: an address that Luma only mentions, so nothing is read into its answer."""

from __future__ import annotations

from datetime import date

import pytest

from studio.luma import Luma, errors
from tests.luma.wire import Server, reply

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 24)


async def test_the_answer_is_handed_on_as_it_came(luma: Luma, server: Server) -> None:
    server.play(reply(200, b'{"data": [\xff]}'))
    assert await luma.usage(DAY) == '{"data": [\ufffd]}'
    assert server.seen[0].line == "GET /v1/usage?start=2026-11-24&end=2026-11-24 HTTP/1.1"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, errors.Unauthorized), (404, errors.NotFound), (500, errors.Unreachable)]
)
async def test_no_answer_is_an_error(luma: Luma, server: Server, status: int, kind: type[errors.Error]) -> None:
    server.play(reply(status, {"detail": "x"}))
    with pytest.raises(errors.Error) as caught:
        await luma.usage(DAY)
    assert isinstance(caught.value, kind)
