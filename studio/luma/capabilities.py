"""What each type, model and style allows (luma-api.md section 3): one table for the form and for the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from studio.luma import pricing
from studio.luma.types import ImageRef, Request

MAX_PROMPT = 6_000
MAX_LAYERING_PROMPT = 500
MAX_REFERENCES = 9
MAX_USER_ID = 256
# Per picture, counted after base64 is undone (section 3.9).
MAX_PICTURE_BYTES = 50 * 2**20
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A shape and the pixels Luma really makes of it, which are not quite that shape (section 10.1)."""

    slug: str
    width: int
    height: int

    @property
    def is_portrait(self) -> bool:
        return self.height > self.width


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one `type` takes."""

    slug: str
    models: tuple[str, ...]
    min_prompt: int
    max_prompt: int
    max_references: int
    needs_source: bool
    has_ratio: bool
    styles: tuple[str, ...]
    output_formats: tuple[str, ...]
    has_web_search: bool
    resolutions: tuple[str, ...]


RATIOS = (
    Ratio("3:1", 3360, 1248),
    Ratio("2:1", 2912, 1440),
    Ratio("16:9", 2784, 1504),
    Ratio("3:2", 2464, 1696),
    Ratio("1:1", 2048, 2048),
    Ratio("2:3", 1696, 2464),
    Ratio("9:16", 1504, 2784),
    Ratio("1:2", 1440, 2912),
    Ratio("1:3", 1248, 3360),
)
_ALL_RATIOS = tuple(ratio.slug for ratio in RATIOS)
# Manga pages are portrait, or left to the model (section 3.4).
STYLE_RATIOS = {"auto": _ALL_RATIOS, "manga": tuple(ratio.slug for ratio in RATIOS if ratio.is_portrait)}
MODELS = ("uni-1", "uni-1-max")
_STYLES = tuple(STYLE_RATIOS)

_IMAGE = Kind(
    slug="image",
    models=MODELS,
    min_prompt=1,
    max_prompt=MAX_PROMPT,
    max_references=MAX_REFERENCES,
    needs_source=False,
    has_ratio=True,
    styles=_STYLES,
    output_formats=("png", "jpeg"),
    has_web_search=True,
    resolutions=(),
)
# The source takes one of the nine places.
_EDIT = replace(_IMAGE, slug="image_edit", max_references=MAX_REFERENCES - 1, needs_source=True)
# Nobody knows which further fields layering refuses, so it gets none (section 3.7).
_LAYERING = Kind(
    slug="layering",
    models=("uni-1",),
    min_prompt=0,
    max_prompt=MAX_LAYERING_PROMPT,
    max_references=0,
    needs_source=True,
    has_ratio=False,
    styles=(),
    output_formats=(),
    has_web_search=False,
    resolutions=("1k", "2k"),
)
KINDS = {kind.slug: kind for kind in (_IMAGE, _EDIT, _LAYERING)}


def check(request: Request) -> list[str]:
    """Return a sentence for everything Luma would reject; an empty list when it would take the request."""
    kind = KINDS.get(request.type)
    if kind is None:
        return [f"Luma makes no “{request.type}”; choose image, edit or layers."]
    return [*_prompt(request, kind), *_inputs(request, kind), *_options(request, kind), *_shape(request, kind)]


def table() -> dict[str, object]:
    """Return everything above as JSON for the compose dock; prices in units of 0.0001 dollars.

    A type with `is_priced` false has no published price: the dock says so instead of a number.
    """
    tariffs = pricing.tariffs_on(datetime.now(UTC).date())
    return {
        "types": {slug: asdict(kind) | {"is_priced": slug in pricing.PRICED_TYPES} for slug, kind in KINDS.items()},
        "models": list(MODELS),
        "ratios": [asdict(ratio) for ratio in RATIOS],
        "style_ratios": {style: list(ratios) for style, ratios in STYLE_RATIOS.items()},
        "max_picture_bytes": MAX_PICTURE_BYTES,
        "media_types": list(MEDIA_TYPES),
        "prices": {model: asdict(tariff) for model, tariff in tariffs.items()},
    }


def _prompt(request: Request, kind: Kind) -> Iterator[str]:
    length = len(request.prompt)
    if kind.min_prompt and not request.prompt.strip():
        yield "Write a prompt first."
    if length > kind.max_prompt:
        over = length - kind.max_prompt
        yield f"Shorten the prompt by {over:,} {'character' if over == 1 else 'characters'} (limit {kind.max_prompt:,})."


def _inputs(request: Request, kind: Kind) -> Iterator[str]:
    references = len(request.image_refs)
    if kind.needs_source and request.source is None:
        yield "Choose the picture to start from."
    if not kind.needs_source and request.source is not None:
        yield "A new picture takes references, not a source. Choose edit to change a picture."
    if references > kind.max_references:
        allowed = kind.max_references or "none"
        yield f"{references} references are too many; {allowed} can be used here."
    if request.source is not None:
        yield from _picture("The source", request.source)
    for number, ref in enumerate(request.image_refs, start=1):
        yield from _picture(f"Reference {number}", ref)


def _picture(name: str, ref: ImageRef) -> Iterator[str]:
    if ref.url is not None and not ref.url.startswith("https://"):
        yield f"{name} needs a link that starts with https://."
    if ref.data is None:
        return
    if ref.media_type not in MEDIA_TYPES:
        yield f"{name} must be a JPEG, PNG, WebP or still GIF."
    if not ref.data:
        yield f"{name} is empty."
    if len(ref.data) > MAX_PICTURE_BYTES:
        yield f"{name} is larger than 50 MB."


def _options(request: Request, kind: Kind) -> Iterator[str]:
    if request.model not in kind.models:
        yield f"{request.model} cannot be used here; choose {' or '.join(kind.models)}."
    if request.output_format is not None and request.output_format not in kind.output_formats:
        yield f"The format {request.output_format} cannot be chosen here."
    if request.web_search and not kind.has_web_search:
        yield "Web search cannot be used here."
    if request.layering_resolution is not None and request.layering_resolution not in kind.resolutions:
        yield f"The layer size {request.layering_resolution} cannot be chosen here."
    if request.user_id is not None and len(request.user_id) > MAX_USER_ID:
        yield f"The person's id is longer than {MAX_USER_ID} characters."


def _shape(request: Request, kind: Kind) -> Iterator[str]:
    if request.style is not None and request.style not in kind.styles:
        yield f"The style {request.style} cannot be chosen here."
    ratio = request.aspect_ratio
    if ratio is None:
        return
    if not kind.has_ratio or ratio not in _ALL_RATIOS:
        yield f"The ratio {ratio} cannot be chosen here."
    elif ratio not in STYLE_RATIOS.get(request.style or "auto", _ALL_RATIOS):
        yield f"Manga pages are portrait: choose {', '.join(STYLE_RATIOS['manga'])}, or leave the ratio to Luma."
