"""A picture leaves as its original, in web size or cut, with its settings or without, and is known when it comes back."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from studio import embedding
from studio.models import FormatSet, Picture, User
from studio.models.files.file_notes import _SIGNER, picture_of
from tests import people
from tests.embedding.files import COMPOSITE, TRAINED, exiftool, pixels_of, with_credentials
from tests.views.test_known_files import begins, send, tiles

PROMPT = "Harbour <at> dusk & 港"


@pytest.fixture
def picture(alice: User) -> Picture:
    """A picture of 300 × 200 pixels, in its file too."""
    return drawn(people.make_job(alice, state="done", prompt=PROMPT, size=(300, 200)).pictures.get())


def drawn(picture: Picture, mode: str = "RGB") -> Picture:
    out = io.BytesIO()
    Image.effect_noise((picture.width, picture.height), 80).convert(mode).save(out, picture.format)
    Path(default_storage.path(picture.file)).write_bytes(out.getvalue())
    return picture


def get(client: Client, picture: Picture, **asked: str) -> Any:
    return client.get(reverse("studio:download", args=[picture.code]), asked)


def body(response: Any) -> bytes:
    assert response.status_code == 200
    data = b"".join(response.streaming_content)
    assert len(data) == int(response.headers["Content-Length"])
    return data


@pytest.mark.parametrize(
    ("form", "format", "size", "ending"),
    [
        ("original", "PNG", (300, 200), ".png"),
        ("web-jpeg", "JPEG", (300, 200), "-2048px.jpeg"),
        ("web-webp", "WEBP", (48, 32), "-2048px.webp"),  # the copy that lies ready
        ("crop-1:1", "PNG", (200, 200), "-1x1.png"),
        ("crop-9:16", "PNG", (112, 200), "-9x16.png"),
    ],
)
def test_a_picture_leaves_in_each_form(
    as_bob: Client, picture: Picture, form: str, format: str, size: tuple[int, int], ending: str
) -> None:
    response = get(as_bob, picture, form=form)
    data = body(response)
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, shown.size) == (format, size)
    assert ending.replace("jpeg", "jpg") in response.headers["Content-Disposition"]
    assert response.headers["Content-Type"] == f"image/{format.lower()}"
    assert TRAINED.encode() in data
    assert (f"uuid:{picture.code.hex}".encode() in data) == (form != "original")


def test_the_web_size_is_no_larger_than_it_says(as_bob: Client, alice: User) -> None:
    made = drawn(people.make_job(alice, state="done", size=(2464, 1696)).pictures.get())
    with Image.open(io.BytesIO(body(get(as_bob, made, form="web-jpeg")))) as shown:
        assert shown.size == (2048, 1410)
    with Image.open(io.BytesIO(body(get(as_bob, made, form="web-webp")))) as shown:
        assert shown.size == (2048, 1410)


@pytest.mark.parametrize("form", ["", "web", "web-gif", "crop-", "crop-7:5", "crop-1:1:1", "../original"])
def test_another_form_is_not_found(as_bob: Client, picture: Picture, form: str) -> None:
    assert get(as_bob, picture, form=form).status_code == 404


@pytest.mark.parametrize("form", ["original", "web-jpeg", "web-webp", "crop-1:1"])
def test_settings_are_in_the_file_unless_somebody_leaves_them_out_and_the_mark_always_is(
    as_alice: Client, picture: Picture, form: str, tmp_path: Path
) -> None:
    full = body(get(as_alice, picture, form=form, asked="on", settings="on"))
    plain = body(get(as_alice, picture, form=form, asked="on"))
    ending = {"web-jpeg": "jpeg", "web-webp": "webp"}.get(form, "png")
    found = exiftool(tmp_path, **{f"full_{ending}": full, f"plain_{ending}": plain})
    said = found[f"full_{ending}"]
    assert json.loads(said["XMP-studio:Settings"])["prompt"] == PROMPT
    assert said["XMP-dc:Description"] == PROMPT
    comment = said["PNG:Parameters"] if ending == "png" else said["ExifIFD:UserComment"]
    assert comment.startswith(f"{PROMPT}\nModel: uni-1, Size: 300x200")
    assert "Harbour" not in json.dumps({**found[f"plain_{ending}"], "SourceFile": ""})
    assert {one["XMP-iptcExt:DigitalSourceType"] for one in found.values()} == {TRAINED}


def test_the_choice_of_a_person_is_kept(as_alice: Client, as_bob: Client, picture: Picture) -> None:
    assert b"Harbour" in body(get(as_alice, picture))
    assert b"Harbour" not in body(get(as_alice, picture, asked="on"))
    assert b"Harbour" not in body(get(as_alice, picture))
    assert b'name="settings" value="on" autocomplete="off">' in as_alice.get(picture.get_absolute_url()).content
    assert b"Harbour" in body(get(as_bob, picture))
    assert b"Harbour" in body(get(as_alice, picture, asked="on", settings="on"))
    assert b'name="settings" value="on" autocomplete="off" checked>' in as_alice.get(picture.get_absolute_url()).content


def test_an_upload_leaves_without_a_mark_in_every_form(as_alice: Client, alice: User) -> None:
    upload = drawn(people.make_picture(alice, size=(300, 200)))
    for form in ("original", "web-jpeg", "web-webp", "crop-1:1"):
        data = body(get(as_alice, upload, form=form, asked="on", settings="on"))
        assert b"adobe:ns:meta" not in data


def test_who_has_a_copy_already_gets_it_without_another(as_bob: Client, picture: Picture) -> None:
    first = get(as_bob, picture, form="crop-1:1")
    body(first)
    default_storage.delete(picture.file)
    address = reverse("studio:download", args=[picture.code])
    known = {"If-None-Match": first.headers["ETag"]}
    assert as_bob.get(address, {"form": "crop-1:1"}, headers=known).status_code == 304
    other = as_bob.get(address, {"form": "crop-16:9"}, headers=known)
    assert other.headers["Location"] == picture.get_absolute_url()
    assert "The file of this picture is missing" in as_bob.get(picture.get_absolute_url()).content.decode()


@pytest.mark.parametrize("form", ["original", "web-jpeg"])
def test_a_file_that_is_missing_is_told_on_the_pictures_page(as_bob: Client, picture: Picture, form: str) -> None:
    default_storage.delete(picture.file)
    answer = get(as_bob, picture, form=form)
    assert answer.headers["Location"] == picture.get_absolute_url()
    assert "The file of this picture is missing" in as_bob.get(picture.get_absolute_url()).content.decode()


def test_what_cannot_be_cut_or_read_says_so(as_bob: Client, alice: User) -> None:
    thin = people.make_job(alice, state="done", size=(2, 900)).pictures.get()
    assert get(as_bob, thin, form="crop-3:1").status_code == 302
    assert "too small to be cut to 3:1" in as_bob.get(thin.get_absolute_url()).content.decode()
    Path(default_storage.path(thin.file)).write_bytes(b"\x89PNG\r\n\x1a\nno")
    assert get(as_bob, thin, form="web-jpeg").status_code == 302


def test_the_menu_offers_the_ratios_of_the_teams_sets_first_and_not_its_own(as_alice: Client, alice: User) -> None:
    FormatSet.objects.create(name="Campaign", person=alice, is_team=True, ratios=["2:1", "1:1"])
    square = people.make_job(alice, state="done", aspect_ratio="1:1").pictures.get()
    page = as_alice.get(square.get_absolute_url()).content.decode()
    places = [page.find(f'value="crop-{ratio}"') for ratio in ("2:1", "16:9", "9:16")]
    assert places == sorted(places)
    assert min(places) > 0
    assert 'value="crop-1:1"' not in page


# ---- Coming back


@pytest.mark.parametrize("form", ["web-jpeg", "web-webp", "crop-1:1", "crop-9:16"])
def test_a_copy_brings_its_settings_back_whatever_it_is_called(as_bob: Client, picture: Picture, form: str) -> None:
    copy = body(get(as_bob, picture, form=form, asked="on", settings="on"))
    answer = send(as_bob, "anything.bin", copy)
    assert begins(answer)["prompt"] == PROMPT
    [code] = tiles(answer)
    assert code != str(picture.code)
    # It is an upload now, and still made by AI.
    assert TRAINED.encode() in body(get(as_bob, Picture.objects.get(code=code)))


@pytest.mark.parametrize("asked", [{"asked": "on"}, {"asked": "on", "settings": "on"}], ids=["plain", "with settings"])
def test_an_original_is_the_picture_itself_with_settings_or_without(
    as_bob: Client, picture: Picture, asked: dict[str, str]
) -> None:
    Picture.objects.filter(pk=picture.pk).update(sha256=digest(picture))
    assert tiles(send(as_bob, "anything.png", body(get(as_bob, picture, **asked)))) == [str(picture.code)]


def test_a_forged_or_foreign_code_is_ignored(as_bob: Client, bob: User, picture: Picture) -> None:
    copy = body(get(as_bob, picture, form="web-jpeg", asked="on", settings="on"))
    code = embedding.read(io.BytesIO(copy)).code
    assert picture_of(embedding.Said(code=code), bob) == picture
    for other in (
        code[:-1] + ("A" if code[-1] != "A" else "B"),
        code.replace(code[:8], "00000000"),
        picture.code.hex,
        f"{picture.code.hex}:",
        "x" * 199,
        "",
    ):
        assert picture_of(embedding.Said(code=other), bob) is None
    # Both codes have the same length, so the segment's stays true.
    forged = copy.replace(code.encode(), code[:-2].encode() + b"__").replace(picture.code.hex[:8].encode(), b"0" * 8)
    answer = send(as_bob, "anything.jpg", forged)
    assert answer.status_code == 200
    assert begins(answer) is None


def test_a_code_of_an_upload_or_of_a_picture_that_is_gone_is_ignored(bob: User, alice: User) -> None:
    upload = people.make_picture(alice)
    assert picture_of(embedding.Said(code=_SIGNER.sign(upload.code.hex)), bob) is None
    assert picture_of(embedding.Said(code=_SIGNER.sign("0" * 32)), bob) is None


def test_an_upload_that_says_it_is_by_ai_goes_on_saying_so(as_bob: Client) -> None:
    theirs = people.image_bytes(30, 20)
    made = embedding.laid_into(theirs, "png", embedding.Note("composite"))
    [code] = tiles(send(as_bob, "theirs.png", made.replace(b'x:xmptk="Studio"', b'x:xmptk="Others"')))
    [code] = tiles(
        send(as_bob, "other.png", embedding.laid_into(people.image_bytes(31, 20), "png", embedding.Note("composite")))
    )
    assert COMPOSITE.encode() in body(get(as_bob, Picture.objects.get(code=code)))


def test_the_same_pixels_that_were_unmarked_before_are_marked_once_a_file_says_so(as_bob: Client) -> None:
    plain = people.image_bytes(33, 20)
    [code] = tiles(send(as_bob, "plain.png", plain))
    assert Picture.objects.get(code=code).source_type == ""
    [again] = tiles(send(as_bob, "marked.png", embedding.laid_into(plain, "png", embedding.Note("composite"))))
    assert again == code
    assert Picture.objects.get(code=code).source_type == "composite"


def test_a_download_without_settings_is_asked_for_anew_and_its_name_says_nothing(
    as_bob: Client, picture: Picture
) -> None:
    address = reverse("studio:download", args=[picture.code])
    with_settings = as_bob.get(address)
    without = as_bob.get(address, {"asked": "on", "form": "original"})
    assert {one.headers["Cache-Control"] for one in (with_settings, without)} == {"private, no-cache"}
    assert with_settings.headers["ETag"] != without.headers["ETag"]
    assert f"studio-picture-{picture.code.hex[:8]}" in without.headers["Content-Disposition"]
    assert "studio-picture" not in with_settings.headers["Content-Disposition"]
    for one in (with_settings, without):
        body(one)


# ---- For everybody to see


@pytest.mark.parametrize("form", ["original", "web-jpeg", "web-webp", "crop-1:1"])
def test_the_words_in_the_corner_come_with_the_setting_alone(
    as_bob: Client, picture: Picture, settings: Settings, form: str
) -> None:
    Picture.objects.filter(pk=picture.pk).update(has_credentials=True)
    plain = body(get(as_bob, picture, form=form))
    settings.VISIBLE_MARKS = True
    labelled = get(as_bob, picture, form=form, asked="on", settings="on")
    data = body(labelled)
    assert TRAINED.encode() in data
    with Image.open(io.BytesIO(data)) as shown:
        assert (
            shown.convert("L").crop((shown.width // 2, shown.height - 20, shown.width, shown.height)).getextrema()[1]
            > 230
        )
    assert pixels_of(data) != pixels_of(plain)
    stored = Path(default_storage.path(picture.file)).read_bytes()
    assert pixels_of(stored) == pixels_of(body(as_bob.get(reverse("studio:original", args=[picture.code]))))


def test_an_upload_gets_no_words(as_alice: Client, alice: User, settings: Settings) -> None:
    settings.VISIBLE_MARKS = True
    upload = people.make_picture(alice)
    assert body(get(as_alice, upload)) == Path(default_storage.path(upload.file)).read_bytes()


@pytest.mark.parametrize("format", ["avif", "tiff"])
def test_what_no_mark_can_be_laid_into_leaves_as_a_marked_png(as_bob: Client, picture: Picture, format: str) -> None:
    """Luma documents no such output; what it sends all the same is kept as it came."""
    picture.format = format
    picture.save(update_fields=["format"])
    response = get(as_bob, drawn(picture), asked="on")
    data = body(response)
    assert response.headers["Content-Type"] == "image/png"
    assert f'studio-picture-{picture.code.hex[:8]}.png"' in response.headers["Content-Disposition"]
    assert embedding.read(io.BytesIO(data)).source_type == "trained"
    assert f"uuid:{picture.code.hex}".encode() in data
    stored = Path(default_storage.path(picture.file)).read_bytes()
    assert pixels_of(data) == pixels_of(stored)


def test_a_sealed_original_leaves_as_it_came_even_with_settings(as_bob: Client, picture: Picture) -> None:
    sealed = with_credentials("png")
    Path(default_storage.path(picture.file)).write_bytes(sealed)
    Picture.objects.filter(pk=picture.pk).update(has_credentials=True)
    assert body(get(as_bob, picture, asked="on", settings="on")) == sealed
    copy = body(get(as_bob, picture, form="web-jpeg"))
    assert b"c2pa" not in copy
    assert f"uuid:{picture.code.hex}".encode() in copy


def digest(picture: Picture) -> str:
    return hashlib.sha256(Path(default_storage.path(picture.file)).read_bytes()).hexdigest()
