"""Many valid pictures at once on a small machine: each is taken in the end, and pages answer meanwhile."""

from __future__ import annotations

import io
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.stack.running import Running, with_tables
from tests.stack.visitor import CSRF, Visitor

pytestmark = pytest.mark.stack
FILES, PATIENCE = 50, 600.0


def picture(number: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((1600, 1200), 20 + number).save(file, "JPEG", quality=85)
    return file.getvalue()


@pytest.mark.alone
def test_fifty_valid_uploads_at_once_are_all_taken_and_pages_answer_meanwhile(tmp_path: Path) -> None:
    files = [picture(number) for number in range(FILES)]
    # Pages are timed here: not while they are measured.
    studio = Running(with_tables(tmp_path / "var"), COVERAGE_PROCESS_CONFIG="")
    studio.start()
    try:
        with Visitor(studio) as ada:
            token = CSRF.search(ada.http.get("/").text)
            assert token
            cookies = dict(ada.http.cookies)

            def send(number: int) -> tuple[int, int]:
                until, busy = time.monotonic() + PATIENCE, 0
                with httpx.Client(base_url=studio.url, cookies=cookies, timeout=120, trust_env=False) as http:
                    while True:
                        answer = http.post(
                            "/uploads/",
                            data={"as": "reference"},
                            files={"files": (f"{number}.jpg", files[number])},
                            headers={"X-CSRFToken": token[1], "HX-Request": "true"},
                        )
                        if answer.status_code != 503 or time.monotonic() > until:
                            return answer.status_code, busy
                        busy += 1
                        time.sleep(int(answer.headers["Retry-After"]))

            with ThreadPoolExecutor(FILES) as crowd:
                began = time.monotonic()
                sent = [crowd.submit(send, number) for number in range(FILES)]
                pages = []
                while not all(one.done() for one in sent):
                    asked = time.monotonic()
                    assert ada.http.get("/gallery/").status_code == 200
                    pages.append(time.monotonic() - asked)
                    time.sleep(0.2)
                took = time.monotonic() - began
            assert [one.result()[0] for one in sent] == [200] * FILES
            assert studio.rows("SELECT count(*) FROM studio_picture WHERE origin = 'upload'")[0][0] == FILES
            busy = sum(one.result()[1] for one in sent)
            told = (
                f"{took:.1f} s, {busy} busy answers, pages {statistics.median(pages):.2f} s, at most {max(pages):.2f}"
            )
            sys.stdout.write(f"{told}\n")
            assert statistics.median(pages) < 1
            assert max(pages) < 10
    finally:
        studio.kill()
