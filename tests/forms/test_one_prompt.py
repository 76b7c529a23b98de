"""A prompt on a page that takes one as it is, and what is known of its pictures before anything is paid."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from studio.forms.create.one_prompt import one_prompt
from studio.models import Batch, RemoteFile, User
from studio.text.combinations import Refused
from tests.people import make_job, make_look, make_picture


def test_choices_and_looks_are_refused_and_other_text_is_sent_as_it_is(alice: User, bob: User) -> None:
    make_look(alice)
    make_look(bob, name="Secret")
    assert one_prompt(" A \\{brace} in #ff6600, #secret \r\n", alice) == "A {brace} in #ff6600, #secret"
    with pytest.raises(Refused, match="one prompt here"):
        one_prompt("A {red|green} boat", alice)
    with pytest.raises(Refused, match="#harbour-dusk is a look"):
        one_prompt("A boat #Harbour-Dusk", alice)


def test_what_luma_refused_lately_is_left_out_of_one_edit_and_named_for_formats(as_alice: Client, alice: User) -> None:
    pictures = [make_picture(alice, job=make_job(alice, state="saving")) for _ in range(2)]
    RemoteFile.objects.create(
        picture=pictures[0],
        provider=settings.LUMA_BASE_URL,
        state=RemoteFile.State.REFUSED,
        reason="Content was moderated.",
        checked_at=timezone.now(),
    )
    page = as_alice.post("/edits/", {"picture": [str(one.code) for one in pictures]}).content.decode()
    assert "Luma has lately refused 1 of these pictures" in page
    assert "<h1>Edit 1 picture</h1>" in page
    form = {"token": "6e3c8a52-54dc-4c53-93cb-6f2a3f9a1d11", "way": "make", "ratios": ["1:1"], "prompt": "A boat"}
    answer = as_alice.post(f"/pictures/{pictures[0].code}/formats/", form | {"model": "uni-1"})
    assert "Luma refused this picture: Content was moderated. Choose another picture." in answer.content.decode()
    assert not Batch.objects.exists()
