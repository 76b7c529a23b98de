"""Deleting pictures from their page and the gallery, Undo, and the trash."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from studio.models import Picture, User
from studio.models.pictures import trash
from tests import people
from tests.views.page_text import text

NOW = timezone.now()


def made(person: User, minutes: int = 60, **spec: Any) -> Picture:
    return people.make_job(person, state="done", now=NOW - timedelta(minutes=minutes), **spec).pictures.get()


def delete(client: Client, picture: Picture, query: str = "") -> HttpResponse:
    return client.post(reverse("studio:trash_picture", args=[picture.code]) + query, follow=True)


def undo(client: Client, response: HttpResponse) -> HttpResponse:
    found = re.search(r'action="(/trash/restoration/[^"]+)"', response.content.decode())
    assert found
    return client.post(unescape(found[1]), follow=True)


def status_of(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        assert b"".join(response.streaming_content)
    return response.status_code


def where(response: HttpResponse) -> str:
    return response.redirect_chain[-1][0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("of", ["", "?of=mine", "?of=gallery%3Fq%3Dharbour"])
def test_the_next_one_shows_and_undo_brings_it_back_to_the_same_spot(as_alice: Client, alice: User, of: str) -> None:
    pictures = [made(alice, minutes) for minutes in (10, 20, 30, 40)]
    for gone in pictures[1:3]:
        answer = delete(as_alice, gone, of)
        assert where(answer).startswith(pictures[3 if gone == pictures[2] else 2].get_absolute_url())
    back = undo(as_alice, answer)
    assert where(back).startswith(pictures[2].get_absolute_url())
    assert "2 of " in back.content.decode()
    assert "1 picture restored." in back.content.decode()


def test_what_another_tab_deleted_is_said_to_be_in_the_trash_already(as_alice: Client, alice: User) -> None:
    picture = made(alice)
    delete(as_alice, picture)
    again = delete(as_alice, picture)
    assert "That picture was in the trash already." in again.content.decode()
    many = as_alice.post(reverse("studio:trash_chosen"), {"picture": [str(picture.code)]}, follow=True)
    assert "what you chose is in the trash already" in many.content.decode()
    assert "/trash/restoration/" not in many.content.decode()


def test_the_last_of_its_list_leads_back_to_the_list(as_alice: Client, alice: User) -> None:
    assert where(delete(as_alice, made(alice))) == "/gallery/"


def test_its_files_are_gone_for_colleagues_and_not_for_its_owner(
    as_alice: Client, as_bob: Client, as_ada: Client, alice: User
) -> None:
    picture = made(alice)
    file = picture.renditions.first()
    assert file
    addresses = [
        file.get_absolute_url(),
        *(reverse(f"studio:{n}", args=[picture.code]) for n in ("original", "download")),
    ]
    delete(as_alice, picture)
    for client, status in ((as_alice, 200), (as_ada, 200), (as_bob, 404)):
        assert [status_of(client, one) for one in addresses] == [status] * 3
        assert client.get(picture.get_absolute_url()).status_code == status
    assert as_bob.get(addresses[0]).headers["Content-Type"] == "image/svg+xml"


def test_a_split_in_the_trash_is_closed_to_colleagues(as_alice: Client, as_bob: Client, alice: User) -> None:
    job = people.make_split(alice, [(Image.new("RGBA", (8, 8)), None)] * 2)
    front = job.pictures.get(position=0)
    page = reverse("studio:layers", args=[job.code])
    assert as_bob.get(page).status_code == 200
    delete(as_alice, front)
    assert as_bob.get(page).status_code == 404
    assert as_alice.get(page, follow=True).status_code == 200
    assert "In the trash" in as_alice.get(page, follow=True).content.decode()


def test_it_stays_in_the_family_as_a_box_with_its_date(as_bob: Client, alice: User) -> None:
    source = made(alice)
    edit = made(alice, type="image_edit", source=source)
    trash.move([source.pk], by=alice, now=NOW)
    for address in (edit.get_absolute_url(), reverse("studio:family", args=[edit.code])):
        read = as_bob.get(address)
        assert read.status_code == 200
    assert "In the trash since" in read.content.decode()
    Picture.objects.filter(pk=source.pk).update(deleted_at=NOW, file="", deletes_at=None)
    assert "Deleted Today" in as_bob.get(address).content.decode()


def test_its_card_says_so_and_its_owner_can_restore_it(as_alice: Client, alice: User, as_bob: Client) -> None:
    picture = made(alice, 1)
    delete(as_alice, picture)
    card = as_alice.get("/").content.decode()
    assert 'aria-label="In the trash: A harbour' in card
    assert 'data-act="restore"' in card
    assert 'data-act="restore"' not in as_bob.get("/?whose=team").content.decode()


def test_deleting_tells_nothing_of_what_others_made_of_it_in_private(as_alice: Client, alice: User, bob: User) -> None:
    picture = made(alice)
    used = made(bob, type="image_edit", source=picture)
    used.job.submission.set_privacy(True)  # type: ignore[union-attr]
    answer = as_alice.post("/trash/chosen/", {"picture": str(picture.code)}, follow=True)
    assert "1 picture moved to the trash." in text(answer)
    assert "made from" not in text(answer)
    undo(as_alice, answer)
    used.job.submission.set_privacy(False)  # type: ignore[union-attr]
    answer = as_alice.post("/trash/chosen/", {"picture": str(picture.code)}, follow=True)
    assert "Pictures made from it stay." in text(answer)


def test_what_is_chosen_goes_at_once_and_comes_back_at_once(as_alice: Client, alice: User, bob: User) -> None:
    mine, other = [made(alice) for _ in range(3)], made(bob)
    codes = [str(one.code) for one in (*mine, other)]
    answer = as_alice.post("/trash/chosen/", {"picture": codes}, follow=True)
    read = answer.content.decode()
    assert "3 pictures moved to the trash. 1 belongs to others and stays." in read
    assert list(Picture.objects.made()) == [other]
    assert "3 pictures restored." in undo(as_alice, answer).content.decode()
    assert Picture.objects.made().count() == 4


@pytest.mark.parametrize(
    "sent", [{}, {"picture": ["\x00", "nonsense", "٣"]}, {"picture": ["x"] * 5}, {"all": "on", "address": "q=%00"}]
)
def test_nonsense_deletes_nothing(as_alice: Client, bob: User, sent: dict[str, Any]) -> None:
    made(bob)
    assert as_alice.post("/trash/chosen/", sent).status_code == 302
    assert as_alice.post("/trash/restoration/?at=-1e9").status_code == 302
    assert as_alice.post("/trash/restoration/?at=%00&next=https://elsewhere.example/").headers["Location"] == "/trash/"
    assert Picture.objects.made().count() == 1


def test_the_trash_lists_ones_own_and_an_admin_sees_the_teams(
    as_alice: Client, as_ada: Client, alice: User, bob: User
) -> None:
    trash.move([made(alice).pk], by=alice, now=NOW)
    trash.move([made(bob, prompt="Bob's boat").pk], by=bob, now=NOW)
    read = as_alice.get("/trash/").content.decode()
    assert read.count('class="trash__item"') == 1
    assert "30 days left" in read
    assert "The trash is empty" in as_ada.get("/trash/").content.decode()
    team = as_ada.get("/trash/?whose=team").content.decode()
    assert team.count('class="trash__item"') == 2
    assert "Bob Stranger" in team
    assert as_alice.get("/trash/?whose=team").content.decode().count('class="trash__item"') == 1


def test_its_pages_follow_each_other(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.gallery.trash.PAGE", 2)
    trash.move([people.make_picture(alice).pk for _ in range(3)], by=alice, now=NOW)
    read = as_alice.get("/trash/").content.decode()
    found = re.search(r'href="/trash/(\?after=[^"]+)"', read)
    assert found
    assert as_alice.get(f"/trash/{unescape(found[1])}").content.decode().count('class="trash__item"') == 1
    assert as_alice.get("/trash/?after=nonsense").status_code == 404


def test_emptying_asks_once_and_queues_the_work(as_alice: Client, alice: User, as_bob: Client) -> None:
    trash.move([made(alice).pk, people.make_picture(alice).pk], by=alice, now=NOW)
    assert "all 2 pictures" in as_alice.get("/trash/").content.decode()
    as_bob.post("/trash/emptying/", {"whose": "team"})
    assert not OrmQ.objects.filter(key="studio").exists()
    answer = as_alice.post("/trash/emptying/", follow=True)
    assert "2 pictures deleted for good." in answer.content.decode()
    assert any(one.task["func"] == "studio.tasks.empty_trash" for one in OrmQ.objects.all())
    assert "The trash is empty" in answer.content.decode()


def test_the_menu_says_what_uses_a_picture(as_alice: Client, as_bob: Client, alice: User) -> None:
    source = made(alice)
    made(alice, type="image_edit", source=source)
    read = as_alice.get(source.get_absolute_url()).content.decode()
    assert f'hx-get="{source.get_absolute_url()}uses/"' in read
    said = as_alice.get(f"{source.get_absolute_url()}uses/").content.decode()
    assert said.strip() == "Used once; what was made with it stays."
    assert 'aria-keyshortcuts="Delete"' in read
    assert 'aria-keyshortcuts="Delete"' not in as_bob.get(source.get_absolute_url()).content.decode()


def test_a_page_of_the_trash_deletes_nothing_that_was_restored_or_came_meanwhile(alice: User, ada: User) -> None:
    restored, first, later = made(alice), made(alice), made(alice)
    for one in (restored, first):
        trash.move([one.pk], by=alice, now=timezone.now())
    client = people.signed_in(ada)
    page = client.get("/trash/?whose=team").content.decode()
    until = re.search(r'name="until" value="(\d+)"', page)
    assert until
    assert 'name="seen" value="trash"' in page
    trash.restore([restored.pk], by=alice, now=timezone.now())
    for person in (alice, ada):
        address = reverse("studio:delete_picture", args=[restored.code])
        answer = people.signed_in(person).post(address, {"seen": "trash"}, follow=True)
        assert "It was restored meanwhile, so nothing was deleted." in answer.content.decode()
    trash.move([later.pk], by=alice, now=timezone.now())
    client.post("/trash/emptying/", {"whose": "team", "until": until[1]})
    left = Picture.objects.filter(deletes_at__gt=timezone.now()).values_list("pk", flat=True)
    assert (list(left), Picture.objects.get(pk=restored.pk).trashed_at) == ([later.pk], None)


def test_a_second_tab_that_deletes_for_good_hears_that_it_was_done(as_alice: Client, alice: User) -> None:
    one, two = made(alice), made(alice)
    trash.move([one.pk, two.pk], by=alice, now=timezone.now())
    for words in ("Deleted for good.", "It was deleted for good already."):
        assert words in text(as_alice.post(f"/pictures/{one.code}/deletion/", {"seen": "trash"}, follow=True))
    until = re.findall(r'name="until" value="(\d+)"', as_alice.get("/trash/").content.decode())[0]
    for words in ("1 picture deleted for good.", "Nothing was deleted: what lay here was restored or deleted"):
        assert words in text(as_alice.post("/trash/emptying/", {"until": until}, follow=True))
    assert Picture.objects.in_trash().filter(deletes_at__lte=timezone.now()).count() == 2
