"""One instruction for pictures chosen in the gallery: its total price first, then one group."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from studio.models import Batch, Input, Job, Picture, User
from tests.people import make_job, make_picture, make_split
from tests.views.split_pages import DOG, ROOM


def made(person: User, count: int) -> list[Picture]:
    return [make_picture(person, job=make_job(person, state="saving")) for _ in range(count)]


def codes(pictures: list[Picture]) -> list[str]:
    return [str(picture.code) for picture in pictures]


def test_the_gallery_offers_boxes_in_its_select_mode_only(as_alice: Client, alice: User) -> None:
    picture = made(alice, 1)[0]
    usual, selecting = (as_alice.get(f"/gallery/{query}").content.decode() for query in ("", "?select=on"))
    box = f'name="picture" value="{picture.code}"'
    assert box not in usual
    assert "?select=on" in usual
    assert box in selecting
    assert 'action="/edits/"' in selecting


def test_a_selection_grows_the_gallery_by_no_query(
    as_alice: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made(alice, 1)
    as_alice.get("/gallery/?select=on")
    with django_assert_max_num_queries(30) as few:
        as_alice.get("/gallery/?select=on")
    made(alice, 12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        as_alice.get("/gallery/?select=on")


def test_the_chosen_pictures_are_shown_with_the_price_of_all(as_alice: Client, alice: User) -> None:
    pictures = made(alice, 12)
    page = as_alice.post("/edits/", {"picture": codes(pictures)}).content.decode()
    assert "<h1>Edit 12 pictures</h1>" in page
    assert "· $0.52" in page  # 12 × (0.0404 + 0.003)
    assert page.count('type="hidden" name="picture"') == 12
    assert not Batch.objects.exists()


def test_one_instruction_makes_one_group_of_edits_once(as_alice: Client, alice: User) -> None:
    pictures = made(alice, 3)
    before = Job.objects.count()
    form = {"picture": codes(pictures), "prompt": "Make it night", "model": "uni-1", "token": str(uuid.uuid4())}
    places = {as_alice.post("/edits/", form).headers["Location"] for _ in range(2)}
    batch = Batch.objects.get()
    assert places == {f"/groups/{batch.code}/"}
    assert Job.objects.count() == before + 3
    sources = Input.objects.filter(submission__batch=batch, role=Input.Role.SOURCE).order_by("submission__batch_number")
    assert [one.picture for one in sources] == pictures
    assert {(one.prompt, one.type, str(one.unit_price)) for one in batch.submissions.all()} == {
        ("Make it night", "image_edit", "0.0434")
    }
    assert OrmQ.objects.filter(key="io").count() == 1


def test_a_hundred_fit_and_one_more_is_told(as_alice: Client, alice: User, settings: Settings) -> None:
    job = make_job(alice, state="saving")
    pictures = [make_picture(alice, job=job, position=number, renditions=()) for number in range(101)]
    form = {"prompt": "Make it night", "token": str(uuid.uuid4())}
    answer = as_alice.post("/edits/", form | {"picture": codes(pictures)}, follow=True)
    assert "101 pictures are chosen; one edit takes up to 100." in answer.content.decode()
    assert not Batch.objects.exists()
    settings.WAITING_PER_PERSON = 100
    as_alice.post("/edits/", form | {"picture": codes(pictures[:100])})
    assert Batch.objects.get().submissions.count() == 100


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("", "Write what you want to see."),
        ("a" * 6001, "Shorten the prompt by 1 character (limit 6,000)."),
        ("Make it {red|blue}", "Choices in braces are for Create."),
        ("Make it {red|blue", "Close the brace of"),
    ],
    ids=["empty", "long", "choices", "open"],
)
def test_an_instruction_that_cannot_be_sent_is_told_and_nothing_is_lost(
    as_alice: Client, alice: User, prompt: str, sentence: str
) -> None:
    form = {"picture": codes(made(alice, 2)), "prompt": prompt, "token": str(uuid.uuid4())}
    answer = as_alice.post("/edits/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert page.count('type="hidden" name="picture"') == 2
    assert re.search(rf'name="token" value="{form["token"]}"', page)
    assert not Batch.objects.exists()


@pytest.mark.parametrize("chosen", [[], [str(uuid.UUID(int=7))], ["nonsense", "", "\x00"]], ids=["none", "gone", "bad"])
def test_without_a_picture_the_gallery_asks_for_one(as_alice: Client, chosen: list[str]) -> None:
    answer = as_alice.post("/edits/", {"picture": chosen}, follow=True)
    assert answer.redirect_chain == [("/gallery/?select=on", 302)]
    assert "Choose the pictures to edit first." in answer.content.decode()


def test_a_split_and_what_is_gone_are_left_out_and_said(as_alice: Client, alice: User) -> None:
    front = make_split(alice, [(DOG, None), (ROOM, None)]).pictures.get(position=0)
    picture = made(alice, 1)[0]
    page = as_alice.post("/edits/", {"picture": [*codes([front, picture]), str(uuid.uuid4())]}).content.decode()
    assert "<h1>Edit 1 picture</h1>" in page
    assert "so it was left out." in page
    assert "They were left out." in page


def test_a_full_line_is_told_and_nothing_is_made(as_alice: Client, alice: User, settings: Settings) -> None:
    pictures = made(alice, 2)
    settings.WAITING_PER_PERSON = 1
    form = {"picture": codes(pictures), "prompt": "Make it night", "token": str(uuid.uuid4())}
    page = as_alice.post("/edits/", form).content.decode()
    assert "With these 2 it would be more than 1" in page
    assert not Batch.objects.exists()


def test_a_picture_is_edited_once_however_its_code_is_spelled(as_alice: Client, alice: User) -> None:
    code = str(make_picture(alice).code)
    page = as_alice.post("/edits/", {"picture": [code, code.upper(), f" {code}"]}).content.decode()
    assert "Edit 1 picture" in page


def test_all_of_the_gallery_but_some_are_taken_without_naming_each(as_alice: Client, alice: User) -> None:
    pictures = made(alice, 5)
    page = as_alice.post("/edits/", {"all": "on", "address": "", "except": [str(pictures[1].code)], "script": "on"})
    shown = re.findall(r'name="picture" value="([^"]+)"', page.content.decode())
    assert shown == [str(picture.code) for picture in reversed(pictures) if picture != pictures[1]]


def test_all_are_too_many_for_one_edit(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.edits.bulk_edit.MOST_EDITED", 3)
    made(alice, 5)
    answer = as_alice.post("/edits/", {"all": "on", "script": "on"}, follow=True)
    assert answer.redirect_chain == [("/gallery/", 302)]
    assert "More than 3 pictures are chosen; one edit takes up to 3" in answer.content.decode()
