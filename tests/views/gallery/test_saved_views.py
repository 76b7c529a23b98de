"""Searches that a person or the team keeps by name."""

from __future__ import annotations

import pytest
from django.test import Client

from studio.models import Notification, SavedView, User
from tests.people import HTMX, signed_in
from tests.views.page_text import text
from tests.views.searching import shown


def test_a_view_is_saved_shown_and_removed(alice: User, bob: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    answer = as_alice.post("/gallery/views/", {"name": " Boats  & co ", "query": "ratio=3:2&q=boat", "is_team": "on"})
    assert answer.url == "/gallery/?q=boat&ratio=3%3A2"  # type: ignore[attr-defined]
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_team) == ("Boats & co", "q=boat&ratio=3%3A2", True)
    for client in (as_alice, signed_in(bob)):
        assert "Boats &amp; co" in client.get("/gallery/").content.decode()
    # The same name again is the same view.
    as_alice.post("/gallery/views/", {"name": "Boats & co", "query": "q=train"})
    view.refresh_from_db()
    assert (view.query, view.is_team, SavedView.objects.count()) == ("q=train", False, 1)
    assert "Boats" not in signed_in(bob).get("/gallery/").content.decode()
    as_alice.post(f"/gallery/views/{view.code}/removal/")
    assert not SavedView.objects.exists()


def test_a_view_says_how_many_pictures_it_shows_to_whoever_looks(alice: User, bob: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    shown(alice, "A boat at night", is_private=True)
    view = SavedView.save_as(alice, name="Boats", query="q=boat", is_team=True)
    page = as_alice.get("/gallery/").content.decode()
    assert f'<span class="views__name" dir="auto">{view.name}</span>' in page
    assert 'hx-get="/gallery/count/?q=boat" hx-trigger="intersect once"' in page
    for client, said in ((as_alice, "2 pictures"), (signed_in(bob), "1 picture")):
        answer = client.get("/gallery/count/?q=boat", headers=HTMX)
        assert text(answer) == said


def test_only_its_maker_or_an_admin_removes_a_view_of_the_team(alice: User, as_bob: Client, as_ada: Client) -> None:
    own = SavedView.save_as(alice, name="Mine", query="q=a", is_team=False)
    team = SavedView.save_as(alice, name="Ours", query="q=a", is_team=True)
    assert as_bob.post(f"/gallery/views/{own.code}/removal/").status_code == 404
    assert as_ada.post(f"/gallery/views/{own.code}/removal/").status_code == 404
    assert as_bob.post(f"/gallery/views/{team.code}/removal/").status_code == 403
    assert as_ada.post(f"/gallery/views/{team.code}/removal/").status_code == 302
    told = Notification.objects.get(person=alice)
    assert (told.text, told.address) == ("removed your view “Ours”", "/gallery/?q=a")
    assert SavedView.objects.get() == own


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " ", "query": "q=a"}, "Give the view a name."),
        ({"name": "\u202e", "query": "q=a"}, "Give the view a name."),
        ({"name": "All", "query": "ratio=x"}, "Search for something or choose a filter first, then save the view."),
        ({"name": "All", "query": "&".join(["q=a"] * 5000)}, "Search for something or choose a filter first"),
    ],
)
def test_a_view_that_says_nothing_is_not_saved(as_alice: Client, fields: dict[str, str], sentence: str) -> None:
    html = as_alice.post("/gallery/views/", fields, follow=True).content.decode()
    assert sentence in html
    assert not SavedView.objects.exists()


def test_the_name_of_a_view_is_never_cut(as_alice: Client) -> None:
    fields = {"name": "日" * 10_000, "query": "q=a", "is_team": "on"}
    html = as_alice.post("/gallery/views/", fields, follow=True).content.decode()
    assert "Shorten the name of the view to 80 characters." in html
    assert f'value="{"日" * 10_000}"' in html
    assert 'name="is_team" value="on" checked' in " ".join(html.split())
    assert not SavedView.objects.exists()
    # It is given once, and not to another form.
    assert "日" not in as_alice.get("/gallery/").content.decode()
    as_alice.post("/gallery/views/", {"name": "日" * 80, "query": "q=a"})
    assert SavedView.objects.get().name == "日" * 80


def test_a_person_saves_so_many_views(alice: User, as_alice: Client) -> None:
    SavedView.objects.bulk_create(SavedView(person=alice, name=f"V{n}", query="q=a") for n in range(100))
    as_alice.post("/gallery/views/", {"name": "One more", "query": "q=a"})
    as_alice.post("/gallery/views/", {"name": "V5", "query": "q=b"})
    assert SavedView.objects.count() == 100
    assert SavedView.objects.get(name="V5").query == "q=b"
