"""Whatever the API sends: no crash, nothing that a database could not store."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.luma import Bounds, Layer, Output, parse
from studio.luma.text import clean, is_storable

T = TypeVar("T")
ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
FIELDS = [
    "id",
    "type",
    "state",
    "model",
    "created_at",
    "output",
    "failure_reason",
    "failure_code",
    "url",
    "layer",
    "index",
    "label",
    "description",
    "alpha_hint",
    "bounds",
    "x",
    "y",
    "width",
    "height",
    "canvas_width",
    "canvas_height",
    "file",
    "upload",
    "method",
    "headers",
    "expires_at",
    "data",
    "has_more",
    "next_cursor",
    "detail",
    "msg",
    "loc",
    "message",
    "size_bytes",
    "mime_type",
]

# Any text, lone surrogates and controls included; sometimes one that looks right.
texts = st.text(st.characters(), max_size=12) | st.sampled_from(
    [
        ID,
        "completed",
        "queued",
        "PUT",
        "f-1",
        "2026-04-08T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "https://x.example/y",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | texts, inner, max_size=8),
    max_leaves=25,
)
READERS = (parse.generation, parse.file, parse.file_upload)


def inside(value: object, kind: type[T]) -> list[T]:
    """Every value of a kind inside a result."""
    if isinstance(value, kind):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    return [found for part in value for found in inside(part, kind)] if isinstance(value, list | tuple) else []


def judge(body: bytes) -> None:
    for reader in READERS:
        result = reader(body)
        for text in inside(result, str):
            text.encode("utf-8")
            assert "\x00" not in text
        assert all(abs(number) < 2**63 for number in inside(result, int))
    parse.detail(body).encode("utf-8")


@given(values)
@settings(max_examples=300, deadline=None)
def test_any_json_is_survived(value: object) -> None:
    judge(json.dumps(value).encode())
    judge(json.dumps({"id": ID, "output": value, "failure_reason": value, "detail": value}).encode())
    judge(json.dumps({"id": "f-1", "file": {"id": "f-1", "filename": value}, "upload": value, "data": value}).encode())


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived(body: bytes) -> None:
    judge(body)
    judge(b'{"id": "' + ID.encode() + b'", "state": "' + body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 300_000,
        b'{"id":' * 300_000,
        b'{"id": "' + ID.encode() + b'", "output": ' + b"[" * 300_000,
        b"9" * 5000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"id": Infinity, "detail": -Infinity}',
    ],
)
def test_poison_is_survived(body: bytes) -> None:
    judge(body)
    assert parse.generation(body) is None


def read(**fields: object) -> parse.Generation:
    generation = parse.generation(json.dumps({"id": ID} | fields).encode())
    assert generation is not None
    return generation


@pytest.mark.parametrize(
    "generation_id", [None, 7, "", "x", ID + " ", f"urn:uuid:{ID}", ID.replace("-", ""), [ID], {"id": ID}, True]
)
def test_a_generation_without_a_uuid_is_none(generation_id: object) -> None:
    assert parse.generation(json.dumps({"id": generation_id, "state": "queued"}).encode()) is None


def test_an_id_is_kept_in_lower_case() -> None:
    assert read(id=ID.upper()).id == ID


def test_a_documented_failure_is_read_whole() -> None:
    generation = read(
        type="image",
        state="failed",
        model="uni-1",
        created_at="2026-04-08T12:00:00Z",
        output=[],
        failure_reason="Generation output was flagged by our content moderation system.",
        failure_code="content_moderated",
        surprise={"a": 1},
    )
    assert (generation.is_failed, generation.is_completed) == (True, False)
    assert (generation.type, generation.model) == ("image", "uni-1")
    assert generation.created_at == datetime(2026, 4, 8, 12, tzinfo=UTC)
    assert generation.failure_code == "content_moderated"
    assert generation.failure_reason.startswith("Generation output")


STATES: list[tuple[object, str]] = [
    ("COMPLETED", "completed"),
    ("GENERATION_STATE_COMPLETED", "completed"),
    ("State.Completed", "completed"),
    ("JobFailed", "failed"),
    ("status:queued", "queued"),
    ("is-completed", "completed"),
    ("not_completed", "not_completed"),
    ("incomplete", "incomplete"),
    ("Done", "Done"),
    ({"name": "completed"}, "completed"),
    ({"value": "STATE_FAILED", "name": None}, "failed"),
    ({"state": {"value": "completed"}}, "completed"),
    ({"code": 3, "label": "completed"}, "completed"),
    (3, "3"),
    ({"code": 1.5}, "1.5"),
    ({"completed": {"at": "now"}}, "completed"),
    ({"progress": 3, "of": 4}, ""),
    (["completed"], "completed"),
    ([{"name": "completed"}], "completed"),
    (json.loads('{"name":' * 50 + "1" + "}" * 50), ""),
]


@pytest.mark.parametrize(("said", "state"), STATES)
def test_a_state_is_read_in_whatever_form(said: object, state: str) -> None:
    assert read(state=said).state == state
    assert read(state=None, status=said).state == state


@pytest.mark.parametrize(
    "state", ["queued", "processing", "paused", "moderated", "", None, 7, ["completed", "failed"], "done"]
)
def test_a_state_that_is_not_an_end_is_still_running(state: object) -> None:
    generation = read(state=state)
    assert not generation.is_failed
    assert not generation.is_completed


def test_an_unknown_state_keeps_its_word() -> None:
    assert read(state="Pausiert\x00").state == "Pausiert\ufffd"
    assert read(state=" COMPLETED ").is_completed
    assert read(state=3, status="completed").is_completed


@pytest.mark.parametrize(
    "output", [{"url": "https://x.example"}, "https://x.example", ["HTTPS://x.example"], [" https://x.example"]]
)
def test_one_output_alone_and_a_bare_link_bring_the_picture(output: object) -> None:
    generation = read(state="completed", output=output)
    assert [one.url.lower() for one in generation.outputs] == ["https://x.example"]
    assert generation.has_pictures


@pytest.mark.parametrize("output", [None, [], {}, "", "x", 7, [None], ["x"], [[]]])
def test_a_completed_generation_may_have_no_picture(output: object) -> None:
    generation = read(state="completed", output=output)
    assert generation.outputs == ()
    assert not generation.has_pictures


@pytest.mark.parametrize("url", [None, "", 7, ["x"], "https://x.example/\ud800", "https://x.example/\x00", "h" * 8001])
def test_an_output_without_a_usable_link_is_kept_but_said(url: object) -> None:
    good = {"type": "image", "url": "https://luma-api-output.example/a?X-Amz-Signature=%2f"}
    generation = read(state="completed", output=[good, {"type": "image", "url": url}])
    assert [output.url for output in generation.outputs] == [good["url"], ""]
    assert not generation.has_pictures
    assert read(output=[good]).has_pictures
    assert "Signature" not in repr(generation)


def test_a_layer_is_read_with_its_place() -> None:
    bounds = {"x": -3, "y": 300, "width": 520, "height": 610.0, "canvas_width": 1024, "canvas_height": 1024}
    layer = {"index": 1, "label": "dog", "description": "A dog", "alpha_hint": "soft", "bounds": bounds}
    (output,) = read(output=[{"type": "image", "url": "https://x.example", "layer": layer}]).outputs
    expected = Layer(1, "dog", "A dog", "soft", Bounds(-3, 300, 520, 610, 1024, 1024))
    assert output == Output("image", "https://x.example", expected)


@pytest.mark.parametrize(
    "change",
    [{"x": None}, {"width": 0}, {"height": -1}, {"canvas_width": "9"}, {"y": True}, {"y": 1.5}, {"x": 2**31}],
)
def test_a_place_that_makes_no_sense_is_no_place(change: dict[str, object]) -> None:
    bounds = {"x": 1, "y": 1, "width": 1, "height": 1, "canvas_width": 1, "canvas_height": 1} | change
    for layer in ({"index": "front", "bounds": bounds}, {"bounds": [1]}, {}):
        (output,) = read(output=[{"layer": layer}]).outputs
        assert output.layer == Layer(0, "", "", "", None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-08T12:00:00.123456Z", datetime(2026, 4, 8, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-04-08T12:00:00+02:00", datetime(2026, 4, 8, 10, tzinfo=UTC)),
        ("2026-04-08T12:00:00", datetime(2026, 4, 8, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (1775649660, None),
    ],
)
def test_times_are_utc_or_nothing(text: object, moment: datetime | None) -> None:
    assert read(created_at=text).created_at == moment


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Unknown model: x"}, "Unknown model: x"),
        ({"detail": [{"loc": ["body", "prompt", 0], "msg": "field required"}]}, "body.prompt.0: field required"),
        ({"detail": [{"msg": "a"}, "b", 7, {"loc": "x", "msg": "c"}]}, "a; b; c"),
        ({"detail": {"message": "too much"}}, "too much"),
        ({"detail": {"loc": ["body"]}}, ""),
        ({"detail": None}, ""),
        ({"detail": 7}, ""),
        ({"error": "x"}, "x"),
        ("text", ""),
        (["x"], ""),
    ],
)
def test_the_words_of_an_error_are_found(body: object, said: str) -> None:
    assert parse.detail(json.dumps(body).encode()) == said


def test_words_are_made_storable() -> None:
    assert clean(" a\x00b\ud800c\td\n") == "a\ufffdb\ufffdc\td"
    assert clean("x" * 2000) == "x" * 999 + "…"
    assert clean("key luma-api-s3cr3t!, sir") == "key luma-api-*** sir"
    assert clean("KEY LUMA-API-S3CR3T") == "KEY luma-api-***"
    assert "s3cr3t" not in clean("x" * 985 + "luma-api-s3cr3t" + "y" * 50)
    assert clean("x" * 1000) == "x" * 1000
    assert (clean(None), clean(7), clean(["x"])) == ("", "", "")
    assert is_storable("ok", limit=2)
    assert not any(is_storable(text, limit=2) for text in ("", "abc", "\x00", "\udfff"))
