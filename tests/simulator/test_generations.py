"""Pictures from words: the happy way, seen by the official SDK."""

from __future__ import annotations

from typing import Any

import luma_agents
import pytest
from luma_agents import Luma

from tests.simulator.conftest import Clock, Start, caller, download, ended, opened, raw, root

WIRE_FIELDS = {"id", "type", "state", "model", "created_at", "output", "failure_reason", "failure_code"}


def test_a_job_begins_queued_with_every_field_present(address: str) -> None:
    with raw(address) as http:
        response = http.post("/generations", json={"prompt": "A sunset over the ocean"})
    body = response.json()
    assert response.status_code == 201
    assert set(body) == WIRE_FIELDS
    assert (body["state"], body["type"], body["model"]) == ("queued", "image", "uni-1")
    assert (body["failure_reason"], body["failure_code"]) == (None, None)
    assert body["created_at"].endswith("Z")
    assert len(body["created_at"]) == len("2026-04-08T12:00:00Z")


def test_output_is_null_or_empty_while_a_job_runs(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, time_scale=1, concurrent=100)) as http:
        bodies = [http.post("/generations", json={"prompt": "A sunset"}).json() for _ in range(24)]
        clock.now += 30
        later = [http.get(f"/generations/{body['id']}").json() for body in bodies]
    assert [body["output"] for body in later] == [body["output"] for body in bodies]
    assert all(body["state"] == "processing" for body in later)
    assert {str(body["output"]) for body in bodies} == {"None", "[]"}


def test_a_picture_is_made_and_downloaded_without_a_key(luma: Luma) -> None:
    generation = ended(luma, luma.generations.create(prompt="A sunset", aspect_ratio="16:9"))
    assert generation.state == "completed"
    assert generation.output is not None
    assert [output.type for output in generation.output] == ["image"]
    image = opened(generation.output[0].url)
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (2784, 1504))


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("3:1", (3360, 1248)),
        ("2:1", (2912, 1440)),
        ("3:2", (2464, 1696)),
        ("1:1", (2048, 2048)),
        ("2:3", (1696, 2464)),
        ("9:16", (1504, 2784)),
        ("1:2", (1440, 2912)),
        ("1:3", (1248, 3360)),
    ],
)
def test_every_ratio_has_its_size(luma: Luma, ratio: str, size: tuple[int, int]) -> None:
    generation = luma.generations.create(prompt="A sunset", aspect_ratio=ratio)  # type: ignore[arg-type]
    assert opened(ended(luma, generation).output[0].url).size == size


def test_jpeg_is_given_where_it_is_asked_for(luma: Luma) -> None:
    generation = ended(luma, luma.generations.create(prompt="A sunset", output_format="jpeg"))
    response = download(generation.output[0].url)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.content[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("prompt", "style", "size"),
    [("a heron", "auto", (2784, 1504)), ("an app icon", "auto", (2048, 2048)), ("a duel", "manga", (1696, 2464))],
)
def test_without_a_ratio_the_model_chooses(luma: Luma, prompt: str, style: str, size: tuple[int, int]) -> None:
    generation = luma.generations.create(prompt=prompt, style=style)  # type: ignore[arg-type]
    assert opened(ended(luma, generation).output[0].url).size == size


def test_equal_requests_make_separate_jobs(luma: Luma) -> None:
    first, second = (luma.generations.create(prompt="The same") for _ in range(2))
    assert first.id != second.id
    assert opened(ended(luma, first).output[0].url).tobytes() != opened(ended(luma, second).output[0].url).tobytes()


def test_each_poll_mints_a_new_link_to_the_same_picture(luma: Luma) -> None:
    generation = ended(luma, luma.generations.create(prompt="A sunset"))
    again = luma.generations.get(generation.id)
    assert generation.output[0].url != again.output[0].url
    assert download(generation.output[0].url).content == download(again.output[0].url).content


def test_a_job_is_queued_then_processing_then_completed_by_the_clock(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock, time_scale=1))
    generation = luma.generations.create(prompt="A sunset")
    clock.now += 5
    assert luma.generations.get(generation.id).state == "queued"
    clock.now += 15
    assert luma.generations.get(generation.id).state == "processing"
    clock.now += 65
    assert ended(luma, generation).state == "completed"


def test_a_max_job_takes_longer_than_a_plain_one(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock, time_scale=1))
    plain = luma.generations.create(prompt="A sunset")
    best = luma.generations.create(prompt="A sunset", model="uni-1-max")
    clock.now += 69
    assert luma.generations.get(best.id).state == "processing"
    clock.now += 16
    assert ended(luma, plain).state == "completed"
    clock.now += 50
    assert ended(luma, best).state == "completed"


def test_a_painter_that_breaks_fails_its_job_and_not_the_next(luma: Luma) -> None:
    broken = luma.generations.create(prompt="crash the painter")
    whole = luma.generations.create(prompt="A sunset")
    assert ended(luma, broken).failure_code == "generation_failed"
    assert ended(luma, whole).state == "completed"


def test_health_says_that_this_is_a_simulator(address: str) -> None:
    response = download(f"{root(address)}/healthz")
    assert response.json() == {"simulator": True}
    assert response.headers["Server"] == "Luma simulator"


def test_the_ledger_shows_every_accepted_job_by_its_request_id(address: str) -> None:
    with raw(address) as http:
        created = http.post("/generations", json={"prompt": "A"}, headers={"X-Request-Id": "attempt-7"}).json()
    jobs = download(f"{root(address)}/ledger").json()["generations"]
    assert [job["id"] for job in jobs if job["request_id"] == "attempt-7"] == [created["id"]]


def test_a_ratio_of_its_owner_is_made_in_its_size(start: Start) -> None:
    luma = caller(start(more_ratios=lambda: {"4:3": (2368, 1792), "3:4": (1792, 2368)}))
    generation = luma.generations.create(prompt="A sunset", aspect_ratio="4:3")  # type: ignore[arg-type]
    assert opened(ended(luma, generation).output[0].url).size == (2368, 1792)
    manga: Any = {"prompt": "A duel", "style": "manga"}
    assert luma.generations.create(aspect_ratio="3:4", **manga).state == "queued"
    with pytest.raises(luma_agents.BadRequestError, match="requires a portrait"):
        luma.generations.create(aspect_ratio="4:3", **manga)
    with pytest.raises(luma_agents.BadRequestError, match="9:16, 4:3, 3:4"):
        luma.generations.create(prompt="A", aspect_ratio="7:5")  # type: ignore[arg-type]
