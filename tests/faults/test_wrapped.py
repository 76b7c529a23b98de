"""Answers to a GET that bring the picture in another wrapping: it is paid for, so it is taken where it is certainly ours."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from studio.engine import fetch
from studio.luma.transports import MAX_ANSWER
from studio.models import Job, Split, User
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


async def with_parameters(call: Call) -> None:
    """Link to it with two parameters, whose & is written as pages do."""
    double, remote_id = call.double, call.remote_id
    double.by_id[f"{remote_id}?a=1&b=2"] = double.by_id[remote_id]
    double.pictures[f"{remote_id}?a=1&b=2"] = double.pictures[remote_id]
    await made(lambda said: said, lambda call: f" <{link_of(call)}?a=1&amp;b=2>\n")(call)


async def loosely(call: Call) -> None:
    said = queued(call.remote_id, 3, status="completed", output=[{"type": "image", "url": link_of(call)}])  # type: ignore[arg-type]
    call.double.making.discard(call.remote_id)
    await reply(200, json.dumps(said)[:-1].encode() + b', "score": nan, }')(call)


def as_an_error(status: int) -> Act:
    async def act(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        output = [{"type": "image", "url": link_of(call)}]
        await reply(status, queued(call.remote_id, "completed", output=output, detail="Internal error"))(call)

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
    "a state in an object": made(lambda said: said | {"state": {"name": "completed"}}),
    "a state in a list": made(lambda said: said | {"state": [{"value": "COMPLETED"}]}),
    "a state as an enum": made(lambda said: said | {"state": "GENERATION_STATE_SUCCEEDED"}),
    "a state by number, in another language's JSON": loosely,
    "as an error": as_an_error(500),
    "as not found": as_an_error(404),
    "as a refusal": as_an_error(401),
    "only a path": made(lambda said: said, lambda call: f"/files/{call.remote_id}"),
    "only a path, bare": made(lambda said: said | {"output": f"/files/{said['id']}"}),
    "without its http:": made(lambda said: said, lambda call: link_of(call).removeprefix("http:")),
    "a link as pages write it": with_parameters,
    "assets": made(lambda said: said | {"output": [], "assets": {"image": said["output"][0]["url"]}}),
    "its outputs in data": made(lambda said: {"id": said["id"], "state": "completed", "data": said["output"]}),
    "the only link there is": made(lambda said: said | {"output": {"urls": {"original": said["output"][0]["url"]}}}),
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


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_large_picture_within_a_packed_answer_is_taken(
    double: Double, settle: Settle, alice: User, encoding: str
) -> None:
    """One whose letters are more than an answer may have otherwise."""
    out = io.BytesIO()
    Image.frombytes("RGB", (700, 700), os.urandom(700 * 700 * 3)).save(out, "PNG")
    assert len(out.getvalue()) > MAX_ANSWER

    async def packed(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        call.double.pictures[call.remote_id] = out.getvalue()
        body = json.dumps(queued(call.remote_id, "completed", output=[{"url": within(call)}])).encode()
        body = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
        await reply(200, body, {"Content-Encoding": encoding})(call)

    double.part("a lake", get=[packed])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.fetches, len(double.posts)) == (Job.State.DONE, 1, 1)


def test_an_id_behind_a_picture_in_a_packed_acceptance_is_followed(double: Double, settle: Settle, alice: User) -> None:
    async def packed(call: Call) -> None:
        noise = base64.b64encode(os.urandom(MAX_ANSWER)).decode()
        said = {"output": [{"b64_json": noise}]} | queued(call.double.write_down(call))
        await reply(201, gzip.compress(json.dumps(said).encode()), {"Content-Encoding": "gzip"})(call)

    double.part("a lake", post=[packed])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, len(double.posts)) == (Job.State.DONE, 1)


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


def test_of_more_layers_than_studio_keeps_the_rest_is_told(
    double: Double, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MOST_OUTPUTS", 4)
    layers = [people.image_bytes(32 + n, 32) for n in range(6)]

    async def split(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        call.double.pictures.pop(call.remote_id, None)
        links = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in layers]
        output = [{"layer": {"index": n, "label": f"part {n}"}, "url": link} for n, link in enumerate(links)]
        await reply(200, queued(call.remote_id, "completed", type="layering", output=output))(call)

    double.part("a lake", get=[split])
    source = people.make_picture(alice)
    people.complete_sizes(source)
    job = job_for(alice, "a lake", type="layering", source=source)
    settle()
    kept = list(job.pictures.order_by("position"))
    # The last one is the background.
    assert [one.width for one in kept] == [32, 33, 34, 37]
    stack = Split.objects.get(job=job).stack
    assert ([one.label for one in stack.layers], stack.left_out) == (["part 0", "part 1", "part 2", "part 5"], 2)
    person, told = people.signed_in(alice), "Luma made 6 layers. Studio keeps"
    for one in kept:
        people.complete_sizes(one)
    assert told in person.get(kept[0].get_absolute_url()).content.decode()
    assert told in person.get(reverse("studio:layers", args=[job.code])).content.decode()
    assert "4 of 6 layers" in person.get(reverse("studio:create")).content.decode()
    assert "4 of 6 layers" in person.get(reverse("studio:job", args=[job.code])).content.decode()
