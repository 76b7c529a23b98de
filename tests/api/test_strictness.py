"""What is not as described costs nothing: bodies, fields, filters, places, keys and addresses at every door."""

from __future__ import annotations

import errno
import gzip
import json
import uuid
from typing import Any

import pytest
from django.db import InterfaceError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from studio.api import agents, luma, making_routes, openai
from studio.models import Picture, Submission, User
from tests import people
from tests.api.calling import Caller, caller, make_token


@pytest.fixture
def mine(alice: User) -> Caller:
    return caller(alice)


@pytest.mark.parametrize("path", ["/api/v1/submissions", "/v1/generations", "/v1/images/generations"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"prompt": "x", "prompt": "y"}',
        b'{"prompt": "x", "references": [{"a": 1, "a": 2}]}',
        b'{"prompt": "x", "count": NaN}',
        b'{"prompt": "x", "n": Infinity}',
        b'{"prompt": "x", "n": 1e999}',
        b'{"prompt": "x"} {}',
        gzip.compress(b'{"prompt": "x"}', mtime=0),
        b"[" * 100_000,
    ],
)
def test_a_body_that_two_readers_could_read_in_two_ways_is_refused(mine: Caller, path: str, body: bytes) -> None:
    answer = mine.client.post(path, body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert "json" in answer.headers["Content-Type"]
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"type": "image", "source": "{picture}"}, "source"),
        ({"layering_resolution": "2k"}, "layering_resolution"),
        ({"blanks": ["a"]}, "blanks"),
        ({"references": ["{picture}", "{picture}"]}, "references"),
        ({"references": ["{picture}", ""]}, "references"),
        *(
            ({"type": "layering", "source": "{picture}", name: value}, name)
            for name, value in (
                *(("references", ["{picture}"]), ("aspect_ratio", "1:1"), ("style", "manga")),
                *(("output_format", "png"), ("web_search", True)),
            )
        ),
        ({"type": "image_edit", "source": "{picture}", "aspect_ratio": "1:1"}, "aspect_ratio"),
        ({"webhook": ""}, "webhook"),
    ],
)
def test_what_a_type_does_not_take_is_refused_and_not_left_out(
    mine: Caller, alice: User, asked: dict[str, Any], field: str
) -> None:
    code = str(people.make_picture(alice).code)
    body = json.loads(json.dumps({"prompt": "A boat", **asked}).replace("{picture}", code))
    answer = mine.post("/submissions", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("blanks", "field"), [(["a boat", "a car"], "blanks"), (["a" * 9_000], "prompt"), (["a" * 400_000], "blanks")]
)
def test_what_fills_the_blanks_of_a_look_is_never_left_out(
    mine: Caller, alice: User, blanks: list[str], field: str
) -> None:
    look = people.make_look(alice, words="A picture of [product]").current
    assert look
    answer = mine.post("/submissions", {"prompt": "At dusk", "look": str(look.code), "blanks": blanks})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    "filters",
    [
        *(
            "board=CODE",
            "board=",
            "decision=aproved",
            "decision=approved&decision=x",
            "Decision=approved",
            "nonsense=1",
        ),
        *("from=tomorrow", "to=2026-99-99", "sort=newest", "approved", "tag=none", f"board={uuid.UUID(int=7)}", "\0"),
        "&".join(f"ratio={number}" for number in range(21)),
        "&".join("a" for _ in range(400)),
    ],
)
def test_a_filter_that_means_nothing_is_refused_and_does_not_find_everything(mine: Caller, filters: str) -> None:
    answer = mine.client.get("/api/v1/pictures", {"filters": filters})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "filters")


def test_filters_are_those_of_the_gallery(mine: Caller, alice: User) -> None:
    first, last = [people.make_job(alice, state="done", prompt="A boat").pictures.get() for _ in range(2)]
    Picture.objects.filter(pk=first.pk).update(shown_at=last.shown_at.replace(year=2020))
    for filters, codes in (
        ("", [last, first]),
        ("sort=oldest", [first, last]),
        ("q=boat&from=2019&to=2099-12", [last, first]),
        ("ratio=1:1&ratio=16:9&ratio=1:1", []),
    ):
        found = mine.client.get("/api/v1/pictures", {"filters": filters}).json()["items"]
        assert {one["code"] for one in found} == {str(one.code) for one in codes}, filters


def test_a_place_of_a_list_that_is_none_names_its_field(mine: Caller) -> None:
    for path in ("/submissions", "/pictures", "/boards", "/tokens", "/approvals"):
        for place in ("x", "-1", "1-", "9" * 60):
            told = mine.get(f"{path}?after={place}").json()
            wanted = (403, []) if path == "/tokens" else (422, ["after"])
            assert (told["status"], [one["field"] for one in told["errors"]]) == wanted


@pytest.mark.parametrize("door", ["/api/v1/submissions", "/v1/generations", "/v1/images/generations"])
def test_an_empty_key_is_refused_because_whoever_sends_it_believes_to_be_safe(mine: Caller, door: str) -> None:
    mine.base = ""
    answer = mine.post(door, {"prompt": "A boat"}, **{"Idempotency-Key": ""})
    assert answer.status_code in {400, 422}
    assert b"Idempotency-Key is empty" in answer.content
    assert not Submission.objects.exists()


def test_a_key_stands_for_the_board_and_the_address_too(mine: Caller) -> None:
    board, other = [mine.post("/boards", {"name": name}).json()["code"] for name in ("One", "Two")]
    asked = {"prompt": "A boat", "board": board, "webhook": "https://hooks.example/a"}
    key = {"Idempotency-Key": "1"}
    assert mine.post("/submissions", asked, **key).status_code == 201
    assert mine.post("/submissions", asked, **key).status_code == 200
    for more in ({"board": other}, {"webhook": "https://hooks.example/b"}):
        assert mine.post("/submissions", {**asked, **more}, **key).json()["code"] == "key-used"
    assert Submission.objects.count() == 1


def test_a_program_at_a_wrong_address_is_told_so_in_its_own_form(mine: Caller) -> None:
    mine.base = ""
    for path in ("/api/v1/", "/api/v1/submissions/", "/api/v1/nothing"):
        told = mine.get(path)
        assert (told.status_code, "do not end with a slash" in told.json()["detail"]) == (404, True)
    assert mine.get("/api/v1/pictures/%0D%0Ax").json()["code"] == "not-found"
    for path in ("/v1/", "/v1/images/variations", "/v1/a%0Ab"):
        assert "There is no /v1/" in mine.get(path).json()["error"]["message"]
    for method in ("POST", "PUT", "OPTIONS"):
        assert mine.ask(method, "/v1/linked/x").headers["Allow"] == "GET, HEAD"
    for method in ("POST", "PUT", "OPTIONS"):
        refused = mine.ask(method, "/v1/models")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")
    assert Client().get("/api/v1/docs").status_code == 302


def test_what_can_be_read_has_its_headers_too(mine: Caller, alice: User) -> None:
    job = people.make_job(alice, state="done")
    for path in ("/me", "/submissions", f"/pictures/{job.pictures.get().code}/file"):
        assert mine.ask("HEAD", path).status_code == 200
    assert mine.ask("HEAD", f"/jobs/{job.code}/cancel").status_code == 405


CODE = "6f1d9e0a-0000-4000-8000-000000000000"
STRANGE: tuple[Any, ...] = (None, True, 0, -1, 1.5, [], {}, ["x"], {"a": 1}, "\0", "x" * 300, 10**30)


@pytest.mark.parametrize("name", sorted(openai.MAKES | set(openai.NEUTRAL)))
def test_openais_fields_are_judged_whatever_they_are(mine: Caller, name: str) -> None:
    mine.base = "/v1"
    for value in STRANGE if name != "prompt" else ("", None, [], {}, 1, True, "\0"):
        # Nothing can be made of it: the prompt is empty.
        answer = mine.post("/images/generations", {"prompt": "", name: value})
        assert answer.status_code in {400, 404}, (value, answer.content)
        assert answer.json()["error"]["message"]


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "many", [], 21, 10**30])
def test_nobody_guesses_how_many_openais_client_means(mine: Caller, n: Any) -> None:
    mine.base = "/v1"
    answer = mine.post("/images/generations", {"prompt": "A boat", "n": n})
    assert answer.status_code == 400
    assert not Submission.objects.exists()


def test_a_file_lasts_until_a_time_that_there_is(mine: Caller) -> None:
    mine.base = "/v1"
    for at in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "soon"):
        asked = {"mime_type": "image/png", "size_bytes": 10, "expires_at": at}
        assert mine.post("/files", asked).status_code == 400


def test_what_breaks_is_told_in_the_form_of_its_door(mine: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    mine.base = ""
    for module in (luma, openai):
        monkeypatch.setattr(module.plain, "read_json", broken)
    assert mine.post("/v1/generations", {"prompt": "x"}).json() == {"detail": "Internal server error"}
    told = mine.post("/v1/images/generations", {"prompt": "x"})
    assert (told.status_code, told.json()["error"]["type"]) == (500, "server_error")
    monkeypatch.setattr(agents, "ask", broken)
    assert _call(mine, "make", {"prompt": "x"})["code"] == "broken"


@pytest.mark.parametrize(
    ("problem", "status", "code", "wait"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "disk-full", None),
        (OSError(errno.EROFS, "Read-only file system"), 503, "disk-unusable", "60"),
        (InterfaceError("connection already closed"), 503, "no-database", "5"),
    ],
)
def test_a_disk_that_takes_nothing_and_a_silent_database_are_no_mistake_at_any_door(
    mine: Caller, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int, code: str, wait: str | None
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise problem

    monkeypatch.setattr(making_routes, "ask", broken)
    answers = [mine.post("/submissions", {"prompt": "x"})]
    mine.base = ""
    for module in (luma, openai):
        monkeypatch.setattr(module.plain, "read_json", broken)
    answers += [mine.post("/v1/generations", {"prompt": "x"}), mine.post("/v1/images/generations", {"prompt": "x"})]
    assert [one.status_code for one in answers] == [status] * 3
    assert [one.headers.get("Retry-After") for one in answers] == [wait] * 3
    assert answers[0].json()["code"] == code
    monkeypatch.setattr(agents, "ask", broken)
    assert _call(mine, "make", {"prompt": "x"})["code"] == code


@pytest.mark.parametrize("address", ["/api/v1/me", "/v1/generations/x", "/mcp"])
def test_no_session_is_looked_up_for_a_program_that_sends_a_cookie_too(
    as_alice: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    with django_assert_num_queries(0):
        answer = as_alice.get(address)
    assert answer.status_code == (405 if address == "/mcp" else 401)
    assert answer.headers["Content-Type"] != "text/html; charset=utf-8"
    assert not answer.cookies


@pytest.mark.parametrize(
    ("tool", "arguments", "name"),
    [
        ("make", {"prompt": ["x"]}, "prompt"),
        ("make", {"prompt": "x", "count": "2"}, "count"),
        ("make", {"prompt": "x", "count": True}, "count"),
        ("make", {"prompt": "x", "count": 21}, "count"),
        ("make", {"prompt": "x", "is_private": "false"}, "is_private"),
        ("make", {"prompt": "x", "references": "x"}, "references"),
        ("make", {"prompt": "x", "references": ["x"]}, "references"),
        ("make", {"prompt": "x", "references": [CODE] * 10}, "references"),
        ("make", {"prompt": "x", "aspect_ratio": "4:3"}, "aspect_ratio"),
        ("make", {"prompt": "x", "size": "1"}, "size"),
        ("make", {}, "prompt"),
        ("wait", {"submission": "x"}, "submission"),
        ("wait", {"submission": CODE, "seconds": -1}, "seconds"),
        ("search", {"limit": 0}, "limit"),
        ("search", {"filters": "board=CODE"}, "filters"),
        ("decide", {"picture": CODE, "verdict": "great"}, "verdict"),
    ],
)
def test_an_agents_arguments_are_judged_as_they_were_announced(
    mine: Caller, tool: str, arguments: dict[str, Any], name: str
) -> None:
    mine.base = ""
    told = _call(mine, tool, arguments)
    assert (told["code"], list(told["fields"])) == ("invalid", [name])
    assert not Submission.objects.exists()


def test_an_agents_address_may_end_with_a_slash_and_null_is_left_out(alice: User) -> None:
    agent = Caller(make_token(alice)[1], base="")
    assert _call(agent, "make", {"prompt": "x", "board": None, "key": None}, at="/mcp/")["state"] == "active"
    wrong = agent.client.post("/mcp", b"{}", content_type="text/plain")
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")


def _call(agent: Caller, tool: str, arguments: dict[str, Any], *, at: str = "/mcp") -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    accept = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    return json.loads(agent.post(at, body, **accept).json()["result"]["content"][0]["text"])
