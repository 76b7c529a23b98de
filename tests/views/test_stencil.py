"""A tile that is filled in is, letter for letter, the tile that its template renders."""

from __future__ import annotations

import pytest
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import mark_safe

from studio.models import User
from studio.views import stencil
from studio.views.gallery.tiles import TileLinks
from studio.views.jobs.cards import Card
from tests.people import make_job, make_picture

NASTY = "<b>\"quoted\" & 'it' @@print_url@@ {{ x }}</b>"


@pytest.mark.parametrize("arriving", [None, False, True])
@pytest.mark.parametrize("placeholder", ["", "data:image/webp;base64,AA+/=="])
@pytest.mark.parametrize("renditions", [(), (256,), (256, 512, 1024)])
@pytest.mark.parametrize("uploaded", [False, True])
def test_a_filled_tile_is_the_rendered_one(
    alice: User, uploaded: bool, renditions: tuple[int, ...], placeholder: str, arriving: bool | None
) -> None:
    job = make_job(alice, state="saving", prompt=NASTY)
    named = {"original_name": NASTY} if uploaded else {}
    picture = make_picture(
        alice, job=None if uploaded else job, renditions=renditions, placeholder=placeholder, **named
    )
    card = None if arriving is None else Card(job, now=timezone.now(), viewer=alice, arriving=arriving)
    shown = TileLinks.of(picture)
    rendered = get_template(stencil.TILE).render({"picture": picture, "print": shown, "card": card})
    assert stencil.tile(picture, shown, card) == rendered
    assert "<b>" not in rendered


def test_what_is_kept_is_rendered_once_for_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(name: str) -> object:
        read.append(name)
        return get_template(name)

    monkeypatch.setattr(stencil, "get_template", counting)
    template = "pictures/_download.html#cuts"
    values = {"cuts": (("1:1", NASTY), ("3:2", "r-3x2"))}
    first = stencil.kept(template, values)
    assert first == get_template(template).render(values)
    assert "<b>" not in first
    assert stencil.kept(template, dict(values)) == first
    assert read == [template]
    assert stencil.kept(template, {"cuts": (("1:1", "r-1x1"),)}) != first


@pytest.mark.parametrize("may", [False, True])
@pytest.mark.parametrize("owner", ["", NASTY, "a\0b"])
def test_the_rows_of_a_list_are_the_rendered_ones(*, owner: str, may: bool) -> None:
    names = ("url", "src", "width", "height", "alt", "stack", "words", "left", "restore", "delete", "by")
    rows: list[stencil.Row] = [
        dict.fromkeys(names, f"{NASTY} {number}") | {"at": mark_safe("<time>x</time>"), "owner": owner, "may": may}
        for number in range(3)
    ]
    shared = {"of_team": may, "csrf_token": "@@alt@@"}
    template = get_template("gallery/trash.html#item")
    rendered = "".join(template.render({"row": row, **shared}) for row in rows)
    assert stencil.each("gallery/trash.html#item", "row", rows, **shared) == rendered
    assert "<time>x</time>" in rendered
    assert "<b>" not in rendered.replace("<bdi>", "")


def test_a_list_without_rows_is_nothing() -> None:
    assert stencil.each("gallery/trash.html#item", "row", []) == ""
