"""The pictures of a proof link, asked for by compiled queries: every page of a client, and every file, needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from studio.models.board import Board
from studio.models.picture import Picture, PictureQuerySet
from studio.models.sql.compiled_query import KEY, KEYS, PERSON, CompiledQuery

# So many can be looked at and decided on in one go; of a larger board a client sees the first of its order.
MOST_PICTURES = 500


def _seen(maker: Any) -> PictureQuerySet:
    return Picture.objects.visible_to(maker).filter(trashed_at__isnull=True)


def _of_link(maker: Any, link: Any) -> Any:
    mine = _seen(maker).filter(Q(is_private=False) | maker.owned(), proof_places__link=link)
    return mine.order_by("proof_places__position").values_list("pk", "code")[:MOST_PICTURES]


def _on_board(*order: str) -> Callable[[Any, Any], Any]:
    def pictures(maker: Any, board: Any) -> Any:
        public = _seen(maker).without_splits().filter(is_private=False, places__board=board)
        return public.order_by(*order).values_list("pk", "code")[:MOST_PICTURES]

    return pictures


# Keys and codes, in their order: what the maker (a person) may still see and nobody threw away.
OF_LINK: CompiledQuery[Picture] = CompiledQuery(_of_link, PERSON, KEY)
ON_BOARD: dict[Board.Order, CompiledQuery[Picture]] = {
    Board.Order.HAND: CompiledQuery(_on_board("places__place", "places__pk"), PERSON, KEY),
    Board.Order.NEWEST: CompiledQuery(_on_board("-places__added_at", "-places__pk"), PERSON, KEY),
}
# With what the pages show of them; then `load_sizes`.
LOADED: CompiledQuery[Picture] = CompiledQuery(
    lambda keys: Picture.objects.filter(pk__in=keys).select_related("job__submission", "person"), KEYS
)
