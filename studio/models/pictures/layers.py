"""Layers as one picture: where each lies on the canvas it was cut from, and how people arranged them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.urls import reverse

from studio.models.picture import Picture, load_sizes
from studio.models.pictures.queries import SHOWN
from studio.ratios import ratio_class
from studio.text.plurals import counted

# Larger numbers are no canvas, and no editor opens a file that big.
LARGEST_CANVAS = 16_384  # pixels a side
FARTHEST = 30_000  # pixels outside it
LONGEST_NAME = 120  # characters: what people type; PSD takes 255 and some editors show 63
LONG_NAME = f"Shorten the name to {LONGEST_NAME} characters."
OPAQUE = 100  # per cent
# What the front layer remembers beside what Luma says of it: how many layers there were that Studio left out.
LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Placed:
    """A layer, where it lies on its canvas, in pixels, and how it is shown: `opacity` in per cent.

    `picture` is what it shows: `own`, as Luma made it, or an edit of that which was put in its place.
    """

    own: Picture
    picture: Picture
    label: str
    x: int
    y: int
    width: int
    height: int
    opacity: int = OPAQUE
    hidden: bool = False

    @property
    def position(self) -> int:
        return self.own.position

    @property
    def is_edited(self) -> bool:
        return self.picture is not self.own

    @property
    def alpha(self) -> str:
        """The opacity as SVG writes it."""
        return f"{self.opacity / OPAQUE:g}"

    @property
    def is_background(self) -> bool:
        return not self.picture.has_alpha


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers of one split, front first, and the canvas they lie on, in pixels."""

    width: int
    height: int
    layers: list[Placed]
    # The address of all of them in one small picture, where a list needs no more.
    together: str = ""
    # How many more Luma made than Studio keeps.
    left_out: int = 0

    @property
    def count_words(self) -> str:
        """How many layers it has, and of how many, where Luma made more than Studio keeps."""
        of = f"{len(self.layers)} of " if self.left_out else ""
        return of + counted(len(self.layers) + self.left_out, "layer")

    @property
    def left_out_words(self) -> str:
        kept = len(self.layers)
        return (
            f"Luma made {kept + self.left_out} layers. Studio keeps {kept} of them: those in front and the last, "
            "which is the background."
        )

    @property
    def ratio_class(self) -> str:
        return ratio_class(self.width, self.height)

    @property
    def back_to_front(self) -> list[Placed]:
        return self.layers[::-1]

    @property
    def hidden(self) -> int:
        """How many layers are hidden."""
        return sum(layer.hidden for layer in self.layers)

    @property
    def edited(self) -> int:
        """How many layers show an edit of what Luma made."""
        return sum(layer.is_edited for layer in self.layers)

    def layer(self, position: int) -> Placed | None:
        """The layer that came as output `position`."""
        return next((layer for layer in self.layers if layer.position == position), None)


def stack(
    layers: Iterable[Picture],
    arrangement: Sequence[dict[str, Any]] = (),
    contents: Mapping[int, Picture] | None = None,
) -> Stack:
    """Lay the layers of a job on their canvas, each where its bounds say, or over the whole of it without bounds.

    `arrangement` names them front to back with what people changed (Split.arrangement); what it does not know keeps its
    place behind the rest. `contents` are the edits that it puts in the place of layers, by key.
    """
    pictures = {picture.position: picture for picture in layers}
    width = max((_canvas(p, "width", "x") for p in pictures.values()), default=1)
    height = max((_canvas(p, "height", "y") for p in pictures.values()), default=1)
    known = {entry["position"]: entry for entry in arrangement if entry.get("position") in pictures}
    order = [*known, *(position for position in sorted(pictures) if position not in known)]
    return Stack(
        width,
        height,
        [_placed(pictures[one], known.get(one, {}), (width, height), contents or {}) for one in order],
        left_out=max(((picture.layer or {}).get(LEFT_OUT, 0) for picture in pictures.values()), default=0),
    )


def load_stacks(pictures: Iterable[Picture]) -> None:
    """Fill in the `stack` of each picture that stands for a split: three queries, and none where no split is.

    Once the layers are compared with their source, one picture shows them all: a page of splits is no hundreds of files.
    """
    fronts = {picture.job_id: picture for picture in pictures if picture.is_split}
    if not fronts:
        return
    shown = Picture.objects.of_luma().filter(job_id__in=list(fronts)).only(*SHOWN, "layer").order_by("position")
    layers = list(shown)
    load_sizes(layers)
    compared = apps.get_model("studio", "Split").objects.filter(job_id__in=list(fronts)).exclude(average=None)
    together = dict(compared.values_list("job_id", "together_file"))
    for key, front in fronts.items():
        whole = stack(layer for layer in layers if layer.job_id == key)
        if front.job and key in together:
            whole = replace(whole, together=proof_address(front.job.code, "together", together[key]))
        front.__dict__["stack"] = whole


def proof_address(job: uuid.UUID, which: str, file: str) -> str:
    """Return the address of a proof, which may be cached for ever: it changes with the file."""
    version = hashlib.sha256(file.encode()).hexdigest()[:8]
    return f"{reverse('studio:layers_proof', args=[job, which])}?v={version}"


def label_of(layer: Picture) -> str:
    """What Luma called the layer, else its number from the front."""
    label = (layer.layer or {}).get("label")
    return (str(label).strip() if label else "")[:LONGEST_NAME] or f"Layer {layer.position + 1}"


def plain_name(typed: str) -> str:
    """Return what was typed for a name, on one line."""
    return " ".join("".join(letter if letter >= " " else " " for letter in typed).split())


def _placed(
    layer: Picture, changed: dict[str, Any], canvas: tuple[int, int], contents: Mapping[int, Picture]
) -> Placed:
    bounds = _bounds(layer)
    width, height = canvas
    return Placed(
        layer,
        contents.get(changed.get("content", 0), layer),
        changed.get("name") or label_of(layer),
        bounds.get("x", 0),
        bounds.get("y", 0),
        bounds.get("width", width),
        bounds.get("height", height),
        changed.get("opacity", OPAQUE),
        changed.get("hidden", False),
    )


def _canvas(layer: Picture, side: str, start: str) -> int:
    """The side of the canvas as a layer knows it: what Luma says, else what the layer covers."""
    bounds = _bounds(layer)
    if f"canvas_{side}" in bounds:
        return bounds[f"canvas_{side}"]
    return max(1, bounds[start] + bounds[side]) if bounds else int(getattr(layer, side))


def _bounds(layer: Picture) -> dict[str, int]:
    """Read the whole numbers of a layer's bounds; bounds in another form, or beyond any canvas, are ignored."""
    bounds = (layer.layer or {}).get("bounds")
    if not isinstance(bounds, dict):
        return {}
    numbers = {key: value for key, value in bounds.items() if type(value) is int}
    sides = [numbers.get(key, 0) for key in ("width", "height")]
    canvas = [numbers.get(key, 1) for key in ("canvas_width", "canvas_height")]
    places = [numbers.get(key, FARTHEST + 1) for key in ("x", "y")]
    fits = all(1 <= side <= LARGEST_CANVAS for side in (*sides, *canvas)) and all(abs(at) <= FARTHEST for at in places)
    return numbers if fits else {}
