from __future__ import annotations

import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from studio import embedding, storage
from studio.models import Picture, User
from tests import people
from tests.embedding.files import COMPOSITE, TRAINED, pixels_of, with_credentials

SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@pytest.fixture
def picture(alice: User) -> Picture:
    return people.make_job(alice, state="done", prompt="Harbour at dusk: papér boats!").pictures.get()


def small(picture: Picture) -> str:
    return picture.renditions.get(size=256).get_absolute_url()


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_a_rendition_is_handed_out_for_ever_and_privately(as_bob: Client, picture: Picture) -> None:
    response = as_bob.get(small(picture))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert pixels_of(body(response)) == pixels_of(stored(picture.renditions.get(size=256).file))


@pytest.mark.parametrize("kind", ["rendition", "original", "download"])
def test_every_file_is_harmless_when_opened_on_its_own(as_bob: Client, picture: Picture, kind: str) -> None:
    address = small(picture) if kind == "rendition" else reverse(f"studio:{kind}", args=[picture.code])
    response = as_bob.get(address)
    assert {name: response.headers[name] for name in SAFE} == SAFE
    body(response)


def test_who_has_it_already_gets_it_without_the_disk(as_bob: Client, picture: Picture) -> None:
    first = as_bob.get(small(picture))
    body(first)
    default_storage.delete(picture.renditions.get(size=256).file)
    again = as_bob.get(small(picture), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Content-Security-Policy"] == SAFE["Content-Security-Policy"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_who_may_not_see_it_learns_nothing_from_a_known_etag(client: Client, picture: Picture) -> None:
    etag = f'"{picture.sha256[:12]}-256"'
    assert client.get(small(picture), headers={"If-None-Match": etag}).status_code == 302


def test_an_address_with_other_content_is_not_found(as_bob: Client, picture: Picture) -> None:
    address = reverse("studio:rendition", args=[picture.code, "0" * 12, 256])
    assert as_bob.get(address).status_code == 404


def test_a_size_that_was_not_made_is_not_found(as_bob: Client, picture: Picture) -> None:
    address = reverse("studio:rendition", args=[picture.code, picture.sha256[:12], 300])
    # Larger than a database's whole numbers, too.
    assert as_bob.get(address.replace("-300.", f"-{10**25}.")).status_code == 404
    assert as_bob.get(address).status_code == 404


@pytest.mark.parametrize(
    ("format", "media_type"), [("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")]
)
def test_the_media_type_is_the_one_that_was_measured(as_bob: Client, alice: User, format: str, media_type: str) -> None:
    picture = people.make_picture(alice, format=format, original_name="page.html")
    response = as_bob.get(reverse("studio:original", args=[picture.code]))
    assert response.headers["Content-Type"] == media_type
    assert "attachment" not in response.headers.get("Content-Disposition", "")
    assert body(response) == stored(picture.file)


def test_a_download_is_named_after_what_it_shows(as_bob: Client, picture: Picture) -> None:
    response = as_bob.get(reverse("studio:download", args=[picture.code]))
    name = f"studio-harbour-at-dusk-paper-boats-{picture.code.hex[:8]}.png"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert pixels_of(body(response)) == pixels_of(stored(picture.file))


@pytest.mark.parametrize("kind", ["rendition", "original"])
def test_a_file_that_is_gone_is_a_drawing_of_a_gap(as_bob: Client, picture: Picture, kind: str) -> None:
    address = small(picture) if kind == "rendition" else reverse(f"studio:{kind}", args=[picture.code])
    default_storage.delete(picture.file)
    default_storage.delete(picture.renditions.get(size=256).file)
    response = as_bob.get(address)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"] == SAFE["Content-Security-Policy"]


def test_nothing_can_be_posted_to_a_file(as_bob: Client, picture: Picture) -> None:
    assert as_bob.post(small(picture)).status_code == 405


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("港の夕暮れ、紙の船", "港の夕暮れ-紙の船"),
        ("Гавань на закате", "гавань-на-закате"),
        ("हिन्दी में बंदरगाह", "हिन्दी-में-बंदरगाह"),
        ("مرفأ عند الغروب", "مرفأ-عند-الغروب"),
        ("Größe & Łódź", "größe-łódź"),
        ("مي‌خواهم \u202egnp.exe", "ميخواهم-gnp-exe"),
        ('港/..\\con:"*?<>|\x00\r\nX: y', "港-con-x-y"),
        ("🎨🎨🎨", "picture"),
    ],
)
def test_a_download_keeps_the_letters_of_its_prompt(as_bob: Client, alice: User, prompt: str, words: str) -> None:
    picture = people.make_picture(alice, original_name=prompt.replace("\x00", ""))
    response = as_bob.get(reverse("studio:download", args=[picture.code]))
    body(response)
    header = response.headers["Content-Disposition"]
    name = f"studio-{words}-{picture.code.hex[:8]}.png"
    plain, _, own = header.partition("; filename*=UTF-8''")
    assert unquote(own) == (name if not name.isascii() else "")
    assert re.fullmatch(r'attachment; filename="studio-[a-z0-9-]+\.png"', plain)


def test_the_longest_name_of_a_download_fits_a_file_system(as_bob: Client, alice: User) -> None:
    picture = people.make_job(alice, state="done", prompt="𠜎𠜱𠝹" * 200).pictures.get()
    response = as_bob.get(reverse("studio:download", args=[picture.code]))
    body(response)
    name = unquote(response.headers["Content-Disposition"].partition("UTF-8''")[2])
    assert name.startswith("studio-𠜎𠜱")
    assert len(name.encode()) < 255


# ---- Marked as made by AI

FILES = ["rendition", "original", "download"]


def address(picture: Picture, kind: str) -> str:
    return small(picture) if kind == "rendition" else reverse(f"studio:{kind}", args=[picture.code])


@pytest.mark.parametrize("kind", FILES)
def test_every_file_of_a_picture_says_that_ai_made_it(as_bob: Client, picture: Picture, kind: str) -> None:
    response = as_bob.get(address(picture, kind))
    data = body(response)
    assert TRAINED.encode() in data
    assert len(data) == int(response.headers["Content-Length"])


@pytest.mark.parametrize("kind", FILES)
def test_an_upload_is_never_marked(as_bob: Client, alice: User, kind: str) -> None:
    assert b"DigitalSourceType" not in body(as_bob.get(address(people.make_picture(alice), kind)))


@pytest.mark.parametrize("format", ["jpeg", "webp", "gif"])
def test_a_picture_of_every_format_is_marked(as_bob: Client, alice: User, picture: Picture, format: str) -> None:
    made = people.make_picture(alice, job=picture.job, position=1, format=format)
    data = body(as_bob.get(address(made, "download")))
    assert TRAINED.encode() in data
    assert pixels_of(data) == pixels_of(stored(made.file))


def test_what_an_upload_is_part_of_is_a_composite_down_to_the_edit_of_an_edit(as_bob: Client, alice: User) -> None:
    upload = people.make_picture(alice)
    edit = people.make_job(alice, state="done", type="image_edit", source=upload).pictures.get()
    second = people.make_job(alice, state="done", type="image_edit", source=edit).pictures.get()
    looked_at = people.make_job(alice, state="done", references=[upload]).pictures.get()
    edit_of_made = people.make_job(alice, state="done", type="image_edit", source=looked_at).pictures.get()
    kept = people.make_picture(alice, job=looked_at.job, position=1, origin=Picture.Origin.KEPT, kept_from=looked_at)
    Picture.objects.filter(pk=kept.pk).update(source_type="")
    said = {one: body(as_bob.get(address(one, "download"))) for one in (edit, second, looked_at, edit_of_made, kept)}
    found = [COMPOSITE.encode() in data for data in said.values()]
    assert found == [True, True, False, False, True]
    assert all(TRAINED.encode() in data for data in (said[looked_at], said[edit_of_made]))


def test_a_file_that_is_damaged_or_cut_off_goes_out_as_it_is(as_bob: Client, picture: Picture) -> None:
    path = default_storage.path(picture.file)
    for damaged in (stored(picture.file)[:40], b"", b"no picture at all", stored(picture.file)[:-4]):
        with open(path, "wb") as file:  # noqa: PTH123 - the storage names it
            file.write(damaged)
        response = as_bob.get(address(picture, "download"))
        assert (response.status_code, body(response)) == (200, damaged)


def test_content_credentials_of_the_maker_leave_untouched_and_its_copies_say_so(
    as_bob: Client, picture: Picture
) -> None:
    sealed = with_credentials("png")
    with open(default_storage.path(picture.file), "wb") as file:  # noqa: PTH123 - the storage names it
        file.write(sealed)
    Picture.objects.filter(pk=picture.pk).update(has_credentials=True)
    assert body(as_bob.get(address(picture, "download"))) == sealed
    copy = body(as_bob.get(address(picture, "rendition")))
    assert f'<xmpMM:DerivedFrom stRef:documentID="uuid:{picture.code.hex}"/>'.encode() in copy
    assert TRAINED.encode() in copy
    assert b"c2pa" not in copy


def test_a_file_with_another_note_has_another_etag(as_bob: Client, picture: Picture) -> None:
    marked = as_bob.get(address(picture, "download"))
    body(marked)
    assert picture.sha256 in marked.headers["ETag"]
    known = as_bob.get(address(picture, "download"), headers={"If-None-Match": marked.headers["ETag"]})
    assert known.status_code == 304
    Picture.objects.filter(pk=picture.pk).update(source_type="composite")
    again = as_bob.get(address(picture, "download"), headers={"If-None-Match": marked.headers["ETag"]})
    assert again.status_code == 200
    body(again)


def test_the_stored_original_is_never_changed(as_bob: Client, picture: Picture) -> None:
    before = stored(picture.file)
    for kind in FILES:
        body(as_bob.get(address(picture, kind)))
    assert stored(picture.file) == before


def test_a_file_that_nobody_reads_is_closed(as_bob: Client, picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    original = storage.open_file
    monkeypatch.setattr(storage, "open_file", lambda name: opened.append(original(name)) or opened[-1])
    as_bob.get(address(picture, "download")).close()
    assert [file.closed for file in opened] == [True]


@pytest.mark.parametrize("format", ["avif", "tiff"])
def test_what_takes_no_mark_is_shown_as_a_marked_png(as_bob: Client, picture: Picture, format: str) -> None:
    """Luma documents no such output; what it sends all the same stays as it came."""
    Picture.objects.filter(pk=picture.pk).update(format=format)
    file = Path(default_storage.path(picture.file))
    Image.effect_noise((picture.width, picture.height), 80).convert("RGB").save(file, format)
    before = file.read_bytes()
    address = reverse("studio:original", args=[picture.code])
    response = as_bob.get(address)
    data = body(response)
    assert (response.headers["Content-Type"], "Content-Disposition" in response.headers) == ("image/png", False)
    assert embedding.read(io.BytesIO(data)).source_type == "trained"
    assert (pixels_of(data), file.read_bytes()) == (pixels_of(before), before)
    # What a browser has is not made again; where nothing can be made, no other file is shown.
    file.unlink()
    assert as_bob.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    gone = as_bob.get(address)
    assert (gone.status_code, gone.headers["Content-Type"], gone.headers["Cache-Control"]) == (
        422,
        "image/svg+xml",
        "no-store",
    )
