"""An open page of one or a few pictures hears that one was deleted or made private, and that it is back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, Picture, Revision, User
from studio.models.pictures import trash
from tests.people import HTMX, make_job, make_picture
from tests.views.page_text import text


def made(person: User, **spec: Any) -> Picture:
    return make_job(person, state="done", size=(64, 64), **spec).pictures.get()


def pulse(client: Client, page: str) -> Any:
    found = re.search(r'id="pulse" hx-get="([^"]+)"', page)
    assert found
    return client.get(found[1].replace("&amp;", "&"), headers=HTMX)


ADDRESSES = {
    "/pictures/{0}/": "This picture is no longer there for you.",
    "/pictures/{0}/family/": "This picture is no longer there for you.",
    "/pictures/{0}/marks/": "This picture is no longer there for you.",
    "/compare/?picture={0}&picture={1}": "One of these pictures is no longer there for you.",
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("way", ["deleted", "private"])
def test_an_open_page_says_that_its_picture_is_gone_until_it_is_back(
    as_bob: Client, alice: User, address: str, way: str
) -> None:
    one, other = made(alice), made(alice)
    page = as_bob.get(address.format(one.code, other.code)).content.decode()
    assert 'id="gone" role="status" hidden>' in page

    def hide(is_hidden: bool) -> None:
        now = timezone.now()
        if way == "private":
            Picture.objects.filter(pk=one.pk).update(is_private=is_hidden, rev=Revision.bump())
        elif is_hidden:
            trash.move([one.pk], by=alice, now=now)
        else:
            trash.restore([one.pk], by=alice, now=now)

    hide(True)
    told = pulse(as_bob, page)
    assert ADDRESSES[address] in text(told)
    assert 'id="gone" role="status">' in told.content.decode()
    hide(False)
    assert 'id="gone" role="status" hidden>' in pulse(as_bob, told.content.decode()).content.decode()


def test_the_tree_of_a_family_follows(as_bob: Client, alice: User) -> None:
    root = made(alice)
    edit = made(alice, type="image_edit", source=root)
    page = as_bob.get(f"/pictures/{root.code}/family/").content.decode()
    assert "2 pictures · 2 generations" in page
    trash.move([edit.pk], by=alice, now=timezone.now())
    told = pulse(as_bob, page)
    assert "In the trash since" in text(told)
    assert "twig__none" in told.content.decode()
    assert 'id="gone" role="status" hidden>' in told.content.decode()
    trash.restore([edit.pk], by=alice, now=timezone.now())
    made(alice, type="image_edit", source=root)
    told = pulse(as_bob, told.content.decode())
    assert "3 pictures · 2 generations" in text(told)
    assert "In the trash since" not in text(told)


@pytest.mark.parametrize("way", ["deleted", "private", "demoted"])
def test_the_settings_of_a_board_stay_open_to_be_copied(as_ada: Client, alice: User, ada: User, way: str) -> None:
    board = Board.make(alice, name="Harbour", now=timezone.now())
    page = as_ada.get(f"/boards/{board.code}/settings/").content.decode()
    assert 'id="sheet-closed" role="status" hidden>' in page
    assert 'id="sheet-closed" role="status" hidden>' in with_news(as_ada, page).content.decode()
    if way == "deleted":
        board.delete_for_now(now=timezone.now())
    elif way == "private":
        board.settle(now=timezone.now(), members=[], visibility="private")
    else:
        User.objects.filter(pk=ada.pk).update(role=User.Role.DESIGNER)
    said = "You can't change its settings any more." if way == "demoted" else "This board is no longer there for you."
    told = with_news(as_ada, page)
    assert not told.has_header("HX-Refresh")
    assert f"{said} " in text(told)
    assert 'id="sheet-closed" role="status">' in told.content.decode()
    # It goes on asking, and what is sent all the same is shown again.
    assert f"{said} " in text(with_news(as_ada, told.content.decode()))
    sent = as_ada.post(f"/boards/{board.code}/settings/", {"name": "Harbour at night", "seen": "{}"})
    assert "What you wrote: Harbour at night" in text(sent)


def with_news(client: Client, page: str) -> Any:
    Revision.bump()
    return pulse(client, page)


def test_nonsense_in_the_address_tells_nothing(as_bob: Client, alice: User) -> None:
    make_picture(alice)
    for code in ("", "x", "\x00", "9" * 400):
        for page in ("picture", "pictures", "family"):
            answer = as_bob.get("/pulse/", {"page": page, "code": [code] * 9, "after": code}, headers=HTMX)
            assert answer.status_code in {200, 204}
            assert "no longer there" not in text(answer) or "hidden>" in answer.content.decode()
