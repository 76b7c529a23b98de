"""Answers to a GET that bring the picture in another wrapping: it is paid for, so it is taken where it is certainly ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from studio.models import Job, User
from tests import people
from tests.faults.answers import accept, queued, reply
from tests.faults.call import Act, Call
from tests.faults.conftest import Settle, job_for
from tests.faults.double import Double

Wrap = Callable[[dict[str, Any]], object]


def link_of(call: Call) -> str:
    return f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"


def within(call: Call) -> str:
    return "data:image/png;base64," + base64.b64encode(call.double.pictures[call.remote_id]).decode()


def made(wrap: Wrap, link: Callable[[Call], object] = link_of) -> Act:
    async def act(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        output = [{"type": "image", "url": link(call)}]
        await reply(200, wrap(queued(call.remote_id, "completed", output=output)))(call)

    return act


BRINGS: dict[str, Act] = {
    "in data": made(lambda said: {"data": said}),
    "in generation": made(lambda said: {"ok": True, "generation": said}),
    "a list of one": made(lambda said: [said]),
    "without an id": made(lambda said: {"state": "completed", "output": said["output"]}),
    "an id with a word": made(lambda said: said | {"id": f"generation-{said['id']}"}),
    "a list in the list": made(lambda said: said | {"output": [said["output"]]}),
    "a data: link": made(lambda said: said, within),
    "a data: link, wrapped": made(lambda said: {"data": [said]}, within),
    "base64": made(lambda said: said, lambda call: within(call).partition(",")[2]),
    "base64 beside an empty link": made(
        lambda said: said | {"output": [{"url": None, "b64_json": said["output"][0]["url"]}]}, within
    ),
}


@pytest.mark.parametrize("says", BRINGS.values(), ids=BRINGS)
def test_the_picture_is_taken(double: Double, settle: Settle, alice: User, says: Act) -> None:
    double.part("a lake", get=[says])
    job = job_for(alice, "a lake")
    settle(within=10)
    job.refresh_from_db()
    assert (job.state, job.charge, len(double.posts)) == (Job.State.DONE, Job.Charge.CHARGED, 1)
    assert job.pictures.get().sha256 == double.digest(job.remote_id or "")
    assert list(settings.WORK_DIR.iterdir()) == []


def test_an_acceptance_that_is_wrapped_is_followed_by_its_id(double: Double, settle: Settle, alice: User) -> None:
    async def wrapped(call: Call) -> None:
        await reply(201, {"data": queued(call.double.write_down(call))})(call)

    double.part("a lake", post=[wrapped, accept], get=[made(lambda said: {"data": said})])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, len(double.posts)) == (Job.State.DONE, 1)


def test_layers_within_the_answer_are_all_kept_or_none(double: Double, settle: Settle, alice: User) -> None:
    layers = [people.image_bytes(32 + n, 32) for n in range(3)]

    def split(last: object) -> Act:
        async def act(call: Call) -> None:
            call.double.making.discard(call.remote_id)
            call.double.pictures.pop(call.remote_id, None)
            links = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in layers]
            output = [{"layer": {"index": n, "label": f"{n}"}, "url": link} for n, link in enumerate(links[:-1])]
            done = queued(call.remote_id, "completed", type="layering", output=[*output, last and {"url": links[-1]}])
            await reply(200, json.dumps(done).encode())(call)

        return act

    part = double.part("a lake", get=[split(None), split(None), split(True)])
    source = people.make_picture(alice)
    people.complete_sizes(source)
    job = job_for(alice, "a lake", type="layering", source=source)
    settle()
    job.refresh_from_db()
    # The whole answer is asked for once more, to be kept.
    assert (job.state, job.pictures.count(), part.gets) == (Job.State.DONE, 3, 4)
