"""Showing the team what was made of something private: it is asked about first, and left alone by default."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from studio.engine.archives.archives import make
from studio.models import Archive, Comparison, Look, Picture, Split, Submission, User
from tests import people
from tests.views.proof_pages import body, made

NOW = timezone.now()
ALONE = {"state": "off", "asked": "on"}


@pytest.fixture
def upload(alice: User, settings: Any, tmp_path: Path) -> Picture:
    people.store_on_disk(settings, tmp_path)
    picture = people.make_picture(alice, is_private=True)
    Picture.objects.filter(pk=picture.pk).update(original_name="zephyrine.png")
    return Picture.objects.get(pk=picture.pk)


def edit_of(alice: User, source: Picture, **spec: Any) -> Picture:
    return made(alice, **{"prompt": "A boat", "is_private": True, "type": "image_edit", "source": source, **spec})


def asked_for(picture: Picture) -> Submission:
    assert picture.job
    return Submission.objects.get(pk=picture.job.submission_id)


def address(picture: Picture) -> str:
    return f"/submissions/{asked_for(picture).code}/privacy/"


def are_seen(person: User, *pictures: Picture) -> list[bool]:
    return [Picture.objects.visible_to(person).filter(pk=one.pk).exists() for one in pictures]


def test_a_person_is_asked_with_the_picture_named_and_shows_the_edit_alone(
    as_alice: Client, as_bob: Client, alice: User, bob: User, upload: Picture
) -> None:
    edit = edit_of(alice, upload)
    page = as_alice.post(address(edit), {"state": "off", "next": edit.get_absolute_url()}, follow=True)
    assert page.redirect_chain[0][0].startswith(address(edit))
    text = page.content.decode()
    assert "zephyrine.png" in text
    assert "Show it alone" in text
    assert "Show it with its source" in text
    assert are_seen(bob, edit, upload) == [False, False]
    assert as_bob.get(address(edit)).status_code == 404
    said = as_alice.post(address(edit), {**ALONE, "next": edit.get_absolute_url()}, follow=True).content.decode()
    assert "The team sees it now." in said
    assert are_seen(bob, edit, upload) == [True, False]
    assert as_alice.get(address(edit)).status_code == 302
    # What is made of it next is not shown either.
    assert people.make_submission(alice, type="image_edit", source=upload).is_private


def test_a_person_shows_the_edit_with_its_source_and_undo_takes_both_back(
    as_alice: Client, alice: User, bob: User, upload: Picture
) -> None:
    own = made(alice, prompt="Mine", is_private=True, count=2)
    edit = edit_of(alice, own, references=(upload,))
    text = as_alice.get(address(edit)).content.decode()
    assert "of 2\n      pictures that only you see" in text
    assert "1 other picture made at the same time" in text
    shown = {**ALONE, "shown": [str(own.code), str(upload.code)]}
    said = as_alice.post(address(edit), shown, follow=True).content.decode()
    assert are_seen(bob, edit, own, upload) == [True, True, True]
    undo = [one.replace("&amp;", "&") for one in re.findall(rf'action="({address(edit)}[^"]+)"', said)]
    said = as_alice.post(undo[0], follow=True).content.decode()
    assert are_seen(bob, edit, own, upload) == [False, False, False]
    # And Undo of that shows again what was shown, and nothing more.
    undo = [one.replace("&amp;", "&") for one in re.findall(rf'action="({address(edit)}[^"]+)"', said)]
    as_alice.post(undo[0])
    assert are_seen(bob, edit, own, upload) == [True, True, True]


def test_what_a_source_was_made_of_stays_private_and_is_named_with_the_way_to_show_it(
    as_alice: Client, alice: User, bob: User, upload: Picture
) -> None:
    first = edit_of(alice, upload)
    second = edit_of(alice, first)
    page = " ".join(as_alice.get(address(second)).content.decode().split())
    assert "What its source was made of stays yours either way (1 private picture)." in page
    assert "To show that as well, show the source first, from its own page." in page
    as_alice.post(address(second), {**ALONE, "shown": [str(first.code), str(upload.code)]})
    assert are_seen(bob, second, first, upload) == [True, True, False]
    # As the page said: the source first, with what it was made of.
    third = edit_of(alice, first := edit_of(alice, upload))
    assert "stays yours either way" not in as_alice.get(address(first)).content.decode()
    as_alice.post(address(first), {**ALONE, "shown": [str(upload.code)]})
    as_alice.post(address(third), ALONE)
    assert are_seen(bob, third, first, upload) == [True, True, True]


def test_undo_of_making_it_private_shows_no_more_than_before(
    as_alice: Client, alice: User, bob: User, upload: Picture
) -> None:
    edit = edit_of(alice, upload)
    as_alice.post(address(edit), ALONE)
    said = as_alice.post(address(edit), {"state": "on"}, follow=True).content.decode()
    undo = re.findall(rf'action="({address(edit)}[^"]+)"', said)
    as_alice.post(undo[-1].replace("&amp;", "&"))
    assert are_seen(bob, edit, upload) == [True, False]


def test_nothing_is_asked_where_nothing_is_hidden(as_alice: Client, alice: User, bob: User, upload: Picture) -> None:
    plain = made(alice, prompt="Plain", is_private=True)
    as_alice.post(address(plain), {"state": "off"})
    assert are_seen(bob, plain) == [True]
    other = made(alice, prompt="Other", is_private=True)
    assert "Show it</button>" in as_alice.get(address(other)).content.decode()
    # A source in the trash stays there, and private.
    edit = edit_of(alice, upload)
    Picture.objects.filter(pk=upload.pk).update(trashed_at=NOW)
    as_alice.post(address(edit), {"state": "off"})
    assert not Picture.objects.filter(pk=upload.pk, is_private=False).exists()


def test_only_what_stands_in_a_split_is_shown_with_it(alice: User, bob: User) -> None:
    source = people.make_picture(alice)
    job = people.make_job(alice, state="done", type="layering", source=source, is_private=True, count=1)
    own, edit = job.pictures.get(), people.make_job(alice, state="done", is_private=True).pictures.get()
    here, aside = (
        people.make_picture(alice, is_private=True, layer_of=own, kept_from=edit, origin="layer", sha256=letter * 64)
        for letter in "ab"
    )
    arrangement = [{"position": 0, "name": "", "opacity": 100, "hidden": False, "content": here.pk}]
    Split.objects.update_or_create(job=job, defaults={"arrangement": arrangement})
    job.submission.set_privacy(False)
    assert are_seen(bob, here, aside) == [True, False]


def test_a_difference_shows_nobody_else_the_lines_of_a_private_original(
    as_alice: Client, as_bob: Client, alice: User, upload: Picture
) -> None:
    job = people.make_split(alice, [(Image.new("RGB", (80, 60)), None)], source=upload)
    job.submission.set_privacy(True)
    job.submission.set_privacy(False)
    edit = edit_of(alice, Picture.objects.get(pk=upload.pk))
    asked_for(edit).set_privacy(False)
    files = [
        default_storage.save(f"map.{kind}", ContentFile(people.image_bytes(format=kind))) for kind in ("webp", "png")
    ]
    Split.objects.create(job=job, average=0.5, greatest=1, together_file=files[0], difference_file=files[0])
    facts = {"content": "c" * 64, "verdict": "found", "difference": files[1], "numbers": files[1]}
    Comparison.objects.create(edit=edit, source=upload, **facts)
    layers = f"/jobs/{job.code}/layers/"
    hidden = [f"{layers}difference.webp", f"/pictures/{edit.code}/keep/{'c' * 12}-difference.png"]
    for page, status in ((f"{layers}together.webp", 200), *((page, 404) for page in hidden)):
        answers = [client.get(page) for client in (as_alice, as_bob)]
        assert [one.status_code for one in answers] == [200, status], page
        assert all(body(one) for one in answers if one.status_code == 200)
    text = as_bob.get(layers).content.decode()
    assert "of a private picture" in text
    assert "Difference × 16" not in text
    assert "Difference × 16" in as_alice.get(layers).content.decode()


def test_the_team_reads_that_there_was_a_private_picture_wherever_it_would_stand(
    as_bob: Client, alice: User, bob: User, upload: Picture
) -> None:
    edit = edit_of(alice, upload)
    asked_for(edit).set_privacy(False)
    assert edit.job
    other = made(bob, prompt="Other")
    words = {
        edit.get_absolute_url(): 2,  # the panel, the family strip and the list without scripts
        f"/pictures/{edit.code}/family/": 2,
        f"/jobs/{edit.job.code}/": 1,
        f"/compare/?picture={edit.code}&picture={other.code}": 0,
    }
    for page, number in words.items():
        text = as_bob.get(page).content.decode()
        assert str(upload.code) not in text, page
        assert text.count("Made of a private picture") >= number, page
    assert "Edit of a private picture" in as_bob.get(list(words)[-1]).content.decode()
    assert "private to somebody else" in as_bob.get(f"/pictures/{edit.code}/sheet/").content.decode()
    reused = as_bob.get(f"/?reuse={asked_for(edit).code}").content.decode()
    assert "It was made with a private picture of somebody else, which is left out." in reused


def test_files_and_lists_say_that_the_source_and_the_look_are_private(
    as_bob: Client, alice: User, bob: User, upload: Picture
) -> None:
    look = people.make_look(alice, name="Zephyrine dusk", words="zephyrine grain")
    edit = edit_of(alice, upload, look=look.current)
    asked_for(edit).set_privacy(False)
    archive = Archive.choose(bob, [edit.pk], [])
    archive.start(size="original", has_settings=True, has_list=True, now=NOW)
    make(archive.pk)
    zipped = zipfile.ZipFile(io.BytesIO(body(as_bob.get(f"/archives/{archive.code}/file/"))))
    told = {name: zipped.read(name) for name in zipped.namelist()}
    (listed,) = (json.loads(value) for name, value in told.items() if name.endswith(".json"))
    assert (listed[0]["source"], listed[0]["look"]) == ("a private picture", "a private look")
    for text in (*told.values(), body(as_bob.get(f"/pictures/{edit.code}/download/"))):
        assert str(upload.code).encode() not in text
        assert b"ephyrine" not in text


def test_the_team_reads_of_a_private_look_that_it_is_one_and_nothing_more(
    as_alice: Client, as_bob: Client, alice: User, bob: User, upload: Picture
) -> None:
    look = people.make_look(alice, name="Zephyrine dusk", words="zephyrine grain")
    picture, other = made(alice, prompt="A boat", look=look.current), made(bob, prompt="Other")
    assert picture.job
    assert "zephyrine grain" in asked_for(picture).full_prompt
    pages = [
        picture.get_absolute_url(),
        f"/jobs/{picture.job.code}/",
        f"/pictures/{picture.code}/sheet/",
        f"/compare/?picture={picture.code}&picture={other.code}",
    ]
    for page in pages:
        text = as_bob.get(page).content.decode()
        assert "private look" in text, page
        assert "ephyrine" not in text, page
        assert "ephyrine" in as_alice.get(page).content.decode(), page
    reused = as_bob.get(f"/?reuse={asked_for(picture).code}").content.decode()
    assert "It was made with a private look of somebody else, which is left out." in reused
    assert "ephyrine" not in reused
    found = f'data-code="{picture.code}"'
    assert found not in as_bob.get("/gallery/?q=zephyrine").content.decode()
    assert "ephyrine" not in as_bob.get(f"/gallery/?look={look.code}").content.decode()
    # A look of the team is named.
    Look.objects.update(is_team=True)
    assert "Zephyrine dusk" in as_bob.get(pages[0]).content.decode()
