"""Moving pictures to the trash and back: who may, what the gallery and its search say meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from studio.models import GalleryMonth, Job, LookReference, Notification, Picture, SearchDocument, User
from studio.models.pictures import trash
from tests import people

NOW = timezone.now()


def made(person: User, **spec: object) -> Picture:
    return people.make_job(person, state="done", now=NOW - timedelta(hours=1), **spec).pictures.get()  # type: ignore[arg-type]


def in_gallery() -> set[int]:
    keys = set(Picture.objects.made().values_list("pk", flat=True))
    assert set(SearchDocument.objects.values_list("picture", flat=True)) == keys
    assert list(GalleryMonth.wrong()) == []
    return keys


def test_it_leaves_the_gallery_and_its_search_and_comes_back_to_the_same_place(alice: User) -> None:
    pictures = [made(alice) for _ in range(3)]
    order = list(Picture.objects.made().newest_first().values_list("pk", flat=True))
    place = pictures[1].document.place
    rev = Job.objects.get(pk=pictures[1].job_id).rev
    assert trash.move([pictures[1].pk], by=alice, now=NOW) == [pictures[1]]
    assert in_gallery() == {pictures[0].pk, pictures[2].pk}
    assert pictures[1] not in Picture.objects.visible_to(alice)
    assert Job.objects.get(pk=pictures[1].job_id).rev > rev
    assert trash.restore_moved(NOW, by=alice, now=NOW) == [pictures[1]]
    assert list(Picture.objects.made().newest_first().values_list("pk", flat=True)) == order
    assert SearchDocument.objects.get(picture=pictures[1]).place == place
    assert len(in_gallery()) == 3


def test_moving_twice_is_quiet(alice: User) -> None:
    picture = made(alice)
    assert trash.move([picture.pk, picture.pk], by=alice, now=NOW)
    assert not trash.move([picture.pk], by=alice, now=NOW + timedelta(days=1))
    picture.refresh_from_db()
    assert picture.deletes_at == NOW + timedelta(days=30)
    assert picture.days_left(NOW) == 30
    in_gallery()


def test_a_colleague_cannot_and_an_admin_can_and_the_owner_is_told(alice: User, bob: User, ada: User) -> None:
    picture = made(alice)
    assert trash.move([picture.pk], by=bob, now=NOW) == []
    assert trash.move([picture.pk], by=ada, now=NOW) == [picture]
    told = Notification.objects.exclude(kind="done").get()
    assert (told.person, told.actor, told.kind) == (alice, ada, "change")
    assert told.text == "moved “A harbour at dusk, paper boats” to the trash"
    for person, sees in ((alice, True), (ada, True), (bob, False)):
        assert Picture.objects.visible_to(person, also_in_trash=True).filter(pk=picture.pk).exists() == sees
    assert trash.restore([picture.pk], by=bob, now=NOW) == []
    assert trash.restore([picture.pk], by=alice, now=NOW) == [picture]


def test_a_viewer_deletes_nothing(alice: User) -> None:
    picture = made(alice)
    alice.role = User.Role.VIEWER
    assert trash.move([picture.pk], by=alice, now=NOW) == []


def test_a_layer_takes_its_whole_split_along(alice: User) -> None:
    job = people.make_split(alice, [(Image.new("RGBA", (8, 8)), None)] * 3)
    layers = list(job.pictures.order_by("position"))
    assert trash.move([layers[2].pk], by=alice, now=NOW) == [layers[0]]
    assert job.pictures.filter(trashed_at=NOW).count() == 3
    assert Picture.objects.in_trash().get() == layers[0]
    in_gallery()
    assert trash.restore([layers[0].pk], by=alice, now=NOW)
    assert job.pictures.filter(trashed_at=None).count() == 3
    in_gallery()


def test_what_is_about_to_be_deleted_is_not_restored(alice: User) -> None:
    picture = made(alice)
    trash.move([picture.pk], by=alice, now=NOW)
    assert trash.delete(Picture.objects.all(), by=alice, now=NOW) == 1
    assert trash.restore([picture.pk], by=alice, now=NOW) == []


def test_only_ones_own_is_deleted_for_good(alice: User, bob: User, ada: User) -> None:
    trash.move([made(alice).pk], by=alice, now=NOW)
    assert trash.delete(Picture.objects.all(), by=bob, now=NOW) == 0
    assert trash.delete(Picture.objects.all(), by=ada, now=NOW) == 1


@pytest.mark.parametrize("use", ["source", "reference", "look", "kept"])
def test_what_uses_a_picture_is_counted(alice: User, use: str) -> None:
    picture = made(alice)
    assert trash.used_by(picture, alice) == 0
    if use == "look":
        people.make_look(alice, references=[(picture, LookReference.Role.STYLE)])
    elif use == "kept":
        people.make_picture(alice, origin=Picture.Origin.KEPT, kept_from=picture)
    elif use == "source":
        people.make_job(alice, type="image_edit", source=picture)
    else:
        people.make_job(alice, references=[picture])
    assert trash.used_by(picture, alice) == 1


def test_a_private_use_counts_for_who_sees_it(alice: User, ada: User) -> None:
    picture = made(ada)
    people.make_job(alice, type="image_edit", source=picture, is_private=True)
    people.make_look(alice, references=[(picture, LookReference.Role.STYLE)])
    assert (trash.used_by(picture, alice), trash.used_by(picture, ada)) == (2, 0)


def test_what_is_kept_once_more_comes_back(alice: User, bob: User) -> None:
    edit = made(alice)
    kept = people.make_picture(alice, job=edit.job, position=1, origin=Picture.Origin.KEPT, kept_from=edit)
    trash.move([kept.pk], by=alice, now=NOW)
    assert trash.kept_before(edit, kept.sha256, by=bob, now=NOW) == kept
    assert kept.pk in in_gallery()


def test_an_edit_that_stands_for_a_layer_goes_with_its_split_which_goes_once(alice: User) -> None:
    job = people.make_split(alice, [(Image.new("RGBA", (8, 8)), None)] * 3)
    front, *behind = job.pictures.order_by("position")
    edit = people.make_picture(alice, layer_of=behind[0])
    assert {one.pk for one in trash.stack_of(front)} == {front.pk, *(one.pk for one in behind), edit.pk}
    assert trash.move([one.pk for one in behind], by=alice, now=NOW) == [front]
