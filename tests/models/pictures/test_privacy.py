"""Private work: what a submission takes along when it is turned private or back, and what stands against it."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import GalleryMonth, Job, JobCount, Picture, SearchDocument, Submission, Tag, User
from studio.models.looks.look import Look
from studio.models.looks.spec import LookSpec
from studio.models.pictures import trash
from studio.models.pictures.privacy import StaysWithTeam
from studio.text.search_text import fact
from tests import people


def wrong() -> list[str]:
    return [*GalleryMonth.wrong(), *JobCount.wrong(), *(sentence for _, sentence in Tag.wrong())]


def seen_by(person: User) -> tuple[int, int, int]:
    found = (model.objects.visible_to(person).count() for model in (Picture, Job, Submission))
    return tuple(found)  # type: ignore[return-value]


def test_a_private_submission_is_its_owners_alone(alice: User, bob: User, ada: User) -> None:
    people.make_job(alice, state="done", is_private=True)
    assert (seen_by(alice), seen_by(bob), seen_by(ada)) == ((1, 1, 1), (0, 0, 0), (0, 0, 0))
    assert wrong() == []
    assert [[number for _, number in GalleryMonth.newest_first(one)] for one in (alice, bob)] == [[1], []]
    assert [one.number for one in JobCount.cells(bob, everybody=True)] == []


def test_privacy_is_turned_on_and_off_with_all_that_is_counted(alice: User, bob: User) -> None:
    job = people.make_job(alice, state="done", count=2)
    people.make_job(alice, state="failed", submission=job.submission)
    assert job.submission.set_privacy(True)
    assert not job.submission.set_privacy(True)
    assert (seen_by(alice), seen_by(bob), wrong()) == ((1, 2, 1), (0, 0, 0), [])
    assert fact("v", alice.pk) in SearchDocument.objects.get().tokens
    assert job.submission.set_privacy(False)
    assert (seen_by(bob), wrong()) == ((1, 2, 1), [])
    assert GalleryMonth.newest_first(bob)[0][1] == 1


def test_what_uses_a_private_picture_is_private(alice: User) -> None:
    source = people.make_job(alice, state="done", is_private=True).pictures.get()
    assert people.make_submission(alice, type="image_edit", source=source).is_private
    assert people.make_submission(alice, references=[source]).jobs.get().is_private


def test_a_file_is_seen_once_the_team_has_something_of_it(alice: User, bob: User) -> None:
    upload = people.make_picture(alice, is_private=True)
    private = people.make_submission(alice, references=[upload], is_private=True)
    assert seen_by(bob)[0] == 0
    team = people.make_submission(alice, references=[Picture.objects.get()])
    assert not team.is_private
    assert seen_by(bob)[0] == 1
    team.set_privacy(True)
    assert seen_by(bob)[0] == 0
    private.set_privacy(False)
    assert seen_by(bob)[0] == 0
    # It was shown without it: that is undone only for what shows it, and what uses it next is private.
    assert people.make_submission(alice, references=[Picture.objects.get()]).is_private
    team.set_privacy(False, with_files=[upload.pk])
    assert seen_by(bob)[0] == 1
    team.set_privacy(True)
    assert seen_by(bob)[0] == 0


def test_a_crop_of_a_private_picture_makes_private(alice: User) -> None:
    crop = people.make_picture(alice, is_private=True, is_of_private=True)
    assert people.make_submission(alice, references=[crop]).is_private


def test_a_look_of_the_team_takes_no_private_picture_and_shows_files(as_alice: Client, alice: User, bob: User) -> None:
    private = people.make_job(alice, state="done", is_private=True).pictures.get()
    upload = people.make_picture(alice, is_private=True)
    form = {"act": "save", "name": "Dusk", "whose": "team", "role": "style"}
    refused = as_alice.post("/looks/new/", form | {"reference": str(private.code)})
    assert (refused.status_code, Look.objects.count()) == (422, 0)
    assert "can&#x27;t use a private picture" in refused.content.decode()
    as_alice.post("/looks/new/", form | {"reference": str(upload.code)})
    assert list(Picture.objects.visible_to(bob)) == [upload]


def test_only_its_owner_turns_it_private_and_undo_turns_it_back(as_alice: Client, as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="done")
    picture = job.pictures.get()
    switch = f"/submissions/{job.submission.code}/privacy/"
    assert as_ada.post(switch).status_code == 403
    page = as_alice.post(switch, {"next": picture.get_absolute_url()}, follow=True).content.decode()
    assert "Only you see it now." in page
    assert as_ada.post(switch).status_code == 404
    undo = re.search(rf'action="({switch}[^"]+)"', page)
    assert undo
    as_alice.post(undo[1].replace("&amp;", "&"))
    assert as_ada.get(picture.get_absolute_url()).status_code == 200
    assert wrong() == []


def test_the_switch_is_sent_kept_and_used_again(as_alice: Client, alice: User) -> None:
    spec = {"token": str(uuid.uuid4()), "type": "image", "prompt": "Mine", "model": "uni-1", "count": "2"}
    as_alice.post("/submissions/", spec | {"is_private": "on"})
    asked = Submission.objects.get()
    assert asked.is_private
    assert set(asked.jobs.values_list("is_private", flat=True)) == {True}
    checked = re.compile(r'name="is_private" value="on" checked')
    assert checked.search(as_alice.get("/").content.decode())  # the draft
    assert checked.search(as_alice.get(f"/?reuse={asked.code}").content.decode())


def test_a_redo_stays_private(alice: User) -> None:
    job = people.make_job(alice, state="done")
    stale = Submission.objects.get()
    job.submission.set_privacy(True)
    again = stale.redo(seen=1, now=timezone.now())
    assert again.is_private
    assert wrong() == []


def test_what_colleagues_build_on_stays_with_the_team(alice: User, bob: User) -> None:
    job = people.make_job(alice, state="done")
    kept = people.make_picture(bob, job=job, position=1, origin="kept", kept_from=job.pictures.get())
    with pytest.raises(StaysWithTeam, match="Bob"):
        job.submission.set_privacy(True)
    assert not Picture.objects.get(pk=kept.pk).is_private
    other = people.make_job(alice, state="done")
    spec = LookSpec(references=[(other.pictures.get(), "style")])
    Look.make(alice, name="Dusk", tag="dusk", is_team=True, spec=spec, now=timezone.now())
    with pytest.raises(StaysWithTeam, match="Dusk"):
        other.submission.set_privacy(True)
    assert wrong() == []


def test_what_lies_in_the_trash_turns_private_and_is_counted_once_it_is_back(alice: User, bob: User) -> None:
    job = people.make_job(alice, state="done")
    trash.move([job.pictures.get().pk], by=alice, now=timezone.now())
    assert job.submission.set_privacy(True)
    assert Picture.objects.get().is_private
    assert wrong() == []
    trash.restore([job.pictures.get().pk], by=alice, now=timezone.now())
    assert (seen_by(alice)[0], seen_by(bob)[0]) == (1, 0)
    assert wrong() == []


def test_what_stands_in_a_split_of_the_team_stays_with_it(alice: User) -> None:
    layer = people.make_job(alice, state="done", type="layering", source=people.make_picture(alice)).pictures.get()
    edit = people.make_job(alice, state="done")
    Picture.objects.filter(pk=edit.pictures.get().pk).update(layer_of=layer)
    with pytest.raises(StaysWithTeam):
        edit.submission.set_privacy(True)
    assert not Picture.objects.filter(is_private=True).exists()
