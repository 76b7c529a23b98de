"""Files of layers: asked for, made and fetched; their sizes are said before."""

from __future__ import annotations

import io
import re
import zipfile
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from studio import tasks
from studio.models import Job, LayersExport, Picture, Split, User
from tests.people import HTMX
from tests.views.split_pages import a_split, arrange, download, page, url


@pytest.fixture
def job(alice: User) -> Job:
    return a_split(alice)


def test_a_file_is_asked_for_made_and_fetched(as_bob: Client, job: Job) -> None:
    asked = as_bob.post(url("export_layers", job), {"kind": "psd", "asked": "1", "hidden": "on"}, headers=HTMX)
    assert "Making the PSD…" in asked.content.decode()
    export = LayersExport.objects.get()
    assert f'hx-get="{export.get_absolute_url()}" hx-trigger="every 1s"' in asked.content.decode()
    assert [row.task["func"] for row in OrmQ.objects.all()].count("studio.tasks.export_layers") == 1
    as_bob.post(url("export_layers", job), {"kind": "psd"})
    assert [row.task["func"] for row in OrmQ.objects.all()].count("studio.tasks.export_layers") == 1
    tasks.export_layers(export.pk)
    made = as_bob.get(export.get_absolute_url(), headers=HTMX).content.decode()
    assert "Download PSD" in made
    assert "hx-get" not in made
    file = download(as_bob, export)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert f'-layers-{job.code.hex[:8]}.psd"' in file.headers["Content-Disposition"]
    assert b"".join(file.streaming_content).startswith(b"8BPS")  # type: ignore[arg-type]


def test_hidden_layers_are_left_out_where_that_is_asked(as_alice: Client, job: Job) -> None:
    arrange(as_alice, job, layer="0", hidden="on")
    as_alice.post(url("export_layers", job), {"kind": "zip", "asked": "1", "hidden": "on"})
    as_alice.post(url("export_layers", job), {"kind": "zip", "asked": "1"})
    plans = [export.plan["layers"] for export in LayersExport.objects.order_by("pk")]
    assert [[(one["name"], one["hidden"]) for one in plan] for plan in plans] == [
        [("Dog", True), ("Cat", False), ("Layer 3", False)],
        [("Cat", False), ("Layer 3", False)],
    ]


def test_nothing_is_made_of_nothing(as_alice: Client, job: Job) -> None:
    for layer in "012":
        arrange(as_alice, job, layer=layer, hidden="on")
    response = as_alice.post(url("export_layers", job), {"kind": "psd", "asked": "1"}, headers=HTMX)
    assert "All layers are hidden." in response.content.decode()
    assert as_alice.post(url("export_layers", job), {"kind": "psd", "asked": "1"}).status_code == 302
    assert not LayersExport.objects.exists()


def test_a_file_that_failed_or_takes_too_long_says_so_and_offers_another_try(as_bob: Client, job: Job) -> None:
    as_bob.post(url("export_layers", job), {"kind": "ora"})
    export = LayersExport.objects.get()
    LayersExport.objects.update(asked_at=timezone.now() - timezone.timedelta(minutes=5))
    html = as_bob.get(export.get_absolute_url()).content.decode()
    assert "This took too long and was stopped." in html
    assert "Try again" in html
    assert "every 1s" not in html
    assert download(as_bob, export).status_code == 404
    as_bob.post(url("export_layers", job), {"kind": "ora"})
    assert "every 1s" in as_bob.get(export.get_absolute_url()).content.decode()


@pytest.mark.parametrize("asked", [{}, {"kind": "exe"}, {"kind": "trimmed"}, {"kind": "placed", "layer": "8"}])
def test_no_other_file_is_made(as_bob: Client, job: Job, asked: dict[str, str]) -> None:
    assert as_bob.post(url("export_layers", job), asked).status_code == 404
    assert not LayersExport.objects.exists()


def test_sizes_are_said_before_anything_is_made(as_bob: Client, job: Job) -> None:
    sizes = r'export__size num">([^<]+)<'
    assert re.findall(sizes, page(as_bob, job)) == ["about 29 KB", "about 1 KB", "about 1 KB"]
    export, _ = LayersExport.ask(Split.of(job), "psd", now=timezone.now())
    LayersExport.objects.filter(pk=export.pk).update(state="done", bytes=41_234_567)
    assert re.findall(sizes, page(as_bob, job))[0] == "41.2 MB"


def test_a_file_of_layers_is_named_like_other_downloads(as_alice: Client, job: Job) -> None:
    """In the letters of the title with their vowel signs, without the ending of an upload."""
    source = job.submission.source
    assert source
    Picture.objects.filter(pk=source.pk).update(original_name="O'Brien हिन्दी दुनिया.PNG")
    arrange(as_alice, job, layer="0", name="हिन्दी / Dog")
    as_alice.post(url("export_layers", job), {"kind": "zip"})
    export = LayersExport.objects.get()
    tasks.export_layers(export.pk)
    file = download(as_alice, export)
    assert zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).namelist()[0] == "00-हिन्दी-Dog.png"
    name = f"studio-o-brien-हिन्दी-दुनिया-layers-{job.code.hex[:8]}.zip"
    assert unquote(file.headers["Content-Disposition"]).endswith(f"filename*=UTF-8''{name}")
