"""A link is read as it was meant, and nothing is added to what is none."""

from __future__ import annotations

import json

import pytest

from studio.luma import asked, links
from studio.luma.outputs import INLINE

LINK = "https://storage.example.com/a.png?X-Amz-Date=1&X-Amz-Signature=2"
BASE = "https://agents.lumalabs.ai/v1/generations/"
ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"

AROUND: dict[str, str] = {
    "as it is": LINK,
    "spaces and lines": f" \t{LINK}\r\n",
    "quotes": f'"{LINK}"',
    "brackets": f"<{LINK}>",
    "both, and spaces": f" '<{LINK}>' ",
    "a mark of order": f"\ufeff{LINK}",
    "entities": LINK.replace("&", "&amp;"),
    "entities by number": LINK.replace("&", "&#38;").replace("=", "&#x3D;").replace("/", "&#x2F;"),
    "twice escaped": LINK.replace("&", "&amp;amp;"),
    "letters as codes": LINK.replace("&", "\\u0026"),
    "slashes that are escaped": LINK.replace("/", "\\/"),
    "broken lines": LINK[:40] + "\n" + LINK[40:],
    "of a text": f"![the picture]({LINK})",
    "of a header": f"<{LINK}>; rel=enclosure",
    "of a page": f'<img src="{LINK}">',
}
LEFT = [
    "",
    "not a link",
    "data:text/plain,hello",
    "ftp://example.com/a",
    f"{INLINE}0",
    f"one {LINK} or {LINK}2",
    "x" * 40_000,
]


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND)
def test_what_is_around_a_link_is_taken_off(text: str) -> None:
    assert links.tidied(text) == LINK


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_link_stays_as_it_came(text: str) -> None:
    assert links.tidied(text) == text
    assert links.whole(text, BASE) == text


@pytest.mark.parametrize(
    "link", [f"{LINK}&copy=3", "https://x.example/a b/ö.png", "HTTPS://x.example/a", "https://x.example/%26amp"]
)
def test_a_sound_link_is_not_touched(link: str) -> None:
    assert links.tidied(link) == links.whole(link, BASE) == link


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("/files/a.png", "https://agents.lumalabs.ai/files/a.png"),
        ("/files/a b.png?x=1", "https://agents.lumalabs.ai/files/a b.png?x=1"),
        ("../files/a", "https://agents.lumalabs.ai/v1/files/a"),
        ("a.png", "https://agents.lumalabs.ai/v1/generations/a.png"),
        ("//storage.example.com/a", "https://storage.example.com/a"),
        ("storage.example.com/a", "https://storage.example.com/a"),
        ("storage.example.com:8443/a", "https://storage.example.com:8443/a"),
        ("http://storage.example.com/a?b=http://c/", "https://storage.example.com/a?b=http://c/"),
        ("http://storage.example.com:80/a", "https://storage.example.com/a"),
        # No other port answers both ways, and nothing hidden is made plain.
        ("http://storage.example.com:8080/a", "http://storage.example.com:8080/a"),
        ("http://user@storage.example.com/a", "http://user@storage.example.com/a"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("//[bad/a", "//[bad/a"),
    ],
)
def test_a_part_of_a_link_is_made_whole_as_a_browser_does(link: str, whole: str) -> None:
    assert links.whole(link, BASE) == whole


def test_of_a_simulator_nothing_becomes_https() -> None:
    base = "http://127.0.0.1:8100/v1/generations/"
    assert links.whole("http://127.0.0.1:8100/a", base) == "http://127.0.0.1:8100/a"
    assert links.whole("/a", base) == "http://127.0.0.1:8100/a"


SAID: dict[str, object] = {
    "another spelling": {"output": [{"imageUrl": LINK}]},
    "a link in a link": {"output": [{"href": LINK, "rel": "self"}]},
    "the name of its file": {"output": [{"file": "a.png", "image": {"url": LINK}}]},
    "assets": {"assets": {"image": LINK}},
    "images": {"output": [], "images": [{"url": LINK}]},
    "outputs that say nothing": {"output": [{"type": "image"}], "result": {"data": [{"signed_url": LINK}]}},
    "urls": {"output": {"urls": [LINK]}},
    "in brackets": {"output": [f"<{LINK}>"]},
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_a_link_is_found_under_other_names(said: dict[str, object]) -> None:
    found = asked.generation(json.dumps({"id": ID, "state": "completed"} | said).encode(), ID)
    assert found
    assert [one.url for one in found.outputs] == [LINK]


def test_what_failed_may_name_what_was_sent_and_that_is_no_output() -> None:
    found = asked.generation(json.dumps({"id": ID, "state": "failed", "image": LINK}).encode(), ID)
    assert found
    assert not found.has_pictures
