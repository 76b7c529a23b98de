"""Words in the prompt that make every state visible."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import luma_agents
import pytest
from luma_agents import Luma

from studio.simulator import KEYWORDS
from studio.simulator.outcomes import FAILURES, REFUSALS, read_script
from tests.simulator.conftest import Clock, Start, caller, download, ended, inline, opened, picture, raw, root

PUBLISHED = {
    "content_moderated": "Generation output was flagged by our content moderation system.",
    "budget_exhausted": "Insufficient credits to complete this generation.",
    "generation_failed": "Generation failed",
    "output_not_found": "Output artifacts not found",
}
BUSY = (
    "Concurrent generation capacity reached (limit=10000 weight units; this request needs 1)."
    " Wait for existing jobs to complete."
)
CODES = [
    *PUBLISHED,
    "image_too_large",
    "unsupported_format",
    "corrupt_input",
    "invalid_request",
    "rate_limited",
]


@pytest.mark.parametrize("failure_code", CODES)
def test_every_failure_code_can_be_asked_for(address: str, failure_code: str) -> None:
    with raw(address, f"luma-api-{uuid4()}") as http:
        created = http.post("/generations", json={"prompt": f"A sunset [{failure_code}]"})
        polled = http.get(f"/generations/{created.json()['id']}")
    assert (created.status_code, created.json()["state"], created.json()["failure_code"]) == (201, "queued", None)
    body = polled.json()
    assert (polled.status_code, body["state"], body["failure_code"], body["output"]) == (
        200,
        "failed",
        failure_code,
        [],
    )
    assert body["failure_reason"] == PUBLISHED.get(failure_code, body["failure_reason"])
    assert body["failure_reason"]


@pytest.mark.parametrize("prompt", ["a scene of gore", "Nude, in oil", "a deepfake", "x [MODERATED]"])
def test_some_words_are_moderated_by_nature(luma: Luma, prompt: str) -> None:
    assert ended(luma, luma.generations.create(prompt=prompt)).failure_code == "content_moderated"


@pytest.mark.parametrize("prompt", ["Al Gorelick's hat", "denuded hills", "a list [of things]", "plain [nonsense]"])
def test_other_words_are_left_alone(prompt: str) -> None:
    script = read_script(prompt)
    assert (script.failure, script.words, script.prompt) == (None, frozenset(), prompt)


def test_the_words_are_taken_out_of_what_is_painted() -> None:
    script = read_script("A [slow] lighthouse [402 once] at dusk")
    assert script.prompt == "A lighthouse at dusk"
    assert (script.words, script.once) == ({"slow", "402"}, {"402"})


@pytest.mark.parametrize("word", REFUSALS)
def test_every_refusal_can_be_asked_for_and_creates_nothing(address: str, word: str) -> None:
    key = f"luma-api-{uuid4()}"
    refusal = REFUSALS[word]
    told = BUSY if word == "busy" else refusal.detail
    prompt = f"A sunset {uuid4()} [{word}]"
    with raw(address, key) as http:
        for _ in range(2):
            response = http.post("/generations", json={"prompt": prompt}, headers={"X-Request-Id": prompt})
            assert (response.status_code, response.json()["detail"]) == (refusal.status, told)
    jobs = download(f"{root(address)}/ledger").json()["generations"]
    assert prompt not in {job["request_id"] for job in jobs}


def test_the_two_429_carry_their_own_headers(address: str) -> None:
    with raw(address) as http:
        rate = http.post("/generations", json={"prompt": "A [429]"}).headers
        busy = http.post("/generations", json={"prompt": "A [busy]"}).headers
    assert (rate["Retry-After"], rate["X-RateLimit-Remaining"]) == ("5", "0")
    assert (busy["Retry-After"], busy.get("X-RateLimit-Remaining")) == ("60", None)


def test_a_refusal_once_lets_the_next_try_through(luma: Luma) -> None:
    with pytest.raises(luma_agents.InternalServerError) as caught:
        luma.generations.create(prompt="A [502 once]")
    assert caught.value.status_code == 502
    assert luma.generations.create(prompt="A [502 once]").state == "queued"
    with pytest.raises(luma_agents.InternalServerError):
        luma.generations.create(prompt="A [502 once]")


@pytest.mark.parametrize("word", ["accept-then-drop", "500-after-accept"])
def test_a_job_can_be_accepted_and_the_answer_lost(address: str, word: str) -> None:
    attempt = str(uuid4())
    with raw(address) as http:
        if word == "accept-then-drop":
            with pytest.raises(httpx.RemoteProtocolError):
                http.post("/generations", json={"prompt": f"A [{word}]"}, headers={"X-Request-Id": attempt})
        else:
            response = http.post("/generations", json={"prompt": f"A [{word}]"}, headers={"X-Request-Id": attempt})
            assert (response.status_code, response.json()) == (500, {"detail": "Internal server error"})
    jobs = download(f"{root(address)}/ledger").json()["generations"]
    assert sum(job["request_id"] == attempt for job in jobs) == 1


def test_an_answer_can_hang_after_the_job_is_accepted(start: Start) -> None:
    address = start()
    with raw(address) as http, pytest.raises(httpx.ReadTimeout):
        http.post("/generations", json={"prompt": "A [accept-then-hang]"}, timeout=0.3)
    assert len(download(f"{root(address)}/ledger").json()["generations"]) == 1


@pytest.mark.parametrize(("word", "state"), [("stuck", "processing"), ("queued", "queued")])
def test_a_job_can_be_endless(start: Start, clock: Clock, word: str, state: str) -> None:
    luma = caller(start(clock=clock))
    generation = luma.generations.create(prompt=f"A [{word}]")
    clock.now += 100_000
    assert luma.generations.get(generation.id).state == state


def test_a_slow_job_takes_five_times_as_long(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock, time_scale=1))
    generation = luma.generations.create(prompt="A [slow]")
    clock.now += 5 * 55 - 1
    assert luma.generations.get(generation.id).state == "processing"
    clock.now += 5 * 30 + 1
    assert ended(luma, generation).state == "completed"


@pytest.mark.parametrize(("word", "output"), [("no-output", []), ("null-output", None)])
def test_a_job_can_complete_without_output(luma: Luma, word: str, output: Any) -> None:
    generation = ended(luma, luma.generations.create(prompt=f"A [{word}]"))
    assert (generation.state, generation.output) == ("completed", output)


def test_a_first_link_can_be_expired_at_birth(luma: Luma) -> None:
    generation = ended(luma, luma.generations.create(prompt="A [expired-link]"))
    assert download(generation.output[0].url).status_code == 403
    assert download(luma.generations.get(generation.id).output[0].url).status_code == 200


def test_a_first_download_can_break_off(luma: Luma) -> None:
    url = ended(luma, luma.generations.create(prompt="A [truncated-download]")).output[0].url
    with pytest.raises(httpx.RemoteProtocolError):
        download(url)
    assert download(url).status_code == 200


def test_a_jpeg_can_be_named_png(luma: Luma) -> None:
    url = ended(luma, luma.generations.create(prompt="A [jpeg-named-png]")).output[0].url
    assert httpx.URL(url).path.endswith(".png")
    assert opened(url).format == "JPEG"


def test_polls_can_be_flaky(address: str) -> None:
    with raw(address) as http:
        generation_id = http.post("/generations", json={"prompt": "A [flaky-polls]"}).json()["id"]
        polls = [http.get(f"/generations/{generation_id}") for _ in range(4)]
    assert [poll.status_code for poll in polls] == [503, 200, 503, 200]
    assert polls[0].text.startswith("<html>")


def test_undocumented_states_and_codes_can_be_met(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock, time_scale=1))
    strange = luma.generations.create(prompt="A [unknown-state]")
    odd = luma.generations.create(prompt="A [unknown-code]")
    clock.now += 54
    assert luma.generations.get(strange.id).state == "reticulating"
    assert luma.generations.get(odd.id).failure_code == "solar_flare"


def test_limit_headers_can_be_missing(address: str) -> None:
    with raw(address) as http:
        response = http.post("/generations", json={"prompt": "A [no-limit-headers]"})
    assert response.status_code == 201
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]


@pytest.mark.parametrize(("key", "prompt"), [("no-layering-1", "the dog"), ("", "the dog [no-layering]")])
def test_an_account_without_the_layering_grant_can_be_acted_out(address: str, key: str, prompt: str) -> None:
    body = {"prompt": prompt, "type": "layering", "source": inline(picture())}
    with raw(address, f"luma-api-{key or uuid4()}") as http:
        refused = http.post("/generations", json=body)
        image = http.post("/generations", json={"prompt": prompt})
    assert (refused.status_code, image.status_code) == (400, 201)
    assert refused.json() == {"detail": "Type 'layering' is not supported for model 'uni-1'"}


def test_the_public_table_names_every_word(luma: Luma) -> None:
    assert set(FAILURES) | set(REFUSALS) < set(KEYWORDS)
    layered = luma.generations.create(prompt="the dog [moderated]", type="layering", source=inline(picture()))  # type: ignore[arg-type]
    assert ended(luma, layered).failure_code == "content_moderated"
