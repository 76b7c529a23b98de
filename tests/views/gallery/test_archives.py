"""From a selection to a zip: the page that says what comes of it, how far it is, and the file; for its owner alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries

from studio.engine.archives import archives
from studio.models import Archive, Picture, User
from studio.models.files.archive import MOST_PICTURES, STALLED_AFTER
from studio.models.pictures import trash
from tests import people
from tests.people import HTMX


@pytest.fixture(autouse=True)
def work_is_put_away() -> Iterator[None]:
    """An archive that is not made to its end keeps its lines, which other tests would find."""
    yield
    for path in project.WORK_DIR.glob("archive-*.lines"):
        path.unlink()


@pytest.fixture
def pictures(alice: User) -> list[Picture]:
    return [people.make_job(alice, state="done", prompt=f"Boat {n}").pictures.get() for n in range(3)]


def choose(client: Client, *pictures: Picture, **more: object) -> str:
    response = client.post(reverse("studio:new_archive"), {"picture": [str(one.code) for one in pictures], **more})
    assert response.status_code == 302
    return str(response.headers["Location"])


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_selection_becomes_a_zip(as_alice: Client, pictures: list[Picture]) -> None:
    address = choose(as_alice, *pictures)
    page = text(as_alice, address)
    assert "<h1>Zip of 3 pictures</h1>" in page
    assert "hx-get" not in page.partition('id="archive"')[2].partition(">")[0]
    started = as_alice.post(address, {"size": "original", "settings": "on", "list": "on"})
    assert started.headers["Location"] == address
    assert OrmQ.objects.count() == 1
    assert 'hx-trigger="every 1s"' in text(as_alice, address)
    assert as_alice.get(f"{address}file/").status_code == 404
    archives.make(Archive.objects.get().pk)
    done = text(as_alice, address, **HTMX)
    assert "<html" not in done
    assert "every 1s" not in done
    assert "Ready: nothing was left out." in done
    response = as_alice.get(f"{address}file/")
    data = b"".join(response.streaming_content)
    assert len(data) == int(response.headers["Content-Length"]) == Archive.objects.get().bytes
    assert re.fullmatch(
        r'attachment; filename="studio-3-pictures-[\d-]+\.zip"', response.headers["Content-Disposition"]
    )
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        assert [name[:10] for name in whole.namelist()] == [
            "001-boat-0",
            "002-boat-1",
            "003-boat-2",
            "settings.j",
            "settings.c",
        ]
    known = {"If-None-Match": response.headers["ETag"]}
    assert as_alice.get(f"{address}file/", headers=known).status_code == 304
    Picture.objects.filter(pk=pictures[0].pk).update(trashed_at=timezone.now())
    # A browser keeps what it has when it is told that nothing has changed.
    assert as_alice.get(f"{address}file/", headers=known).status_code == 302


@pytest.mark.parametrize("is_remote", [False, True], ids=["from the disk", "from elsewhere"])
def test_a_download_that_broke_off_goes_on_where_it_was(
    as_alice: Client, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, is_remote: bool
) -> None:
    if is_remote:
        monkeypatch.setattr("studio.views.gallery.archives.FileSystemStorage", type("Elsewhere", (), {}))
    address = choose(as_alice, *pictures)
    as_alice.post(address, {"size": "original"})
    archives.make(Archive.objects.get().pk)
    whole = as_alice.get(f"{address}file/")
    data, etag = b"".join(whole.streaming_content), whole.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    rest = as_alice.get(f"{address}file/", headers={"Range": "bytes=1000-", "If-Range": etag})
    assert (rest.status_code, b"".join(rest.streaming_content)) == (206, data[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(data) - 1}/{len(data)}"
    assert int(rest.headers["Content-Length"]) == len(data) - 1000
    assert rest.headers["Content-Disposition"] == whole.headers["Content-Disposition"]
    other = as_alice.get(f"{address}file/", headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert (other.status_code, b"".join(other.streaming_content)) == (200, data)
    beyond = as_alice.get(f"{address}file/", headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    head = as_alice.head(f"{address}file/")
    assert (head.headers["Content-Length"], head.content) == (str(len(data)), b"")


def test_it_is_started_once(as_alice: Client, pictures: list[Picture]) -> None:
    address = choose(as_alice, *pictures)
    for _ in range(3):
        as_alice.post(address, {"size": "original"})
    assert OrmQ.objects.count() == 1
    assert not Archive.objects.get().has_settings


def test_nobody_else_gets_it_and_an_admin_neither(
    as_alice: Client, as_bob: Client, ada: User, pictures: list[Picture]
) -> None:
    address = choose(as_alice, *pictures)
    for other in (as_bob, people.signed_in(ada)):
        assert {
            other.get(address).status_code,
            other.post(address).status_code,
            other.get(f"{address}file/").status_code,
        } == {404}


def test_what_is_not_saved_yet_is_told_before_it_starts(as_alice: Client, alice: User, pictures: list[Picture]) -> None:
    waiting = people.make_job(alice, state="making", prompt="<b>Not</b> there")
    failed = people.make_job(alice, state="failed", prompt="Never")
    page = text(as_alice, choose(as_alice, *pictures, job=[str(waiting.code), str(failed.code)]))
    assert "2 pictures will be left out" in page
    assert f"{waiting.label} “&lt;b&gt;Not&lt;/b&gt; there”</bdi>: it is not saved yet" in page
    assert f"{failed.label} “Never”</bdi>: it was never made" in page
    alone = text(as_alice, choose(as_alice, job=[str(waiting.code)]))
    assert "Nothing of this can be in a zip yet." in alone
    assert "Make the zip" not in alone


@pytest.mark.parametrize("size", ["", "huge"])
def test_another_size_is_not_found(as_alice: Client, pictures: list[Picture], size: str) -> None:
    assert as_alice.post(choose(as_alice, *pictures), {"size": size}).status_code == 404


def test_nothing_chosen_says_so(as_alice: Client) -> None:
    assert choose(as_alice) == "/gallery/"
    assert "Choose at least one picture first." in text(as_alice, "/gallery/")


def test_a_whole_gallery_fits_up_to_its_most(
    as_alice: Client, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(as_alice, all="on")
    assert Archive.objects.get().pictures == [one.pk for one in reversed(pictures)]
    monkeypatch.setattr("studio.views.gallery.archives.MOST_PICTURES", 2)
    assert choose(as_alice, all="on") == "/gallery/"
    assert "you chose more than 2" in text(as_alice, "/gallery/")
    assert Archive.objects.count() == 1


def test_chosen_twice_is_in_it_once(as_alice: Client, pictures: list[Picture]) -> None:
    choose(as_alice, *pictures, pictures[0])
    assert len(Archive.objects.get().pictures) == 3


def test_a_page_whose_worker_was_lost_has_another_go_on(as_alice: Client, pictures: list[Picture]) -> None:
    address = choose(as_alice, *pictures)
    as_alice.post(address, {"size": "original"})
    OrmQ.objects.all().delete()
    text(as_alice, address)
    assert OrmQ.objects.count() == 0
    Archive.objects.update(touched_at=timezone.now() - STALLED_AFTER - timedelta(seconds=1))
    text(as_alice, address)
    text(as_alice, address)
    assert OrmQ.objects.count() == 1


def test_files_that_are_gone_since_are_told_and_no_broken_zip_is_handed_out(
    as_alice: Client, pictures: list[Picture]
) -> None:
    address = choose(as_alice, *pictures)
    as_alice.post(address, {"size": "original"})
    archives.make(Archive.objects.get().pk)
    default_storage.delete(pictures[1].file)
    assert "Ready" in text(as_alice, address), "no view of the page looks at the files"
    assert as_alice.get(f"{address}file/").headers["Location"] == address
    for _ in range(2):  # also after the page that the download led to
        page = text(as_alice, address)
        assert "This zip can't be downloaded now: files that it is made of are gone." in page
        assert ("Ready" in page, "try this download again" in page) == (False, True)
    anew = as_alice.post(address, {"act": "anew"}).headers["Location"]
    archives.make(Archive.objects.latest("pk").pk)
    assert "2 pictures, 1 left out" in text(as_alice, anew)
    assert as_alice.get(f"{anew}file/").status_code == 200


def test_a_zip_whose_files_are_back_is_ready_again(as_alice: Client, pictures: list[Picture]) -> None:
    address = choose(as_alice, *pictures)
    as_alice.post(address, {"size": "original"})
    archives.make(Archive.objects.get().pk)
    with default_storage.open(pictures[1].file) as file:
        kept = file.read()
    default_storage.delete(pictures[1].file)
    as_alice.get(f"{address}file/")
    default_storage.save(pictures[1].file, ContentFile(kept))
    assert as_alice.get(f"{address}file/").status_code == 200
    assert "Ready: nothing was left out." in text(as_alice, address)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("private", "1 picture of it is private to somebody else now."),
        ("trash", "1 picture of it is in the trash or deleted."),
    ],
)
def test_a_zip_that_lost_a_picture_says_so_instead_of_ready_and_is_made_again_without_it(
    as_bob: Client, bob: User, alice: User, pictures: list[Picture], what: str, said: str
) -> None:
    address = choose(as_bob, *pictures)
    as_bob.post(address, {"size": "web", "list": "on"})
    first = Archive.objects.get()
    archives.make(first.pk)
    assert "Ready: nothing was left out." in text(as_bob, address)
    if what == "private":
        pictures[1].job.submission.set_privacy(True)
    else:
        trash.move([pictures[1].pk], by=alice, now=timezone.now())
    page = text(as_bob, address)
    assert (said in page, "Ready" in page, "Download" in page) == (True, False, False)
    assert as_bob.get(f"{address}file/").headers["Location"] == address
    anew = as_bob.post(address, {"act": "anew"}).headers["Location"]
    fresh = Archive.objects.exclude(pk=first.pk).get()
    assert (fresh.size, fresh.has_settings, fresh.has_list) == ("web", False, True)
    archives.make(fresh.pk)
    assert "2 pictures, 1 left out" in text(as_bob, anew)
    assert as_bob.get(f"{anew}file/").status_code == 200


def test_a_zip_that_lost_all_its_pictures_is_not_offered_again(as_bob: Client, pictures: list[Picture]) -> None:
    address = choose(as_bob, pictures[0])
    as_bob.post(address, {"size": "original"})
    archives.make(Archive.objects.get().pk)
    pictures[0].job.submission.set_privacy(True)
    page = text(as_bob, address)
    assert "can't be downloaded now" in page
    assert "Make it again" not in page
    assert Archive.objects.count() == 1


def test_what_failed_says_why_and_may_be_tried_again(as_alice: Client, pictures: list[Picture]) -> None:
    address = choose(as_alice, *pictures)
    Archive.objects.update(state="failed", sentence=archives.DISK_FULL)
    page = text(as_alice, address)
    assert "The disk is full, so the zip could not be made." in page
    assert "Try again" in page
    as_alice.post(address, {"size": "original"})
    assert OrmQ.objects.count() == 1


def test_choosing_many_costs_as_many_queries_as_choosing_one(
    as_alice: Client, alice: User, pictures: list[Picture], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = pictures[0].job
    many = [people.make_picture(alice, job=job, position=n, renditions=()) for n in range(1, 60)]
    choose(as_alice, pictures[0])
    with django_assert_num_queries(4):
        choose(as_alice, pictures[0])
    with django_assert_num_queries(4):
        choose(as_alice, *many)


def test_the_most_is_what_it_says() -> None:
    assert MOST_PICTURES == 2_000
