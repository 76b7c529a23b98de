"""The family of a picture as a tree: generations from left to right, and as a nested list on a phone."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from studio.codes import read_code
from studio.models import Picture
from studio.models.lineage.lineage import MOST_COUNTED, Edge, Lineage, Relative
from studio.models.picture import PictureQuerySet
from studio.models.pictures.layers import Stack
from studio.text.names import isolated
from studio.views import formatting
from studio.views.gallery.tiles import TileLinks, tile_src
from studio.views.pictures import gone_meanwhile
from studio.views.pictures.differences import kind_of
from studio.views.request import read_number, viewer

# Pixels of the drawing.
MARGIN, COLUMN, SLOT = 32, 264, 160
TALL, WIDEST, NARROWEST = 88, 176, 44
LONGEST_LINE = 34  # characters under a picture
LAST = 2**31 - 1
WORDS = {"kept": "Kept", "layer": "Cut"}


@dataclass(slots=True)
class Leaf:
    """A picture of the tree: what it is, where it is drawn, and what hangs on it."""

    relative: Relative
    word: str
    # Its place in the way from its nearer relative: "@2", or "" for a source.
    tag: str
    more_url: str
    x: int = 0
    y: float = 0
    parents: list[Leaf] = field(default_factory=list)
    children: list[Leaf] = field(default_factory=list)
    # What is nested under it in the list: of ancestors the next on the way to the present one alone.
    nested: list[Leaf] = field(default_factory=list)

    @property
    def picture(self) -> Picture:
        return self.relative.picture

    @property
    def is_this(self) -> bool:
        return self.relative.level == 0

    @property
    def url(self) -> str:
        return TileLinks.of(self.picture).url

    @property
    def src(self) -> str:
        return tile_src(self.picture, 256)

    @property
    def stack(self) -> Stack | None:
        return self.picture.__dict__.get("stack")

    @property
    def width(self) -> int:
        shape = self.stack or self.picture
        return round(min(WIDEST, max(NARROWEST, TALL * shape.width / shape.height)))

    @property
    def is_gone(self) -> bool:
        """Whether it is in the trash, or deleted for good: a dashed box."""
        return self.picture.trashed_at is not None

    @property
    def who(self) -> str:
        if self.picture.deleted_at:
            return f"Deleted {formatting.moment(self.picture.deleted_at)}"
        if self.picture.trashed_at:
            return f"In the trash since {formatting.moment(self.picture.trashed_at)}"
        return f"{isolated(self.picture.person.name)} · {formatting.moment(self.picture.created_at)}"

    @property
    def line(self) -> str:
        return self.who if len(self.who) <= LONGEST_LINE else f"{self.who[: LONGEST_LINE - 1]}…"

    @property
    def name(self) -> str:
        return f"{self.word} · this" if self.is_this else self.word

    @property
    def more(self) -> str:
        """How much was made from it that is not in the tree."""
        count = self.relative.more
        if not count:
            return ""
        number = f"{count}" if count < MOST_COUNTED / 2 else f"over {count // 10 * 10}"
        return f"and {number} more" if self.children else f"{number} made from it"

    @property
    def keys(self) -> dict[str, str]:
        """Whom the arrow keys lead to: keys of pictures."""
        return {
            name: " ".join(str(one.picture.code) for one in those)
            for name, those in (("from", self.parents), ("to", self.children))
        }

    @property
    def below(self) -> float:
        return self.y + TALL


@dataclass(frozen=True, slots=True)
class Line:
    """The curve from a picture to what came of it, and the number of the reference on it."""

    path: str
    tag: str
    is_reference: bool
    is_way: bool
    x: float
    y: float


@require_safe
def family(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show what a picture came from and what came of it; `after`, the rest of what was made with it."""
    shown = get_object_or_404(_seen(request), code=code)
    page = {"picture": shown, "page": "family", **gone_meanwhile.ask(shown)} | _tree(request, shown)
    page["ask"] = f"{page['ask']}&after={page['after']}"
    return render(request, "pictures/family.html", page)


def update(request: HttpRequest) -> str:
    """Return the tree as it is by now, for the pulse of its page; "" where its picture is gone."""
    code = read_code(request.GET.get("code", ""))
    shown = _seen(request).filter(code=code).first() if code else None
    return render_to_string("pictures/family.html#now", _tree(request, shown), request) if shown else ""


def asked_again(request: HttpRequest) -> str:
    return f"{gone_meanwhile.asked_again(request)}&after={_after(request)}"


def _seen(request: HttpRequest) -> PictureQuerySet:
    return Picture.objects.visible_to(viewer(request)).select_related("job__submission", "person")


def _after(request: HttpRequest) -> int:
    asked = request.GET.get("after", "")
    return min(read_number(asked) or 0, LAST)


def _tree(request: HttpRequest, shown: Picture) -> dict[str, Any]:
    after = _after(request)
    tree = Tree(Lineage.of(shown, viewer(request), after=after))
    words = f"{formatting.counted(len(tree.leaves), 'picture')} · {formatting.counted(tree.generations, 'generation')}"
    return {"tree": tree, "after": after, "words": words}


class Tree:
    """Leaves and lines of a family, laid out without overlap: each picture beside the middle of what hangs on it."""

    def __init__(self, lineage: Lineage) -> None:
        self.root_key = lineage.root.pk
        nearer: dict[int, Edge] = {}
        for edge in sorted(lineage.edges, key=lambda one: one.is_reference):
            far, near = edge.parent, edge.child
            if lineage.relatives[edge.child].level > 0:
                far, near = near, far
            # The edge to the next level is the one it hangs by; it may have others.
            gap = abs(lineage.relatives[far].level) - abs(lineage.relatives[near].level)
            if far not in nearer and gap == 1:
                nearer[far] = edge
        self.leaves = {key: self._leaf(one, nearer.get(key), lineage) for key, one in lineage.relatives.items()}
        for edge in lineage.edges:
            parent, child = self.leaves[edge.parent], self.leaves[edge.child]
            parent.children.append(child)
            child.parents.append(parent)
        self.hanging: dict[int, list[int]] = defaultdict(list)
        for key, edge in nearer.items():
            self.hanging[edge.parent if edge.child == key else edge.child].append(key)
        self._lay_out()
        self.lines = [self._line(edge) for edge in lineage.edges]
        self._nest()

    @property
    def root(self) -> Leaf:
        return self.leaves[self.root_key]

    def _leaf(self, one: Relative, edge: Edge | None, lineage: Lineage) -> Leaf:
        picture, tag, word = one.picture, "", ""
        if edge and edge.is_reference:
            of = " of this" if edge.child == self.root_key else ""
            tag = f"@{edge.place}{of}" if one.level < 0 else f"uses it as @{edge.place}"
        if edge and one.level > 0:
            word = WORDS.get(edge.role, "")
        url = reverse("studio:family", args=[picture.code])
        more_url = f"{url}?after={lineage.last}" if one.level == 0 else url
        return Leaf(one, word or kind_of(picture, in_layer="Cut"), tag, more_url)

    # ---- Where everything is

    def _lay_out(self) -> None:
        levels = [leaf.relative.level for leaf in self.leaves.values()]
        first = min(levels)
        self.generations = max(levels) - first + 1
        tops = {}
        for side in (-1, 1):
            tops[side] = self._stack(self.root_key, side, 0)
        middles = {side: self._middle(side) for side in (-1, 1)}
        middle = max(middles.values())
        for leaf in self.leaves.values():
            side = 1 if leaf.relative.level > 0 else -1
            if leaf.relative.level:
                leaf.y += middle - middles[side]
            else:
                leaf.y = middle
            leaf.x = MARGIN + (leaf.relative.level - first) * COLUMN
        self.width = self.generations * COLUMN
        self.height = round(max(leaf.y for leaf in self.leaves.values()) + SLOT)

    def _hanging(self, key: int, side: int) -> list[int]:
        return [one for one in self.hanging[key] if self.leaves[one].relative.level * side > 0]

    def _stack(self, key: int, side: int, top: float) -> float:
        """Put a leaf and all that hangs on it below `top`; return where the next may begin."""
        hanging, at = self._hanging(key, side), top
        for one in hanging:
            at = self._stack(one, side, at)
        at = max(at, top + SLOT)
        if key != self.root_key:
            places = [self.leaves[one].y for one in hanging]
            self.leaves[key].y = (places[0] + places[-1]) / 2 if places else top + (at - top - SLOT) / 2
        return at

    def _middle(self, side: int) -> float:
        places = [self.leaves[one].y for one in self._hanging(self.root_key, side)]
        return (places[0] + places[-1]) / 2 if places else 0

    def _line(self, edge: Edge) -> Line:
        one, other = self.leaves[edge.parent], self.leaves[edge.child]
        from_x, from_y, to_x, to_y = one.x + one.width + 4, one.y + TALL / 2, other.x - 8, other.y + TALL / 2
        middle = (from_x + to_x) / 2
        path = f"M{from_x} {from_y:g}C{middle:g} {from_y:g} {middle:g} {to_y:g} {to_x} {to_y:g}"
        is_way = one.relative.level < 0 and not edge.is_reference and other.relative.level <= 0
        tag = f"@{edge.place}" if edge.is_reference else ""
        return Line(path, tag, edge.is_reference, is_way, middle, (from_y + to_y) / 2)

    # ---- The list

    def _nest(self) -> None:
        """Nest the way from the farthest source to the present picture, and all that came of that; then the others."""
        for key, leaf in self.leaves.items():
            if leaf.relative.level >= 0:
                leaf.nested = [self.leaves[one] for one in self._hanging(key, 1)]
        top, way = self.root_key, {self.root_key}
        while above := self._hanging(top, -1):
            self.leaves[above[0]].nested = [self.leaves[top]]
            top = above[0]
            way.add(top)
        others = [leaf for key, leaf in self.leaves.items() if leaf.relative.level < 0 and key not in way]
        self.list = [self.leaves[top], *others]
