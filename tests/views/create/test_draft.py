"""The draft of a person: what is taken, what wins, and what a page shows of it, with script and without."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.forms.create import draft
from studio.models import Draft, Submission, User
from tests.people import HTMX, make_job, make_picture, make_submission

EDIT = {"model": "uni-1-max", "aspect_ratio": "1:1", "style": "auto", "count": 3}
MADE = {"model": "uni-1", "aspect_ratio": "16:9", "style": "auto", "count": 2}


def content(**fields: Any) -> dict[str, Any]:
    return {**draft.EMPTY, "choices": {"image": MADE, "image_edit": EDIT}, **fields}


def keep(client: Client, what: Any, *, number: int = 0, age: Any = 0) -> Any:
    return client.post("/draft/", {"content": what, "number": number, "age": age}, content_type="application/json")


def number_in(page: str) -> str:
    found = re.search(r'name="count" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_code_is_known_in_any_spelling(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    page = as_alice.get("/", {"source": picture.code.hex.upper()}).content.decode()
    assert f'value="{picture.code}"' in page


def test_a_draft_names_no_picture_that_turned_private_to_somebody_else(
    as_alice: Client, alice: User, bob: User
) -> None:
    theirs = make_job(bob, state="done")
    hidden, own = theirs.pictures.get(), make_picture(alice)
    codes = [str(own.code), str(hidden.code)]
    keep(
        as_alice,
        content(prompt="A boat", source=codes[1], references=codes, before=content(source=codes[1], prompt="x")),
    )
    assert as_alice.get("/draft/").json()["content"]["references"] == codes
    theirs.submission.set_privacy(True)
    told = as_alice.get("/draft/").json()["content"]
    assert (told["prompt"], told["source"], told["references"]) == ("A boat", "", codes[:1])
    older = keep(as_alice, content(prompt="older"), age=60_000)
    replaced = keep(as_alice, content(prompt="newer"))
    Draft.objects.update(content=content(prompt="A boat", before=content(source=codes[1], prompt="x")))
    for answer in (older, replaced, as_alice.get("/draft/"), as_alice.get("/")):
        assert codes[1] not in answer.content.decode()


def test_the_newest_edit_wins_and_says_so(as_alice: Client, alice: User) -> None:
    assert keep(as_alice, content(prompt="one"), age=60_000).json() == {"number": 1, "replaced": None}
    assert keep(as_alice, content(prompt="two"), number=1, age=50_000).json() == {"number": 2, "replaced": None}
    # A page that has not seen "two": an older edit gives way, a newer one takes its place and gets it back.
    older = keep(as_alice, content(prompt="older"), number=1, age=55_000)
    assert (older.status_code, older.json()["number"], older.json()["content"]["prompt"]) == (409, 2, "two")
    newer = keep(as_alice, content(prompt="newer"), number=1).json()
    assert (newer["number"], newer["replaced"]["prompt"]) == (3, "two")
    # The same once more changes nothing, whoever sends it.
    assert keep(as_alice, content(prompt="newer"), number=1).json() == {"number": 3, "replaced": None}


def test_what_was_replaced_is_told_in_the_order_of_every_draft(as_alice: Client, alice: User) -> None:
    keep(as_alice, content(prompt="kept"))
    kept = Draft.objects.get().content
    # PostgreSQL keeps names in an order of its own.
    Draft.objects.update(content={name: kept[name] for name in sorted(kept)})
    replaced = keep(as_alice, content(prompt="newer")).json()["replaced"]
    assert list(replaced) == list(draft.cleaned(kept) or {})
    assert Draft.objects.get().person == alice


def test_the_ratios_that_are_made_too_are_kept_for_their_mode(as_alice: Client) -> None:
    sent = {
        "image": {"ratios": ["9:16", "3:1", "5:4", 7]},
        "image_edit": {"ratios": "3:1"},
        "layering": {"ratios": ["3:1"]},
    }
    keep(as_alice, {**content(prompt="one"), "choices": sent})
    choices = Draft.objects.get().content["choices"]
    assert [choices[mode]["ratios"] for mode in sent] == [["3:1", "9:16"], [], []]


def test_a_page_is_told_only_what_it_has_not_seen(as_alice: Client) -> None:
    assert "content" not in as_alice.get("/draft/").json()
    keep(as_alice, content(prompt="one"))
    assert "content" not in as_alice.get("/draft/?number=1").json()
    assert as_alice.get("/draft/?number=0").json()["content"]["prompt"] == "one"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"content": 1, "number": 0, "age": 0}',
        '{"content": {}, "number": "x", "age": 0}',
        '{"content": {}, "number": 0, "age": NaN}',
        '{"content": {}, "number": 1e999, "age": 0}',
        "[" * 100_000,
    ],
    ids=["nothing", "list", "empty", "null", "no draft", "no number", "no age", "endless", "deep"],
)
def test_what_is_no_draft_is_refused(as_alice: Client, body: str) -> None:
    assert as_alice.post("/draft/", body, content_type="application/json").status_code == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("fields", "follows"),
    [
        ({"type": "image_edit", "follows": True}, True),
        ({"type": "image_edit"}, False),
        ({"type": "image_edit", "follows": "yes"}, False),
        ({"type": "image", "follows": True}, False),
        ({"type": "image_edit", "follows": True, "source": ""}, False),
        ({"type": "image_edit", "follows": True, "source": str(uuid.UUID(int=1))}, False),
    ],
    ids=["followed", "chosen", "nonsense", "another mode", "no source", "a source that is gone"],
)
def test_a_page_says_that_the_mode_follows_the_source_only_where_it_did(
    as_alice: Client, alice: User, fields: dict[str, Any], follows: bool
) -> None:
    keep(as_alice, content(**{"source": str(make_picture(alice).code), **fields}))
    note = as_alice.get("/").context["form"].dock.note
    assert note.startswith("Switched to Edit") is follows


def test_too_much_is_refused(as_alice: Client) -> None:
    assert keep(as_alice, content(prompt="x" * 600_000)).status_code == 413


@pytest.mark.parametrize("wrong", [None, 99, "x", [], {}, True, "\ud800\x00"], ids=str)
def test_a_wrong_field_does_not_spoil_the_rest(as_alice: Client, wrong: Any) -> None:
    names = ("type", "source", "references", "choices", "before")
    sent = {**dict.fromkeys(names, wrong), "prompt": "kept"}
    sent["choices"] = {"image": dict.fromkeys(("model", "count", "style", "web_search"), wrong), "other": wrong}
    assert keep(as_alice, sent).status_code == 200
    kept = Draft.objects.get().content
    assert (kept["type"], kept["prompt"], kept["source"], kept["references"]) == ("image", "kept", "", [])
    assert kept["choices"]["image"]["count"] == 1
    assert keep(as_alice, {"prompt": wrong}).status_code == 200
    assert as_alice.get("/").status_code == 200


def test_the_page_shows_the_draft_without_script(as_alice: Client, alice: User) -> None:
    make_submission(alice, style="manga", aspect_ratio="2:3")
    source, reference = make_picture(alice), make_picture(alice)
    tray = {"source": str(source.code), "references": [str(reference.code)]}
    keep(as_alice, content(type="image_edit", prompt="Lanterns", **tray))
    page = as_alice.get("/").content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*Lanterns', page)
    assert 'value="image_edit" checked' in page
    assert 'value="1:1" checked' not in page  # an edit has no ratio, whatever an older draft kept
    assert number_in(page) == "3"
    assert f'name="source" value="{source.code}"' in page
    keep(as_alice, content(prompt="Lanterns", **tray), number=1)
    page = as_alice.get("/").content.decode()
    assert 'value="16:9" checked' in page
    assert number_in(page) == "2"
    assert "It&#x27;s kept for Edit and Layers." in page


def test_use_as_source_begins_anew_and_the_draft_is_one_undo_away(as_alice: Client, alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    keep(as_alice, content(prompt="Words from before", references=[str(reference.code)]))
    page = as_alice.get(f"/?source={source.code}").content.decode()
    assert re.search(r"<textarea[^>]* autofocus [^>]*>\s*</textarea>", page)
    assert f'data-picture="{source.code}"' in page
    assert f'data-picture="{reference.code}"' not in page
    assert 'value="image_edit" checked' in page
    assert re.search(r'id="dock-before">[\s\S]*?href="/\?draft=before">Undo', page)
    # Nothing was written by looking; a page with script keeps both, and Undo works there too.
    keep(as_alice, content(type="image_edit", source=str(source.code), before=Draft.objects.get().content), number=1)
    page = as_alice.get("/?draft=before").content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*Words from before', page)
    assert f'data-picture="{reference.code}"' in page


def test_without_script_the_note_of_the_draft_before_is_closed_and_what_is_typed_stays(
    as_alice: Client, alice: User
) -> None:
    keep(as_alice, content(prompt="Now", before=content(prompt="Words from before")))
    assert 'id="dock-before">' in as_alice.get("/").content.decode()
    answer = as_alice.post("/submissions/", asked(prompt="Typed meanwhile", draft="alone"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = as_alice.get("/").content.decode()
    assert 'id="dock-before" hidden' in page
    assert prompt_in(page) == "Typed meanwhile"
    assert not Submission.objects.exists()


def test_another_like_this_makes_one_whatever_the_draft_says(as_alice: Client, alice: User) -> None:
    keep(as_alice, content(prompt="Words from before"))
    theirs = make_submission(alice, prompt="Deep snow", count=4)
    page = as_alice.get(f"/?like={theirs.code}").content.decode()
    assert number_in(page) == "1"
    assert 'id="dock-before">' in page


def test_settings_are_used_again_with_their_number(as_alice: Client, alice: User, bob: User) -> None:
    keep(as_alice, content(prompt="Words from before"))
    source = make_picture(bob)
    theirs = make_submission(bob, prompt="Deep snow", type="image_edit", count=4, source=source)
    page = as_alice.get(f"/?reuse={theirs.code}").content.decode()
    assert (number_in(page), prompt_in(page)) == ("4", "Deep snow")
    assert 'value="image_edit" checked' in page
    assert f'name="source" value="{source.code}"' in page
    assert 'id="dock-before">' in page


def test_a_prompt_alone_leaves_the_rest_of_the_draft(as_alice: Client, alice: User) -> None:
    reference = make_picture(alice)
    keep(as_alice, content(prompt="Words from before", references=[str(reference.code)]))
    before = as_alice.get("/").content.decode()
    theirs = make_submission(alice, prompt="Deep snow", type="image_edit", count=4, source=make_picture(alice))
    page = as_alice.get(f"/?words={theirs.code}").content.decode()
    assert (number_in(page), prompt_in(page)) == (number_in(before), "Deep snow")
    assert f'name="reference" value="{reference.code}"' in page
    assert re.search(r'id="dock-before">[\s\S]*?href="/\?draft=before">Undo', page)


def prompt_in(page: str) -> str:
    found = re.search(r'<textarea[^>]* name="prompt"[^>]*>\n?([^<]*)</textarea>', page)
    assert found
    return found[1]


def asked(**fields: object) -> dict[str, object]:
    return {
        "token": str(uuid.uuid4()),
        "type": "image",
        "prompt": "A boat",
        "model": "uni-1",
        "style": "auto",
        "aspect_ratio": "9:16",
        "count": "2",
        "output_format": "png",
        **fields,
    }


def test_without_script_a_submit_changes_no_setting(as_alice: Client, alice: User) -> None:
    source = make_picture(alice)
    keep(as_alice, content(source=str(source.code)))
    as_alice.post("/submissions/", asked(source=str(source.code)))
    page = as_alice.get("/").content.decode()
    assert number_in(page) == "2"
    assert all(f'value="{kept}" checked' in page for kept in ("image", "9:16", "png"))
    assert Submission.objects.get().type == "image"
    assert f'name="source" value="{source.code}"' in page
    assert Draft.objects.get().content["choices"]["image_edit"]["count"] == 3


def test_the_same_again_at_once_asks_first(as_alice: Client) -> None:
    assert as_alice.post("/submissions/", asked(), headers=HTMX).status_code == 200
    again = as_alice.post("/submissions/", asked(), headers=HTMX)
    assert again.status_code == 422
    assert "Make the same again?" in again.content.decode()
    assert re.search(r'<button[^>]*type="submit" name="again"[^>]*>Make again</button>', again.content.decode())
    assert Submission.objects.count() == 1
    page = as_alice.post("/submissions/", asked())
    assert page.status_code == 422
    assert re.search(r'name="prompt"[^>]*>\s*A boat', page.content.decode())
    assert "Make again</button>" in page.content.decode()
    assert as_alice.post("/submissions/", asked(again="on"), headers=HTMX).status_code == 200
    assert Submission.objects.count() == 2


@pytest.mark.parametrize(
    "other", [{"prompt": "A ship"}, {"count": "1"}, {"output_format": ""}, {"web_search": "on"}], ids=str
)
def test_anything_else_is_made_at_once(as_alice: Client, other: dict[str, str]) -> None:
    as_alice.post("/submissions/", asked(), headers=HTMX)
    assert as_alice.post("/submissions/", asked(**other), headers=HTMX).status_code == 200


def test_other_pictures_another_person_and_a_later_time_are_not_the_same(
    as_alice: Client, as_bob: Client, alice: User
) -> None:
    first, second = (str(make_picture(alice).code) for _ in range(2))
    for references in ([first, second], [second, first], [first]):
        assert as_alice.post("/submissions/", asked(reference=references), headers=HTMX).status_code == 200
    assert as_bob.post("/submissions/", asked(reference=[first]), headers=HTMX).status_code == 200
    Submission.objects.update(created_at=timezone.now() - timedelta(seconds=2))
    assert as_alice.post("/submissions/", asked(reference=[first]), headers=HTMX).status_code == 200
