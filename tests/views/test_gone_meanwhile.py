"""An open page of one or a few pictures hears that one was deleted or made private, and that it is back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Picture, Revision, User, trash
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


def test_nonsense_in_the_address_tells_nothing(as_bob: Client, alice: User) -> None:
    make_picture(alice)
    for code in ("", "x", "\x00", "9" * 400):
        for page in ("picture", "pictures", "family"):
            answer = as_bob.get("/pulse/", {"page": page, "code": [code] * 9, "after": code}, headers=HTMX)
            assert answer.status_code in {200, 204}
            assert "no longer there" not in text(answer) or "hidden>" in answer.content.decode()
