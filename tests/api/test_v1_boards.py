"""The JSON API: boards and opinions, and what it answers when something is missing or breaks."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from studio.models import Board, Comment, User
from tests import people
from tests.api.calling import Caller, caller, make_token


@pytest.fixture
def mine(alice: User) -> Caller:
    return caller(alice)


# ---- Boards and opinions


def test_boards_are_filled_and_emptied(mine: Caller, alice: User, bob: User) -> None:
    picture = people.make_job(alice, state="done").pictures.get()
    assert mine.post("/boards", {"name": "\u0000"}).json()["detail"] == "Give the board a name."
    board = mine.post("/boards", {"name": "Harbour", "visibility": "private"}).json()
    at = f"/boards/{board['code']}"
    assert mine.post(f"{at}/pictures", {"pictures": [str(picture.code), str(uuid.uuid4())]}).json() == {"number": 1}
    assert mine.get(at).json()["number"] == 1
    assert [one["name"] for one in mine.get("/boards").json()["items"]] == ["Harbour"]
    assert mine.get(f"/pictures?filters=board%3D{board['code']}").json()["items"][0]["code"] == str(picture.code)
    assert mine.ask("DELETE", f"{at}/pictures/{picture.code}").json() == {"number": 1}
    assert caller(bob).get(at).status_code == 404
    listed = Board.objects.get()
    listed.visibility = "listed"
    listed.save()
    listed.members.create(person=bob, right="look")
    assert caller(bob).post(f"{at}/pictures", {"pictures": [str(picture.code)]}).status_code == 403


def test_boards_go_on_page_by_page(mine: Caller) -> None:
    for name in "ab":
        mine.post("/boards", {"name": name})
    first = mine.get("/boards?limit=1").json()
    second = mine.get(f"/boards?limit=1&after={first['next']}").json()
    assert [first["items"][0]["name"], second["items"][0]["name"]] == ["b", "a"]


def test_opinions_are_given_and_taken_back(mine: Caller, bob: User) -> None:
    picture = people.make_job(bob, state="done").pictures.get()
    at = f"/pictures/{picture.code}"
    assert mine.ask("PUT", f"{at}/decision", {"verdict": "approved"}).json()["decision"] == "approved"
    assert mine.ask("PUT", f"{at}/decision", {"verdict": "maybe"}).status_code == 422
    assert mine.ask("PUT", f"{at}/rating", {"value": 4}).json()["rating"] == 4
    assert mine.ask("PUT", f"{at}/star").json()["is_starred"]
    assert not mine.ask("DELETE", f"{at}/star").json()["is_starred"]
    assert mine.post(f"{at}/tags", {"tag": "#Harbour"}).json()["tags"] == ["Harbour"]
    assert mine.post(f"{at}/tags", {"tag": "\u200b"}).status_code == 422
    assert mine.ask("DELETE", f"{at}/tags?tag=harbour").json()["tags"] == []
    said = mine.post(f"{at}/comments", {"text": "Good", "x": 10, "y": 20}).json()
    reply = mine.post(f"{at}/comments", {"text": "Yes", "reply_to": said["code"]}).json()
    assert reply["thread"] == said["code"]
    assert mine.post(f"{at}/comments", {"text": " "}).status_code == 422
    assert mine.post(f"{at}/comments", {"text": "x", "reply_to": str(uuid.uuid4())}).status_code == 404
    assert [one["text"] for one in mine.get(f"{at}/comments").json()["items"]] == ["Good", "Yes"]
    assert Comment.objects.count() == 2


def test_a_viewer_who_decides_does_not_rate(bob: User) -> None:
    vera = people.make_person("Vera", role=User.Role.VIEWER)
    User.objects.filter(pk=vera.pk).update(may_decide=True)
    vera.refresh_from_db()
    at = f"/pictures/{people.make_job(bob, state='done').pictures.get().code}"
    hers = caller(vera, "decide", "make")
    assert hers.ask("PUT", f"{at}/decision", {"verdict": "approved"}).status_code == 200
    assert hers.ask("PUT", f"{at}/rating", {"value": 4}).status_code == 403
    assert "viewer" in hers.post("/submissions", {"prompt": "x"}).json()["detail"]


def test_an_admins_token_sees_and_ends_everybodys(ada: User, alice: User) -> None:
    token, _ = make_token(alice)
    admin = caller(ada)
    first = admin.get("/tokens?limit=1").json()
    assert first["items"][0]["person"] == "Ada Admin"
    assert admin.get(f"/tokens?after={first['next']}").json()["items"][0]["person"] == "Alice Moreau"
    assert not admin.post(f"/tokens/{token.code}/revoke").json()["is_live"]
    assert caller(alice).get("/tokens").status_code == 403


# ---- The frame


def test_what_is_not_there_is_a_problem_too(mine: Caller) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("GET", "/jobs/x", 404), ("PATCH", "/me", 405)):
        answer = mine.ask(method, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert mine.get("/me", **{"X-Request-Id": "night-7"}).headers["X-Request-Id"] == "night-7"
    assert uuid.UUID(mine.get("/me").headers["X-Request-Id"])


def test_what_breaks_says_so(mine: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.api.me.token_of", lambda _: 1 / 0)
    answer = mine.get("/me")
    assert (answer.status_code, answer.json()["code"]) == (500, "broken")


def test_the_description_is_served_without_anybody_elses_help(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = json.loads(Client().get("/api/v1/openapi.json").content)
    assert schema["openapi"].startswith("3.")
    assert schema["servers"] == [{"url": "/"}]
    monkeypatch.setattr("studio.api.v1.get_script_prefix", lambda: "/studio/")
    assert json.loads(Client().get("/api/v1/openapi.json").content)["servers"] == [{"url": "/studio"}]
    assert "/api/v1/submissions" in schema["paths"]
    page = as_alice.get("/api/v1/docs/").content.decode()
    assert "/api/v1/submissions" in page
    assert "https://" not in page.replace("https://testserver", "")
    assert Client().get("/api/v1/docs/").status_code == 302
