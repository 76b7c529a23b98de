"""A picture as the trash shows it, in its list and on a page of its own."""

from __future__ import annotations

from datetime import datetime

from django.template.defaultfilters import truncatechars

from studio.models import Picture, User
from studio.models.pictures.trash import may_trash
from studio.views import addresses, markup
from studio.views.formatting import counted
from studio.views.gallery.tiles import ALT_LENGTH, tile_src
from studio.views.stencil import Row

LONGEST_WORDS = 80  # characters of a prompt, in the list


def row_of(
    picture: Picture, person: User, names: dict[int, str], now: datetime, *, shown: Picture | None = None
) -> Row:
    """What the trash says of a picture; `shown`: another layer of its split that stands for it."""
    by, shown = picture.trashed_by_id, shown or picture
    return {
        "url": addresses.of("studio:picture", shown.code),
        "src": tile_src(shown),
        "width": str(shown.width),
        "height": str(shown.height),
        "alt": shown.title[:ALT_LENGTH],
        "stack": markup.stack(getattr(shown, "stack", None), shown.title[:ALT_LENGTH]),
        "words": truncatechars(shown.title, LONGEST_WORDS),
        "owner": "" if picture.person_id == person.pk else names.get(picture.person_id, ""),
        "by": "" if by in {None, person.pk} else names.get(by or 0, ""),
        "at": markup.when(shown.trashed_at),
        "left": counted(picture.days_left(now), "day"),
        "may": may_trash(picture, person),
        "restore": addresses.of("studio:trash_picture", shown.code),
        "delete": addresses.of("studio:delete_picture", shown.code),
    }
