"""A form that is sent twice makes one thing, and what it carries for that tells nobody what others have."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import ApiToken, Board, Comment, Picture, ProofLink, User
from studio.models.proof.link import ProofSpec
from tests import people


def a_board(owner: User, _picture: Picture) -> Any:
    return Board.make(owner, now=timezone.now(), name="Secret", visibility="private").code


def a_token(owner: User, _picture: Picture) -> Any:
    return ApiToken.issue(owner, name="Agent", scopes=["read"], now=timezone.now())[0].code


def a_link(owner: User, picture: Picture) -> Any:
    spec = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=7))
    return ProofLink.make(owner, spec, pictures=[picture])[0].code


def a_comment(owner: User, picture: Picture) -> Any:
    return Comment.objects.say(picture, "Dimmer", by=owner).code


FORMS: dict[str, tuple[Callable[[User, Picture], Any], str, dict[str, Any], type[Any]]] = {
    "board": (a_board, "/boards/new/", {"name": "Harbour", "visibility": "team"}, Board),
    "chosen": (a_board, "/boards/additions/", {"picture": "{picture}", "make": "", "name": "Harbour"}, Board),
    "token": (a_token, "/account/tokens/", {"name": "Nightly", "scope": "read", "life": "90"}, ApiToken),
    "link": (
        a_link,
        "/proofs/new/",
        {"act": "make", "picture": "{picture}", "title": "Round 2", "ends": "14", "downloads": "off"},
        ProofLink,
    ),
    "comment": (a_comment, "/pictures/{picture}/comments/", {"text": "Warmer"}, Comment),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_tells_that_somebody_else_has_something(form: str, as_alice: Client, alice: User, bob: User) -> None:
    hidden = people.make_job(bob, state="done").pictures.get()
    Picture.objects.filter(pk=hidden.pk).update(is_private=True)
    shown = people.make_job(alice, state="done").pictures.get()
    make, address, fields, model = FORMS[form]
    known, unknown = make(bob, hidden), uuid.uuid4()
    before = set(model.objects.values_list("code", flat=True))

    def sent(once: Any) -> tuple[int, int, bool]:
        """The status, how many are new, and whether one has the code that was sent."""
        filled = {name: value.format(picture=shown.code) for name, value in fields.items()} | {"once": str(once)}
        answer = as_alice.post(address.format(picture=shown.code), filled)
        new = set(model.objects.values_list("code", flat=True)) - before
        before.update(new)
        return answer.status_code, len(new), once in new

    first = sent(unknown)
    assert first[1:] == (1, False)
    assert sent(known) == first
    assert sent(unknown) == sent(known)
    assert len(before) == 3
