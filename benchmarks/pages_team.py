"""The requests of a team that benchmarks.pages measures: boards, opinions, talk, notifications, the trash and a proof link."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import fill_team

# Before the name of each; milliseconds of CPU that each may take.
# Pictures on the big board from which on it has last pages.
LEAST = 500
TEAM, MOST = "Team: ", 25.0
TOKENS = {"HTTP_HX_REQUEST": "true"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ask = Callable[[Any], Any]


def get(path: str, **headers: str) -> Ask:
    return lambda client: client.get(path, **headers)


def post(path: str, **fields: Any) -> Ask:
    return lambda client: client.post(path, fields, **TOKENS)


def micro(at: datetime | None) -> int:
    return ((at or EPOCH) - EPOCH) // timedelta(microseconds=1)


def requests(person: Any) -> Iterator[tuple[str, Ask]]:
    """Yield every request, named, as a signed-in client makes it; none where the big board is small."""
    from studio.models import Board

    if Board.objects.get(pk=fill_team.BIG_BOARD).number < LEAST:
        return
    for part in (_boards, _gallery, _pictures, _lists, _proof, _acts):
        for name, ask in part(person):
            yield f"{TEAM}{name}", ask


def _boards(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Board

    seen = Board.objects.visible_to(person).current().last_changed_first()
    big, deep = Board.objects.get(pk=fill_team.BIG_BOARD), list(seen)[-30]
    yield "boards", get("/boards/")
    yield "boards, the last pages", get(f"/boards/?after={micro(deep.changed_at)}-{deep.pk}")
    for show in ("mine", "shared", "archived"):
        yield f"boards, {show}", get(f"/boards/?show={show}")
    yield "boards, a word of few", get("/boards/?q=campaign+19")
    yield "boards, no hit", get("/boards/?q=nothing")
    at = big.get_absolute_url()
    first, last = big.places.by_hand(), big.places.order_by("-place", "-pk")[200:201].get()
    oldest = big.places.order_by("added_at", "pk")[min(200, big.number // 2)]
    yield "big board", get(at)
    yield (
        "big board, more",
        get(f"{at}?after={first[60].place}_{first[60].pk}", **TOKENS) if big.number > 61 else get(at),
    )
    yield "big board, the last pages", get(f"{at}?after={last.place}_{last.pk}")
    yield "big board, newest", get(f"{at}?order=newest")
    yield "big board, newest, the last pages", get(f"{at}?order=newest&after={micro(oldest.added_at)}_{oldest.pk}")
    yield "big board, arranging", get(f"{at}?arrange=on")
    yield "big board, settings", get(f"{at}settings/")


def _gallery(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Board, Picture

    deep = Picture.objects.made().order_by("shown_at", "pk")[100]
    at = f"{micro(deep.shown_at)}-{deep.pk}"
    big = Board.objects.get(pk=fill_team.BIG_BOARD).code
    small = Board.objects.filter(visibility="team").order_by("pk")[40].code
    found = {
        "a common tag": "tag=quay",
        "a tag of one picture": "tag=mood77",
        "starred by me": "star=mine",
        "rating": "rating=4",
        "two ratings": "rating=4&rating=5",
        "approved": "decision=approved",
        "undecided": "decision=none",
        "the big board": f"board={big}",
        "a small board": f"board={small}",
        "commented": "comments=on",
        "starred, rated, approved": "star=mine&rating=4&rating=5&decision=approved",
        "board and approved": f"board={big}&decision=approved",
        "board, starred and a word": f"board={big}&star=mine&q=courtyard",
        "tag and a small board": f"tag=quay&board={small}",
        "commented and rejected": "comments=on&decision=rejected",
        "a tag as a word": "q=mood77",
        "the beginning of tags": "q=mood",
    }
    for name, query in found.items():
        yield f"gallery, {name}", get(f"/gallery/?{query}")
    for name in ("a common tag", "starred by me", "undecided", "the big board", "commented and rejected"):
        yield f"gallery, {name}, the last pages", get(f"/gallery/?{found[name]}&after={at}", **TOKENS)
    for name in ("rating", "the big board", "board and approved", "commented and rejected", "the beginning of tags"):
        yield f"gallery, {name}, counted", get(f"/gallery/count/?{found[name]}", **TOKENS)
    for name in ("person", "ratio", "look", "board", "tag"):
        yield f"gallery, menu of {name}", get(f"/gallery/filters/{name}/?{found['approved']}", **TOKENS)


def _pictures(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Comment, Picture

    talked = Picture.objects.made().newest_first()[1]
    earlier = Comment.objects.filter(picture=talked).order_by("created_at", "pk")[min(100, fill_team.TALKED - 1)]
    yield "picture with 300 comments", get(f"/pictures/{talked.code}/")
    yield "comments", get(f"/pictures/{talked.code}/comments/")
    yield "comments, earlier", get(f"/pictures/{talked.code}/comments/?before={earlier.code}")
    yield "picture of a filter", get(f"/pictures/{talked.code}/?of=gallery%3Fdecision%3Dapproved")
    yield "pulse of the picture", get(f"/pulse/?page=picture&code={talked.code}&since=1&pauses=", **TOKENS)
    yield (
        "compare four",
        get("/compare/?" + "&".join(f"picture={one.code}" for one in Picture.objects.made().newest_first()[:4])),
    )


def _lists(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Notification, Picture

    old = Notification.objects.of(person).order_by("at", "pk")[20]
    gone = Picture.objects.in_trash()
    mine, teams = gone.filter(person=person).order_by("trashed_at", "pk"), gone.order_by("trashed_at", "pk")
    yield "notifications", get("/notifications/")
    yield "notifications, new", get("/notifications/?show=new")
    yield "notifications, mentions", get("/notifications/?show=mentions")
    yield "notifications, the last pages", get(f"/notifications/?after={old.code}")
    yield "trash", get("/trash/")
    yield "trash of the team", get("/trash/?whose=team")
    for name, rows, more in (("trash", mine, ""), ("trash of the team", teams, "&whose=team")):
        deep = rows[min(20, rows.count() - 1)]
        yield f"{name}, the last pages", get(f"/trash/?after={micro(deep.trashed_at)}-{deep.pk}{more}")
    yield "tags offered", get("/tags/offer/?tag=mo")
    yield "tags offered, none typed", get("/tags/offer/")
    yield "proof links", get("/proofs/")


def _proof(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Board, Picture, ProofLink
    from studio.models.account.invite import digest
    from studio.models.proof.link import ProofSpec

    link = ProofLink.objects.get(title=fill_team.TITLE)
    token = "t" * 43
    ProofLink.objects.filter(pk=link.pk).update(token_hash=digest(token))
    places = link.places
    spec = ProofSpec(title="The big board", expires_at=link.expires_at)
    board = Board.objects.get(pk=fill_team.BIG_BOARD)
    _, whole = ProofLink.make(person, spec, board=board)
    codes = Picture.objects.filter(places__board=board, trashed_at__isnull=True).order_by("places__place")
    few = len(places) // 2
    yield "proof of 500", get(f"/proof/{token}/")
    yield "proof of 500, the last pages", get(f"/proof/{token}/?after={places[-25].code}")
    yield "proof of 500, a picture", get(f"/proof/{token}/{places[few].code}/")
    yield "proof of the big board", get(f"/proof/{whole}/")
    yield "proof of the big board, a picture", get(f"/proof/{whole}/{codes[min(400, board.number - 2)].code}/")


def _acts(person: Any) -> Iterator[tuple[str, Ask]]:
    from studio.models import Board, Picture

    picture = Picture.objects.made().newest_first()[5]
    at, turn = f"/pictures/{picture.code}/", itertools.count()

    def turning(path: str, name: str, *values: str) -> Ask:
        return lambda client: client.post(path, {name: values[next(turn) % len(values)]}, **TOKENS)

    board = Board.objects.get(pk=fill_team.BIG_BOARD)
    lying = Picture.objects.filter(places__board=board, trashed_at__isnull=True)
    one, other, far = lying.order_by("places__place")[3], lying.order_by("-places__place")[5], lying[40].code
    order = f"{board.get_absolute_url()}order/"
    yield "star", turning(f"{at}star/", "state", "on", "off")
    yield "rate", turning(f"{at}rating/", "value", "3", "4")
    yield "decide", turning(f"{at}decision/", "verdict", "approved", "rejected")
    yield (
        "tag",
        lambda client: client.post(f"{at}tags/", {"tag": "Quay", "state": "on" if next(turn) % 2 else "off"}, **TOKENS),
    )
    yield "comment", lambda client: client.post(f"{at}comments/", {"text": f"Warmer {next(turn)}"}, **TOKENS)
    yield (
        "move far on the big board",
        lambda client: client.post(order, {"picture": (one, other)[next(turn) % 2].code, "before": far}, **TOKENS),
    )
    for to in ("earlier", "later", "first", "last"):
        yield f"move {to}", post(order, picture=one.code, to=to)
