"""Several tags at once, with commas between them: on one picture, and on many that are chosen."""

from __future__ import annotations

import pytest
from django.test import Client

from studio.models import Picture, PictureTag, Tag, User
from studio.models.opinions.tag import FULL, LONG_TAG, NO_TAG
from tests.people import HTMX, make_job
from tests.views.page_text import text
from tests.views.pictures.test_opinions import many, undo


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_job(alice, state="done").pictures.get()


def test_commas_part_tags(as_alice: Client, picture: Picture) -> None:
    def names() -> list[str]:
        return list(picture.tagged.order_by("pk").values_list("tag__name", flat=True))

    address = f"/pictures/{picture.code}/tags/"
    as_alice.post(address, {"tag": "red, Deep Blue,, RED，藍、 ,"}, headers=HTMX)
    assert names() == ["red", "Deep Blue", "藍"]
    # What is refused is still in the field, and what comes before it is done.
    answer = as_alice.post(address, {"tag": f"quay, {'x' * 51}, pier"}, headers=HTMX)
    assert LONG_TAG in text(answer)
    assert f'value="{"x" * 51}, pier"' in answer.content.decode()
    assert names()[3:] == ["quay"]
    assert NO_TAG in text(as_alice.post(address, {"tag": " , ,"}, headers=HTMX))
    offered = as_alice.get("/tags/offer/", {"tag": "pier, qu"}, headers=HTMX).content.decode()
    assert '<option value="pier, quay">' in offered


def test_many_get_several_tags_with_one_undo(as_bob: Client, alice: User) -> None:
    pictures = [make_job(alice, state="done", prompt="A boat").pictures.get() for _ in range(2)]
    for number in range(29):
        Tag.put(pictures[0], f"t{number}", by=alice)
    tagged = many(as_bob, pictures, "tag", tag="red, blue")
    assert "2 pictures tagged." in text(tagged)
    assert FULL in text(tagged)
    assert [one.tagged.filter(tag__key__in=["red", "blue"]).count() for one in pictures] == [1, 2]
    assert "Undone for 2 pictures." in text(undo(as_bob, tagged))
    assert not PictureTag.objects.filter(tag__key__in=["red", "blue"]).exists()


def test_nobody_reads_how_a_private_picture_spells_a_tag(as_alice: Client, picture: Picture, bob: User) -> None:
    secret = make_job(bob, state="done", is_private=True).pictures.get()
    Tag.put(secret, "ProjectX", by=bob)
    address = f"/pictures/{picture.code}/tags/"
    page = as_alice.post(address, {"tag": "projectx"}, headers=HTMX).content.decode()
    assert ("projectx" in page, "ProjectX" in page) == (True, False)
    # What a picture of the team says already stays.
    other = make_job(bob, state="done").pictures.get()
    Tag.put(other, "PROJECTX", by=bob)
    assert list(Tag.objects.values_list("name", "number")) == [("projectx", 2)]
