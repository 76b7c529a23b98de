"""One picture in several ratios: new pictures by reference (paid), cuts (free), and named sets of ratios."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django_q.models import OrmQ
from PIL import Image
from pytest_django import Settings

from studio.forms.create.formats import Box, box
from studio.forms.files.at_hand import Trouble
from studio.models import Batch, FormatSet, GalleryMonth, Input, Job, Picture, User
from tests.people import image_bytes, make_job, make_picture, make_split, signed_in
from tests.views.split_pages import DOG, ROOM


@pytest.fixture
def picture(alice: User) -> Picture:
    """A made picture whose file has the size that its row says."""
    content = image_bytes(320, 200)
    file = f"originals/{uuid.uuid4().hex}.png"
    default_storage.save(file, ContentFile(content))
    job = make_job(alice, state="saving")
    return make_picture(alice, job=job, size=(320, 200), file=file, bytes=len(content))


def ask(client: Client, picture: Picture, way: str, *ratios: str, **more: str) -> object:
    form = {"token": str(uuid.uuid4()), "way": way, "ratios": ratios, "prompt": "A harbour", "model": "uni-1", **more}
    return client.post(f"/pictures/{picture.code}/formats/", form)


@pytest.mark.parametrize(
    ("size", "ratio", "focus", "expected"),
    [
        ((320, 200), "1:1", "centre", Box(60, 0, 200, 200)),
        ((320, 200), "1:1", "start", Box(0, 0, 200, 200)),
        ((320, 200), "1:1", "end", Box(120, 0, 200, 200)),
        ((200, 320), "16:9", "centre", Box(0, 104, 200, 112)),
        ((200, 320), "16:9", "end", Box(0, 208, 200, 112)),
        ((300, 100), "3:1", "centre", Box(0, 0, 300, 100)),
        ((320, 200), "1:1", "", Box(60, 0, 200, 200)),
    ],
)
def test_a_cut_is_the_largest_part_of_its_ratio(size: tuple[int, int], ratio: str, focus: str, expected: Box) -> None:
    assert box(*size, ratio, focus) == expected


def test_a_picture_too_thin_for_a_ratio_is_told() -> None:
    with pytest.raises(Trouble, match="too small to be cut to 3:1"):
        box(2, 300, "3:1", "centre")


def test_the_page_tells_paid_from_free(as_alice: Client, picture: Picture) -> None:
    page = as_alice.get(f"/pictures/{picture.code}/formats/").content.decode()
    assert "$0.04 each" in page
    assert "· free" in page
    assert page.count('name="ratios"') == 9
    assert page.count('value="16:9" checked') == page.count('value="1:1" checked') == 1


def test_new_pictures_are_one_group_with_the_picture_as_reference(as_alice: Client, picture: Picture) -> None:
    before = Job.objects.count()
    form = {"token": str(uuid.uuid4()), "way": "make", "ratios": ["16:9", "1:1"], "prompt": "A harbour"}
    for _ in range(2):
        answer = as_alice.post(f"/pictures/{picture.code}/formats/", form)
    batch = Batch.objects.get()
    assert answer.headers["Location"] == f"/groups/{batch.code}/"
    made = batch.submissions.order_by("batch_number")
    assert [(one.aspect_ratio, one.type, str(one.unit_price)) for one in made] == [
        ("16:9", "image", "0.0434"),
        ("1:1", "image", "0.0434"),
    ]
    inputs = Input.objects.filter(submission__batch=batch)
    assert {(one.picture_id, one.role) for one in inputs} == {(picture.pk, "reference")}
    assert Job.objects.count() == before + 2
    assert OrmQ.objects.filter(key="io").count() == 1


def test_cuts_are_free_new_pictures_of_the_same_family(as_alice: Client, picture: Picture) -> None:
    before = Job.objects.count()
    for _ in range(2):  # the same cut is the same picture
        ask(as_alice, picture, "cut", "1:1", "2:3")
    cuts = Picture.objects.filter(kept_from=picture).order_by("pk")
    assert [(one.original_name, one.width, one.height) for one in cuts] == [
        ("Cut 1:1", 200, 200),
        ("Cut 2:3", 133, 200),
    ]
    with default_storage.open(cuts[0].file) as file, Image.open(file) as stored:
        assert stored.size == (200, 200)
    assert (Job.objects.count(), Batch.objects.count()) == (before, 0)
    assert f"/pictures/{cuts[0].code}/" in as_alice.get(f"/pictures/{picture.code}/").content.decode()
    assert f"picture-{cuts[0].code}" in as_alice.get("/gallery/").content.decode()
    assert as_alice.get(f"/pictures/{cuts[0].code}/").status_code == 200
    assert list(GalleryMonth.wrong()) == []


def test_an_upload_is_cut_too(as_alice: Client, alice: User) -> None:
    upload = make_picture(alice, size=(48, 32))
    ask(as_alice, upload, "cut", "1:1")
    cut = Picture.objects.get(kept_from=upload)
    assert (cut.width, cut.height, cut.job) == (32, 32, None)
    for code in (upload.code, cut.code):
        assert as_alice.get(f"/pictures/{code}/").status_code == 200


@pytest.mark.parametrize(
    ("way", "ratios", "more", "sentence"),
    [
        ("make", [], {}, "Check at least one ratio."),
        ("cut", [], {}, "Check at least one ratio."),
        ("make", ["7:1"], {}, "Choose of these ratios"),
        ("cut", ["1:1", "2:1", "3:1", "1:2", "1:3"], {}, "Cut up to 4 ratios at a time; then cut the others."),
        ("make", ["1:1"], {"prompt": ""}, "Write what you want to see."),
        ("make", ["1:1"], {"prompt": "{a|b}"}, "Choices in braces are for Create."),
        ("burn", ["1:1"], {}, "This page was out of date"),
    ],
)
def test_what_cannot_be_made_is_told_in_words(
    as_alice: Client, picture: Picture, way: str, ratios: list[str], more: dict[str, str], sentence: str
) -> None:
    answer = ask(as_alice, picture, way, *ratios, **more)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert sentence in answer.content.decode()  # type: ignore[attr-defined]
    assert not Batch.objects.exists()


def test_a_missing_file_is_told(as_alice: Client, picture: Picture) -> None:
    default_storage.delete(picture.file)
    answer = ask(as_alice, picture, "cut", "1:1")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "The file of this picture is missing" in answer.content.decode()  # type: ignore[attr-defined]


def test_a_full_line_is_told(as_alice: Client, picture: Picture, settings: Settings) -> None:
    settings.WAITING_PER_PERSON = 1
    answer = ask(as_alice, picture, "make", "1:1", "16:9")
    assert "With these 2 it would be more than 1" in answer.content.decode()  # type: ignore[attr-defined]


def test_a_split_has_no_formats(as_alice: Client, alice: User) -> None:
    front = make_split(alice, [(DOG, None), (ROOM, None)]).pictures.get(position=0)
    assert as_alice.get(f"/pictures/{front.code}/formats/").status_code == 302


# ---- Named sets


def save(client: Client, picture: Picture, name: str, *ratios: str, **more: str) -> str:
    answer = client.post(
        "/format-sets/", {"picture": str(picture.code), "name": name, "ratios": ratios, **more}, follow=True
    )
    return answer.content.decode()


def test_a_set_is_kept_used_changed_and_removed(as_alice: Client, picture: Picture) -> None:
    page = save(as_alice, picture, "Spring", "1:1", "3:1")
    assert 'value="3:1" checked' in page
    assert 'value="16:9" checked' not in page
    save(as_alice, picture, "Spring", "2:1")
    kept = FormatSet.objects.get()
    assert (kept.ratios, kept.is_team) == (["2:1"], False)
    as_alice.post(f"/format-sets/{kept.pk}/removal/")
    assert not FormatSet.objects.exists()


def test_saving_a_set_or_cutting_keeps_what_was_typed(as_alice: Client, picture: Picture) -> None:
    typed = {"prompt": "A quieter harbour", "model": "uni-1-max", "focus": "end"}
    for page in (
        save(as_alice, picture, "Spring", "3:1", **typed),
        save(as_alice, picture, "", "3:1", **typed),
        as_alice.post(
            f"/pictures/{picture.code}/formats/",
            {"token": str(uuid.uuid4()), "way": "cut", "ratios": ["3:1"], **typed},
            follow=True,
        ).content.decode(),
    ):
        assert "A quieter harbour</textarea>" in page
        assert [one in page for one in ('value="3:1" checked', 'value="16:9" checked')] == [True, False]
        assert 'value="end" checked' in page
    assert "A quieter harbour" not in as_alice.get(f"/pictures/{picture.code}/formats/").content.decode()


def test_the_name_of_a_set_is_never_cut(as_alice: Client, picture: Picture) -> None:
    page = save(as_alice, picture, "日" * 61, "3:1", is_team="on")
    assert "Shorten the name of the set to 60 characters." in page
    assert f'value="{"日" * 61}"' in page
    assert 'name="is_team" value="on" checked' in " ".join(page.split())
    assert not FormatSet.objects.exists()
    assert "日" not in as_alice.get(f"/pictures/{picture.code}/formats/").content.decode()
    save(as_alice, picture, "日" * 60, "3:1")
    assert FormatSet.objects.get().name == "日" * 60


def test_a_set_of_the_team_stays_the_teams_when_it_is_saved_again(as_alice: Client, picture: Picture) -> None:
    save(as_alice, picture, "Spring", "1:1", is_team="on")
    save(as_alice, picture, "Spring", "2:1")
    kept = FormatSet.objects.get()
    assert (kept.ratios, kept.is_team) == (["2:1"], True)


def test_a_set_of_the_team_is_seen_by_all_and_removed_by_its_owner(
    as_alice: Client, bob: User, picture: Picture
) -> None:
    save(as_alice, picture, "Mine", "1:1")
    save(as_alice, picture, "Ours", "1:1", is_team="on")
    as_bob = signed_in(bob)
    page = as_bob.get(f"/pictures/{picture.code}/formats/").content.decode()
    assert "Ours" in page
    assert "Mine" not in page
    ours, mine = FormatSet.objects.get(name="Ours"), FormatSet.objects.get(name="Mine")
    assert as_bob.post(f"/format-sets/{ours.pk}/removal/").status_code == 403
    assert as_bob.post(f"/format-sets/{mine.pk}/removal/").status_code == 404


@pytest.mark.parametrize(
    ("name", "ratios", "sentence"),
    [(" ", ["1:1"], "Give the set a name."), ("Spring", [], "Check at least one ratio.")],
)
def test_a_set_without_a_name_or_a_ratio_is_not_kept(
    as_alice: Client, picture: Picture, name: str, ratios: list[str], sentence: str
) -> None:
    assert sentence in save(as_alice, picture, name, *ratios)
    assert not FormatSet.objects.exists()
