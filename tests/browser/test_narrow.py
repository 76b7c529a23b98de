"""The narrowest phone (320 px), letters of twice the size, 200 and 400 % zoom, and what lies between a phone and a desk: a
page never moves sideways, and nothing that can be pressed or has the focus lies under something else."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from studio.models import Board, BoardPicture, User
from studio.models.stacks import stacks
from tests import people
from tests.browser.conftest import Joined
from tests.browser.drawn import ORIGIN, Drawn, Look
from tests.browser.test_axe import filled
from tests.stack.running import Running, eventually

__all__ = ["filled"]
pytestmark = pytest.mark.browser
LARGE = "html { font-size: 200% !important }"
# How far it moves, and what is too wide.
ASIDE = """() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  const scrolls = (one) => one !== document.body && getComputedStyle(one).overflowX !== "visible";
  const isHeld = (one) => one && (scrolls(one) || isHeld(one.parentElement));
  const isOut = (one) => one.getBoundingClientRect().right > clientWidth + 1 && !isHeld(one.parentElement);
  const out = [...document.querySelectorAll("body *")].filter(isOut).map((one) => `${one.localName}.${one.className}`);
  return scrollWidth > clientWidth ? `${scrollWidth}: ${out.slice(0, 4).join(", ")}` : "";
}"""
# Whether what is scrolled down moves sideways too.
INNER = """() => {
  const boxes = [...document.querySelectorAll("main:not(.comments-page), dialog, .person__body, .family-page__stage")];
  return boxes.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => `${one.localName}.${one.className}`).join();
}"""
# Whether the head of a job's page is as high as what it says.
WHOLE = (
    """() => [...document.querySelectorAll(".life__state")].every((one) => one.scrollHeight < one.clientHeight + 2)"""
)

# What a finger or a pointer can't reach, because something else is where it is.
COVERED = """() => {
  const named = (one) => one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30) || one.localName;
  const isReached = (one) => {
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = one.getBoundingClientRect();
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    if (width < 4 || !over) return width < 4;
    // Over the rest of a page lies a dialog.
    return one.contains(over) || over.contains(one) || over.closest("label")?.control === one || over.closest("dialog");
  };
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  // regions that lie over each other are in the list beside the picture, too
  const pressed = "a[href]:not(.skip), button:not(.spot), input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(pressed)].filter((one) => shown(one) && !isReached(one)).map(named);
}"""

# What has the focus and is not seen, because a bar or a foot that stays in the window lies over all of it.
HIDDEN = """() => {
  const corners = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]];
  const isSeen = (one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return corners.some(([x, y]) => {
      const over = document.elementFromPoint(left + width * x, top + height * y);
      return over && (one.parentElement.contains(over) || over.contains(one) || over.closest("label")?.control === one);
    });
  };
  const isHidden = (one) => {
    one.focus();
    return document.activeElement === one && one.getBoundingClientRect().width > 3 && !isSeen(one);
  };
  const all = "main :is(a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'])";
  const found = [...document.querySelectorAll(all)].filter((one) => !one.closest("dialog, [popover]") && isHidden(one));
  return found.map((one) => one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30) || one.name);
}"""

# Whether a word that is typed into the gallery's search can be read.
SQUEEZED = """() => document.querySelector("#find")?.clientWidth < 64"""


def still(page: Page, which: str) -> list[str]:
    """What nobody reaches, or sees, once the page's scripts and its notices have come."""
    try:
        eventually(lambda: not page.evaluate(which), within=5)
    except AssertionError:
        found: list[str] = page.evaluate(which)
        return found
    return []


@pytest.fixture
def shared(studio: Running, ada: Page, filled: dict[str, str]) -> dict[str, str]:
    """What a client sees: a link without a password, and a picture of it."""
    ada.goto(studio.url + filled["new proof"])
    ada.locator("#id-password").fill("")
    ada.keyboard.press("Control+Enter")
    link = ada.get_by_label("Link", exact=True).input_value()
    ada.goto(link)
    picture = ada.locator(".round__item a").first.get_attribute("href") or ""
    return {"client": link.removeprefix(studio.url), "client's picture": picture}


def test_no_page_moves_sideways(
    studio: Running, joined: Joined, chromium: Browser, ada: Page, filled: dict[str, str], shared: dict[str, str]
) -> None:
    ada.close()
    found: list[str] = []
    for width, height, large in (
        (320, 844, ""),
        (320, 844, LARGE),
        (390, 844, LARGE),
        (768, 1024, ""),
        (1024, 768, ""),
        # 1280 × 1024 and 1280 × 800 px at 400 and 200 %
        (320, 256, ""),
        (640, 400, ""),
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=True, bypass_csp=True, reduced_motion="reduce"
        )
        cookies = joined.cookies.items()
        context.add_cookies([{"name": name, "value": value, "url": studio.url} for name, value in cookies])
        page = context.new_page()
        # as for whoever uses the keyboard
        page.add_init_script("sessionStorage.setItem('studio:keyboard', '{}')")
        for name, path in (filled | shared).items():
            page.goto(studio.url + path)
            if large:
                page.add_style_tag(content=large)
            if aside := page.evaluate(ASIDE):
                found.append(f"{name}, {width}: {aside}")
            if not large and (covered := still(page, COVERED)):
                found.append(f"{name}, {width}: can't be pressed: {', '.join(covered[:4])}")
            if not large and (hidden := still(page, HIDDEN)):
                found.append(f"{name}, {width}: has the focus under something: {', '.join(hidden[:4])}")
            if page.evaluate(SQUEEZED):
                found.append(f"{name}, {width}: its search is squeezed away")
            if not page.evaluate(WHOLE):
                found.append(f"{name}, {width}: its head is cut off")
        context.close()
    assert not found, "\n".join(found)


def test_the_page_to_sign_in_does_not_move_sideways_under_its_pictures(new_studio: Running, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(new_studio.first_link)
    page.mouse.move(200, 400)
    page.mouse.wheel(90, 0)
    page.mouse.wheel(0, 40)
    page.wait_for_timeout(300)
    assert page.locator("main").evaluate("main => main.scrollLeft") == 0
    context.close()


# What reaches past the line that says whose a picture is.
PAST = """() => [...document.querySelectorAll(".panel__by > *")].filter((one) => one.getBoundingClientRect().right >
  one.parentElement.getBoundingClientRect().right + 1).map((one) => one.innerText).join()"""


def test_no_name_of_one_long_word_moves_a_page_sideways(db: None) -> None:
    word = ("Wolfeschlegelsteinhausenbergerdorff" * 3)[:80]
    person, now = people.make_person(word, role=User.Role.ADMIN), timezone.now()
    source, other = (people.make_job(person, state="done", prompt=word).pictures.get() for _ in range(2))
    edit = people.make_job(person, state="done", type="image_edit", source=source, prompt=word).pictures.get()
    stacks.stack([source.pk, other.pk], by=person, now=now)
    board = Board.make(person, name=word, purpose=word, client=word, now=now)
    BoardPicture.add(board, [source.pk, edit.pk], by=person, now=now)
    client = people.signed_in(person)
    shown = [
        *(
            "/",
            "/gallery/",
            "/gallery/filters/person/",
            "/prompts/",
            "/boards/",
            "/people/",
            "/trail/",
            "/spend/",
            "/account/",
        ),
        *(f"/people/{person.pk}/", f"/groups/{edit.job.submission.code}/", f"/jobs/{edit.job.code}/"),
        *(f"/pictures/{edit.code}/{page}" for page in ("", "family/", "comments/", "sheet/")),
        *(f"/boards/{board.code}/{page}" for page in ("", "sheet/", "settings/")),
        *(f"/pictures/{source.code}/stack/", f"/compare/?picture={source.code}&picture={edit.code}"),
    ]
    found: list[str] = []

    def see(look: Look) -> None:
        for width in (390, 1440):
            with look.window(width) as page:
                for path in drawn.pages:
                    page.goto(ORIGIN + path)
                    if aside := page.evaluate(ASIDE) or page.evaluate(INNER) or page.evaluate(PAST):
                        found.append(f"{path}, {width}: {aside}")

    drawn = Drawn({path: client.get(path).content.decode() for path in shown})
    drawn.look(see)
    assert not found, "\n".join(found)
