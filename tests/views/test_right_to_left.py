"""Arabic and Hebrew on the pages: what people write has its own direction, and turns no sentence around it.

Each text of a page that is written from right to left stands in a `bdi` or an element with dir="auto", or between the
characters that isolate it (`names.isolated`): in titles, in attributes that are seen, and in what a view says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from studio.models import AlertChannel, ApiToken, Board, Comment, Notification, SavedView, Tag, TrailEntry, User
from studio.models.account import hand_over
from studio.models.opinions.opinion import Decision
from studio.models.pictures import archived, trash
from studio.models.pictures import flag as picture_flag
from studio.text import names
from tests import people
from tests.views.proof_pages import Round

ROOT = Path(__file__).resolve().parents[2]
NAME, OTHER = "عادل Adel (2)", "דנה Levi (3)"
PROMPT, BOARD, VIEW = "صورة 3 of 12 (ليل)!", "لوحة Harbour (3)", "תצוגה 4 (x)"
FROM_RIGHT = re.compile(r"[\u0590-\u08ff]")
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
SEEN = ("title", "placeholder")
EMPTY = {"input", "img", "br", "link", "meta", "hr", "path", "use", "rect", "line", "circle"}
# A letter or two for somebody; what only a screen reader reads, which has no order to be seen.
UNORDERED = {"avatar", "sr-only"}
FIELD = re.compile(r"<(?:input|textarea)\b(?:[^>{]|\{[{%].*?[%}]\}|\{)*>", re.DOTALL)
# What has a form of its own, in Latin letters or digits.
LATIN = {"id", "password", "lines", "model", "ratio", "address", "amount"}


class Reader(HTMLParser):
    """Texts from right to left that have no direction of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.bare: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_free = tag in {"bdi", "script", "style"} or given.get("dir") == "auto"
        is_free = is_free or not UNORDERED.isdisjoint(given.get("class", "").split())
        if not is_free:
            self.bare += [f"{tag} {name}: {given[name]}" for name in SEEN if is_bare(given.get(name, ""))]
            if tag == "input" and given.get("type", "text") in {"text", "search"} and "hidden" not in given:
                self.bare += [f"input: {given['value']}"] if is_bare(given.get("value", "")) else []
        if tag not in EMPTY:
            self.open.append((tag, is_free))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if is_bare(data) and not any(is_free for _, is_free in self.open):
            self.bare.append(f"{'/'.join(tag for tag, _ in self.open[-3:])}: {' '.join(data.split())}")


def is_bare(text: str) -> bool:
    return bool(FROM_RIGHT.search(ISOLATED.sub("", text)))


def bare(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.status_code
    reader = Reader()
    reader.feed(answer.content.decode())
    return reader.bare


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """A studio whose people, pictures and boards all have such names."""
    now = timezone.now()
    admin, other = people.make_person(NAME, role=User.Role.ADMIN), people.make_person(OTHER)
    first, second = (people.make_job(admin, state="done", prompt=PROMPT).pictures.get() for _ in range(2))
    hers = people.make_job(other, state="done", prompt=PROMPT).pictures.get()
    failed = people.make_job(other, state="failed", prompt=PROMPT)
    lost = people.make_job(other, state="unknown", prompt=PROMPT)
    board = Board.objects.create(person=admin, name=BOARD, purpose=BOARD, client=NAME, job_number=VIEW)
    said = Comment.objects.say(first, f"{PROMPT} @{NAME}", by=other, x=1, y=2)
    Comment.objects.say(first, PROMPT, by=admin, reply_to=said)
    Tag.put(first, VIEW, by=other)
    Decision.make(first, Decision.Verdict.APPROVED, by=other)
    SavedView.save_as(other, name=VIEW, query="q=x", is_team=True)
    ApiToken.issue(admin, name=VIEW, scopes=["read"], now=now)
    AlertChannel.objects.create(name=VIEW, kind=AlertChannel.Kind.values[0], created_by=admin, address="https://a.b/c")
    look = people.make_look(admin, name=VIEW, is_team=True, words=PROMPT, references=[(first, "")])
    asked = people.make_approval(other, prompt=PROMPT)
    picture_flag.flag(hers, PROMPT, by=admin, now=now)
    archived.archive([people.make_job(other, state="done", prompt=PROMPT).pictures.get().pk], by=admin, now=now)
    trash.move([second.pk], by=admin, now=now)
    people.make_picture(admin, original_name=f"{PROMPT}.png")
    found: dict[str, Any] = {
        "first": first.code,
        "hers": hers.code,
        "failed": failed.code,
        "lost": lost.code,
        "board": board.code,
    }
    found |= {"look": look.code, "asked": asked.code, "other": other.pk, "made": first.job.code if first.job else ""}
    shared = Round(admin, first, title=BOARD, client=NAME, note=PROMPT, shows_prompts=True)
    return {**found, "second": second.code, "admin": admin, "shared": shared}


PAGES = (
    "/",
    "/?whose=team",
    "/?show=failed",
    "/?source={first}",
    "/gallery/",
    "/gallery/?q=ليل (2)&tag=تג",
    "/gallery/?person={other}",
    "/gallery/filters/person/",
    "/pictures/{first}/",
    "/pictures/{hers}/",
    "/pictures/{first}/comments/",
    "/pictures/{first}/family/",
    "/pictures/{first}/marks/",
    "/pictures/{first}/formats/",
    "/pictures/{first}/sheet/",
    "/compare/?picture={first}&picture={hers}",
    "/jobs/{made}/",
    "/jobs/{failed}/",
    "/jobs/{lost}/second-send/",
    "/prompts/?q=ليل",
    "/uploads/mine/?q=ليل",
    "/boards/?q=ليل",
    "/boards/{board}/",
    "/boards/{board}/settings/",
    "/boards/{board}/sheet/",
    "/boards/additions/?picture={first}",
    "/looks/?q=ليل",
    "/looks/{look}/",
    "/?look={look}",
    "/notifications/",
    "/trash/",
    "/pictures/{second}/",
    "/proofs/",
    "/proofs/new/?picture={first}",
    "/review/?q=ليل",
    "/people/?q=ליל",
    "/people/{other}/",
    "/people/{other}/sessions/",
    "/trail/?q=ليل",
    "/trail/",
    "/state/alerts/",
    "/account/",
    "/account/tokens/",
    "/account/webhooks/",
    "/approvals/",
    "/approvals/{asked}/",
    "/spend/?budget=person",
)


def test_no_page_turns_around_what_is_written_from_right_to_left(world: dict[str, Any]) -> None:
    client = people.signed_in(world["admin"])
    found = {page: bare(client.get(page.format(**world))) for page in PAGES}
    shared = world["shared"]
    found |= {"proof": bare(shared.get()), "proof picture": bare(shared.get(world["first"]))}
    assert {page: texts for page, texts in found.items() if texts} == {}


def test_what_a_view_says_isolates_the_names_in_it(world: dict[str, Any]) -> None:
    client = people.signed_in(world["admin"])
    acts = (
        ("/gallery/views/", {"name": VIEW, "query": "q=x"}),
        (f"/boards/{world['board']}/archive/", {"state": "on"}),
        (f"/approvals/{world['asked']}/question/", {"question": PROMPT}),
        (f"/people/{world['other']}/access/", {"access": "none"}),
    )
    for address, data in acts:
        answer = client.post(address, data, follow=True)
        assert answer.content.decode().count("\u2068"), address
        assert bare(answer) == [], address


def test_notifications_isolate_what_they_quote(world: dict[str, Any]) -> None:
    texts = list(Notification.objects.values_list("text", flat=True))
    assert len(texts) > 3
    assert [text for text in texts if is_bare(text)] == []


def test_the_trail_isolates_the_names_in_what_it_tells(world: dict[str, Any]) -> None:
    admin, other = world["admin"], User.objects.get(pk=world["other"])
    client = people.signed_in(admin)
    client.post(f"/approvals/{world['asked']}/refusal/", {"reason": PROMPT})
    token, _ = ApiToken.issue(other, name=VIEW, scopes=["read"], now=timezone.now())
    token.revoke(by=admin, now=timezone.now())
    hand_over.hand_over(
        other.pk, to=people.make_person(f"Heir {OTHER}").pk, by=admin, also_private=True, now=timezone.now()
    )
    rows = TrailEntry.objects.values_list("verb", "thing", "text")
    assert {verb for verb, _, _ in rows} >= {"token", "handed-over", "settled", "approval"}
    assert [row for row in rows if is_bare(row[2])] == []
    # A name or a title alone stands in its own element.
    alone = {NAME, OTHER, PROMPT, BOARD, VIEW}
    assert [row for row in rows if is_bare(row[1]) and row[1] not in alone] == []


def test_what_is_written_from_left_to_right_stays_as_it_is() -> None:
    assert names.isolated("Ada Admin (2)") == "Ada Admin (2)"
    assert names.isolated(NAME) == f"\u2068{NAME}\u2069"


def _fields() -> Iterator[str]:
    for file in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)
        for field in FIELD.findall(text):
            kind = re.search(r'type="([^"]*)"', field)
            name = re.search(r'\bname="([^"]*)"', field)
            if "<textarea" not in field and kind and kind[1] not in {"text", "search"}:
                continue
            if re.search(r"readonly|\bhidden\b|inputmode", field) or not name or name[1] in LATIN:
                continue
            if 'dir="auto"' not in field:
                yield f"{file.relative_to(ROOT)}: {name[1]}"


def test_each_field_for_words_takes_the_direction_of_what_is_typed() -> None:
    assert list(_fields()) == []
