"""The JSON API: requests by the rules and sentences of the dock, and the gallery's pictures."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from studio import storage
from studio.api import waiting
from studio.models import Board, Job, Notification, Picture, Submission, User
from tests import people
from tests.api.calling import Caller, caller

BOAT = {"prompt": "A {red, blue} boat", "aspect_ratio": "16:9"}


@pytest.fixture
def mine(alice: User) -> Caller:
    return caller(alice)


# ---- Making


def test_a_request_is_made_by_the_docks_rules(mine: Caller, alice: User) -> None:
    board = Board.objects.create(person=alice, name="Boats")
    reference = people.make_picture(alice)
    asked = {**BOAT, "count": 2, "references": [str(reference.code)], "board": str(board.code)}
    answer = mine.post("/submissions", asked, **{"Idempotency-Key": "1"})
    told = answer.json()
    assert answer.status_code == 201
    assert (told["state"], told["is_over"], told["price"]) == ("active", False, "0.0868")
    assert [told["references"], told["board"]] == [[str(reference.code)], str(board.code)]
    made = Submission.objects.get()
    # Braces are a list on the Create page; a program's are only text.
    assert (made.prompt, made.aspect_ratio, made.count) == ("A {red, blue} boat", "16:9", 2)
    again = mine.post("/submissions", asked, **{"Idempotency-Key": "1"})
    assert (again.status_code, again.json()["code"]) == (200, told["code"])
    other = mine.post("/submissions", {"prompt": "Another"}, **{"Idempotency-Key": "1"})
    assert (other.status_code, other.json()["code"]) == (422, "key-used")
    assert Submission.objects.count() == 1
    # What it started from may be gone by the time of the second call.
    Picture.objects.filter(pk=reference.pk).update(trashed_at=made.created_at)
    assert mine.post("/submissions", asked, **{"Idempotency-Key": "1"}).status_code == 200
    # Another token's same key is another key.
    assert caller(alice).post("/submissions", BOAT, **{"Idempotency-Key": "1"}).status_code == 201


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({}, "prompt", "Write what you want to see."),
        ({"prompt": " \u0000\u200b "}, "prompt", "Write what you want to see."),
        ({"prompt": "x" * 6_001}, "prompt", "Shorten the prompt by 1 character"),
        ({"prompt": "x", "type": "image_edit"}, "source", "Choose the picture to edit."),
        (
            {"prompt": "x", "type": "image_edit", "source": str(uuid.uuid4())},
            "source",
            "A picture in the tray is gone.",
        ),
        ({"prompt": "x", "references": ["x"]}, "references", "A picture in the tray is gone."),
        ({"prompt": "x", "aspect_ratio": "4:3"}, "aspect_ratio", "Luma makes these ratios"),
        ({"prompt": "x", "style": "manga", "aspect_ratio": "16:9"}, "aspect_ratio", "Manga is portrait only"),
        ({"prompt": "x", "model": "uni-9"}, "model", "Luma draws with"),
        ({"prompt": "x", "count": 21}, "count", "Choose 1 to 20 pictures."),
        ({"prompt": "x", "board": str(uuid.uuid4())}, "board", "This board is gone"),
        ({"prompt": "x", "look": str(uuid.uuid4())}, "look", "The look is gone."),
        ({"prompt": "x", "colour": "red"}, "colour", "Extra inputs"),
        ({"prompt": ["x"]}, "prompt", "valid string"),
    ],
)
def test_what_cannot_be_made_names_its_field(mine: Caller, asked: dict[str, Any], field: str, sentence: str) -> None:
    answer = mine.post("/submissions", asked)
    said = answer.json()
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sentence in said["detail"]
    assert said["status"] == 422
    assert field in [one["field"] for one in said["errors"]]
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 422),
        ("", "application/json", 422),
        ('{"prompt": "\\ud800"}', "application/json", 422),
        ("\x00", "text/plain", 400),
        ("x=1", "application/x-www-form-urlencoded", 400),
        ('{"prompt": "%s"}' % ("x" * 3_000_000), "application/json", 413),
    ],
)
def test_a_body_that_is_none_is_refused(mine: Caller, body: str, kind: str, status: int) -> None:
    answer = mine.client.generic("POST", "/api/v1/submissions", body, kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_too_many_waiting_says_when_to_come_again(mine: Caller, settings: Any) -> None:
    settings.WAITING_PER_PERSON = 1
    answer = mine.post("/submissions", {"prompt": "x", "count": 2})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "too-many-waiting", "30")


def test_a_persons_own_rights_and_limits_hold(mine: Caller, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(models_allowed=["uni-1"])
    answer = mine.post("/submissions", {"prompt": "x", "model": "uni-1-max"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert not Submission.objects.exists()


def test_ones_submissions_are_listed_page_by_page(mine: Caller, bob: User) -> None:
    people.make_submission(bob)
    for number in range(3):
        mine.post("/submissions", {"prompt": f"Boat {number}"})
    first = mine.get("/submissions?limit=2").json()
    second = mine.get(f"/submissions?limit=2&after={first['next']}").json()
    prompts = [one["prompt"] for one in (*first["items"], *second["items"])]
    assert prompts == ["Boat 2", "Boat 1", "Boat 0"]
    assert second["next"] is None


def test_waiting_ends_when_the_work_has(mine: Caller, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = people.make_job(alice, state="waiting")
    address = f"/submissions/{job.submission.code}/wait"
    assert mine.get(f"{address}?seconds=0").json()["state"] == "active"
    assert mine.get(f"{address}?seconds=99").status_code == 422
    monkeypatch.setattr("studio.api.waiting.time.sleep", lambda _: job.cancel(now=job.created_at))
    told = mine.get(f"{address}?seconds=20").json()
    assert (told["is_over"], told["state"]) == (True, "cancelled")


def test_only_some_calls_wait_at_a_time(mine: Caller, alice: User) -> None:
    job = people.make_job(alice, state="waiting")
    for _ in range(waiting.PLACES):
        waiting.take_place()
    try:
        answer = mine.get(f"/submissions/{job.submission.code}/wait?seconds=1")
    finally:
        for _ in range(waiting.PLACES):
            waiting.leave_place()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert not waiting.until(lambda: False, 0.01)


def test_cancelling_is_for_the_owner_and_an_admins_token(mine: Caller, alice: User, bob: User, ada: User) -> None:
    code = mine.post("/submissions", {"prompt": "x", "count": 2}).json()["code"]
    first, second = Job.objects.order_by("number")
    assert caller(bob).post(f"/submissions/{code}/cancel").status_code == 403
    assert caller(ada, "make").post(f"/jobs/{first.code}/cancel").status_code == 403
    assert caller(ada).post(f"/jobs/{first.code}/cancel").json()["state"] == "cancelled"
    assert [one.text for one in Notification.objects.filter(person=alice)] == ["cancelled your job: “x”"]
    assert mine.post(f"/jobs/{first.code}/cancel").status_code == 409
    assert mine.post(f"/submissions/{code}/cancel").json()["state"] == "cancelled"
    assert mine.get(f"/jobs/{second.code}").json()["is_over"]


# ---- Pictures


def test_pictures_are_found_as_in_the_gallery(mine: Caller, alice: User, bob: User) -> None:
    boat = people.make_job(bob, state="done", prompt="A boat").pictures.get()
    tree = people.make_job(alice, state="done", prompt="A tree").pictures.get()
    secret = people.make_job(bob, state="done", prompt="A secret boat", is_private=True).pictures.get()
    every = mine.get("/pictures?limit=1").json()
    assert [one["code"] for one in every["items"]] == [str(tree.code)]
    assert mine.get(f"/pictures?after={every['next']}").json()["items"][0]["code"] == str(boat.code)
    found = mine.get("/pictures?q=boat").json()["items"]
    assert [(one["code"], one["title"], one["person"]) for one in found] == [(str(boat.code), "A boat", bob.name)]
    mine_alone = mine.get(f"/pictures?filters=person%3D{alice.pk}").json()["items"]
    assert [one["code"] for one in mine_alone] == [str(tree.code)]
    assert mine.get(f"/pictures/{secret.code}").status_code == 404
    assert mine.get(f"/pictures/{secret.code}/file").status_code == 404


def test_a_file_is_brought_along_and_downloaded(mine: Caller, alice: User) -> None:
    content = people.image_bytes(64, 48)
    file = SimpleUploadedFile("boat.png", content, "image/png")
    sent = mine.client.post("/api/v1/pictures", {"file": file})
    picture = sent.json()
    assert (sent.status_code, picture["width"], picture["title"]) == (201, 64, "boat.png")
    original = mine.get(f"/pictures/{picture['code']}/file")
    assert b"".join(original.streaming_content) == content
    assert "attachment" in original.headers["Content-Disposition"]
    web = mine.get(f"/pictures/{picture['code']}/file?form=web-jpeg")
    assert b"".join(web.streaming_content).startswith(b"\xff\xd8")
    assert mine.get(f"/pictures/{picture['code']}/file?form=gold").status_code == 422
    edit = {"type": "image_edit", "prompt": "At night", "source": picture["code"]}
    assert mine.post("/submissions", edit).json()["source"] == picture["code"]


def test_a_storage_that_is_silent_is_told_in_words_and_not_by_a_picture(mine: Caller, alice: User) -> None:
    picture = people.make_picture(alice)
    with patch.object(storage, "open_file", side_effect=storage.Unavailable("timeout")):
        answer = mine.get(f"/pictures/{picture.code}/file")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "no-storage", "10")


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 422), ({"file": "text"}, 422), ({"file": SimpleUploadedFile("a.png", b"no picture")}, 422)],
)
def test_what_is_no_picture_is_not_taken(mine: Caller, fields: dict[str, Any], status: int) -> None:
    answer = mine.client.post("/api/v1/pictures", fields)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    cut = mine.client.generic("POST", "/api/v1/pictures", b"--x\r\nContent-Disposition: fo", f"{MULTIPART_CONTENT}")
    assert cut.status_code == 400


def test_a_busy_studio_asks_to_come_again(mine: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.forms.files.uploads import BUSY, Refusal

    monkeypatch.setattr("studio.api.pictures.store_upload", lambda *_: Refusal("a", BUSY, is_busy=True))
    answer = mine.client.post("/api/v1/pictures", {"file": SimpleUploadedFile("a.png", people.image_bytes())})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
