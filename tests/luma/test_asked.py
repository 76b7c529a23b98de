"""An answer to a GET is about the job that was asked about, however it is wrapped, or it is about none."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from studio.luma import asked

ID, OTHER = "d290f1ee-6c54-4b01-90e6-d701748f0851", "00000000-6c54-4b01-90e6-d701748f0851"
LINK = "https://storage.example.com/a.png"
MADE: dict[str, Any] = {"id": ID, "state": "completed", "output": [{"url": LINK}]}
BARE = {"state": "completed", "output": [{"url": LINK}]}

OURS: dict[str, Any] = {
    "as documented": MADE,
    "in data": {"data": MADE},
    "in generation": {"generation": MADE, "request": OTHER},
    "in result": {"result": MADE},
    "a list of one": [MADE],
    "one of several": {"items": [MADE | {"id": OTHER}, MADE]},
    "deeper": {"status": "ok", "response": {"data": [MADE]}},
    "under a trace": {"id": OTHER, "data": MADE},
    "a URN": MADE | {"id": f"urn:uuid:{ID}"},
    "behind a word": MADE | {"id": f"gen_{ID.upper()}"},
    "without dashes": MADE | {"id": ID.replace("-", "")},
    "in a list": MADE | {"id": [ID]},
    "under another name": BARE | {"generation_id": ID, "id": 7},
    "its state inside": {"id": ID, "data": BARE},
    "its state inside, and its id again": {"id": ID, "data": MADE},
    "and an older state inside": MADE | {"previous": MADE | {"state": "queued"}},
    "no id at all": BARE,
    "no id at all, in data": {"data": BARE},
    "no id at all, in result": {"result": BARE},
    "no id at all, listed": [BARE],
    "only in the link": {"state": "completed", "output": [{"url": LINK}], "log": f"/logs/{ID}"},
}
NOT_OURS: dict[str, Any] = {
    "another": MADE | {"id": OTHER},
    "another, in data": {"data": MADE | {"id": OTHER}},
    "another, made of ours": MADE | {"id": OTHER, "generation_id": ID},
    "no id, and another in the link": {"state": "completed", "output": [{"url": f"{LINK}?of={OTHER}"}]},
    "no id, and another beside it": {"request": OTHER, "data": BARE},
    "no id, and two pictures": [BARE, {"state": "completed", "output": [{"url": f"{LINK}2"}]}],
    "no id and no picture": {"state": "failed", "output": []},
    "two states": [MADE, MADE | {"state": "processing"}],
    "nothing": None,
    "deep": json.loads("[" * 300 + "]" * 300),
}


@pytest.mark.parametrize("said", OURS.values(), ids=OURS)
def test_what_is_certainly_ours_is_taken(said: object) -> None:
    found = asked.generation(json.dumps(said).encode(), ID, nameless=True)
    assert found
    assert (found.id, found.state, [one.url for one in found.outputs]) == (ID, "completed", [LINK])


TEXT = json.dumps(MADE).encode()
WRITTEN: dict[str, bytes] = {
    "twice": json.dumps(TEXT.decode()).encode(),
    "as an event": b"event: done\ndata: " + TEXT + b"\n\n",
    "as the last line": json.dumps(MADE | {"state": "processing"}).encode() + b"\n" + TEXT + b"\n",
    "in a call": b"/**/take(" + TEXT + b");",
    "behind a guard": b")]}',\n" + TEXT,
    "with a letter of another alphabet": TEXT[:-1] + b', "model": "caf\xe9"}',
    "with a comma after the last": TEXT[:-2].replace(b'"}', b'",}') + b", ], }",
    "with other words for no number": TEXT[:-1] + b', "score": nan, "best": -inf, "seed": undefined, "note": "nan, ]"}',
    "with a line in a text": TEXT[:-1] + b', "prompt": "a\nb\tc"}',
    "in UTF-16": TEXT.decode().encode("utf-16"),
    "behind the mark of UTF-8": b"\xef\xbb\xbf" + TEXT,
    "one after the other": json.dumps(MADE | {"state": "processing", "output": []}).encode() + TEXT,
    "on many lines each": b"\n".join(
        json.dumps(MADE | {"state": one}, indent=1).encode() for one in ("queued", "completed")
    ),
    "before what ends the stream": TEXT + b'\n{"event": "end"}\n',
    "before another's": TEXT + b"\n" + json.dumps(MADE | {"id": OTHER, "state": "failed"}).encode(),
    "before a failure of what followed": TEXT + b"\n" + json.dumps({"id": ID, "state": "failed"}).encode(),
    "on a page with styles": b"<html><style>pre{color:red}</style><pre>" + TEXT + b"</pre></html>",
    "behind a line that is broken": b'data: {"id": "\ndata: ' + TEXT + b"\n\n",
    "outputs as a text": json.dumps(MADE | {"output": json.dumps(MADE["output"])}).encode(),
    "outputs by number": json.dumps(MADE | {"output": {"0": MADE["output"][0]}}).encode(),
    "a status for a state": json.dumps({"id": ID, "status": "completed", "output": MADE["output"]}).encode(),
}


@pytest.mark.parametrize("body", WRITTEN.values(), ids=WRITTEN)
def test_what_is_certainly_ours_is_taken_however_it_is_written(body: bytes) -> None:
    found = asked.generation(body, ID)
    assert found
    assert (found.state, [one.url for one in found.outputs]) == ("completed", [LINK])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>{}</html>",
        b"{not: json}",
        b'"a word"',
        b"{" * 99,
        b"\xff\xfe{}",
        b"<script>go(" + json.dumps(BARE).encode() + b")</script>",
    ],
)
def test_what_cannot_be_read_says_nothing(body: bytes) -> None:
    assert asked.generation(body, ID, nameless=True) is None


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id": "%b", "tries": [{"id": "%b", "state": "failed"}], "state": "proc' % (ID.encode(), ID.encode()),
        TEXT[:-1],
        repr(MADE).encode(),
        TEXT.replace(ID.encode(), OTHER.encode())[:-1] + b",}",
    ],
    ids=["a part of what was cut", "cut", "of another language", "another's"],
)
def test_a_text_that_has_to_be_guessed_at_says_nothing(broken: bytes) -> None:
    assert asked.generation(broken, ID, nameless=True) is None


@pytest.mark.parametrize("piece", [b'{"', b'\n{"', b'\n{"a": 1}', b'{"a": nan, ', b'{"a": "\\"', b"{ ", b'{"a":'])
def test_however_long_it_is_it_is_read_soon(piece: bytes) -> None:
    began = time.process_time()
    asked.generation(b"x" + piece * (2**20 // len(piece)), ID)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("said", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_doubtful_is_not_believed(said: object) -> None:
    assert asked.generation(json.dumps(said).encode(), ID, nameless=True) is None


NESTED: dict[str, tuple[Any, list[str]]] = {
    "a list in the list": ([[{"url": LINK}]], [LINK]),
    "lists of one": ([[{"url": LINK}], [{"url": f"{LINK}2"}]], [LINK, f"{LINK}2"]),
    "in an object": ({"images": [{"url": LINK}]}, [LINK]),
    "an object for a link": ([{"url": {"url": LINK}}], [LINK]),
    "under another name": ([{"image_url": LINK, "url": None}], [LINK]),
    "not its thumbnail": ([{"thumbnail": {"url": f"{LINK}2"}, "image": {"url": LINK}}], [LINK]),
    "one is missing": ([{"url": LINK}, None], [LINK, ""]),
    "too deep": ([[[[[[[[{"url": LINK}]]]]]]]], []),
}


@pytest.mark.parametrize(("output", "links"), NESTED.values(), ids=NESTED)
def test_outputs_are_found_however_they_are_nested(output: object, links: list[str]) -> None:
    found = asked.generation(json.dumps(MADE | {"output": output}).encode(), ID)
    assert found
    assert [one.url for one in found.outputs] == links


def test_what_is_said_of_a_layer_goes_with_its_link() -> None:
    output = [{"type": "image", "layer": {"index": 1, "label": "sky"}, "image": {"url": LINK}}]
    found = asked.generation(json.dumps(MADE | {"output": output}).encode(), ID)
    assert found
    assert [(one.url, one.layer and one.layer.label) for one in found.outputs] == [(LINK, "sky")]
