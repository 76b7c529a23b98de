"""The pictures of a board as they are arranged without a mouse: each with the buttons that move it."""

from __future__ import annotations

from collections.abc import Iterable

from studio.models import Board, Picture
from studio.views import addresses, markup
from studio.views.gallery.tiles import ALT_LENGTH, tile_src
from studio.views.stencil import Row


def rows(board: Board, pictures: Iterable[Picture], *, since: int, after: str) -> list[Row]:
    """`since`: the revision of the page; `after`: the place that it begins behind, "" for the start."""
    same = {
        "move": addresses.of("studio:move_on_board", board.code),
        "set_cover": addresses.of("studio:set_cover", board.code),
        "remove": addresses.of("studio:remove_from_board", board.code),
        "since": str(since),
        "after": after,
    }
    return [same | _row(one, board) for one in pictures]


def _row(picture: Picture, board: Board) -> dict[str, str | bool]:
    stack, alt = getattr(picture, "stack", None), picture.title[:ALT_LENGTH]
    return {
        "code": str(picture.code),
        "ratio_class": stack.ratio_class if stack else picture.ratio_class,
        "src": tile_src(picture),
        "width": str(picture.width),
        "height": str(picture.height),
        "alt": alt,
        "stack": markup.stack(stack, alt),
        "is_cover": picture.pk == board.cover_id,
    }
