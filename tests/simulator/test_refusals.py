"""Every synchronous refusal, in the words of the documents (luma-api.md section 6.2)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import luma_agents
import pytest
from luma_agents import Luma

from studio.simulator import Options
from studio.simulator.database import Database
from tests.simulator.conftest import Start, caller, inline, picture, raw
from tests.simulator.threads import in_thread

RATIOS = "1:1, 1:2, 1:3, 16:9, 2:1, 2:3, 3:1, 3:2, 9:16"
LARGEST = 50 * 1024 * 1024
DATA = inline(picture())
LENGTH = "Prompt must be between 1 and 6000 characters"

BAD_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"model": "super-model-v9"}, "Unknown model: super-model-v9"),
    ({"model": "ray-3.2", "type": "video"}, "Unknown model: ray-3.2"),
    ({"type": "video"}, "Type 'video' is not supported for model 'uni-1'"),
    ({"type": "video_edit", "source": DATA}, "Type 'video_edit' is not supported for model 'uni-1'"),
    ({"type": "video_reframe"}, "Type 'video_reframe' is not supported for model 'uni-1'"),
    (
        {"type": "layering", "model": "uni-1-max", "source": DATA},
        "Type 'layering' is not supported for model 'uni-1-max'",
    ),
    ({"type": "collage"}, "Type 'collage' is not supported for model 'uni-1'"),
    ({"aspect_ratio": "4:3"}, f"Invalid aspect_ratio '4:3'. Valid: {RATIOS}"),
    ({"aspect_ratio": "21:9"}, f"Invalid aspect_ratio '21:9'. Valid: {RATIOS}"),
    ({"prompt": ""}, LENGTH),
    ({"prompt": "a" * 6001}, LENGTH),
    ({"prompt": None}, LENGTH),
    (
        {"style": "manga", "aspect_ratio": "16:9"},
        "style 'manga' requires a portrait aspect_ratio. Valid: 2:3, 9:16, 1:2, 1:3",
    ),
    ({"style": "noir"}, "Invalid style 'noir'. Valid: auto, manga"),
    ({"output_format": "webp"}, "Invalid output_format 'webp'. Valid: jpeg, png"),
    ({"web_search": "yes"}, "web_search must be a boolean"),
    ({"user_id": "u" * 257}, "user_id must be a string of at most 256 characters"),
    ({"user_id": 7}, "user_id must be a string of at most 256 characters"),
    ({"source": DATA}, "source is only valid for type 'image_edit'"),
    ({"type": "image_edit"}, "source is required for type 'image_edit'"),
    ({"type": "layering"}, "source is required for type 'layering'"),
    ({"video": {"duration": "5s"}}, "video is only valid for video types"),
    ({"layering": {"resolution": "1k"}}, "layering is only valid for type 'layering'"),
    ({"type": "layering", "source": DATA, "layering": "2k"}, "layering must be an object"),
    (
        {"type": "layering", "source": DATA, "layering": {"resolution": "4k"}},
        "Invalid layering.resolution '4k'. Valid: 1k, 2k",
    ),
    ({"type": "layering", "source": DATA, "prompt": "a" * 501}, "Layering prompt must be at most 500 characters"),
    ({"type": "layering", "source": DATA, "prompt": 5}, "prompt must be a string"),
    ({"type": "layering", "source": DATA, "image_ref": [DATA]}, "image_ref is not supported for type 'layering'"),
    ({"image_ref": [DATA] * 10}, "image supports up to 9 reference images"),
    (
        {"type": "image_edit", "source": DATA, "image_ref": [DATA] * 9},
        "image_edit supports up to 8 reference images (source occupies one slot)",
    ),
    ({"image_ref": DATA}, "image_ref must be an array"),
    ({"image_ref": ["x"]}, "image_ref[0]: must be an object"),
    (
        {"image_ref": [{"url": "https://example.com/a.png", **DATA}]},
        "image_ref[0]: provide either 'url' or 'data', not both",
    ),
    ({"image_ref": [DATA, {}]}, "image_ref[1]: provide either 'url' or 'data', not neither"),
    (
        {"type": "image_edit", "source": {"url": None}},
        "source: provide either 'url' or 'data', not neither",
    ),
    ({"image_ref": [{"data": "AAAA"}]}, "image_ref[0]: 'media_type' is required with 'data'"),
    ({"type": "image_edit", "source": {"data": "AAAA"}}, "source: 'media_type' is required with 'data'"),
    ({"image_ref": [{"file_id": 5}]}, "image_ref[0]: 'file_id' must be a string"),
    ({"image_ref": [{"data": "AAAA", "media_type": 5}]}, "image_ref[0]: 'media_type' must be a string"),
    ({"image_ref": [{"generation_id": "none-such"}]}, "image_ref[0]: generation not found"),
    ({"type": "image_edit", "source": {"file_id": "none-such"}}, "source: file not found"),
]


@pytest.mark.parametrize(("fields", "detail"), BAD_REQUESTS, ids=[detail[:50] for _, detail in BAD_REQUESTS])
def test_a_bad_request_is_a_400_with_its_text(luma: Luma, fields: dict[str, Any], detail: str) -> None:
    with pytest.raises(luma_agents.BadRequestError) as caught:
        luma.post("/generations", body={"prompt": "A sunset", **fields}, cast_to=object)
    assert caught.value.body == {"detail": detail}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_a_400(address: str, body: bytes) -> None:
    with raw(address) as http:
        response = http.post("/generations", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()) == (400, {"detail": "Request body is not valid JSON"})


def test_a_body_that_is_no_object_is_a_400(address: str) -> None:
    with raw(address) as http:
        response = http.post("/generations", json=["prompt"])
    assert (response.status_code, response.json()) == (400, {"detail": "Request body must be a JSON object"})


def test_the_longest_prompt_passes(luma: Luma) -> None:
    assert luma.generations.create(prompt="é" * 6000).state == "queued"


def test_unknown_fields_and_nulls_are_harmless(address: str) -> None:
    fields = dict.fromkeys(("aspect_ratio", "output_format", "source", "image_ref", "video", "layering", "user_id"))
    with raw(address) as http:
        assert http.post("/generations", json={"prompt": "A", "seed": 5, **fields}).status_code == 201


@pytest.mark.parametrize("place", ["source", "image_ref[0]"])
@pytest.mark.parametrize("data", ["not base64!", "AAA", "data:image/png;base64,AAAA", ""])
def test_bad_base64_is_a_422_with_its_place(luma: Luma, place: str, data: str) -> None:
    ref: Any = {"data": data, "media_type": "image/png"}
    inputs: Any = {"type": "image_edit", "source": ref} if place == "source" else {"image_ref": [ref]}
    with pytest.raises(luma_agents.UnprocessableEntityError) as caught:
        luma.generations.create(prompt="A", **inputs)
    assert caught.value.body == {"detail": f"{place}: invalid base64 data"}


def test_data_that_is_no_image_type_is_a_422(luma: Luma) -> None:
    with pytest.raises(luma_agents.UnprocessableEntityError, match=r"image_ref\[0\]: content-type is not an image"):
        luma.generations.create(prompt="A", image_ref=[{"data": "AAAA", "media_type": "text/plain"}])


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 201), (LARGEST + 1, 413), (LARGEST + 3, 413)])
def test_fifty_megabytes_are_the_most_after_decoding(address: str, size: int, status: int) -> None:
    data = base64.b64encode(bytes(size)).decode()
    small = inline(picture())
    body = {"prompt": "A", "image_ref": [small, small, {"data": data, "media_type": "image/png"}]}
    with raw(address) as http:
        response = http.post("/generations", json=body)
    assert response.status_code == status
    if status == 413:
        assert response.json() == {"detail": "image_ref[2]: image exceeds 50 MB limit"}


@pytest.mark.parametrize(
    "header",
    [None, "luma-api-x", "bearer luma-api-x", "Bearer sk-x", "Bearer  luma-api-x", "Basic luma-api-x", "Bearer"],
)
def test_without_a_proper_key_there_is_nothing(address: str, header: str | None) -> None:
    with raw(address) as http:
        del http.headers["Authorization"]
        response = http.get("/generations/x", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json()) == (401, {"detail": "Missing or invalid API key"})


KEYS = [
    ("revoked", luma_agents.AuthenticationError, "API key has been revoked"),
    ("expired", luma_agents.AuthenticationError, "API key has expired"),
    ("unknown", luma_agents.AuthenticationError, "Invalid API key"),
    ("suspended", luma_agents.PermissionDeniedError, "API client is suspended"),
    ("deactivated", luma_agents.PermissionDeniedError, "API client is deactivated"),
]


@pytest.mark.parametrize(("word", "error", "detail"), KEYS)
def test_a_key_says_in_its_name_how_it_is_refused(address: str, word: str, error: Any, detail: str) -> None:
    with caller(address, f"luma-api-{word}-123") as luma, pytest.raises(error) as caught:
        luma.files.list()
    assert caught.value.body == {"detail": detail}


def test_a_listed_key_is_needed_where_keys_are_listed_and_keys_of_one_client_share(start: Start) -> None:
    address = start(
        keys={"luma-api-a": "acme", "luma-api-b": "acme", "luma-api-c": "other"},
    )
    generation_id = caller(address, "luma-api-a").generations.create(prompt="A").id
    answers = {}
    for name in "abcx":
        with raw(address, f"luma-api-{name}") as http:
            answers[name] = http.get(f"/generations/{generation_id}")
    assert answers["a"].json()["id"] == answers["b"].json()["id"] == generation_id
    assert answers["c"].status_code == 404
    assert answers["x"].json() == {"detail": "Invalid API key"}


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"model": None}, "Unknown model: null"),
        ({"type": None}, "Type 'null' is not supported for model 'uni-1'"),
        ({"type": True}, "Type 'true' is not supported for model 'uni-1'"),
        ({"style": {"a": None}}, "Invalid style '{\"a\": null}'. Valid: auto, manga"),
        ({"output_format": [None]}, "Invalid output_format '[null]'. Valid: jpeg, png"),
        (
            {"type": "layering", "source": {"url": "https://a.example/b"}, "layering": {"resolution": None}},
            "Invalid layering.resolution 'null'. Valid: 1k, 2k",
        ),
    ],
)
def test_values_are_quoted_as_json_and_never_as_python(address: str, fields: dict[str, Any], detail: str) -> None:
    with raw(address) as http:
        response = http.post("/generations", json={"prompt": "A", **fields})
    assert (response.status_code, response.json()) == (400, {"detail": detail})


def test_unknown_foreign_and_malformed_ids_are_the_same_404(address: str, luma: Luma) -> None:
    theirs = luma.generations.create(prompt="Mine alone").id
    with raw(address) as http:
        answers = [
            http.get(f"/generations/{name}") for name in (theirs, "0" * 8, "00000000-0000-0000-0000-000000000000")
        ]
    assert {answer.status_code for answer in answers} == {404}
    assert [answer.json() for answer in answers] == [{"detail": "Generation not found"}] * 3


def test_money_is_reserved_at_submit_and_refunded_on_failure(start: Start) -> None:
    luma = caller(start(balance=0.09))
    failed = luma.generations.create(prompt="One [generation_failed]")
    assert luma.generations.get(failed.id).failure_code == "generation_failed"
    luma.generations.create(prompt="Two")
    luma.generations.create(prompt="Three")
    with pytest.raises(luma_agents.APIStatusError) as caught:
        luma.generations.create(prompt="Four")
    assert caught.value.status_code == 402
    assert caught.value.body == {"detail": "Insufficient balance. Please add funds to continue."}


def test_wrong_paths_and_methods_speak_json_too(address: str) -> None:
    with raw(address) as http:
        missing, wrong = http.get("/usage"), http.delete("/generations")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (wrong.status_code, wrong.json()) == (405, {"detail": "Method Not Allowed"})
    assert wrong.headers["Allow"] == "POST"


def test_a_taken_port_is_an_error_and_not_a_silence(start: Start, tmp_path: Path) -> None:
    port = int(start().removesuffix("/v1").rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"), in_thread(Options(state_dir=tmp_path, port=port)):
        pytest.fail("two simulators on one port")


def test_an_accident_is_a_500_in_json(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("an accident, as the test wanted")

    monkeypatch.setattr(Database, "find", break_down)
    with raw(start()) as http:
        response = http.get("/generations/00000000-0000-0000-0000-000000000000")
    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error"})
    assert response.headers["X-API-Version"] == "2026-04-01"
    assert "an accident" in caplog.text
