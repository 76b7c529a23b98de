from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pillow_heif
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from studio import imaging, storage
from studio.forms.files import decoding
from studio.models import Picture, User
from tests.embedding.files import TRAINED
from tests.imaging.pictures import exif, saved
from tests.people import HTMX, image_bytes, make_job, make_picture, signed_in

UPRIGHT = 0x0112  # the EXIF tag of the orientation


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert list(settings.WORK_DIR.iterdir()) == []


def file(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else image_bytes())


def send(client: Client, *files: SimpleUploadedFile, role: str = "reference", **fields: Any) -> HttpResponse:
    return client.post(reverse("studio:upload"), {"files": list(files), "as": role, **fields}, headers=HTMX)


def lines(response: HttpResponse) -> list[str]:
    notes = re.findall(r"<p class=\"dock__note.*?</p>", response.content.decode())
    return [re.sub(r"<[^>]+>", "", note) for note in notes]


def tiles(response: HttpResponse) -> list[str]:
    return re.findall(
        r'<input type="hidden" name="(?:source|reference)" value="([0-9a-f-]+)">', response.content.decode()
    )


def test_a_picture_becomes_a_tile_of_the_tray(as_alice: Client, alice: User) -> None:
    response = send(as_alice, file("beach.png", image_bytes(900, 600)))
    picture = Picture.objects.get()
    assert response.status_code == 200
    assert tiles(response) == [str(picture.code)]
    assert f'src="{picture.renditions.get(size=256).get_absolute_url()}"' in response.content.decode()
    assert (picture.person, picture.original_name) == (alice, "beach.png")
    assert lines(response) == []


def test_a_source_is_named_so(as_alice: Client) -> None:
    response = send(as_alice, file("beach.png"), role="source")
    assert 'name="source"' in response.content.decode()
    assert "Remove source" in response.content.decode()


def test_what_was_changed_is_told(as_alice: Client) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[UPRIGHT] = 6
    Image.new("RGB", (4800, 1200), "teal").save(out, "JPEG", exif=exif)
    response = send(as_alice, file("sideways.jpg", out.getvalue()))
    assert lines(response) == ["sideways.jpg: turned upright, made smaller: 4800 → 4096 px"]
    picture = Picture.objects.get()
    assert (picture.width, picture.height) == (1024, 4096)


def test_a_photo_of_a_phone_is_converted(as_alice: Client) -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 240), "olive")).save(out)
    response = send(as_alice, file("IMG_0042.HEIC", out.getvalue()))
    assert lines(response) == ["IMG_0042.HEIC: converted from HEIC"]
    assert Picture.objects.get().format in {"jpeg", "png"}


def test_what_says_of_itself_that_ai_made_it_says_so_when_it_leaves(as_alice: Client) -> None:
    out = io.BytesIO()
    words = f'<rdf:RDF><rdf:Description Iptc4xmpExt:DigitalSourceType="{TRAINED}"/></rdf:RDF>'.encode()
    pillow_heif.from_pillow(Image.new("RGB", (320, 240), "olive")).save(out, xmp=words)
    send(as_alice, file("IMG_0043.HEIC", out.getvalue()))
    left = as_alice.get(reverse("studio:download", args=[Picture.objects.get().code]))
    assert TRAINED.encode() in b"".join(left)  # type: ignore[arg-type]


def test_a_text_that_is_called_png_is_refused_by_name(as_alice: Client) -> None:
    response = send(as_alice, file("notes.png", b"Dear diary, today I was no picture."))
    assert response.status_code == 422
    assert tiles(response) == []
    assert lines(response)[0].startswith("notes.png: This file is not a picture Studio can read.")
    assert not Picture.objects.exists()


def test_a_file_over_the_limit_is_refused_with_a_sentence(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "MAX_BYTES", 1024**2)  # so that the test need not send 200 MB
    response = send(as_alice, file("huge.tiff", bytes(1024**2 + 1)), file("small.png"))
    assert response.status_code == 200
    assert lines(response) == [
        "huge.tiff: 2 MB is more than the limit of 200. Make the picture smaller, or save it as JPEG."
    ]
    assert len(tiles(response)) == 1


def test_the_tenth_of_ten_files_is_named(as_alice: Client) -> None:
    response = send(as_alice, *(file(f"ref-{number}.png") for number in range(1, 11)))
    assert len(tiles(response)) == 9
    assert lines(response) == ["ref-10.png: The tray holds 9 references, so it was left out."]


def test_what_is_in_the_tray_already_counts(as_alice: Client, alice: User) -> None:
    codes = [str(make_picture(alice).code) for _ in range(8)]
    room = send(as_alice, file("a.png"), reference=codes)
    none = send(as_alice, file("b.png"), reference=codes, source=codes[0])
    assert (room.status_code, len(tiles(room))) == (200, 1)
    assert none.status_code == 422
    assert lines(none) == ["b.png: The tray holds 8 references, so it was left out."]


def test_of_two_sources_the_second_is_named(as_alice: Client) -> None:
    response = send(as_alice, file("a.png"), file("b.png"), role="source")
    assert len(tiles(response)) == 1
    assert lines(response) == ["b.png: Only one source can be used, so it was left out."]


def test_the_same_file_twice_is_one_picture(as_alice: Client) -> None:
    content = image_bytes()
    first, again = send(as_alice, file("a.png", content)), send(as_alice, file("b.png", content), role="source")
    assert tiles(first) == tiles(again)
    assert Picture.objects.count() == 1


def test_the_same_content_shows_the_name_and_the_notes_of_what_was_sent_now(as_alice: Client, bob: User) -> None:
    located = saved(Image.new("RGB", (60, 40), "teal"), "PNG", exif=exif(located=True))
    send(signed_in(bob), file("theirs.png", located))
    with storage.open_file(Picture.objects.get().file) as kept:
        clean = kept.read()
    assert lines(send(as_alice, file("clean.png", clean))) == []
    again = send(as_alice, file("holiday.png", located))
    assert lines(again) == ["holiday.png: location and camera data removed"]
    assert 'title="holiday.png (location and camera data removed)"' in again.content.decode()
    assert Picture.objects.exclude(person=bob).get().title == "clean.png"


def test_a_picture_is_in_the_tray_once(as_alice: Client) -> None:
    content, other = image_bytes(), image_bytes(30, 20)
    both = send(as_alice, file("a.png", content), file("b.png", content), file("c.png", other))
    codes = tiles(both)
    assert len(codes) == 2
    assert lines(both) == ["b.png: Already added as @1."]
    later = send(as_alice, file("d.png", other), reference=codes)
    assert (later.status_code, lines(later)) == (422, ["d.png: Already added as @2."])
    assert f'data-again="{codes[1]}"' in later.content.decode()
    source = send(as_alice, file("e.png", other), source=codes[1])
    assert lines(source) == ["e.png: It&#x27;s already the source."]
    assert len(tiles(send(as_alice, file("f.png", other), role="source", reference=codes))) == 1


def test_nothing_at_all_is_told_too(as_alice: Client) -> None:
    response = send(as_alice)
    assert response.status_code == 422
    assert lines(response) == ["No picture arrived: Choose a file that has a name, and try again."]


def test_a_name_cannot_write_into_the_page(as_alice: Client) -> None:
    body = send(as_alice, file("<b onclick=x>\u202egnp.png")).content.decode()
    refused = send(as_alice, file("<img src=x>.png", b"text")).content.decode()
    assert "<b onclick" not in body
    assert "\u202e" not in body
    assert "<img src=x>" not in refused


def test_more_files_than_a_form_can_mean_are_not_read(as_alice: Client) -> None:
    assert send(as_alice, *(file(f"{number}.png") for number in range(13))).status_code == 413
    assert not Picture.objects.exists()


def test_a_stranger_leaves_nothing(client: Client, db: None) -> None:
    response = send(client, file("beach.png"))
    assert response.status_code in {302, 401, 403}
    assert not Picture.objects.exists()


# ---- A picture that is here already


def test_a_picture_of_the_gallery_becomes_a_tile(as_alice: Client, bob: User) -> None:
    picture = make_job(bob, state="done", prompt="Rose <desert>").pictures.get()
    response = as_alice.get(reverse("studio:upload"), {"picture": str(picture.code), "as": "reference"}, headers=HTMX)
    assert response.status_code == 200
    assert tiles(response) == [str(picture.code)]
    assert "Rose &lt;desert&gt;" in response.content.decode()


@pytest.mark.parametrize("code", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_a_picture_that_is_not_there(as_alice: Client, code: str) -> None:
    assert as_alice.get(reverse("studio:upload"), {"picture": code}).status_code == 404


def test_a_picture_without_renditions_has_a_neutral_tile(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice, renditions=())
    body = as_alice.get(reverse("studio:upload"), {"picture": str(picture.code), "as": "source"}).content.decode()
    assert "<img" not in body
    assert "icon--image" in body


def test_other_ways_to_ask_are_refused(as_alice: Client) -> None:
    assert as_alice.put(reverse("studio:upload")).status_code == 405


def test_a_busy_studio_asks_the_browser_to_come_again(as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "AT_ONCE", 0)
    monkeypatch.setattr(decoding, "LONGEST_WAIT", 0)
    response = send(as_alice, file("beach.png"))
    assert response.status_code == 503
    assert int(response["Retry-After"]) >= 1
    assert lines(response) == ["beach.png: Studio is busy with other pictures. Try again in a moment."]
    monkeypatch.undo()
    assert send(as_alice, file("beach.png")).status_code == 200


def test_a_file_over_50_megabytes_is_made_smaller_and_says_so(as_alice: Client) -> None:
    """Luma takes no more; a plain TIFF is as large as its pixels, which are fewer than what is kept at most."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((4096, 4096)).convert("RGBA").save(out, "TIFF")
    assert len(out.getvalue()) > 50 * 1024**2
    response = send(as_alice, file("scan.tif", out.getvalue()))
    [line] = lines(response)
    assert re.fullmatch(r"scan.tif: converted from TIFF, made smaller: 64 → \d\.\d MB", line), line
    picture = Picture.objects.get()
    assert (picture.width, picture.height) == (4096, 4096)
    assert picture.bytes < imaging.KEPT_BYTES


def test_a_side_over_8000_pixels_is_made_smaller_and_says_so(as_alice: Client) -> None:
    out = io.BytesIO()
    Image.new("L", (12_000, 9_000), 90).save(out, "PNG")
    response = send(as_alice, file("panorama.png", out.getvalue()))
    assert lines(response) == ["panorama.png: made smaller: 12000 → 4096 px"]
