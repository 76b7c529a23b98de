"""The newest threads of a picture's comments and what was answered in them, as a page shows them."""

from __future__ import annotations

from typing import Any

from studio.models import keyset
from studio.models.opinions.comment import Comment, CommentQuerySet
from studio.models.sql.compiled_query import KEY, KEYS, MOMENT, CompiledQuery

MOST_THREADS = 20
MOST_REPLIES = 300

PEOPLE = ("person", "client", "resolved_by", "deleted_by")
# All of a comment, and of people what a comment says of them.
_SHOWN = (*(one.name for one in Comment._meta.concrete_fields), *(f"{one}__name" for one in PEOPLE))


def _newest(picture: Any) -> CommentQuerySet:
    rows = Comment.objects.filter(picture=picture).threads().order_by("-created_at", "-pk")
    return rows.select_related(*PEOPLE).only(*_SHOWN)


THREADS = CompiledQuery(lambda picture: _newest(picture)[: MOST_THREADS + 1], KEY)
EARLIER = CompiledQuery(
    lambda picture, at, pk: keyset.below(_newest(picture), "created_at", at, pk)[: MOST_THREADS + 1],
    KEY,
    MOMENT,
    KEY,
)
REPLIES = CompiledQuery(
    lambda threads: (
        Comment.objects.filter(thread__in=threads)
        .select_related(*PEOPLE)
        .only(*_SHOWN)
        .order_by("-created_at", "-pk")[:MOST_REPLIES]
    ),
    KEYS,
)
