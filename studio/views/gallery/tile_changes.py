"""What an open gallery learns of its tiles: which were drawn anew since it looked, and which are gone."""

from __future__ import annotations

from django.template.loader import render_to_string

from studio.models import Picture, Star, User
from studio.models.picture import load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.pictures.tile_rows import makers
from studio.models.stacks import stacks
from studio.views import stencil
from studio.views.gallery.tiles import TileLinks

# Changes in one answer, and tiles that are drawn of them. A page that missed more shows them when it is opened next.
MOST_TOLD, MOST_DRAWN = 200, 24


def changed(person: User, since: int, *, is_wall: bool) -> str:
    """Return the tiles that changed after a revision, and the codes of those that left: for the trash, the archive or
    behind a cover (`is_wall`: the gallery's own list), or from this person's sight. "" where none did."""
    rows = list(Picture.objects.filter(rev__gt=since).order_by("rev").values_list("pk", "code")[: MOST_TOLD + 1])
    if not rows or len(rows) > MOST_TOLD:
        return ""
    seen = Picture.objects.visible_to(person)
    keys = [key for key, _ in rows]
    there = set((seen.on_wall() if is_wall else seen.made()).filter(pk__in=keys).values_list("pk", flat=True))
    context = {
        "tiles": drawn([key for key in keys if key in there][-MOST_DRAWN:], person, is_wall=is_wall),
        "gone": " ".join(str(code) for key, code in rows if key not in there),
        "since": since,
    }
    return render_to_string("gallery/_changes.html", context)


def drawn(keys: list[int], person: User, *, is_wall: bool) -> str:
    """Draw the tiles of these pictures, of those that the person sees."""
    pictures = Picture.objects.visible_to(person).for_wall().in_order(keys)
    load_sizes(pictures)
    load_stacks(pictures)
    stacks.load(pictures, person, is_wall=is_wall)
    Star.load(pictures, person)
    names = makers(pictures)
    return "".join(stencil.tile(one, TileLinks.of(one, names[one.person_id]), None) for one in pictures)
