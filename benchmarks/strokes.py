"""Keep the rest at 2K: how long a stroke takes to the screen, and what comparing and saving cost the picture child."""

from __future__ import annotations

import math
import resource
import tempfile
import uuid
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.figures import Figure, share
from studio import imaging
from studio.simulator.pictures.library import FOLDER
from tests.browser.browser_user import PASSWORD, browser, join, sign_in
from tests.stack.running import Running, eventually

SIZE = (2464, 1696)
MOVES = 400
# In the page: the time that the handlers of a move take, and the time between the frames while a stroke is drawn. A move
# is handled in the frame that shows it, so a frame that is not late is a stroke on the screen.
WATCH = """() => {
  window.handled = [];
  window.frames = [];
  let began = 0;
  let last = 0;
  const canvas = document.querySelector("keep-work canvas");
  document.addEventListener("pointermove", () => { began = performance.now(); }, true);
  canvas.addEventListener("pointermove", () => window.handled.push(performance.now() - began));
  const tick = (now) => {
    if (last) window.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""


def measure(studio: Running) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="studio-strokes-") as name:
        folder = Path(name)
        return [*_saving(folder), *_strokes(studio, folder)]


def _saving(folder: Path) -> list[Figure]:
    with Image.open(FOLDER / "city-dusk.webp") as found:
        before = found.convert("RGB").resize(SIZE)
    before = Image.blend(before, Image.effect_noise(SIZE, 60).convert("RGB"), 0.08)
    after, mask = before.copy(), Image.new("RGBA", SIZE, (255, 255, 255, 0))
    for left in range(200, 2200, 400):
        ImageDraw.Draw(after).ellipse((left, 600, left + 250, 850), fill="#2040e0")
        ImageDraw.Draw(mask).ellipse((left - 20, 580, left + 270, 870), fill="white")
    source, edit, drawn = (folder / f"{name}.png" for name in ("before", "after", "mask"))
    for picture, path in ((before, source), (after, edit), (mask, drawn)):
        picture.save(path, compress_level=1)
    start = _spent()
    imaging.compare_edit(source, edit, folder)
    compared = _spent()
    imaging.compose(source, edit, drawn, folder, shift=(0, 0))
    return [
        Figure("keep: compare at 2K, CPU of the child", compared - start, "s"),
        Figure("keep: save at 2K, CPU of the child", _spent() - compared, "s", 1.5),
    ]


def _spent() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _strokes(studio: Running, folder: Path) -> list[Figure]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        if studio.rows("SELECT count(*) FROM studio_user")[0][0]:
            sign_in(page, studio, "Ada Admin", PASSWORD)
        else:
            join(page, studio)
        _open(page, studio, folder)
        box = page.locator("keep-work canvas").bounding_box()
        if box is None:
            raise AssertionError("the canvas is shown")
        page.evaluate(WATCH)
        page.mouse.move(box["x"] + 300, box["y"] + 300)
        page.mouse.down()
        for step in range(MOVES):
            page.mouse.move(box["x"] + 500 + 300 * math.cos(step / 12), box["y"] + 380 + 180 * math.sin(step / 9))
        page.mouse.up()
        handled, frames = page.evaluate("[window.handled, window.frames]")
    return [
        Figure("keep: a stroke's move handled at 2K, p95", share(handled, 0.95), "ms", 16),
        Figure("keep: from frame to frame while drawing, p95", share(frames, 0.95), "ms", 17),
    ]


def _open(page: Page, studio: Running, folder: Path) -> None:
    """Make an edit of a 2K picture and open its page."""
    source = folder / "source.jpg"
    with Image.open(FOLDER / "courtyard-noon.webp") as found:
        found.convert("RGB").resize(SIZE).save(source, quality=90)
    page.locator('input[name="source_file"]').set_input_files(source)
    page.get_by_label("Prompt", exact=True).fill("Hang lanterns under the arches")
    page.get_by_role("button", name="Make 1 ·").click()
    edit = (
        "SELECT p.code FROM studio_picture p JOIN studio_job j ON j.id = p.job_id JOIN studio_submission s"
        " ON s.id = j.submission_id JOIN studio_rendition r ON r.picture_id = p.id"
        " WHERE s.type = 'image_edit' AND r.size = 2048"
    )
    eventually(lambda: studio.rows(edit), within=120, what="the edit and its sizes")
    page.goto(f"{studio.url}/pictures/{uuid.UUID(studio.rows(edit)[0][0])}/keep/")
    expect(page.locator("keep-work")).to_have_attribute("data-ready", "", timeout=30_000)
