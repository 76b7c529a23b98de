"""No page walks through the history: the database itself is asked how it finds the rows of every query."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import (
    Board,
    BoardPicture,
    Decision,
    Picture,
    Rating,
    Revision,
    SendingPause,
    Star,
    Submission,
    Tag,
    User,
)
from studio.models.stacks import stacks
from tests.people import HTMX, LOST, LUMA_FAILED, make_job, make_picture, make_submission, signed_in
from tests.views.plans import believe_in_a_million, walks

Ask = Callable[[Client, "Studio"], Any]


class Studio:
    """A little of everything, and the codes by which the pages name it."""

    def __init__(self, person: User, other: User) -> None:
        now = timezone.now()
        self.source = make_picture(person)
        for whose in (person, other):
            for state in ("waiting", "sending", "making", "saving", "failed", "cancelled"):
                make_job(whose, state=state, now=now)
            make_job(whose, state="unknown", failure=LOST, now=now)
            make_job(whose, state="done", type="image_edit", source=self.source, now=now)
            make_job(whose, state="done", submission=make_submission(whose, count=4), now=now)
        self.job = make_job(person, state="done", now=now)
        self.failed = make_job(person, state="failed", failure=LUMA_FAILED, now=now)
        self.settled = make_job(person, state="failed", now=now)
        self.settled.write_off(by=person, now=now)
        self.unknown = make_job(person, state="unknown", now=now)
        self.waiting = make_job(person)
        make_job(person, state="done", now=now - timedelta(days=1)).dismiss(now=now)
        self.picture: Picture = self.job.pictures.get()
        for whose in (person, other):
            Star.put(self.picture, whose)
            Rating.give(self.picture, whose.pk % 5 + 1, by=whose)
            Decision.make(self.picture, "approved", by=whose)
            Tag.put(self.picture, f"Harbour {whose.pk}", by=whose, at=now)
        self.board = Board.make(person, name="Harbour", now=now)
        keys = list(Picture.objects.made().values_list("pk", flat=True))
        BoardPicture.add(self.board, keys, by=person, now=now)
        first = Picture.objects.made().order_by("pk")[:3]
        self.to_stack = [str(one.code) for one in first]
        self.stacked = first[2]
        stacks.stack([one.pk for one in first], by=person, now=now)
        self.place = self.board.places.by_hand()[0]
        self.tagged_at = now.isoformat()
        self.old = Submission.objects.filter(is_at_rest=True).order_by("-pk")[0]
        self.mine = person.submissions.latest("pk")
        self.revision, self.born = Revision.current(), Submission.objects.latest("pk").pk
        SendingPause.pause(SendingPause.Reason.API, now=now)
        self.at = f"{self.picture.shown_at.timestamp() * 1e6:.0f}-{self.picture.pk}"  # type: ignore[union-attr]


def get(path: str, **headers: str) -> Ask:
    return lambda client, studio: client.get(path.format(s=studio), headers=headers)


def post(path: str, **data: Any) -> Ask:
    return lambda client, studio: client.post(path.format(s=studio), data, headers=HTMX)


def pulse(query: str) -> Ask:
    return get(f"/pulse/?{query}", **HTMX)


PAGES: dict[str, Ask] = {
    **{
        f"create {whose} {show}": get(f"/?whose={whose}&show={show}")
        for whose in ("mine", "team")
        for show in ("all", "progress", "failed", "done")
    },
    **{
        f"older {whose} {show}": get(f"/?whose={whose}&show={show}&after={{s.old.code}}", **HTMX)
        for whose in ("mine", "team")
        for show in ("all", "done")
    },
    "dock": get("/?source={s.picture.code}&reference={s.source.code}"),
    "dock like": get("/?like={s.old.code}"),
    "dock reuse": get("/?reuse={s.old.code}"),
    "dock words": get("/?words={s.old.code}"),
    "prompts": get("/prompts/"),
    "prompts found": get("/prompts/?q=boats"),
    "prompts older": get("/prompts/?after={s.mine.code}", **HTMX),
    "uploads": get("/uploads/mine/", **HTMX),
    "uploads older": get("/uploads/mine/?q=harbour&after={s.source.code}", **HTMX),
    "dock edit": get("/?edit={s.job.code}"),
    "gallery": get("/gallery/"),
    "gallery month": get("/gallery/?at={s.picture.shown_at:%Y-%m}"),
    "gallery newer": get("/gallery/?before={s.at}", **HTMX),
    "gallery older": get("/gallery/?after={s.at}", **HTMX),
    "gallery, oldest first": get("/gallery/?sort=oldest"),
    "gallery, by day": get("/gallery/?by=day"),
    "gallery, by day, more": get("/gallery/?by=day&after={s.at}", **HTMX),
    "gallery, oldest first, month": get("/gallery/?sort=oldest&at={s.picture.shown_at:%Y-%m}"),
    "gallery, oldest first, more": get("/gallery/?sort=oldest&after={s.at}", **HTMX),
    "gallery, oldest first, back": get("/gallery/?sort=oldest&before={s.at}", **HTMX),
    "gallery found, oldest first": get("/gallery/?q=boat&sort=oldest"),
    "gallery found, oldest first, more": get("/gallery/?q=boat&sort=oldest&after={s.at}", **HTMX),
    "gallery, chosen one by one": get("/gallery/?select=on"),
    "picture, oldest first": get("/pictures/{s.picture.code}/?of=gallery%3Fsort%3Doldest"),
    "picture": get("/pictures/{s.picture.code}/"),
    "gallery found": get("/gallery/?q=boat+harb+-train+%E6%9D%B1%E4%BA%AC"),
    "gallery found, older": get("/gallery/?q=boat&after={s.at}", **HTMX),
    "gallery found, counted": get("/gallery/count/?q=boat", **HTMX),
    "gallery filtered": get("/gallery/?ratio=3:2&type=image&person={s.picture.person_id}&from=2020&to=2030"),
    "gallery of opinions": get("/gallery/?star=mine&rating=1&decision=approved&tag=harbour&q=harbour"),
    "tags offered": get("/tags/offer/?tag=harb"),
    "most used tags": get("/tags/offer/"),
    "menu of tags": get("/gallery/filters/tag/"),
    "menu of tags, found": get("/gallery/filters/tag/?named=harb"),
    "menu of boards, found": get("/gallery/filters/board/?named=harb"),
    "menu of people, found": get("/gallery/filters/person/?named=a"),
    "menu of looks, found": get("/gallery/filters/look/?named=harb"),
    "gallery of a board": get("/gallery/?board={s.board.code}"),
    "boards": get("/boards/?q=harb"),
    "boards, later": get("/boards/?after={s.at}"),
    "board": get("/boards/{s.board.code}/"),
    "board, newest": get("/boards/{s.board.code}/?order=newest"),
    "board, approved": get("/boards/{s.board.code}/?show=approved"),
    "board, approved, newest": get("/boards/{s.board.code}/?show=approved&order=newest"),
    "board sheet": get("/boards/{s.board.code}/sheet/"),
    "sheet": get("/pictures/{s.picture.code}/sheet/"),
    "picture of a board": get("/pictures/{s.picture.code}/?of=board.{s.board.code}.hand."),
    "picture of a board, newest": get("/pictures/{s.picture.code}/?of=board.{s.board.code}.newest.approved"),
    "filmstrip of a board": get("/pictures/{s.picture.code}/filmstrip/?of=board.{s.board.code}.hand."),
    "stack": get("/pictures/{s.stacked.code}/stack/"),
    "picture of a stack": get("/pictures/{s.stacked.code}/?of=stack"),
    "cover of a stack": post("/pictures/{s.stacked.code}/stack/", act="cover"),
    "out of a stack": post("/pictures/{s.stacked.code}/stack/", act="out"),
    "stacked": lambda client, studio: client.post("/gallery/stack/", {"picture": studio.to_stack}),
    "unstacked": post("/pictures/{s.stacked.code}/stack/", act="end"),
    "archived": post("/gallery/archive/", all="on", address="q=boats"),
    "archived ones": get("/gallery/?archived=on"),
    "approved, not exported": get("/gallery/?exported=no"),
    "unarchived": post("/gallery/archive/", all="on", address="archived=on", state="off"),
    "board, more": get("/boards/{s.board.code}/?after={s.place.place}_{s.place.pk}", **HTMX),
    "board to add to": get("/boards/additions/?picture={s.picture.code}"),
    "board added to": post("/boards/additions/", all="on", make="on", name="All"),
    "board by hand": lambda client, studio: client.post(
        f"/boards/{studio.board.code}/order/", {"picture": studio.picture.code, "to": "first"}
    ),
    "board arranged": get("/boards/{s.board.code}/?arrange=on"),
    "comments": get("/pictures/{s.picture.code}/comments/"),
    "commented": get("/gallery/?comments=on&decision=rejected"),
    "comment": post("/pictures/{s.picture.code}/comments/", text="Warmer"),
    "notifications": get("/notifications/"),
    "notifications, mentions": get("/notifications/?show=mentions"),
    "trash": get("/trash/"),
    "trash of the team": get("/trash/?whose=team&after={s.at}"),
    "gallery of a time": get("/gallery/?from=2020&to=2030"),
    "gallery, nothing found": get("/gallery/?q=zeppelin&ratio=1:1&from=2020"),
    "picture found": get("/pictures/{s.picture.code}/?of=gallery%3Fq%3Dboat"),
    "picture of a time": get("/pictures/{s.picture.code}/?of=gallery%3Ffrom%3D2020"),
    "picture of mine": get("/pictures/{s.picture.code}/?of=mine"),
    "picture of the team": get("/pictures/{s.picture.code}/?of=team"),
    "upload page": get("/pictures/{s.source.code}/"),
    "family": get("/pictures/{s.picture.code}/family/"),
    "family of an upload": get("/pictures/{s.source.code}/family/?after=1"),
    "filmstrip": get("/pictures/{s.picture.code}/filmstrip/"),
    "filmstrip of mine": get("/pictures/{s.picture.code}/filmstrip/?of=mine"),
    "compare": get("/compare/?picture={s.picture.code}&picture={s.source.code}"),
    "rendition": get("/pictures/{s.picture.code}/{s.picture.sha256:.12}-512.webp"),
    "original": get("/pictures/{s.picture.code}/original/"),
    "download": get("/pictures/{s.picture.code}/download/"),
    "job": get("/jobs/{s.job.code}/"),
    "job failed": get("/jobs/{s.failed.code}/"),
    "send again": get("/jobs/{s.unknown.code}/second-send/"),
    "review": get("/review/"),
    "review cause": get("/review/?cause=luma_failed"),
    "review settled": get("/review/?show=settled"),
    "review acknowledged": get("/review/?show=acknowledged&cause=luma_failed"),
    "review filtered": get("/review/?person={s.picture.person_id}&model=uni-1&time=7d&q=boats&trend=day"),
    "review found": get("/review/?q=J-{s.failed.pk}"),
    "usage": get("/review/usage/"),
    "failures as a table": get("/review/failures.csv?q=boats"),
    "case": post("/jobs/{s.failed.code}/case/", status="acknowledged"),
    "note": post("/jobs/{s.failed.code}/notes/", text="Luma had an outage. @Bob"),
    "all of a cause": post("/review/acts/", act="acknowledge", all="on", cause="luma_failed"),
    "people": get("/people/"),
    "state": get("/state/?span=30d&kind=poll"),
    "trail": get("/trail/?q=boats"),
    "alerts": get("/state/alerts/"),
    "tray tile": get("/uploads/?picture={s.picture.code}", **HTMX),
    "ready": get("/readyz"),
    **{
        f"pulse {page} {since}": pulse(f"page={page}&since={since}{more}")
        for page, more in {
            "create": "&born={s.born}&pauses=",
            "create&whose=team": "&born={s.born}&pauses=",
            "create&show=failed": "&born={s.born}&pauses=",
            "gallery": "&top={s.at}",
            "board": "",
            "board&code={s.board.code}": "&order=newest",
            "board&code={s.board.code}&show=approved": "",
            "review": "&top=1",
            "job": "&code={s.job.code}",
            "picture": "&code={s.picture.code}",
            "other": "",
        }.items()
        for since in ("{s.revision}", "1")
    },
    "submit": lambda client, studio: client.post(
        "/submissions/", {"token": uuid.uuid4(), "type": "image", "prompt": "Boats", "count": "2"}, headers=HTMX
    ),
    "cancel": post("/jobs/{s.waiting.code}/cancellation/"),
    "retry": post("/jobs/{s.failed.code}/retry/"),
    "second send": post("/jobs/{s.unknown.code}/second-send/", sure="yes"),
    "write off": post("/jobs/{s.failed.code}/write-off/"),
    "dismiss": post("/jobs/{s.failed.code}/dismissal/"),
    "star taken": post("/pictures/{s.picture.code}/star/", state="off"),
    "star": post("/pictures/{s.picture.code}/star/", state="on"),
    "rate": post("/pictures/{s.picture.code}/rating/", value="5"),
    "decide": post("/pictures/{s.picture.code}/decision/", verdict="rejected"),
    "tag": post("/pictures/{s.picture.code}/tags/", tag="Sea"),
    "tag taken": post("/pictures/{s.picture.code}/tags/", tag="Sea", state="off"),
    "undo": lambda client, studio: client.post(f"/opinions/undo/?{urlencode({'at': studio.tagged_at})}"),
    "lift": post("/jobs/{s.waiting.code}/lift/"),
}


@pytest.fixture
def studio(ada: User, bob: User) -> Studio:
    return Studio(ada, bob)


def test_no_page_walks_through_the_history(studio: Studio, ada: User) -> None:
    """The statistics of a start and of every hour are known (studio.models.state.upkeep): of a few rows any plan will do."""
    client = signed_in(ada)
    believe_in_a_million()
    problems = []
    for name, ask in PAGES.items():
        with walks() as found:
            answer = ask(client, studio)
        # Not close(), which would also close the connection.
        for close in answer._resource_closers:
            close()
        assert answer.status_code in {200, 204, 302, 503}, (name, answer.status_code)
        problems += [f"{name}: {walk}" for walk in found]
    assert not problems, "\n\n".join(problems)
