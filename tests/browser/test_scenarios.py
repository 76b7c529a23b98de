"""The scenarios of an admin's week, walked as they are written, against an API that is told what to do wrong.

3 a lost answer, 10 a refusal and 12 an empty account share one studio; 13 a cap, and 21 the truth about cost and a price that
changes, another; 11 a busy studio has its own. 20, failures in common, is in test_review.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browser_user import join
from tests.browser.team import invited
from tests.browser.test_journeys import JOB, ledger, prompt
from tests.browser.test_review import seed
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
MAKE = 60_000  # milliseconds


def designer(studio: Running, ada: Page, open_page: Open, name: str = "Ben Okafor") -> Page:
    page = open_page()
    join(page, studio, link=invited(ada, studio, "Designer"), name=name)
    return page


def send(page: Page, words: str, *, count: int = 1) -> Locator:
    """Ask for pictures from the dock, and return the newest card."""
    expect(page.locator("make-button[data-sending]")).to_have_count(0)  # it is busy for a moment after each press
    page.locator('input[name="count"]').fill(str(count))
    prompt(page).fill(words)
    with page.expect_response("**/submissions/"):
        prompt(page).press("Control+Enter")
    return page.locator(JOB).first


def stays_paused(studio: Running, reason: str) -> None:
    """The pause is tried again by nobody but an admin, however long this machine takes."""
    studio.rows("UPDATE studio_sendingpause SET probe_at = '2099-01-01 00:00:00' WHERE reason = ?", reason)


def number(studio: Running, where: str) -> int:
    return int(studio.rows(f"SELECT count(*) FROM studio_job WHERE {where}")[0][0])  # noqa: S608


def test_a_lost_answer_a_refusal_and_an_empty_account(studio: Running, ada: Page, open_page: Open) -> None:
    ben = designer(studio, ada, open_page)

    # 3. The connection is cut in mid-submit: nobody knows, nothing is sent twice, an admin settles it.
    lost = send(ben, "A lighthouse [accept-then-drop]")
    expect(lost).to_contain_text("Outcome unknown", timeout=MAKE)
    expect(lost).to_contain_text("may have been charged")
    assert len(ledger(studio)) == 1
    ada.goto(f"{studio.url}/review/")
    row = ada.locator("#cause-unknown .case", has_text="A lighthouse")
    request_id = studio.rows("SELECT request_id FROM studio_job")[0][0]
    expect(row).to_contain_text(request_id[:8])
    row.get_by_role("button", name="Write off").click()
    expect(ada.locator("#cause-unknown .case", has_text="A lighthouse")).not_to_contain_text("Write off")
    expect(lost).to_contain_text("Ada Admin wrote it off")
    assert len(ledger(studio)) == 1
    spent = "SELECT count(*), sum(jobs), sum(unsure) FROM studio_ledgerrow WHERE entry IN ('settle', 'hold')"
    assert studio.rows(spent) == [(1, 0, 1)]  # one charge at most

    # 10. A refusal: plain words, nothing is retried, and Edit prompt refills everything.
    before = ada.locator("#review-count").inner_text()
    ben.locator("#compose select[name=style]").select_option("manga")
    send(ben, "Portrait of the mayor [moderated]")
    strip = ben.locator("#failures")  # which takes two failed cards together
    expect(strip).to_contain_text("1 refused", timeout=MAKE)
    strip.locator("summary").press("Enter")
    refused = strip.locator("li", has_text="Portrait of the mayor")
    expect(refused).to_contain_text("Trying again won't help")
    assert len(ledger(studio)) == 2
    prompt(ben).fill("Something else by now")
    refused.get_by_role("link", name="Edit prompt").click()
    expect(prompt(ben)).to_have_value("Portrait of the mayor [moderated]")
    expect(ben.locator("#compose select[name=style]")).to_have_value("manga")
    expect(ada.locator("#review-count")).not_to_have_text(before)
    ada.goto(f"{studio.url}/review/?open=refused")
    expect(ada.locator("#cause-refused .case")).to_have_count(1)
    assert len(ledger(studio)) == 2

    # 12. The account is empty in the middle of a batch: all wait, nothing is lost, an admin resumes with the price.
    ben.goto(f"{studio.url}/")
    send(ben, "Paper boats on a canal [402 once]", count=4)
    banner = ben.locator("#banner")
    expect(banner).to_contain_text("out of budget", timeout=MAKE)
    stays_paused(studio, "funds")
    ada.goto(f"{studio.url}/")
    expect(ada.locator("#banner")).to_contain_text("out of budget")
    eventually(lambda: number(studio, "state IN ('sending', 'running', 'saving')") == 0, what="what was sent to end")
    waiting = number(studio, "state = 'waiting'")
    assert waiting
    assert number(studio, "state = 'failed'") == 1  # the refusal of before
    ada.goto(f"{studio.url}/review/")
    ada.get_by_role("button", name=f"Resume {waiting} · ${waiting * 0.0404:.2f}").click()
    expect(banner).not_to_contain_text("out of budget", timeout=MAKE)
    eventually(lambda: number(studio, "state = 'done'") == 4, within=MAKE / 1000, what="all four pictures")
    assert len(ledger(studio)) == 6


def test_a_busy_studio_is_fair_and_says_where_everybody_stands(studio: Running, ada: Page, open_page: Open) -> None:
    # 11. Two at a time: one person queues forty, another one; that one is next or next but one.
    ben = designer(studio, ada, open_page)
    ada.goto(f"{studio.url}/state/")
    ada.get_by_role("textbox", name="Running at once").fill("2")
    with ada.expect_response(lambda answer: answer.request.method == "POST"):
        ada.get_by_role("button", name=re.compile("Save running at once", re.IGNORECASE)).click()
    ada.goto(f"{studio.url}/")
    for words in ("Rose desert after sunset", "Glass greenhouse in snow"):
        send(ada, words, count=20)
    expect(ada.locator("#meter")).to_contain_text("2 of 2 running", timeout=MAKE)
    own = send(ben, "Clay teapot on folded linen")
    # What nobody had claimed yet when that one was in line.
    behind = [row[0] for row in studio.rows("SELECT id FROM studio_job WHERE state = 'waiting' AND lease_owner = ''")]
    expect(ben.locator("#meter")).to_contain_text("2 of 2 running", timeout=MAKE)
    ada.locator("group-spread button").first.click()
    expect(ada.locator(".job__more:visible", has_text="in line").first).to_be_visible()
    eventually(lambda: number(studio, "person_id <> 1 AND sent_at IS NOT NULL") == 1, within=90, what="Ben's turn")
    between = """SELECT other.id FROM studio_job other, studio_job own WHERE own.person_id <> 1 AND other.person_id = 1
        AND other.sent_at < own.sent_at"""
    assert len({row[0] for row in studio.rows(between)} & set(behind)) <= 1
    expect(own).to_have_attribute("data-state", "done", timeout=MAKE)
    assert number(studio, "state IN ('failed', 'unknown')") == 0
    expect(ada.locator("#failures li")).to_have_count(0)


MONTH = """
from decimal import Decimal
from django.utils import timezone
from tests import people
from studio.models import Price, User
ben = User.objects.get(name="Ben Okafor")
Price.objects.create(model="uni-9", per="picture", amount=Decimal("4.94"), first_day=timezone.localdate())
people.make_job(ben, state="done", model="uni-9", prompt="The dear one")
cleo = people.make_person("Cleo Marsh")
for number in range(3):
    people.make_job(cleo, state="done", prompt=f"Salt flats {number}")
people.make_job(cleo, state="unknown", prompt="Nobody knows")
"""


def test_a_cap_and_the_truth_about_cost(studio: Running, ada: Page, open_page: Open) -> None:
    ben = designer(studio, ada, open_page)
    seed(studio, MONTH)

    # 13. With $4.94 of $5 spent, two clicks at once lead to one job and one refusal, which can be asked about.
    ada.goto(f"{studio.url}/people/")
    ada.get_by_role("link", name="Ben Okafor").click()
    ada.get_by_label("Per day").fill("5")
    ada.wait_for_load_state()  # its scripts know the key then
    ada.keyboard.press("Control+Enter")
    expect(ada.locator("#toasts")).to_contain_text("Saved: Ben Okafor")
    other = ben.context.new_page()
    for page in (ben, other):
        page.goto(f"{studio.url}/")
        page.locator("#compose select[name=model]").select_option("uni-1")
        expect(page.locator("#dock-left")).to_contain_text("$0.06 left today")
    for page, words in ((ben, "Boats"), (other, "Boats again")):
        # Typed and pressed at once: what is typed in one tab comes into the other, and the same twice is asked about.
        prompt(page).evaluate("(field, words) => { field.value = words; field.form.requestSubmit(); }", words)
    said = "Your budget for today has $0.0196 left, and this costs $0.0404."
    problems = [page.locator("#dock-problems") for page in (ben, other)]
    eventually(lambda: sum(said in one.inner_text() for one in problems) == 1, what="one refusal")
    assert number(studio, "person_id = 2") == 2
    other.close()
    send(ben, "Boats once more")
    expect(problems[0]).to_contain_text(said)
    problems[0].get_by_role("button", name="Ask for approval").click()
    waits = ben.get_by_text("Waiting for approval · $0.04")
    expect(waits).to_be_visible()
    ada.goto(f"{studio.url}/approvals/")
    expect(ada.locator(".req")).to_contain_text("over the daily budget of $5.00")
    ada.keyboard.press("y")
    expect(ada.locator("#toasts")).to_contain_text("Approved: 1 picture for Ben Okafor, $0.04.")
    expect(waits).to_be_hidden()
    eventually(lambda: number(studio, "person_id = 2 AND state = 'done'") == 3, within=60, what="both pictures")

    # 21. A price that changes reaches the open dock; old pictures keep theirs; every sum agrees, the unknown by name.
    button = ben.locator("#compose make-button button")
    expect(button).to_contain_text("· $0.04")
    ada.goto(f"{studio.url}/spend/?add=price#prices")
    for name, value in (("model", "uni-1"), ("amount", "0.0505")):
        ada.locator(f".spend__form [name={name}]").fill(value)
    ada.locator(".spend__form button[type=submit]").click()
    expect(ada.locator("#toasts")).to_contain_text("Added: uni-1")
    expect(button).to_contain_text("· $0.05")
    sums = "SELECT sum(price) FROM studio_job WHERE state = 'done' AND person_id = {}"
    ben_cost, cleo_cost = (round(studio.rows(sums.format(key))[0][0], 2) for key in (2, 3))
    assert (ben_cost, cleo_cost) == (5.02, 0.12)
    ada.goto(f"{studio.url}/spend/")
    people = ada.locator("#by-person")
    expect(people.get_by_role("row", name="Ben Okafor")).to_contain_text(f"${ben_cost}")
    expect(people.get_by_role("row", name="Cleo Marsh")).to_contain_text(f"${cleo_cost}")
    expect(ada.get_by_role("main")).to_contain_text("Every table adds up to $5.14")
    month = ada.locator("#month")
    shown = month.inner_text()
    month.press("ArrowLeft")
    expect(month).not_to_have_text(shown)
    expect(month).to_be_focused()
    month.press("ArrowRight")
    expect(month).to_have_text(shown)

    # What Luma counted is compared with these sums: one more, which is the outcome that nobody knows.
    ada.goto(f"{studio.url}/review/usage/")
    table = ada.locator(".usage__table")
    charged = int(table.get_by_role("row", name="Charged").locator(".num").first.inner_text())
    cost = table.get_by_role("row", name="Cost").locator(".num").first.inner_text().removeprefix("$")
    assert (charged, cost) == (6, "5.14")
    ada.get_by_role("textbox", name="Pictures", exact=True).fill(str(charged + 1))
    ada.get_by_role("textbox", name="Dollars", exact=True).fill("5.18")
    ada.get_by_role("textbox", name="Dollars", exact=True).press("Enter")
    compared = ada.get_by_role("region", name=re.compile("UTC"))
    expect(compared).to_contain_text("Luma counts 1 more than Studio. All that may have been charged probably ran.")
    expect(compared).to_contain_text("Luma's cost is $0.04 more than Studio's.")
    expect(ada.locator(".usage__cases")).to_contain_text("Nobody knows")
