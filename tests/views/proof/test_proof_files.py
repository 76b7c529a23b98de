"""The files behind a proof link: watermarks that are burnt in, downloads as the link allows."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from studio import storage, tasks
from studio.engine.pictures import watermarks
from studio.forms.files import decoding
from studio.models import ProofLink, User
from tests import people
from tests.views.page_text import text
from tests.views.proof_pages import Round, body, made


def test_the_watermark_is_burnt_in_and_nothing_clean_is_handed_out(alice: User) -> None:
    client = Round(alice, made(alice), watermark="Proof · Harbour", downloads="original")
    first = client.pictures[0]
    sent = client.browser.get(client.file(first))
    with Image.open(io.BytesIO(body(sent))) as drawn:
        assert drawn.size == (512, 320)
        assert drawn.convert("L").getextrema()[1] - drawn.convert("L").getextrema()[0] > 40
    assert sorted(size for size in watermarks.SIZES if watermarks.is_made(first, "Proof · Harbour", size)) == [
        512,
        1024,
    ]
    loaded = client.get(first.code, "download")
    assert "prompt" not in loaded.headers["Content-Disposition"]
    with Image.open(io.BytesIO(body(loaded))) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (640, 400))
        assert drawn.convert("L").getextrema()[1] - drawn.convert("L").getextrema()[0] > 40


def test_a_watermark_that_is_not_drawn_yet_shows_nothing_else(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Round(alice, made(alice), watermark="Proof", downloads="web")

    def busy() -> Any:
        raise decoding.Busy

    monkeypatch.setattr(decoding, "place", busy)
    answer = client.browser.get(client.file(client.pictures[0]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Cache-Control"] == "private, no-store"
    # A download takes the place of its page, which must lead back.
    late = client.get(client.pictures[0].code, "download")
    assert (late.status_code, late.headers["Cache-Control"]) == (503, "private, no-store")
    assert f'href="{client.address()}"' in late.content.decode()


def test_a_picture_without_its_file_stops_nothing(alice: User) -> None:
    client = Round(alice, made(alice), made(alice), watermark="Proof", downloads="web")
    first = client.pictures[0]
    default_storage.delete(first.file)
    tasks.watermark_link(client.link.pk, 0)
    assert [watermarks.is_made(one, "Proof", 512) for one in client.pictures] == [False, True]
    answer = client.browser.get(client.file(first))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "image/svg+xml")
    assert body(client.browser.get(client.file(client.pictures[1], 300)))  # the next larger one
    clean = Round(alice, first)
    assert clean.browser.get(clean.file(first, 300)).status_code == 404
    tasks.sweep_watermarks()
    assert watermarks.is_made(client.pictures[1], "Proof", 512)


def test_the_queue_draws_watermarks_before_anybody_comes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermarks, "AT_ONCE", 1)
    client = Round(alice, made(alice), made(alice), watermark="Proof")
    watermarks.make_later(client.link)
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.watermark_link"]
    tasks.watermark_link(client.link.pk, 0)
    assert [watermarks.is_made(one, "Proof", 512) for one in client.pictures] == [True, False]
    assert [row.task["args"] for row in OrmQ.objects.all()] == [(client.link.pk, 0), (client.link.pk, 1)]
    tasks.watermark_link(client.link.pk, 1)
    assert watermarks.is_made(client.pictures[1], "Proof", 512)
    assert OrmQ.objects.count() == 2
    drawn = default_storage.get_modified_time(storage.watermarked_name(client.pictures[1].sha256, "Proof", 512))
    tasks.watermark_link(client.link.pk, 1)  # a task may run twice, and draws nothing twice
    again = default_storage.get_modified_time(storage.watermarked_name(client.pictures[1].sha256, "Proof", 512))
    assert again == drawn
    ProofLink.objects.update(revoked_at=timezone.now())
    assert watermarks.make_some(client.link.pk, 0, timezone.now()) == 0


def test_copies_with_a_watermark_go_with_their_picture_or_with_time(alice: User) -> None:
    watermarks.sweep(timezone.now())  # what other tests left
    first, second = made(alice), made(alice)
    for picture in (first, second):
        body(Client().get((client := Round(alice, picture, watermark="Proof")).file(picture)))
        assert client
    watermarks.forget(first.sha256)
    watermarks.forget("0" * 64)
    assert not watermarks.is_made(first, "Proof", 512)
    assert watermarks.sweep(timezone.now()) == 0
    stray = default_storage.save(storage.watermarked_name("ab" * 32, "Proof", 512), io.BytesIO(b"x"))
    assert watermarks.sweep(timezone.now()) == 1
    assert not default_storage.exists(stray)
    assert watermarks.sweep(timezone.now() + timedelta(days=46)) == 2
    assert not watermarks.is_made(second, "Proof", 512)


def test_before_the_first_watermark_there_is_nothing_to_sweep(tmp_path: Path, settings: Any) -> None:
    people.store_on_disk(settings, tmp_path)
    assert watermarks.sweep(timezone.now()) == 0


@pytest.mark.parametrize("shown", [False, True])
def test_a_download_says_its_prompt_only_where_it_is_shown(alice: User, shown: bool) -> None:
    client = Round(alice, made(alice, prompt="Secret lighthouse"), downloads="original", shows_prompts=shown)
    first = client.pictures[0]
    answer = client.get(first.code, "download")
    assert ("secret-lighthouse" in answer.headers["Content-Disposition"]) == shown
    assert (b"Secret lighthouse" in body(answer)) == shown
    assert ("Secret lighthouse" in client.get(first.code).content.decode()) == shown


def test_prices_are_shown_only_where_they_are_switched_on(alice: User) -> None:
    picture = made(alice)
    assert "$" not in text(Round(alice, picture).get())
    assert "$0.0" in text(Round(alice, picture, shows_prices=True).get())
