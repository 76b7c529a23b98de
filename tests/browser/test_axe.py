"""axe finds nothing on any page, in both themes, with menus, panels and dialogs open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.drawn import ORIGIN, Drawn, Look
from tests.browser.test_cut_text import sign_in_by_provider
from tests.stack.running import Running, eventually

pytestmark = pytest.mark.browser
MADE = "SELECT code, job_id FROM studio_picture WHERE origin = 'made' AND shown_at IS NOT NULL ORDER BY id"


def made(studio: Running, count: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The first `count` pictures of the gallery, and the jobs that made them."""
    rows = eventually(lambda: len(found := studio.rows(MADE)) >= count and found, within=90, what=f"{count} pictures")
    jobs = dict(studio.rows("SELECT id, code FROM studio_job"))
    return [(uuid.UUID(code), uuid.UUID(jobs[job])) for code, job in rows]


def ask(page: Page, studio: Running, prompt: str, link: str = "/") -> None:
    page.goto(studio.url + link)
    page.get_by_label("Prompt", exact=True).fill(prompt)
    with page.expect_response("**/submissions/"):
        page.get_by_label("Prompt", exact=True).press("Control+Enter")


@pytest.fixture
def filled(studio: Running, ada: Page) -> dict[str, str]:
    """A studio with a picture, an edit of it, a group, a split, a refusal and a look; its addresses by name."""
    page = ada
    ask(page, studio, "A whitewashed courtyard at noon")
    [(picture, job)] = made(studio, 1)
    ask(page, studio, "Hang lanterns in the arches", f"/?source={picture}")
    edit, _ = made(studio, 2)[1]
    ask(page, studio, "Portrait of the mayor [moderated]")
    page.goto(f"{studio.url}/pictures/{picture}/")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Cut out subject").click()
    layer, split = made(studio, 3)[2]
    page.goto(f"{studio.url}/looks/new/?picture={picture}")
    page.goto(f"{studio.url}/boards/additions/?picture={picture}&picture={edit}")
    page.get_by_label("New board").fill("Harbour")
    page.get_by_role("button", name="Make and add").click()
    board = uuid.UUID(studio.rows("SELECT code FROM studio_board")[0][0])
    page.goto(f"{studio.url}/gallery/?select=on")
    for code in (picture, edit):
        page.locator(f'input[value="{code}"]').check()
    page.get_by_role("button", name="Stack").click()
    group = uuid.UUID(studio.rows("SELECT code FROM studio_submission ORDER BY id")[0][0])
    [(person,)] = studio.rows("SELECT min(id) FROM studio_user")
    return {
        "create": "/",
        "create, team": "/?whose=team",
        "what failed": "/?show=failed",
        "gallery": "/gallery/",
        "select": "/gallery/?select=on",
        "picture": f"/pictures/{picture}/",
        "edit": f"/pictures/{edit}/",
        "sheet": f"/pictures/{edit}/sheet/",
        "board sheet": f"/boards/{board}/sheet/",
        "archived": "/gallery/?archived=on",
        "stack": f"/pictures/{picture}/stack/",
        "oldest first": "/gallery/?sort=oldest",
        "compare": f"/compare/?picture={picture}&picture={edit}",
        "compare, difference": f"/compare/?picture={picture}&picture={edit}&way=difference",
        "family": f"/pictures/{edit}/family/",
        "keep": f"/pictures/{edit}/keep/",
        "marks": f"/pictures/{picture}/marks/",
        "formats": f"/pictures/{picture}/formats/",
        "crop": f"/pictures/{picture}/crop/",
        "edges": f"/pictures/{layer}/edges/",
        "layers": f"/jobs/{split}/layers/",
        "job": f"/jobs/{job}/",
        "group": f"/groups/{group}/",
        "prompts": "/prompts/",
        "uploads": "/uploads/mine/",
        "keys": "/keys/",
        "new board": "/boards/new/",
        "looks": "/looks/",
        "new look": "/looks/new/",
        "boards": "/boards/",
        "board": f"/boards/{board}/",
        "board, arranged": f"/boards/{board}/?arrange=on",
        "board settings": f"/boards/{board}/settings/",
        "add to a board": f"/boards/additions/?picture={picture}",
        "comments": f"/pictures/{picture}/comments/",
        "notifications": "/notifications/",
        "tokens": "/account/tokens/",
        "webhooks": "/account/webhooks/",
        "calling": "/api/v1/docs/",
        "what a filter offers": "/gallery/filters/person/",
        "trash": "/trash/",
        "proof links": "/proofs/",
        "new proof": f"/proofs/new/?picture={picture}",
        "review": "/review/",
        "usage": "/review/usage/",
        "people": "/people/",
        "trail": "/trail/",
        "state": "/state/",
        "alerts": "/state/alerts/",
        "person": f"/people/{person}/",
        "approvals": "/approvals/",
        "account": "/account/",
        "second step": "/account/second-step/",
        "spend": "/spend/?add=price&budget=team",
        "ratio rows": "/spend/?add=ratio",
    }


def open_settings(page: Page) -> None:
    page.locator('[data-setting="ratio"] summary').click()


def open_prompts(page: Page) -> None:
    page.get_by_role("button", name="Your prompts").click()
    expect(page.get_by_role("dialog", name="Your prompts").get_by_role("listitem").first).to_be_visible()


def open_uploads(page: Page) -> None:
    page.get_by_role("button", name="Your uploads").click()
    expect(page.get_by_role("dialog", name="Your uploads")).to_be_visible()


def open_keys(page: Page) -> None:
    page.locator(".bar .wordmark").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def choose_in_the_gallery(page: Page) -> None:
    page.get_by_role("link", name="Gallery").click()
    page.locator("#grid .tile__link").first.focus()
    page.keyboard.press("x")
    expect(page.get_by_role("form", name="Selection")).to_be_visible()


def list_combinations(page: Page) -> None:
    page.get_by_label("Prompt", exact=True).fill("A {red|green} kite")
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(page.locator("#dock-many")).to_be_visible()


# What is opened, and where axe looks then: what lies beneath a panel is covered by it.
OPENED: dict[str, tuple[Callable[[Page], None], str]] = {
    "ratios": (open_settings, "html"),
    "prompts panel": (open_prompts, "#prompts-panel"),
    "uploads panel": (open_uploads, "#uploads-panel"),
    "combinations": (list_combinations, "html"),
    "key sheet": (open_keys, "#key-sheet"),
    "selection": (choose_in_the_gallery, "html"),
}


def test_axe_finds_nothing(studio: Running, ada: Page, filled: dict[str, str]) -> None:
    page, axe = ada, Axe()
    found: list[str] = []

    def look(name: str, theme: str, within: str = "html") -> None:
        for problem in axe.run(page, within).response["violations"]:
            nodes: list[dict[str, Any]] = problem["nodes"]
            found.append(f"{name}, {theme}: {problem['id']}: {nodes[0]['html'][:200]} ({len(nodes)})")

    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for name, path in filled.items():
            answer = page.goto(studio.url + path)
            assert answer, name
            assert answer.ok, f"{name}: {answer.status}"
            look(name, theme)
        for name, (act, within) in OPENED.items():
            page.goto(f"{studio.url}/")
            act(page)
            look(name, theme, within)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_where_people_sign_in_by_a_provider_alone(db: None, settings: Any) -> None:
    drawn = Drawn({"/sign-in/": sign_in_by_provider(settings)})
    found: list[str] = []

    def see(look: Look) -> None:
        for width, theme in ((390, "light"), (1440, "dark"), (390, "dark"), (1440, "light")):
            with look.window(width, theme) as page:
                page.goto(f"{ORIGIN}/sign-in/")
                found.extend(
                    f"{width}, {theme}: {problem['id']}: {problem['nodes'][0]['html'][:200]}"
                    for problem in Axe().run(page).response["violations"]
                )

    drawn.look(see)
    assert not found, "\n".join(found)
