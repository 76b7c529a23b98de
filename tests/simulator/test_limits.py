"""Requests a minute, jobs at a time, and what the headers say about them (luma-api.md section 8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Clock, Start, inline, picture, quick, raw, until
from tests.simulator.threads import in_thread

WORDS = {"prompt": "A sunset"}
MAX_EDIT = {"prompt": "Bluer", "type": "image_edit", "model": "uni-1-max", "source": inline(picture())}


def limits(response: httpx.Response) -> tuple[str | None, str | None, str | None]:
    return tuple(response.headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset"))  # type: ignore[return-value]


def test_remaining_counts_down_and_reset_is_a_minute_ahead(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, rpm=3)) as http:
        first = http.post("/generations", json=WORDS)
        clock.now += 10
        second = http.post("/generations", json=WORDS)
    assert limits(first) == ("3", "2", str(int(clock.now) + 50))
    assert limits(second) == ("3", "1", str(int(clock.now) + 60))


def test_the_window_slides_over_each_request_alone(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, rpm=2)) as http:
        http.post("/generations", json=WORDS)
        clock.now += 25
        http.post("/generations", json=WORDS)
        clock.now += 10
        refused = http.post("/generations", json=WORDS)
        assert (refused.status_code, refused.json()) == (429, {"detail": "Rate limit exceeded"})
        assert refused.headers["Retry-After"] == "25"
        assert limits(refused) == ("2", "0", str(int(clock.now) + 25))
        clock.now += 25
        assert limits(http.post("/generations", json=WORDS))[1] == "0"
        assert http.post("/generations", json=WORDS).headers["Retry-After"] == "25"


def test_retry_after_is_never_less_than_a_second(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, rpm=1)) as http:
        http.post("/generations", json=WORDS)
        clock.now += 59.9
        assert http.post("/generations", json=WORDS).headers["Retry-After"] == "1"


def test_too_many_jobs_at_once_is_another_429_without_limit_headers(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, concurrent=2, time_scale=1, limit_mode="jobs")) as http:
        for _ in range(2):
            assert http.post("/generations", json=WORDS).status_code == 201
        refused = http.post("/generations", json=WORDS)
    assert (refused.status_code, refused.json()) == (429, {"detail": "Too many concurrent jobs"})
    assert refused.headers["Retry-After"] == "60"
    assert limits(refused) == (None, None, None)


def test_a_slot_is_free_again_when_its_job_fails(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, concurrent=1, time_scale=1)) as http:
        http.post("/generations", json={"prompt": "A [moderated]"})
        assert http.post("/generations", json=WORDS).status_code == 429
        clock.now += 50
        assert http.post("/generations", json=WORDS).status_code == 201


def test_a_slot_is_free_again_when_its_job_completes(start: Start) -> None:
    with raw(start(concurrent=1)) as http:
        generation_id = http.post("/generations", json=WORDS).json()["id"]
        until(lambda: http.get(f"/generations/{generation_id}").json()["state"] == "completed")
        assert http.post("/generations", json=WORDS).status_code == 201


def test_a_job_that_never_ends_gives_its_slot_back_after_an_hour(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, concurrent=1)) as http:
        generation_id = http.post("/generations", json={"prompt": "A [stuck]"}).json()["id"]
        clock.now += 3599
        assert http.post("/generations", json=WORDS).status_code == 429
        clock.now += 1
        assert http.post("/generations", json=WORDS).status_code == 201
        assert http.get(f"/generations/{generation_id}").json()["state"] == "processing"


def test_clients_do_not_share_limits_and_keys_of_one_client_do(start: Start) -> None:
    address = start(rpm=1, keys={"luma-api-a": "acme", "luma-api-b": "acme", "luma-api-c": "other"})
    statuses = []
    for name in "abc":
        with raw(address, f"luma-api-{name}") as http:
            statuses.append(http.post("/generations", json=WORDS).status_code)
    assert statuses == [201, 429, 201]


def test_refused_requests_take_no_place(start: Start) -> None:
    bad: dict[str, Any] = {"prompt": "A", "image_ref": [{"data": "!", "media_type": "image/png"}]}
    with raw(start(rpm=1, concurrent=1)) as http:
        assert http.post("/generations", json={"prompt": ""}).status_code == 400
        assert http.post("/generations", json=bad).status_code == 422
        assert http.post("/generations", json=WORDS).status_code == 201


def test_status_requests_are_not_limited(start: Start) -> None:
    with raw(start(rpm=1)) as http:
        generation_id = http.post("/generations", json=WORDS).json()["id"]
        answers = [http.get(f"/generations/{generation_id}") for _ in range(40)]
    assert {answer.status_code for answer in answers} == {200}
    assert limits(answers[-1]) == (None, None, None)


@pytest.mark.parametrize("body", [MAX_EDIT, {"prompt": "A", "model": "uni-1-max"}], ids=["edit", "image"])
def test_by_default_a_max_job_takes_three_units_of_ten(start: Start, clock: Clock, body: dict[str, Any]) -> None:
    with raw(start(clock=clock, time_scale=1)) as http:
        accepted = [http.post("/generations", json=body) for _ in range(3)]
        refused = http.post("/generations", json=body)
        plain = http.post("/generations", json=WORDS)
    assert [limits(answer)[1] for answer in accepted] == ["27", "24", "21"]
    assert refused.status_code == 429
    assert refused.json()["detail"] == (
        "Concurrent generation capacity reached (limit=10 weight units; this request needs 3)."
        " Wait for existing jobs to complete."
    )
    assert refused.headers["Retry-After"] == "60"
    assert limits(refused) == (None, None, None)
    assert limits(plain)[1] == "20"


def test_counted_in_jobs_a_max_edit_takes_one(start: Start, clock: Clock) -> None:
    with raw(start(clock=clock, time_scale=1, limit_mode="jobs")) as http:
        assert limits(http.post("/generations", json=MAX_EDIT))[1] == "29"


@pytest.mark.parametrize("path", ["/files", "/generations/x"])
def test_the_ceiling_on_all_calls_answers_with_retry_after_alone(start: Start, clock: Clock, path: str) -> None:
    with raw(start(clock=clock, calls_per_minute=1)) as http:
        assert http.get(path).status_code != 429
        refused = http.get(path)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert limits(refused) == (None, None, None)
        clock.now += 60
        assert http.get(path).status_code != 429


def test_limits_are_remembered_over_a_restart(tmp_path: Path, clock: Clock) -> None:
    options = quick(tmp_path, clock=clock, rpm=1)
    with in_thread(options) as address, raw(address) as http:
        assert http.post("/generations", json=WORDS).status_code == 201
    with in_thread(options) as address, raw(address) as http:
        assert http.post("/generations", json=WORDS).headers["Retry-After"] == "60"
