"""A person leaves while their pictures are being made: the result stays with the team, and their links end at once.

There is nothing to share or to hide in this studio: a picture belongs to everybody who has access
(PictureQuerySet.visible_to), so what can be lost is the access itself, or the role.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import ProtectedError
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from studio.models import Invite, Job, Picture, User
from studio.views import media
from studio.views.pictures import downloads
from tests import people
from tests.faults.answers import completed, state
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double

SIGN_IN = reverse("studio:sign_in")


@pytest.fixture
def under_way(double: Double, run: Run, alice: User) -> Job:
    """A job of Alice that Luma is at work on; one of its pictures of yesterday is done."""
    people.complete_sizes(people.make_job(alice, state="done", prompt="yesterday", aspect_ratio="1:1").pictures.get())
    double.part("a lake", get=[state("processing")])
    job = job_for(alice, "a lake")
    run(seconds=0.6)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    return job


def finish(double: Double, settle: Settle, job: Job) -> Picture:
    double.parts["a lake"].get = [completed()]
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job.pictures.get()


def change(by: Client, person: User, access: str) -> None:
    assert by.post(reverse("studio:change_access", args=[person.pk]), {"access": access}).status_code == 302


def links(picture: Picture) -> dict[str, str]:
    """Every address that leads to a picture or to its job."""
    assert picture.job
    return {
        "rendition": picture.renditions.earliest("size").get_absolute_url(),
        **{name: reverse(f"studio:{name}", args=[picture.code]) for name in ("picture", "original", "download")},
        "job": picture.job.get_absolute_url(),
        "gallery": reverse("studio:gallery"),
        "tile": f"{reverse('studio:upload')}?picture={picture.code}",
    }


def look(client: Client, address: str, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    if response.streaming:
        assert b"".join(response.streaming_content)
    return response


def test_f42_a_person_who_loses_access_loses_every_link_at_once_and_the_team_keeps_the_picture(
    double: Double, settle: Settle, alice: User, bob: User, ada: User, under_way: Job
) -> None:
    theirs, team, desk = people.signed_in(alice), people.signed_in(bob), people.signed_in(ada)
    yesterday = Picture.objects.get(job__submission__prompt="yesterday")
    etags = {name: look(theirs, address).headers.get("ETag", "") for name, address in links(yesterday).items()}
    change(desk, alice, "none")
    assert_shut(theirs, yesterday, etags)
    picture = finish(double, settle, under_way)
    assert (picture.person, under_way.person) == (alice, alice)
    assert_shut(theirs, picture, {})
    assert_shut(Client(), picture, {})
    for client in (team, desk):
        for name, address in links(picture).items():
            assert look(client, address).status_code == 200, name
    change(desk, alice, "back")
    again = people.signed_in(alice)
    assert {look(again, address).status_code for address in links(picture).values()} == {200}


def assert_shut(client: Client, picture: Picture, etags: dict[str, str]) -> None:
    """Neither a page nor a byte, not even the word that nothing has changed; a fragment leads to sign-in too."""
    for name, address in links(picture).items():
        known = {"If-None-Match": etags[name]} if etags.get(name) else {}
        response = client.get(address, headers=known)
        assert (response.status_code, response.headers["Location"].partition("?")[0]) == (302, SIGN_IN), name
        assert client.get(address, headers=people.HTMX).status_code == 401, name
    assert client.get(reverse("studio:pulse"), headers=people.HTMX).status_code == 401


def test_f42_who_lost_access_while_the_request_was_on_its_way_finds_nothing(alice: User) -> None:
    picture = people.complete_sizes(people.make_job(alice, state="done", aspect_ratio="1:1").pictures.get())
    alice.is_active = False
    request = RequestFactory().get("/")
    request.user = alice
    rendition = picture.renditions.earliest("size")
    for view, kwargs in (
        (media.original, {}),
        (downloads.download, {}),
        (media.rendition, {"content": picture.sha256[:12], "size": rendition.size}),
    ):
        with pytest.raises(Http404):
            view(request, code=picture.code, **kwargs)


def test_f42_nothing_lets_somebody_who_left_back_in_or_act(ada: User, alice: User, bob: User) -> None:
    desk, theirs = people.signed_in(ada), people.signed_in(alice)
    waiting, doubtful = job_for(alice, "waits"), people.make_job(alice, state="unknown", prompt="doubtful")
    alice.set_password(people.PASSWORD)
    alice.save(update_fields=["password"])
    theirs.force_login(alice, backend="studio.signing_in.sign_in.NameOrEmailBackend")
    _, token = Invite.issue(by=ada, role=alice.role, person=alice, now=timezone.now())
    change(desk, alice, "none")
    assert theirs.post(SIGN_IN, {"username": alice.name, "password": people.PASSWORD}).status_code == 422
    assert theirs.get(reverse("studio:join", args=[token])).status_code == 410
    for name, job in (("cancel_job", waiting), ("send_job_again", doubtful), ("write_off_job", doubtful)):
        address = reverse(f"studio:{name}", args=[job.code])
        assert theirs.post(address).headers["Location"] == SIGN_IN
        assert people.signed_in(bob).post(address).status_code == 403
    assert (Job.objects.get(pk=waiting.pk).state, Job.objects.get(pk=doubtful.pk).settled_at) == ("waiting", None)
    # What they left is an admin's to decide.
    assert desk.post(reverse("studio:cancel_job", args=[waiting.code])).status_code == 302
    assert desk.post(reverse("studio:write_off_job", args=[doubtful.code])).status_code == 302
    assert Job.objects.get(pk=waiting.pk).state == Job.State.CANCELLED
    assert Job.objects.get(pk=doubtful.pk).settled_by == ada


def test_f42_an_admin_who_is_one_no_more_is_refused_at_the_next_click(alice: User, ada: User) -> None:
    other = people.make_person("Otto Other", role=User.Role.ADMIN)
    theirs, desk = people.signed_in(other), people.signed_in(ada)
    pages = [reverse("studio:review"), reverse("studio:people")]
    assert {theirs.get(page).status_code for page in pages} == {200}
    job = people.make_job(alice, state="unknown")
    _, invite = Invite.issue(by=other, role=User.Role.ADMIN, now=timezone.now())
    assert Client().get(reverse("studio:join", args=[invite])).status_code == 200
    change(desk, other, "designer")
    # Or he would be one again under another name.
    assert Client().get(reverse("studio:join", args=[invite])).status_code == 410
    assert {theirs.get(page).status_code for page in pages} == {403}
    assert theirs.post(reverse("studio:write_off_job", args=[job.code])).status_code == 403
    assert theirs.get(reverse("admin:index")).status_code == 302
    change(desk, other, "none")
    assert {theirs.get(page).headers["Location"].partition("?")[0] for page in pages} == {SIGN_IN}


def test_f42_nobody_who_has_work_here_can_be_deleted(
    double: Double, settle: Settle, alice: User, ada: User, under_way: Job
) -> None:
    with pytest.raises(ProtectedError):
        alice.delete()
    desk = people.signed_in(ada)
    assert desk.post(reverse("admin:studio_user_delete", args=[alice.pk]), {"post": "yes"}).status_code == 403
    assert finish(double, settle, under_way).person == alice
