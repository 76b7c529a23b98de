"""What names no private thing: no page, fragment, search, count, pulse, zip or notification tells of one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from studio.engine.archives.archives import make
from studio.engine.archives.lines import ROW_GONE
from studio.forms.files.archives import chosen_by
from studio.models import Archive, Board, BoardPicture, Comment, GalleryMonth, JobCount, Picture, Revision, User
from studio.views.gallery.finder import Finder
from studio.views.gallery.page import Cursor
from tests import people


class World:
    """Alice's private work beside work of the team: every kind of thing that a list could tell of."""

    def __init__(self, alice: User, bob: User) -> None:
        self.team = people.make_job(bob, state="done", prompt="Paper boats").pictures.get()
        secret = {"prompt": "Zephyrine lighthouse", "is_private": True}
        self.since = Revision.current()
        self.job = people.make_job(alice, state="done", **secret)
        self.picture = self.job.pictures.get()
        edit = people.make_job(alice, state="done", type="image_edit", source=self.team, **secret)
        split = people.make_job(alice, state="done", type="layering", source=self.picture, prompt="")
        ended = [people.make_job(alice, state=state, **secret) for state in ("failed", "unknown", "waiting", "making")]
        upload = people.make_picture(alice, is_private=True, original_name="zephyrine.png")
        Comment.objects.say(self.picture, "Zephyrine forever", by=alice)
        now = timezone.now()
        board = Board.make(alice, name="Zephyrine board", visibility="private", now=now)
        of_team = Board.make(bob, name="Of the team", now=now)
        for one in (board, of_team):
            BoardPicture.add(one, [self.picture.pk, self.team.pk], by=alice, now=now)
        jobs = [self.job, edit, split, *ended]
        pictures = [self.picture, upload, *(job.pictures.get() for job in (edit, split))]
        self.secrets = ["zephyrine", *(str(one.code) for one in (*jobs, *pictures))]
        self.secrets += [str(board.code), *(str(job.submission.code) for job in jobs)]
        # What an admin decides about is named by its code, in the addresses of the buttons.
        self.cases = {str(job.code) for job in ended[:2]}

    def told(self, client: Client, address: str, **headers: str) -> list[str]:
        """What of the private work an answer tells."""
        response = client.get(address, headers=headers)
        assert response.status_code in {200, 204, 403, 404} or response.has_header("Location"), address
        said = b"".join(response.streaming_content) if response.streaming else response.content
        text = said.decode(errors="replace").lower()
        asked = address.lower()
        return [one for one in self.secrets if one in text.replace(asked, "") and one not in asked]


LISTS = [
    *("/", "/?whose=team", "/?whose=team&show=progress", "/?whose=team&show=failed", "/?whose=team&show=done"),
    *("/?like={asked}", "/?reuse={asked}", "/?words={asked}", "/?edit={job}", "/?source={picture}"),
    *("/?reference={picture}", "/uploads/mine/", "/prompts/", "/draft/", "/uploads/?picture={picture}"),
    *("/gallery/", "/gallery/?q=zephyrine", "/gallery/?q=J-{number}", "/gallery/?job={number}", "/gallery/?at={month}"),
    *("/gallery/?q=boats", "/gallery/?person={owner}", "/gallery/?from=2000-01-01", "/gallery/?q=-boats"),
    *("/pictures/{team}/", "/pictures/{team}/family/", "/pictures/{team}/filmstrip/", "/pictures/{team}/comments/"),
    *(
        "/boards/",
        "/boards/?q=zephyrine",
        "/boards/{board}/",
        "/boards/{board}/?arrange=on",
        "/boards/{board}/sheet/",
        "/pictures/{team}/sheet/",
        "/gallery/?board={board}",
    ),
    *("/compare/?picture={team}&picture={picture}", "/looks/", "/looks/new/?picture={picture}", "/trash/"),
    *(
        "/trash/?whose=team",
        "/notifications/",
        "/proofs/",
        "/review/",
        "/review/?show=settled",
        "/review/?show=acknowledged",
        "/review/?q=zephyrine",
        "/review/failures.csv",
        "/people/",
        "/trail/",
        "/state/",
        "/state/alerts/",
        "/tags/offer/",
    ),
    *("/pulse/?page=create&whose=team&since={since}", "/pulse/?page=gallery&since={since}&top=1-1"),
    *("/pulse/?page=job&code={job}&since={since}", "/pulse/?page=group&code={asked}&since={since}"),
    *("/pulse/?page=picture&code={picture}&since={since}", "/pulse/?page=review&since={since}&top=0"),
    *("/healthz", "/back-office/studio/job/", "/back-office/studio/attempt/"),
]


# Where an admin decides about cases, by their codes.
REVIEWS = {"/review/", "/pulse/?page=review&since={since}&top=0"}


def names_of(world: World, alice: User) -> dict[str, object]:
    """What the addresses of LISTS name."""
    return {
        "asked": world.job.submission.code,
        "job": world.job.code,
        "picture": world.picture.code,
        "number": world.job.pk,
        "team": world.team.code,
        "owner": alice.pk,
        "board": Board.objects.get(name="Of the team").code,
        "since": world.since,
        "month": f"{timezone.localtime():%Y-%m}",
    }


# A test for each person, so that they run beside each other.
@pytest.mark.parametrize("role", User.Role.values)
def test_no_list_tells_of_private_work(alice: User, bob: User, role: str) -> None:
    world = World(alice, bob)
    client, names = people.signed_in(people.make_person("Vera Other", role=role)), names_of(world, alice)
    for listed in LISTS:
        address = listed.format(**names)
        for headers in ({}, people.HTMX):
            told = set(world.told(client, address, **headers))
            assert (listed, told - (world.cases if listed in REVIEWS else set())) == (listed, set())


def test_the_same_lists_tell_their_owner(alice: User, bob: User) -> None:
    world = World(alice, bob)
    own, names = people.signed_in(alice), names_of(world, alice)
    for listed in ("/", "/?whose=team", "/gallery/", "/gallery/?q=zephyrine", "/uploads/mine/", "/pictures/{team}/"):
        assert world.told(own, listed.format(**names)), listed


def test_nothing_counts_private_work(alice: User, bob: User) -> None:
    world = World(alice, bob)
    months = [[number for _, number in GalleryMonth.newest_first(one)] for one in (bob, alice)]
    assert months == [[1], [4]]
    assert sum(one.number for one in JobCount.cells(bob, everybody=True)) == 1
    for asked, of_owner in (("q=zephyrine", 2), (f"person={alice.pk}", 3)):
        assert (Finder.parse(asked, bob).count(), Finder.parse(asked, alice).count()) == (0, of_owner)
    pill = people.signed_in(bob).get(f"/pulse/?page=gallery&since={world.since}&top={Cursor.at(world.team)}").content
    assert b'id="new-pictures" href="/gallery/" hidden' in pill


def test_a_zip_leaves_private_pictures_out(alice: User, bob: User) -> None:
    world = World(alice, bob)
    codes = [str(world.picture.code), str(world.team.code)]
    meant = chosen_by([*codes, str(world.job.code)], bob)
    assert meant.pictures == [world.team.pk]
    # What was chosen before it became private is not put in, and what was put in before is not handed out.
    early, late = (_zip(alice, world.team) for _ in range(2))
    make(early.pk)
    early.refresh_from_db()
    assert (early.taken, early.hidden) == (1, 0)
    world.team.job.submission.set_privacy(True)
    make(late.pk)
    late.refresh_from_db()
    assert (late.taken, late.left_out) == (0, [["001", ROW_GONE]])
    answer = people.signed_in(alice).get(f"/archives/{early.code}/file/")
    assert answer.headers["Location"] == early.get_absolute_url()


def _zip(person: User, picture: Picture) -> Archive:
    archive = Archive.choose(person, [picture.pk], [])
    archive.start(size="original", has_settings=True, has_list=True, now=timezone.now())
    return archive


def test_review_tells_an_admin_whose_why_and_what_it_cost_but_not_what(alice: User, bob: User, ada: User) -> None:
    world = World(alice, bob)
    page = people.signed_in(ada).get("/review/").content.decode()
    assert page.count("Private job of Alice Moreau") == 2
    assert not [one for one in world.secrets[:1] if one in page.lower()]
