"""No text is cut off: every state of a card in every shape, and every page, at four widths in two themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import prefetch_related_objects
from django.test import Client
from django.utils import timezone

from studio import failures
from studio.models import Board, BoardPicture, Comment, Invite, Job, SendingPause, User
from studio.models.jobs.failure import Failure
from studio.models.jobs.queries import outputs
from studio.models.jobs.timing import Usual, Wait
from studio.models.pictures import trash
from studio.models.stacks import stacks
from studio.ratios import GENERATED
from studio.views import markup
from studio.views.jobs.card_builder import Entry
from studio.views.jobs.cards import Card
from tests import people
from tests.browser.drawn import ORIGIN, Drawn, Look

pytestmark = pytest.mark.browser

RATIOS = [name.removeprefix("r-").replace("x", ":") for name in GENERATED.values()]
PROMPTS = {
    "short": "Owl",
    "long": "Donaudampfschifffahrtsgesellschaftskapitän steering a paper boat through a flooded library at dusk " * 3,
}
LONGEST_USUAL = Usual(fast=30, low=935, high=4062)
LARGE = "html { font-size: 200% !important }"
# Words that stand letter below letter.
STACKED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const words = data.trim();
    if (words.length < 6 || !parentElement.checkVisibility({ visibilityProperty: true })) continue;
    range.selectNodeContents(walker.currentNode);
    const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    if (lines > 3 && words.length / lines < 3) found.push(words.slice(0, 40));
  }
  return found;
}"""
# A prompt is shown whole on its own page; what else may be shortened says so in a title.
MAY_BE_SHORTENED = ".job__prompt > span, .tools__prompt, .case__prompt, .group:not(.is-spread) .job__why, .trash__words"


def endings() -> dict[str, Failure]:
    """The longest sentence of each cause."""
    found: dict[str, Failure] = {}
    tables = [table for table in vars(failures).values() if isinstance(table, dict)]
    every = [*vars(failures).values(), *(row for table in tables for row in table.values())]
    named = {"times": 12, "hours": 24, "tries": 12, "why": "the connection broke off before it was all there"}
    named |= {
        "which": "reference @9",
        "Which": "Reference @9",
        "http": 451,
        "step": failures.NOTHING_LEFT,
        "who": "an admin",
    }
    named |= {
        "reason": "The image you have sent has a resolution that is not supported by this model and this account."
    }
    for one in every:
        if isinstance(one, failures.Ending):
            failure = Failure.of(one, **named)
            if len(failure.sentence) > len(found.get(failure.cause, failure).sentence) or failure.cause not in found:
                found[failure.cause] = failure
    return found


def card(job: Job, viewer: User, **facts: object) -> Card:
    now = facts.pop("now", timezone.now())
    return Card(job, now=now, viewer=viewer, **facts)  # type: ignore[arg-type]


def cards(person: User, viewer: User, prompt: str) -> list[Card]:
    """A card in each state that there is."""
    now = timezone.now()

    def job(state: str, **more: object) -> Job:
        return people.make_job(person, state=state, prompt=prompt, now=now, **more)  # type: ignore[arg-type]

    waiting, making = job("waiting"), job("making")
    return [
        card(waiting, viewer, place=112, wait=Wait(6600, 13000)),
        card(waiting, viewer, place=3, pauses={"lost"}),
        card(waiting, viewer, pauses={"funds"}),
        card(job("sending"), viewer),
        card(job("queued"), viewer),
        card(making, viewer, usual=Usual(fast=30, low=35, high=62)),
        card(making, viewer, usual=LONGEST_USUAL),
        card(making, viewer, usual=Usual(fast=3, low=5, high=8), now=now + timedelta(minutes=11)),
        card(making, viewer, usual=LONGEST_USUAL, now=now + timedelta(days=1)),
        card(job("saving"), viewer),
        card(job("cancelled"), viewer),
        *(
            card(job("unknown" if cause in {"unknown", "stopped"} else "failed", failure=failure), viewer)
            for cause, failure in endings().items()
        ),
    ]


def edits(person: User) -> list[Card]:
    """Cards that show their source too, each with its longest words."""
    now = timezone.now()
    source = people.make_job(person, state="done").pictures.get()
    failure = max(endings().values(), key=lambda one: len(one.sentence))

    def job(state: str, **more: object) -> Job:
        asked = people.make_submission(person, prompt=PROMPTS["long"], type="image_edit", source=source)
        return people.make_job(person, state=state, submission=asked, now=now, **more)  # type: ignore[arg-type]

    return [
        card(job("waiting"), person, place=112, wait=Wait(6600, 13000)),
        card(job("making"), person, usual=LONGEST_USUAL),
        card(job("unknown"), person),
        card(job("failed", failure=failure), person),
        card(job("failed", failure=endings()["refused"]), person),
    ]


def in_shape(shown: Card, ratio: str) -> Card:
    """The same card, asked for in another ratio."""
    again, again.job = copy(shown), copy(shown.job)
    again.submission = again.job.submission = copy(shown.submission)
    again.submission.aspect_ratio = ratio
    return again


def groups(person: User) -> Iterator[Entry]:
    """Submits of two and of four, whole and of all kinds."""
    for count in (2, 4):
        for states in (("failed",) * 4, ("unknown", "failed", "making", "done"), ("waiting", "queued") * 2):
            asked = people.make_submission(person, count=count, prompt=PROMPTS["long"])
            for state in states[:count]:
                people.make_job(person, state=state, submission=asked)
            jobs = Job.objects.for_feed().filter(submission=asked).order_by("number")
            done = list(jobs)
            prefetch_related_objects(done, outputs())
            yield Entry(asked, [card(job, person, usual=LONGEST_USUAL, place=12) for job in done])


@pytest.fixture
def create_page(alice: User, bob: User) -> Drawn:
    """Create with every card in the row of now, and in the grid below it what is at rest."""
    html = people.signed_in(alice).get("/?whose=team").content.decode()
    one_of_each = [*cards(alice, alice, PROMPTS["short"]), *cards(alice, alice, PROMPTS["long"]), *edits(alice)]
    shown = [in_shape(one, ratio) for ratio in RATIOS for one in one_of_each]
    shown += cards(alice, bob, PROMPTS["long"])
    at_rest = [one for one in shown if not one.job.is_active]
    together = [
        Entry(in_shape(one.cards[0], ratio).submission, [in_shape(cell, ratio) for cell in one.cards])
        for one in groups(alice)
        for ratio in RATIOS
    ]
    now = "".join(markup.card(one, "") for one in shown) + markup.entries(together, "")
    grid = "".join(markup.card(one, "") for one in at_rest)
    html, count = re.subn(
        r'(<section class="now"[^>]*>).*?</section>',
        lambda found: f"{found[1]}{now}</section>{grid}",
        html,
        flags=re.DOTALL,
    )
    assert count == 1
    return Drawn({"/": html})


def test_no_card_cuts_its_words(create_page: Drawn) -> None:
    found: list[str] = []
    create_page.look(lambda look: found.extend(look.cut("/", MAY_BE_SHORTENED)))
    assert found == []


@pytest.fixture
def pages(db: None, settings: Any) -> Drawn:
    """Every other page, full of long words."""
    ada = people.make_person("Ada Admin", role=User.Role.ADMIN)
    longest = people.make_person("Maximiliane Hohenberger-Wolfenbüttel", email="maximiliane.hohenberger@studio.example")
    now = timezone.now()
    source = people.make_job(longest, state="done", prompt=PROMPTS["long"], aspect_ratio="3:1").pictures.get()
    for _ in range(14):
        people.make_job(longest, state="done", type="image_edit", source=source, prompt=PROMPTS["long"])
    edit = people.make_job(longest, state="done", type="image_edit", source=source, prompt=PROMPTS["long"])
    for cause, failure in endings().items():
        state = "unknown" if cause in {"unknown", "stopped"} else "failed"
        failed = people.make_job(longest, state=state, failure=failure, prompt=PROMPTS["long"], now=now)
    Invite.issue(by=ada, role="designer", note="Somebody of the agency in Wolfenbüttel", now=now)
    SendingPause.pause(SendingPause.Reason.LOST, now=now)
    board = Board.make(longest, name="Herbstkollektion Wolfenbüttel", purpose=PROMPTS["long"], client="Brygga", now=now)
    BoardPicture.add(board, [source.pk], by=longest, now=now)
    put_away = people.make_job(longest, state="done", prompt=PROMPTS["long"])
    trash.move([put_away.pictures.get().pk], by=ada, now=now)
    stacks.stack([edit.pictures.get().pk, people.make_job(ada, state="done").pictures.get().pk], by=longest, now=now)
    asked = people.make_approval(longest, prompt=PROMPTS["long"], references=(source,), count=12)
    asked.ask_about(by=ada, question="For which client of the agency in Wolfenbüttel is this?")
    User.objects.filter(pk=longest.pk).update(cap_per_day="12345.67", asks_above="12345.67", models_allowed=["uni-1"])
    said = Comment.objects.say(source, PROMPTS["long"], by=longest)
    client = people.signed_in(ada)
    causes = [f"/review/?cause={cause}" for cause in endings()]
    paths = [
        *(
            "/gallery/",
            "/review/",
            "/review/usage/",
            "/people/",
            f"/people/{longest.pk}/",
            "/approvals/",
            "/trail/",
            "/state/",
            "/state/alerts/",
            "/spend/?budget=team&add=price",
            "/spend/?add=ratio",
            "/account/",
            "/account/second-step/",
            f"/approvals/{asked.code}/",
            f"/jobs/{failed.code}/",
        ),
        *(f"/pictures/{one.code}/" for one in (source, edit.pictures.get())),
        *causes[:2],
        *(
            "/notifications/",
            "/account/tokens/",
            "/account/webhooks/",
            "/api/v1/docs/",
            "/boards/",
            f"/boards/{board.code}/",
            f"/boards/{board.code}/?arrange=on",
        ),
        *(
            f"/boards/{board.code}/settings/",
            f"/boards/additions/?picture={source.code}",
            "/gallery/filters/board/",
            "/trash/?whose=team",
            "/proofs/",
            f"/boards/{board.code}/sheet/",
            f"/pictures/{source.code}/sheet/",
            f"/pictures/{edit.pictures.get().code}/stack/",
            f"/pictures/{source.code}/comments/?reply={said.code}",
        ),
    ]
    shown = {path: client.get(path).content.decode() for path in paths}
    return Drawn(shown | {"/sign-in/": sign_in_by_provider(settings)})


def sign_in_by_provider(settings: Any, name: str = "Wolfenbüttel Identity Provider, Staff") -> str:
    """The sign-in page where nobody has a password."""
    settings.OIDC_URL, settings.OIDC_NAME, settings.PASSWORDS = "https://login.example", name, False
    return Client().get("/sign-in/").content.decode()


def test_no_page_cuts_its_words(pages: Drawn) -> None:
    found: list[str] = []
    pages.look(lambda look: [found.extend(look.cut(path, MAY_BE_SHORTENED)) for path in pages.pages])
    assert found == []


def test_no_page_of_a_phone_cuts_its_words_with_letters_of_twice_the_size(pages: Drawn) -> None:
    found: list[str] = []
    large = {"widths": (390,), "style": LARGE}
    pages.look(lambda look: [found.extend(look.cut(path, MAY_BE_SHORTENED, **large)) for path in pages.pages])  # type: ignore[arg-type]
    assert found == []


def test_no_page_of_a_phone_stacks_letters_of_twice_the_size(pages: Drawn) -> None:
    found: list[str] = []

    def see(look: Look) -> None:
        with look.window(390) as page:
            for path in pages.pages:
                page.goto(ORIGIN + path)
                page.add_style_tag(content=LARGE)
                found.extend(f"{path}: {one}" for one in page.evaluate(STACKED))

    pages.look(see)
    assert not found, "\n".join(found)
