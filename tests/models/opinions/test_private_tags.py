"""Tags of private pictures: no number, order or spelling of them tells anybody else."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from studio.models import Picture, PictureTag, Submission, Tag, User
from tests.people import make_job, make_picture, make_submission


def made(person: User, *tags: str, is_private: bool = False) -> Picture:
    picture = make_job(person, state="done", is_private=is_private).pictures.get()
    for name in tags:
        Tag.put(picture, name, by=person)
    return picture


def offered(person: User, key: str = "") -> list[str]:
    return [tag.written for tag in Tag.offered(person, key, 9)]


def numbers() -> dict[str, int]:
    assert list(Tag.wrong()) == []
    return dict(Tag.objects.order_by("pk").values_list("key", "number"))


def submission_of(picture: Picture) -> Submission:
    return Submission.objects.get(jobs__pictures=picture)


def test_the_order_in_which_tags_are_offered_tells_nothing_of_private_pictures(alice: User, bob: User) -> None:
    made(alice, "harbour")
    made(alice, "harp")
    made(alice, "harp")
    for _ in range(3):
        made(bob, "harbour", "harvest", is_private=True)
    assert (offered(alice), offered(alice, "har")) == (["harp", "harbour"],) * 2
    # The person's own come behind the team's.
    assert (offered(bob), offered(bob, "har")) == (["harp", "harbour", "harvest"],) * 2
    assert numbers() == {"harbour": 1, "harp": 2, "harvest": 0}


def test_each_reads_a_tag_of_private_pictures_as_they_wrote_it(alice: User, bob: User) -> None:
    made(bob, "ProjectX", is_private=True)
    of_alice = made(alice, "projectx", is_private=True)
    assert (offered(alice), offered(bob, "pro")) == (["projectx"], ["ProjectX"])
    assert [row.written for row in of_alice.tagged.all()] == ["projectx"]
    assert [name for _, name in PictureTag.objects.order_by("pk").names()] == ["ProjectX", "projectx"]
    # What the team sees first says how it is written.
    assert submission_of(of_alice).set_privacy(False)
    assert (offered(alice), offered(bob)) == (["projectx"], ["projectx"])
    assert numbers() == {"projectx": 1}


def test_a_tag_is_counted_as_its_picture_is_turned_private_taken_back_and_deleted(alice: User, bob: User) -> None:
    made(bob, "quay")
    picture = made(alice, "quay", "pier")
    for is_private, counted in ((True, {"quay": 1, "pier": 0}), (False, {"quay": 2, "pier": 1})):
        assert submission_of(picture).set_privacy(is_private)
        assert numbers() == counted
    assert submission_of(picture).set_privacy(True)
    assert Tag.take(picture, "quay")
    Tag.forget(Picture.objects.get(pk=picture.pk))
    assert numbers() == {"quay": 1, "pier": 0}


def test_a_file_that_the_team_comes_to_see_brings_its_tags(alice: User) -> None:
    upload = make_picture(alice, is_private=True)
    Tag.put(upload, "pier", by=alice)
    assert numbers() == {"pier": 0}
    asked = make_submission(alice, references=[upload])
    assert numbers() == {"pier": 1}
    assert asked.set_privacy(True)
    assert numbers() == {"pier": 0}


@pytest.mark.django_db
def test_private_pictures_are_taken_from_the_numbers_of_a_studio_that_is_upgraded(alice: User) -> None:
    made(alice, "quay", is_private=True)
    made(alice, "quay")
    Tag.objects.update(number=2)
    import_module("studio.migrations.0008_tags_of_private").count_team_alone(apps, None)
    assert numbers() == {"quay": 1}
