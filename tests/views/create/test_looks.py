"""The looks page and its editor, without script."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studio.models import Look, LookVersion, Picture, User
from tests.people import HTMX, image_bytes, make_job, make_look, make_picture
from tests.views.page_text import text

NEW = "/looks/new/"


def saved(client: Client, address: str = NEW, **fields: Any) -> Any:
    return client.post(address, {"act": "save", "name": "Harbour dusk", "words": "grain", "seen": "1", **fields})


def fields_of(pictures: list[Picture], *roles: str) -> dict[str, Any]:
    return {"reference": [str(one.code) for one in pictures], "role": list(roles)}


# ---- The page


def test_the_first_look_is_asked_for(as_alice: Client) -> None:
    assert "Drop four pictures here to make the first look" in text(as_alice.get("/looks/"))


def test_cards_show_whose_which_version_and_how_often(as_alice: Client, alice: User, bob: User) -> None:
    look = make_look(alice, words="[product] on [ground]")
    make_job(alice, look=look.current, blanks=["a", "b"], count=3)
    make_look(bob, name="Paper cut", is_team=True)
    make_look(bob, name="Secret")
    shown = text(as_alice.get("/looks/"))
    assert "Harbour dusk 2 blanks Mine v1 3 pictures" in shown
    assert "Paper cut Team v1" in shown
    assert "Secret" not in shown
    assert "All 2 Team 1 Mine 1" in shown
    assert "Paper cut" not in text(as_alice.get("/looks/?whose=mine"))
    assert "Harbour dusk" not in text(as_alice.get("/looks/?whose=team"))
    assert "Harbour dusk" in text(as_alice.get("/looks/?q=%23HARB"))
    assert "No look is called that" in text(as_alice.get("/looks/?q=%00zzz"))
    for odd in ("page=9999999999999999999", f"page={'9' * 5000}", "page=-1", "whose=x", "deleted=x", "page=²"):
        assert as_alice.get(f"/looks/?{odd}").status_code == 200


def test_more_looks_cost_no_more_queries(
    as_alice: Client, alice: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    def some(number: int) -> Look:
        pictures = [make_picture(alice) for _ in range(3)]
        return make_look(alice, name=f"Look {number} x", references=[(one, "style") for one in pictures])

    first = some(0)
    make_job(alice, state="done", look=first.current)
    pages = ("/looks/", first.get_absolute_url(), "/looks/offer/?q=look", f"/?look={first.code}")
    spent = []
    for page in pages:
        with django_assert_max_num_queries(30) as few:
            as_alice.get(page)
        spent.append(len(few))
    for number in range(1, 5):
        some(number)
        make_job(alice, state="done", look=first.current)
    for page, most in zip(pages, spent, strict=True):
        with django_assert_max_num_queries(most):
            as_alice.get(page)


# ---- The editor


def test_a_look_is_made_from_a_picture(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="done", model="uni-1-max", aspect_ratio="16:9")
    picture = job.pictures.get()
    assert f"{NEW}?picture={picture.code}" in as_alice.get(picture.get_absolute_url()).content.decode()
    page = as_alice.get(f"{NEW}?picture={picture.code}&picture=nonsense")
    form = page.context["form"]
    assert (form.model, form.aspect_ratio, form.example) == ("uni-1-max", "16:9", picture)
    answer = saved(as_alice, whose="team", example=picture.code, model="uni-1-max", **fields_of([picture], "style"))
    look = Look.objects.get()
    assert answer.headers["Location"] == look.get_absolute_url()
    assert (look.name, look.tag, look.is_team, look.person) == ("Harbour dusk", "harbour-dusk", True, alice)
    version = LookVersion.objects.get()
    assert (version.example, version.model, version.pictures) == (picture, "uni-1-max", [picture])


def test_files_are_taken_into_the_editor(as_alice: Client) -> None:
    files = [SimpleUploadedFile(f"{n}.png", image_bytes()) for n in range(2)] + [SimpleUploadedFile("x.txt", b"no")]
    page = as_alice.post(NEW, {"files": files, "name": "Harbour dusk"})
    form = page.context["form"]
    assert (len(form.rows), form.name, Look.objects.count()) == (2, "Harbour dusk", 0)
    assert len(form.errors) == 1
    assert form.errors[0].startswith("x.txt: ")
    part = as_alice.post(NEW, {"name": "Harbour dusk"}, headers=HTMX).content.decode()
    assert 'id="editor"' in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("act", "order", "words"),
    [
        ("up-2", [1, 0, 2], "as @1 and @3"),
        ("down-1", [1, 0, 2], "as @1 and @3"),
        ("up-1", [0, 1, 2], "as @2 and @3"),
        ("down-3", [0, 1, 2], "as @2 and @3"),
        ("remove-3", [0, 1], "as @2 and @3"),
        ("remove-9", [0, 1, 2], "as @2 and @3"),
        ("dance", [0, 1, 2], "as @2 and @3"),
    ],
)
def test_rows_move_and_the_mentions_follow(
    as_alice: Client, alice: User, act: str, order: list[int], words: str
) -> None:
    pictures = [make_picture(alice) for _ in range(3)]
    fields = fields_of(pictures, "style", "colour", "nonsense")
    form = as_alice.post(NEW, {"act": act, "name": "x", "words": "as @2 and @3", **fields}).context["form"]
    assert [row.picture for row in form.rows] == [pictures[place] for place in order]
    assert form.words == words
    assert not Look.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Write a name with letters."),
        ({"name": "a\u202eb"}, "That name contains a character that can't be seen. Type it instead of pasting it."),
        ({"name": "x" * 81}, "Shorten the name to 80 characters."),
        ({"name": "@1"}, "Names can't contain @."),
        ({"words": ""}, "Add a reference or some words: the look is still empty."),
        ({"words": "x" * 3001}, "Shorten the words to 3,000 characters."),
        ({"words": "as @1"}, "There is no reference @1 in this look."),
        ({"words": " ".join(f"[b{letter}]" for letter in "abcdefghij")}, "A recipe has at most 9 blanks."),
        ({"avoid": ",".join(map(str, range(21)))}, "List at most 20 words to avoid."),
        ({"avoid": "y" * 61}, "Shorten “yyyyyyyyyyyyyyyyyyyy…” to 60 characters."),
        ({"reference": "00000000-0000-4000-8000-000000000000"}, "A picture that was chosen is gone."),
        ({"name": "HARBOUR  dusk!"}, "There is a look #harbour-dusk already. Choose another name."),
    ],
)
def test_what_cannot_be_saved_says_why(as_alice: Client, alice: User, fields: dict[str, Any], sentence: str) -> None:
    if "HARBOUR" in fields.get("name", ""):
        make_look(alice)
    before = Look.objects.count()
    answer = saved(as_alice, **fields)
    assert (answer.status_code, answer.context["form"].errors) == (422, [sentence])
    assert Look.objects.count() == before


@pytest.mark.parametrize("name", ["<script>x</script>", 'O\'Brien "x"', "夕暮れ", "{% now %}"])
def test_a_hostile_name_is_text(as_alice: Client, name: str) -> None:
    assert saved(as_alice, name=name).status_code == 302
    look = Look.objects.get()
    for page in ("/looks/", look.get_absolute_url(), f"/?look={look.code}", "/looks/offer/"):
        shown = as_alice.get(page).content.decode()
        assert "<script>x" not in shown
        assert f"#{look.tag}" in shown or "look" in shown


def test_saving_makes_the_next_version_and_an_old_one_can_come_back(as_alice: Client, alice: User) -> None:
    look = make_look(alice, words="grain", avoid=["people"])
    address = look.get_absolute_url()
    assert "Save as v2" in text(as_alice.get(address))
    assert saved(as_alice, address, words="no grain", avoid="people; cars").status_code == 302
    assert "Saved as v2." in text(as_alice.get(address))
    old = as_alice.get(f"{address}?version=1")
    assert "This is v1. Save it to go back to it." in text(old)
    assert "Save as v3" in text(old)
    assert old.context["form"].words == "grain"
    saved(as_alice, address, seen="2", words="grain", avoid="people")
    assert [(one.number, one.words, one.avoid) for one in look.versions.order_by("number")] == [
        (1, "grain", ["people"]),
        (2, "no grain", ["people", "cars"]),
        (3, "grain", ["people"]),
    ]
    for odd in ("9", "x", "²", "9" * 5000):
        assert as_alice.get(f"{address}?version={odd}").context["version"].number == 3
    # Another tab that began with v1.
    late = saved(as_alice, address, seen="1", words="late")
    assert late.status_code == 422
    assert "Another version was saved meanwhile" in text(late)


def test_a_tab_that_changes_the_words_leaves_what_another_tab_changed(as_alice: Client, alice: User) -> None:
    look = make_look(alice, is_team=True, words="grain")
    address, shown = look.get_absolute_url(), {"was_name": "Harbour dusk", "was_whose": "team"}
    assert 'name="was_name" value="Harbour dusk"' in as_alice.get(address).content.decode()
    saved(as_alice, address, **shown, name="Dawn", whose="mine", words="grain")
    saved(as_alice, address, **shown, whose="team", words="no grain")
    look.refresh_from_db()
    assert (look.name, look.is_team, look.current and look.current.words) == ("Dawn", False, "no grain")
    both = saved(as_alice, address, **shown, name="Noon", seen="2")
    assert both.status_code == 422
    assert "You named it Dawn meanwhile, in another tab." in text(both)
    assert both.context["form"].was_name == "Dawn"


def test_nobody_elses_look_is_overwritten(as_bob: Client, alice: User, bob: User) -> None:
    look = make_look(alice, is_team=True, words="grain")
    page = as_bob.get(look.get_absolute_url())
    assert "Save as my own" in text(page)
    assert f'action="{NEW}"' in page.content.decode()
    assert as_bob.post(look.get_absolute_url(), {"act": "save", "name": "Mine now"}).status_code == 403
    assert saved(as_bob, name="My dusk", words="no grain").status_code == 302
    assert {(one.name, one.person) for one in Look.objects.all()} == {("Harbour dusk", alice), ("My dusk", bob)}
    private = make_look(alice, name="Private")
    for address in (private.get_absolute_url(), reverse("studio:delete_look", args=[private.code])):
        assert as_bob.post(address, {"act": "save"}).status_code == 404
    assert as_bob.get(private.get_absolute_url()).status_code == 404


def test_a_deleted_look_is_one_undo_away(as_alice: Client, alice: User) -> None:
    look = make_look(alice)
    address = reverse("studio:delete_look", args=[look.code])
    gone = as_alice.post(address, {"state": "on"}, follow=True)
    assert "Harbour dusk is deleted. Pictures made with it keep it. Undo" in text(gone)
    assert as_alice.get(look.get_absolute_url()).status_code == 404
    assert as_alice.post(address, {"state": "off"}).headers["Location"] == look.get_absolute_url()
    assert as_alice.get(look.get_absolute_url()).status_code == 200
    assert as_alice.post(reverse("studio:delete_look", args=[uuid.uuid4()])).status_code == 404


def test_a_missing_reference_shows_its_place(as_alice: Client, alice: User) -> None:
    gone, left = make_picture(alice), make_picture(alice)
    look = make_look(alice, references=[(gone, "style"), (left, "colour")])
    gone.renditions.all().delete()
    gone.delete()
    page = as_alice.get(look.get_absolute_url())
    assert "1 gone" in text(page)
    assert "This picture is gone" in text(page)
    assert [row.value for row in page.context["form"].rows] == ["missing", str(left.code)]
    assert "Reference 1 of Harbour dusk is gone and is left out." in text(as_alice.get(f"/?look={look.code}"))
    # Saving keeps the place until somebody fills or removes it.
    rows = {"reference": ["missing", str(left.code)], "role": ["style", "colour"]}
    saved(as_alice, look.get_absolute_url(), words="x", **rows)
    assert LookVersion.objects.get(number=2).missing == [1]
