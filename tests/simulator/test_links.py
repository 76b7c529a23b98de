"""Presigned links: an hour each, refused by storage and not by the API (luma-api.md section 10.3)."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from luma_agents import Luma

from tests.simulator.conftest import PLAIN, Clock, Start, caller, download, ended, quick, root
from tests.simulator.threads import in_thread


def code(response: httpx.Response) -> str | None:
    assert response.headers["Content-Type"].startswith("application/xml")
    return ElementTree.fromstring(response.text).findtext("Code")  # noqa: S314 - our own answer


def link(luma: Luma, prompt: str = "A sunset") -> str:
    return str(ended(luma, luma.generations.create(prompt=prompt)).output[0].url)


def test_a_link_says_that_it_lives_an_hour(luma: Luma) -> None:
    url = httpx.URL(link(luma))
    assert url.path.endswith("/output.png")
    assert url.params["X-Amz-Expires"] == "3600"


def test_a_link_is_refused_after_its_hour_and_a_new_one_is_good(start: Start, clock: Clock) -> None:
    luma = caller(start(clock=clock))
    generation = ended(luma, luma.generations.create(prompt="A sunset"))
    clock.now += 3599
    assert download(generation.output[0].url).status_code == 200
    clock.now += 1
    refused = download(generation.output[0].url)
    assert (refused.status_code, code(refused)) == (403, "AccessDenied")
    assert download(luma.generations.get(generation.id).output[0].url).status_code == 200


def test_a_link_that_was_touched_is_refused(luma: Luma) -> None:
    url = httpx.URL(link(luma))
    other_picture = httpx.URL(link(luma)).path
    longer = download(str(url.copy_set_param("X-Amz-Expires", "99999")))
    elsewhere = download(str(url.copy_with(path=other_picture)))
    unsigned = download(str(url.copy_remove_param("X-Amz-Signature")))
    bare = download(str(url.copy_with(query=None)))
    assert [response.status_code for response in (longer, elsewhere, unsigned, bare)] == [403] * 4
    assert code(longer) == code(elsewhere) == "SignatureDoesNotMatch"
    assert code(unsigned) == "AccessDenied"


def test_a_download_link_does_not_adoptloads(luma: Luma) -> None:
    assert httpx.put(link(luma), content=b"x", **PLAIN).status_code == 403


def test_a_download_link_is_no_good_for_head(luma: Luma) -> None:
    url = link(luma)
    assert httpx.head(url, **PLAIN).status_code == 403
    assert download(url).status_code == 200


def test_an_api_key_sent_to_storage_is_refused(luma: Luma) -> None:
    response = download(link(luma), Authorization="Bearer luma-api-x")
    assert (response.status_code, code(response)) == (400, "InvalidArgument")


def test_a_range_can_be_asked_for(luma: Luma) -> None:
    response = download(link(luma), Range="bytes=0-7")
    assert (response.status_code, response.content) == (206, b"\x89PNG\r\n\x1a\n")


def test_an_object_that_is_gone_is_a_404(tmp_path: Path) -> None:
    with in_thread(quick(tmp_path)) as address:
        url = link(caller(address))
        next(tmp_path.glob("objects/generations/*/output.png")).unlink()
        response = download(url)
    assert (response.status_code, code(response)) == (404, "NoSuchKey")


def test_links_can_be_given_a_public_address(start: Start) -> None:
    assert link(caller(start(base_url="https://pictures.example/"))).startswith("https://pictures.example/storage/gen")


def test_links_and_jobs_survive_a_restart(tmp_path: Path) -> None:
    with in_thread(quick(tmp_path)) as address:
        luma = caller(address, "luma-api-a")
        generation = ended(luma, luma.generations.create(prompt="A sunset"))
        content = download(generation.output[0].url).content
    with in_thread(quick(tmp_path)) as again:
        old_link = generation.output[0].url.replace(root(address), root(again))
        assert download(old_link).content == content
        fresh = caller(again, "luma-api-a").generations.get(generation.id)
        assert (fresh.state, fresh.created_at) == ("completed", generation.created_at)
        assert download(fresh.output[0].url).content == content


def test_a_job_runs_on_by_the_clock_while_the_simulator_is_down(tmp_path: Path, clock: Clock) -> None:
    options = quick(tmp_path, clock=clock, time_scale=1)
    with in_thread(options) as address:
        generation = caller(address, "luma-api-a").generations.create(prompt="A sunset")
    clock.now += 90
    with in_thread(options) as address:
        assert ended(caller(address, "luma-api-a"), generation).state == "completed"


def test_after_a_week_a_job_is_forgotten_at_the_next_start(tmp_path: Path, clock: Clock) -> None:
    options = quick(tmp_path, clock=clock)
    with in_thread(options) as address:
        luma = caller(address, "luma-api-a")
        ended(luma, luma.generations.create(prompt="A sunset"))
        luma.files.create(mime_type="image/png", size_bytes=5)
    clock.now += 7 * 24 * 3600 + 1
    with in_thread(options) as address:
        assert caller(address, "luma-api-a").files.list().data == []
        assert download(f"{root(address)}/ledger").json()["generations"] == []
    assert list(tmp_path.glob("objects/generations/*")) == []


@pytest.mark.parametrize("path", ["..%2f..%2fsimulator.sqlite3", "%2fetc%2fpasswd", "generations/../../x"])
def test_a_path_cannot_leave_the_bucket(address: str, path: str) -> None:
    assert download(f"{root(address)}/storage/{path}").status_code in (403, 404)
