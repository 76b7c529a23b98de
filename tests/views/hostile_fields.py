"""Every field that people write in: how a text is sent to it, and the pages and tables that show it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.utils import timezone

from studio.luma.text import clean
from studio.models import (
    Approval,
    Board,
    BoardPicture,
    CaseNote,
    Comment,
    Job,
    Look,
    ProofClient,
    SendingPause,
    Submission,
    Tag,
    User,
)
from studio.models.jobs.failure import Failure
from studio.views.create import feed
from tests import people
from tests.views.page_shape import Shape, check_csv, squeezed

MANY = 12
SENTENCE = re.compile(r"[“A-Z].{8,}[.?]", re.DOTALL)
CODE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/proof/)[\w-]+|(?<==).*")
# So many of the newest how many pages show, the browser that asks, and the address.
Pages = Iterator[tuple[int, Client, str]]
# The elements that the pages have with harmless texts. One that a text would make of these, <b> say, is missing in the text.
KNOWN: set[tuple[str, ...]] = set()


class World:
    """Alice's picture, on a board and in a link to come, and the three who write about it."""

    def __init__(self, alice: User, bob: User, *, is_learning: bool) -> None:
        self.alice, self.bob, self.is_learning = alice, bob, is_learning
        _, self.picture, _ = (people.make_job(alice, state="done", prompt="Boats").pictures.get() for _ in range(3))
        self.at = f"/pictures/{self.picture.code}/"
        if is_learning:  # more than one page of Create
            for _ in range(feed.PAGE):
                people.make_job(alice, state="done")
        self.as_alice, self.as_bob, self.as_client = people.signed_in(alice), people.signed_in(bob), Client()
        self.cleo = people.make_person("Cleo Door", password=people.PASSWORD)
        self.as_cleo = people.signed_in(self.cleo)
        self.as_ada = people.signed_in(people.make_person("Ada Admin", role=User.Role.ADMIN))
        self.proof = ""
        self.open_link(self.make_link())

    def make_link(self, **fields: str) -> Any:
        form = {
            "act": "make",
            "title": "Round",
            "ends": "14",
            "downloads": "off",
            "may_comment": "on",
            "may_decide": "on",
        }
        return self.as_alice.post("/proofs/new/", {**form, "picture": str(self.picture.code), **fields})

    def open_link(self, made: Any) -> None:
        """Let the client follow the link that was just made, if it was."""
        if found := re.search(r'value="http://testserver(/proof/[\w-]+/)"', made.content.decode()):
            self.proof = found[1]

    def check(self, answer: Any, page: str) -> Shape:
        """Judge an answer: a page without anything that the text brought; where it refuses, in a sentence."""
        assert answer.status_code in {200, 302, 400, 422}, page
        shape = Shape(answer.content.decode())
        if self.is_learning:
            KNOWN.update(shape.elements)
        assert (page, shape.harm, shape.elements - KNOWN) == (page, [], set())
        if answer.status_code in {400, 422}:
            assert SENTENCE.search(shape.text), page
        return shape

    def show(self, name: str, field: Field) -> None:
        """Ask for each page that shows what was kept of the field, and find it there as it was kept."""
        kept = [squeezed(text)[:60] for text in field.kept()]
        for number, client, address in field.pages(self) if kept or name == "search" else ():
            shape = self.check(client.get(address), CODE.sub("…", address))
            missing = [text for text in kept[:number] if text not in shape.text]
            assert (name, address, missing) == (name, address, [])
        for address in field.tables:
            self.check_table(address)

    def check_table(self, address: str) -> None:
        ask = self.as_ada.post if address.startswith("/trail/") else self.as_ada.get
        check_csv(b"".join(ask(address)).decode("utf-8-sig"))  # type: ignore[call-overload]

    # ---- The fields

    def send_board(self, text: str) -> Any:
        answer = self.as_bob.post("/boards/new/", dict.fromkeys(("name", "purpose", "client", "job_number"), text))
        if answer.status_code == 302:
            BoardPicture.add(Board.objects.latest("pk"), [self.picture.pk], by=self.bob, now=timezone.now())
        return answer

    def board_pages(self) -> Pages:
        board = Board.objects.latest("pk")
        yield 1, self.as_bob, board.get_absolute_url()
        yield 1, self.as_bob, f"{board.get_absolute_url()}settings/"
        yield 1, self.as_alice, f"/proofs/new/?board={board.code}"
        yield 1, self.as_alice, f"/gallery/?board={board.code}"
        yield 1, self.as_alice, f"/?board={board.code}"
        yield MANY, self.as_alice, "/boards/"
        yield MANY, self.as_bob, f"/boards/additions/?picture={self.picture.code}"

    def send_settings(self, text: str) -> Any:
        """Another's board changed by an admin, of which its owner is told in words that name it."""
        board = Board.objects.filter(person=self.alice).first() or Board.make(self.alice, name="x", now=timezone.now())
        self.bob.role = User.Role.ADMIN
        self.bob.save()
        return self.as_bob.post(f"{board.get_absolute_url()}settings/", {"name": text, "visibility": "team"})

    def send_tag(self, text: str) -> Any:
        if Tag.objects.filter(number__gt=0).count() > MANY:
            Tag.take(self.picture, Tag.objects.filter(number__gt=0).earliest("pk").name)
        return self.as_bob.post(f"{self.at}tags/", {"tag": text}, headers=people.HTMX)

    def tag_pages(self) -> Pages:
        tag = Tag.objects.latest("pk")
        yield MANY, self.as_alice, self.at
        yield 1, self.as_alice, f"/gallery/?{urlencode({'tag': tag.name})}"
        yield 1, self.as_alice, f"/tags/offer/?{urlencode({'tag': tag.name})}"

    def send_comment(self, text: str) -> Any:
        return self.as_bob.post(f"{self.at}comments/", {"text": f"@Alice Moreau {text}", "x": "5", "y": "5"})

    def comment_pages(self) -> Pages:
        last = Comment.objects.latest("pk")
        for address in (self.at, f"{self.at}comments/"):
            yield MANY, self.as_alice, address
        yield 1, self.as_bob, f"{self.at}comments/?edit={last.code}"
        yield 1, self.as_alice, f"{self.at}comments/?reply={last.code}"

    def send_link(self, text: str) -> Any:
        words = dict.fromkeys(("title", "client", "note", "watermark"), text)
        answer = self.make_link(**words)
        if answer.status_code == 422:  # few of these can be drawn as a watermark: the other words come without it
            self.check(answer, "refused link")
            answer = self.make_link(**words | {"watermark": ""})
        self.open_link(answer)
        return answer

    def link_pages(self) -> Pages:
        yield MANY, self.as_alice, "/proofs/"
        yield 1, self.as_client, self.proof
        yield 1, self.as_client, f"{self.proof}{self.picture.code}/"

    def send_client(self, text: str) -> Any:
        """The name of a client, who then decides and comments under it."""
        answer = self.as_client.post(f"{self.proof}name/", {"name": text})
        if answer.status_code == 302:
            verdict = ("approved", "rejected")[ProofClient.objects.count() % 2]
            self.as_client.post(f"{self.proof}{self.picture.code}/decision/", {"verdict": verdict})
        return answer

    def client_pages(self) -> Pages:
        yield 1, self.as_client, self.proof
        yield 1, self.as_client, f"{self.proof}name/"
        yield 1, self.as_alice, self.at
        yield 1, self.as_alice, "/notifications/"

    def send_client_comment(self, text: str) -> Any:
        return self.as_client.post(f"{self.proof}{self.picture.code}/comments/", {"name": "Ingrid", "text": text})

    def client_comment_pages(self) -> Pages:
        yield MANY, self.as_client, f"{self.proof}{self.picture.code}/"
        yield MANY, self.as_alice, f"{self.at}comments/"

    def send_view(self, text: str) -> Any:
        return self.as_bob.post("/gallery/views/", {"name": text, "query": "q=boats", "is_team": "on"})

    def send_search(self, text: str) -> Any:
        """What is searched for is kept as the query of a saved view, and shown with it."""
        query = urlencode({"q": text, "tag": text, "board": text, "from": text, "rating": text})
        address = ("/gallery/?", "/boards/?", "/looks/?", f"/boards/additions/?picture={self.picture.code}&")[
            len(text) % 4
        ]
        self.check(self.as_bob.get(f"{address}{query}"), f"search {address}")
        if self.is_learning:
            self.check(self.as_bob.get("/gallery/?q=boats&rating=3"), "search that finds nothing")
        return self.as_bob.post("/gallery/views/", {"name": "Found", "query": query})

    def send_look(self, text: str) -> Any:
        return self.as_bob.post(
            "/looks/new/", {"act": "save", "name": text, "words": text, "avoid": text, "whose": "team"}
        )

    def look_pages(self) -> Pages:
        yield MANY, self.as_alice, "/looks/"
        yield 1, self.as_alice, Look.objects.latest("pk").get_absolute_url()
        yield 1, self.as_bob, "/looks/offer/?q="
        yield 1, self.as_bob, f"/?look={Look.objects.latest('pk').code}"

    # ---- What admins see

    def send_failure(self, text: str) -> Any:
        """A prompt, and what Luma then says about it."""
        form = {"type": "image", "prompt": text, "model": "uni-1", "count": "1", "again": "on"}
        known = Submission.objects.count()
        answer = self.as_alice.post("/submissions/", {"token": str(uuid.uuid4()), **form})
        if Submission.objects.count() == known + 1:
            said = Failure(cause="luma_failed", sentence="Luma couldn't finish this one.", code="x", detail=text[:300])
            failed = replace(said, detail=clean(said.detail, limit=300))
            people.make_job(self.alice, state="failed", submission=Submission.objects.latest("pk"), failure=failed)
            if self.is_learning:  # one failed card, before there is a strip of them
                self.check(self.as_alice.get("/"), "first failure")
        return answer

    def failure_pages(self) -> Pages:
        last = Job.objects.latest("pk")
        yield MANY, self.as_ada, "/review/?cause=luma_failed"
        yield MANY, self.as_alice, "/"
        yield 1, self.as_ada, f"/jobs/{last.code}/"

    def send_note(self, text: str) -> Any:
        job = Job.objects.filter(state="failed").order_by("-pk").first() or people.make_job(self.alice, state="failed")
        return self.as_ada.post(f"/jobs/{job.code}/notes/", {"text": text, "told": "on"})

    def note_pages(self) -> Pages:
        job = CaseNote.objects.latest("pk").job
        yield 3, self.as_ada, f"/review/?cause={job.cause}"
        yield MANY, self.as_ada, f"/jobs/{job.code}/"
        yield 1, self.as_alice, "/notifications/"

    def send_request(self, text: str) -> Any:
        """What waits for an approval, with what both sides write about it; the oldest of many is declined."""
        User.objects.filter(pk=self.bob.pk).update(asks_above=0)
        if waiting := list(Approval.objects.waiting().oldest_first()):
            first, last = waiting[0], waiting[-1]
            self.as_bob.post(f"/approvals/{last.code}/note/", {"note": text})
            self.as_ada.post(f"/approvals/{last.code}/question/", {"question": text})
            if len(waiting) > (1 if self.is_learning else MANY):
                self.as_ada.post(f"/approvals/{first.code}/refusal/", {"reason": text})
        form = {"type": "image", "prompt": text, "model": "uni-1", "count": "1", "again": "on"}
        return self.as_bob.post("/submissions/", {"token": str(uuid.uuid4()), **form})

    def request_pages(self) -> Pages:
        waits = Approval.objects.waiting().latest("pk")
        yield 1, self.as_ada, "/approvals/"
        yield 1, self.as_bob, waits.get_absolute_url()
        yield 1, self.as_bob, "/"
        yield 0, self.as_ada, "/notifications/"

    def send_name(self, text: str) -> Any:
        return self.as_cleo.post("/account/name/", {"name": text, "password": people.PASSWORD})

    def name_pages(self) -> Pages:
        if not Job.objects.filter(person=self.cleo).exists():
            people.make_job(self.cleo, state="failed")
            people.make_job(self.cleo, state="done")
        for address in ("/people/", f"/people/{self.cleo.pk}/", "/review/", "/spend/", "/trail/", "/gallery/"):
            yield 1, self.as_ada, address
        yield 1, self.as_cleo, "/account/"

    def send_job_number(self, text: str) -> Any:
        """The client and the job number of a board, which the money of its pictures is booked under."""
        answer = self.as_bob.post("/boards/new/", {"name": "Campaign", "client": text, "job_number": text[:40]})
        if answer.status_code == 302:
            people.make_job(self.alice, state="done", board=Board.objects.latest("pk"))
        return answer

    def job_number_pages(self) -> Pages:
        yield 1, self.as_ada, "/spend/?all=client"

    def send_pause(self, text: str) -> Any:
        """Why Luma takes nothing, in its own words."""
        SendingPause.objects.all().delete()
        SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now(), detail=clean(text, limit=300))
        return self.as_ada.get("/state/")

    def pause_pages(self) -> Pages:
        yield 1, self.as_ada, "/review/"
        yield 0, self.as_ada, "/state/"
        yield 0, self.as_alice, "/"


@dataclass(frozen=True, slots=True)
class Field:
    """How a text is sent, what of it was kept (the newest first), the pages that show so many of the newest, and the
    tables that an admin exports."""

    send: Callable[[World, str], Any]
    kept: Callable[[], Iterable[str]]
    pages: Callable[[World], Pages]
    tables: Sequence[str] = ()
