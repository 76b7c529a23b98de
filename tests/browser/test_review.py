"""Scenario 20: what several people have in common is found and flagged, a whole cause is retried, a few are chosen."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.stack.running import OWN, ROOT, Running

pytestmark = pytest.mark.browser
FAILURES = """
from tests import people
from studio.models.jobs.failure import Failure
anna, ben, mira = (people.make_person(name) for name in ("Anna Lind", "Ben Okafor", "Mira Sato"))
shared = people.make_picture(anna)
for who in (anna, ben, mira):
    people.make_job(who, state="failed", references=[shared], prompt="The mayor as a marble bust")
remedy = {"1": {"side": 1024, "bytes": 9000, "plain": False, "fault": "size"}}
large = Failure(cause="bad_input", sentence="@1 is too large for Luma.", code="image_too_large", remedy=remedy)
for who in (anna, ben, mira, ben):
    people.make_job(who, state="failed", failure=large, references=[people.make_picture(who)], prompt="Old relief map")
for number in range(3):
    people.make_job(ben, state="failed", failure=people.LUMA_FAILED, prompt=f"Pine forest {number}")
"""


def seed(studio: Running, script: str) -> None:
    """Put rows into a running studio's tables, by the verbs of the models."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith((*OWN, "COVERAGE_"))}
    environment = {**plain, **studio.surroundings}
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)


def test_an_admin_flags_what_people_share_and_retries_a_cause(studio: Running, ada: Page) -> None:
    seed(studio, FAILURES)
    page = ada
    page.goto(f"{studio.url}/review/?open=refused")
    refused = page.locator("#cause-refused")
    expect(refused).to_contain_text("3 people, same picture")
    refused.locator(".shared").get_by_role("link", name="See the picture").click()
    page.locator(".flagging summary").click()
    page.get_by_label("Why nobody should use it").fill("Refused for three people")
    page.get_by_label("Why nobody should use it").press("Enter")
    expect(page.locator("#panel")).to_contain_text("“Refused for three people”")

    page.goto(f"{studio.url}/review/")
    page.get_by_role("button", name=re.compile("Shrink and retry all 4 · ")).press("Enter")
    expect(page.locator("#cause-bad_input, .blank, .causes")).not_to_have_count(0)
    expect(page.locator("toast-note")).to_contain_text("4 retried")
    asked = "SELECT count(*) FROM studio_job WHERE asked_cause = 'bad_input' AND asked_by_id = 1 AND person_id <> 1"
    assert studio.rows(asked) == [(4,)]
    with_table = page.request.get(f"{studio.url}/review/failures.csv")
    assert with_table.text().count("The mayor as a marble bust") == 3


def test_a_few_are_chosen_and_noted_by_keys(studio: Running, ada: Page) -> None:
    seed(studio, FAILURES)
    page = ada
    page.goto(f"{studio.url}/review/?open=luma_failed")
    group = page.locator("#cause-luma_failed")
    boxes = group.locator(".case__check input")
    boxes.nth(0).press("Space")
    boxes.nth(1).press("Space")
    expect(group.locator(".bulk")).to_contain_text("2 selected")
    expect(group.get_by_role("button", name="Retry 2 · $0.08")).to_be_visible()
    group.get_by_role("checkbox", name="Select all 3").check()
    expect(boxes.nth(2)).to_be_checked()
    boxes.nth(2).uncheck()
    expect(group.locator(".bulk")).to_contain_text("2 selected")

    row = group.locator(".case").nth(2)
    row.locator(".case__noting summary").press("Enter")
    note = row.get_by_label(re.compile("Note about"))
    expect(note).to_be_focused()
    note.fill("Luma had an outage until 07:21.")
    note.press("Control+Enter")
    expect(row).to_contain_text("Luma had an outage until 07:21.")
    row.get_by_label(re.compile("Status of")).select_option("acknowledged")
    expect(row.locator(".case__state")).to_contain_text("Ada")
    expect(boxes.nth(0)).to_be_checked()

    group.get_by_role("button", name=re.compile("Retry 2")).click()
    expect(page.locator("toast-note")).to_contain_text("2 retried, $0.08.")
    assert studio.rows("SELECT count(*) FROM studio_job WHERE asked_cause = 'luma_failed'") == [(2,)]


def test_enter_saves_a_note_about_many_and_pays_for_nothing(studio: Running, ada: Page) -> None:
    seed(studio, FAILURES)
    page = ada
    page.goto(f"{studio.url}/review/?open=luma_failed")
    group = page.locator("#cause-luma_failed")
    boxes = group.locator(".case__check input")
    for number in range(2):
        boxes.nth(number).press("Space")
        boxes.nth(number).press("Enter")
    expect(group.locator(".bulk")).to_contain_text("2 selected")
    group.locator(".bulk__note summary").press("Enter")
    note = group.get_by_label("Note for the selected jobs")
    note.fill("Luma had an outage until 07:21.")
    note.press("Enter")
    expect(page.locator("toast-note")).to_contain_text("2 noted.")
    assert studio.rows("SELECT count(*) FROM studio_job WHERE asked_cause = 'luma_failed'") == [(0,)]
