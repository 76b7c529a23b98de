"""A flagged picture is refused where somebody wants to use it, until an admin takes the flag off."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import Notification, Picture, Submission, TrailEntry, User
from tests.people import make_job, make_picture
from tests.views.review_pages import REVIEW, page, words


def flag(client: Client, picture: Picture, **data: str) -> str:
    answer = client.post(reverse("studio:flag_picture", args=[picture.code]), data, follow=True)
    return words(answer.content.decode())


def test_a_picture_that_failed_for_several_people_is_named_and_flagged_from_review(
    as_ada: Client, alice: User, bob: User
) -> None:
    reference, other = make_picture(alice), make_picture(bob)
    make_job(alice, state="failed", references=[reference])
    assert "same picture" not in page(as_ada)
    make_job(bob, state="failed", references=[reference, other])
    html = page(as_ada)
    assert "2 people, same picture" in words(html)
    assert html.count("Flag it</button>") == 1
    flag(as_ada, reference, reason="Refused for 2 people")
    assert "Flagged: nobody can use it." in words(page(as_ada, f"{REVIEW}?cause=refused"))


def test_a_flagged_picture_is_refused_on_the_tile_with_the_reason(
    as_ada: Client, as_alice: Client, ada: User, alice: User, bob: User
) -> None:
    picture, other = make_picture(bob), make_picture(bob)
    said = flag(as_ada, picture, reason="  The mayor\nwas refused  ")
    assert "Flagged. Nobody can use it" in said
    assert "Flagged by Ada Admin ." in said
    form: dict[str, Any] = {
        "token": "5a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7",
        "type": "image",
        "prompt": "Like @2",
        "model": "uni-1",
        "reference": [other.code, picture.code],
        "count": "1",
    }
    answer = as_alice.post(reverse("studio:submit"), form)
    assert answer.status_code == 422
    told = "@2 is flagged by Ada Admin and can't be used: “The mayor was refused” Choose another picture."
    assert told in unescape(answer.content.decode())
    assert not Submission.objects.exists()
    edit = {**form, "type": "image_edit", "source": picture.code, "reference": []}
    assert "The source is flagged by Ada Admin" in as_alice.post(reverse("studio:submit"), edit).content.decode()
    assert Notification.objects.get(person=bob).text.startswith("flagged your picture")
    flag(as_ada, picture, state="off")
    assert as_alice.post(reverse("studio:submit"), form).status_code in {200, 302}
    assert [entry.text for entry in TrailEntry.objects.order_by("pk")] == [
        "Flagged: The mayor was refused",
        "Flag taken off",
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "Say why, in a few words"),
        ("\x00", "Write"),
        ("x" * 250, "Shorten the reason to 200 characters: it has 250."),
    ],
)
def test_a_flag_needs_a_reason(as_ada: Client, alice: User, reason: str, said: str) -> None:
    picture = make_picture(alice)
    assert said in flag(as_ada, picture, reason=reason)
    assert not Picture.objects.get(pk=picture.pk).flagged_at


def test_a_second_flag_changes_nothing(as_ada: Client, alice: User) -> None:
    picture = make_picture(alice)
    flag(as_ada, picture, reason="First")
    assert "Somebody was first" in flag(as_ada, picture, reason="Second")
    assert Picture.objects.get(pk=picture.pk).flagged_reason == "First"
    flag(as_ada, picture, state="off")
    assert "Somebody was first" in flag(as_ada, picture, state="off")


def test_flagged_pictures_are_left_out_of_a_bulk_edit(as_ada: Client, as_alice: Client, alice: User) -> None:
    one, two = make_picture(alice), make_picture(alice)
    flag(as_ada, one, reason="Refused")
    answer = as_alice.post(reverse("studio:bulk_edit"), {"picture": [one.code, two.code]})
    assert "An admin has flagged 1 of them, so they are left out." in words(answer.content.decode())
