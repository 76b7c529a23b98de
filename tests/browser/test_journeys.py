"""What a new team does on its first day, in a real browser against the whole running studio."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from studio.network import loopback
from tests.browser.browser_user import join, sign_in
from tests.browser.conftest import Open
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MAKE = 60_000  # milliseconds: the simulator paints with whatever the tests leave it
JOB = '[id^="job-"]'


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def finished(card: Locator) -> None:
    """Wait until the card shows its picture, whole."""
    expect(card).to_have_attribute("data-state", "done", timeout=MAKE)
    eventually(lambda: card.locator("a img").evaluate("image => image.complete && image.naturalWidth > 0"))


def photo(folder: Path, name: str = "courtyard.jpg", size: tuple[int, int] = (900, 600)) -> Path:
    file = folder / name
    Image.linear_gradient("L").resize(size).convert("RGB").save(file)
    return file


def ledger(studio: Running) -> list[str]:
    """The request ids of every job that the simulator accepted: a witness that is not ours to write."""
    with loopback.ask(f"http://127.0.0.1:{studio.simulator_port}/ledger", timeout=10) as answer:
        return [job["request_id"] for job in json.load(answer)["generations"]]


def test_a_prompt_becomes_a_picture_in_place(studio: Running, ada: Page) -> None:
    page = ada
    expect(page.get_by_role("heading", name="Make the first picture")).to_be_visible()
    prompt(page).fill("A whitewashed courtyard at noon, three arches")
    expect(page.get_by_role("button", name="Make 1 · $0.04")).to_be_visible()
    # What an input method composes is no word yet: it must not be sent.
    composing = {"key": "Enter", "ctrlKey": True, "isComposing": True, "bubbles": True, "cancelable": True}
    prompt(page).evaluate("(field, keys) => field.dispatchEvent(new KeyboardEvent('keydown', keys))", composing)
    prompt(page).press("Control+Enter")
    card = page.locator(JOB).first
    expect(card).to_be_visible(timeout=2000)
    expect(page.locator(JOB)).to_have_count(1)
    expect(card).to_contain_text("A whitewashed courtyard at noon")
    box = card.bounding_box()
    words: list[str] = []

    def done() -> bool:
        # Without waiting: a card that has just become a picture has no such word.
        words.extend(card.locator("b").all_text_contents()[:1])
        return card.get_attribute("data-state") == "done"

    eventually(done, within=MAKE / 1000, what=f"a picture; the card said {words[-3:]}")
    finished(card)
    assert card.bounding_box() == box
    seen = list(dict.fromkeys(word for word in words if word))
    assert set(seen) <= {"Waiting", "Sending", "Queued at Luma", "Making", "Made"}
    assert "Making" in seen
    expect(prompt(page)).to_have_value("A whitewashed courtyard at noon, three arches")
    expect(page).to_have_url(f"{studio.url}/")
    assert len(ledger(studio)) == 1


def test_a_dropped_picture_is_edited(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    page.locator('input[name="source_file"]').set_input_files(photo(tmp_path))
    expect(page.get_by_role("radio", name="Edit")).to_be_checked()
    expect(page.get_by_role("list", name="Source").get_by_role("img")).to_be_visible()
    expect(page.locator("#dock-note")).to_contain_text("Edit")
    prompt(page).fill("Make it night, lanterns lit")
    page.get_by_role("button", name="Make 1 · $0.04").click()
    card = page.locator(JOB).first
    expect(card.locator(".job__inset img")).to_be_visible()
    finished(card)
    picture = studio.rows("SELECT width, height FROM studio_picture WHERE origin = 'made'")[0]
    assert picture[0] / picture[1] == pytest.approx(1.5, abs=0.02)


def test_what_is_not_a_picture_is_refused_by_name(ada: Page, tmp_path: Path) -> None:
    page = ada
    lie = tmp_path / "notes.png"
    lie.write_text("these are words")
    page.locator('input[name="source_file"]').set_input_files(lie)
    expect(page.locator("#compose")).to_contain_text("notes.png")
    expect(page.locator("#compose")).to_contain_text("not a picture")
    expect(page.get_by_role("radio", name="Generate")).to_be_checked()
    expect(page.locator(JOB)).to_have_count(0)


def test_four_variants_are_one_group_with_one_price(studio: Running, ada: Page) -> None:
    page = ada
    prompt(page).fill("Concert poster, concentric red rings")
    for _ in range(3):
        page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Make 4 · $0.16").click()
    group = page.locator('[id^="submission-"]')
    expect(group).to_have_count(1)
    expect(group.locator(JOB)).to_have_count(4)
    expect(group).to_contain_text("of 4")
    expect(group.locator(f'{JOB}[data-state="done"]')).to_have_count(4, timeout=MAKE)
    assert len(ledger(studio)) == 4


def test_answers_that_cross_leave_no_stale_card(ada: Page) -> None:
    page = ada
    for number in range(6):
        prompt(page).fill(f"Cut paper sunrise {number} [422]")
        page.locator("#compose button[type=submit]").click()
        expect(page.locator(JOB)).to_have_count(number + 1)
    expect(page.locator("#failures li")).to_have_count(6, timeout=MAKE)
    expect(page.locator(f"{JOB}:visible")).to_have_count(0)


def test_what_failed_opens_closes_and_is_dismissed_by_keyboard_with_undo(studio: Running, ada: Page) -> None:
    page = ada
    for number in range(3):
        prompt(page).fill(f"Portrait of the mayor {number} [moderated]")
        page.locator("#compose button[type=submit]").click()
        expect(page.locator(JOB)).to_have_count(number + 1)
    strip = page.locator("#failures")
    expect(strip).to_contain_text("3 failed", timeout=MAKE)
    bar = strip.locator("summary")
    bar.focus()
    page.keyboard.press("Enter")
    rows = strip.locator("li")
    expect(rows.first).to_be_visible()
    expect(rows.first.get_by_role("link", name="Edit prompt")).to_be_visible()
    rows.first.get_by_role("button", name="Dismiss").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_be_visible()  # it stays open over an update
    page.keyboard.press("Escape")
    bar.focus()
    page.keyboard.press("Escape")
    expect(rows.first).to_be_hidden()
    expect(bar).to_be_focused()
    strip.get_by_role("button", name="Dismiss all").press("Enter")
    expect(strip).to_be_hidden()
    page.get_by_role("status").get_by_role("button", name="Undo").last.click()
    expect(strip).to_contain_text("2 failed")
    assert studio.rows("SELECT count(*) FROM studio_job WHERE dismissed_at IS NULL")[0][0] == 2


def test_a_double_click_makes_one(studio: Running, ada: Page) -> None:
    page = ada
    prompt(page).fill("Clay teapot on folded linen")
    page.get_by_role("button", name="Make 1 · $0.04").dblclick()
    card = page.locator(JOB).first
    finished(card)
    expect(page.locator(JOB)).to_have_count(1)
    assert len(ledger(studio)) == 1


def test_the_gallery_and_a_picture_of_it(studio: Running, ada: Page, tmp_path: Path) -> None:
    page = ada
    prompt(page).fill("Dahlia seen from above")
    prompt(page).press("Control+Enter")
    finished(page.locator(JOB).first)
    page.get_by_role("link", name="Gallery").click()
    tile = page.locator("article.tile").first
    # The rows stand once their script has laid them out.
    ratio = pytest.approx(2464 / 1696, abs=0.02)
    eventually(lambda: (box := tile.bounding_box()) and box["width"] / box["height"] == ratio, what="the tile's shape")
    tile.get_by_role("link", name=re.compile("Dahlia")).first.click()
    panel = page.get_by_role("complementary")
    for fact in ("Dahlia seen from above", "Ada Admin", "3:2", "2464 × 1696", "uni-1", "$0.04"):
        expect(panel).to_contain_text(fact)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    assert download.value.suggested_filename.endswith(".png")
    assert Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).size == (2464, 1696)
    page.get_by_role("link", name="Another like this").first.click()
    expect(prompt(page)).to_have_value("Dahlia seen from above")
    page.go_back()
    page.get_by_role("link", name="Use as source").first.click()
    expect(page.get_by_role("radio", name="Edit")).to_be_checked()


def test_a_second_person_sees_the_new_picture_arrive(studio: Running, ada: Page, open_page: Open) -> None:
    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("button", name="Create invite").click()
    link = ada.get_by_label("Invite link").input_value()
    ben = open_page()
    join(ben, studio, link=link.replace("localhost", "127.0.0.1"), name="Ben Okafor")
    expect(ben.get_by_role("link", name="Review")).to_have_count(0)
    ben.get_by_role("link", name="Gallery").click()
    expect(ben.get_by_text("No pictures yet")).to_be_visible()
    ada.goto(f"{studio.url}/")
    prompt(ada).fill("Rose desert after sunset")
    prompt(ada).press("Control+Enter")
    finished(ada.locator(JOB).first)
    pill = ben.get_by_role("link", name="1 new")
    expect(pill).to_be_visible(timeout=20_000)
    pill.click()
    expect(ben.locator("article.tile")).to_have_count(1)


def test_everything_survives_kill_9(studio: Running, ada: Page, open_page: Open) -> None:
    ada.locator('input[name="count"]').fill("3")
    prompt(ada).fill("Glass greenhouse in snow [slow]")
    prompt(ada).press("Control+Enter")
    expect(ada.locator(JOB)).to_have_count(3)
    eventually(lambda: len(ledger(studio)) == 3, what="three requests at the API")
    cards = studio.rows("SELECT code FROM studio_job ORDER BY id")
    ada.context.close()
    studio.kill()
    assert studio.pids() == []
    studio.start()
    page = open_page()
    sign_in(page, studio, "Ada Admin", "a long enough password")
    expect(page.locator(JOB)).to_have_count(3)
    assert studio.rows("SELECT code FROM studio_job ORDER BY id") == cards
    ended = "('done', 'unknown')"
    eventually(
        lambda: studio.rows(f"SELECT count(*) FROM studio_job WHERE state IN {ended}")[0][0] == 3,  # noqa: S608
        within=90,
        what="every job at its end",
    )
    known = studio.rows("SELECT count(*) FROM studio_job WHERE state = 'done'")[0][0]
    expect(page.locator(f'{JOB}[data-state="done"]')).to_have_count(known, timeout=20_000)
    assert len(ledger(studio)) == 3
    page.context.close()
    studio.stop()
    assert studio.pids() == []


def test_review_shows_what_failed_and_settles_it(studio: Running, ada: Page) -> None:
    page = ada
    prompt(page).fill("Portrait of the mayor [moderated]")
    prompt(page).press("Control+Enter")
    card = page.locator(JOB).first
    expect(card).to_contain_text("Refused", timeout=MAKE)
    expect(card).to_contain_text("Trying again won't help; change the prompt.")
    card.get_by_role("link", name="Edit prompt").click()
    expect(prompt(page)).to_have_value("Portrait of the mayor [moderated]")
    prompt(page).fill("A lighthouse [accept-then-drop once]")
    prompt(page).press("Control+Enter")
    expect(page.locator("#failures")).to_contain_text("1 outcome unknown", timeout=MAKE)
    expect(page.locator("#failures")).to_contain_text("may have been charged")
    expect(page.get_by_role("link", name="Review 2 open")).to_be_visible()
    page.get_by_role("link", name="Review").click()
    expect(page.get_by_role("heading", name="Outcome unknown")).to_be_visible()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Portrait of the mayor")
    request_id = studio.rows("SELECT request_id FROM studio_job WHERE state = 'unknown'")[0][0]
    expect(page.get_by_role("main")).to_contain_text(request_id[:8])
    sent = len(ledger(studio))
    unknown = page.locator(".case", has_text="A lighthouse")
    unknown.get_by_role("button", name=re.compile("Write off|Send again")).or_(
        unknown.get_by_role("link", name=re.compile("Send again"))
    ).first.scroll_into_view_if_needed()
    assert len(ledger(studio)) == sent


def test_sign_in_and_gallery_work_without_script(studio: Running, ada: Page, open_page: Open) -> None:
    prompt(ada).fill("Salt flats after rain")
    prompt(ada).press("Control+Enter")
    finished(ada.locator(JOB).first)
    plain = open_page(script=False)
    sign_in(plain, studio, "ada admin", "a long enough password")
    plain.get_by_role("link", name="Gallery").click()
    plain.locator("article.tile a").first.click()
    expect(plain.get_by_role("complementary")).to_contain_text("Salt flats after rain")
    plain.goto(studio.url)
    prompt(plain).fill("Salt flats at night")
    plain.get_by_role("button", name=re.compile("Make")).click()
    expect(plain.locator(JOB)).to_have_count(2)


def test_the_phone_has_the_whole_way(new_studio: Running, open_page: Open) -> None:
    page = open_page(phone=True)
    join(page, new_studio)
    prompt(page).fill("Lighthouse stairwell from below")
    page.get_by_role("button", name="Make 1 · $0.04").tap()
    finished(page.locator(JOB).first)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Gallery").tap()
    page.locator("article.tile a").first.tap()
    expect(page.get_by_role("complementary")).to_contain_text("Lighthouse stairwell from below")
