"""What `POST /v1/generations` accepts, and the literal texts of what it does not (luma-api.md sections 3 and 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from studio.simulator.errors import ApiError, shown

# A video model exists, but an ungranted model is answered exactly like an unknown one: this account has no video.
IMAGE_MODELS = ("uni-1", "uni-1-max")
TYPES_BY_MODEL = {"uni-1": ("image", "image_edit", "layering"), "uni-1-max": ("image", "image_edit")}
# The order in which the service lists them in its refusal.
ASPECT_RATIOS = ("1:1", "1:2", "1:3", "16:9", "2:1", "2:3", "3:1", "3:2", "9:16")
PORTRAIT_RATIOS = ("2:3", "9:16", "1:2", "1:3")
STYLES = ("auto", "manga")
OUTPUT_FORMATS = ("jpeg", "png")
RESOLUTIONS = ("1k", "2k")

MAX_PROMPT = 6000
MAX_LAYERING_PROMPT = 500
MAX_USER_ID = 256
# The source of an edit takes one of nine places.
MAX_IMAGE_REFS = 9
MAX_EDIT_REFS = 8

RefKind = Literal["url", "data", "generation_id", "file_id"]
KINDS: tuple[RefKind, ...] = ("url", "data", "generation_id", "file_id")


@dataclass(frozen=True, kw_only=True)
class Ref:
    """One input image as the caller named it; `place` is `source` or `image_ref[n]`, the prefix of every complaint."""

    place: str
    kind: RefKind
    value: str
    media_type: str | None


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """A request that passed validation; None in `aspect_ratio` or `output_format` leaves the choice to the model."""

    type: str
    model: str
    prompt: str
    aspect_ratio: str | None
    # In pixels, of a ratio that is not one of ASPECT_RATIOS.
    size: tuple[int, int] | None
    style: str
    output_format: str | None
    web_search: bool
    resolution: str
    source: Ref | None
    image_refs: tuple[Ref, ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """All input images, the source first."""
        return (self.source, *self.image_refs) if self.source else self.image_refs


def has_another_ratio(body: object) -> bool:
    """Whether it asks for a ratio that only `Options.more_ratios` may know."""
    ratio = body.get("aspect_ratio") if isinstance(body, dict) else None
    return isinstance(ratio, str) and ratio not in ASPECT_RATIOS


def parse_request(body: object, more_ratios: Mapping[str, tuple[int, int]] = MappingProxyType({})) -> GenerationRequest:
    """Check a decoded JSON body in a fixed order; raise ApiError 400 with the first complaint."""
    if not isinstance(body, dict):
        raise ApiError(400, "Request body must be a JSON object")
    model, kind = _model_and_type(body)
    ratio = choice(body, "aspect_ratio", tuple(dict.fromkeys((*ASPECT_RATIOS, *more_ratios))))
    size = more_ratios.get(ratio or "")
    is_portrait = size[1] > size[0] if size else ratio in PORTRAIT_RATIOS
    prompt = _prompt(body, kind)
    style = choice(body, "style", STYLES) or "auto"
    if style == "manga" and ratio is not None and not is_portrait:
        valid = ", ".join(PORTRAIT_RATIOS)
        raise ApiError(400, f"style 'manga' requires a portrait aspect_ratio. Valid: {valid}")
    output_format = choice(body, "output_format", OUTPUT_FORMATS)
    web_search = body.get("web_search")
    if web_search is not None and not isinstance(web_search, bool):
        raise ApiError(400, "web_search must be a boolean")
    check_user_id(body.get("user_id"))
    return GenerationRequest(
        type=kind,
        model=model,
        prompt=prompt,
        aspect_ratio=ratio,
        size=size,
        style=style,
        output_format=output_format,
        web_search=bool(web_search),
        resolution=_resolution(body, kind),
        source=_source(body, kind),
        image_refs=_image_refs(body, kind),
    )


def unsupported_type(kind: str, model: str) -> ApiError:
    """Return the 400 for a type that a model does not have, or that the account has no grant for."""
    return ApiError(400, f"Type '{kind}' is not supported for model '{model}'")


def check_user_id(value: object) -> None:
    """Raise ApiError 400 unless the end-user tag is absent or a string of at most 256 characters."""
    if value is not None and not (isinstance(value, str) and len(value) <= MAX_USER_ID):
        raise ApiError(400, f"user_id must be a string of at most {MAX_USER_ID} characters")


def _model_and_type(body: dict[str, object]) -> tuple[str, str]:
    model = body.get("model", "uni-1")
    if not isinstance(model, str) or model not in IMAGE_MODELS:
        raise ApiError(400, f"Unknown model: {shown(model)}")
    kind = body.get("type", "image")
    if not isinstance(kind, str) or kind not in TYPES_BY_MODEL[model]:
        raise unsupported_type(shown(kind), model)
    return model, kind


def choice(body: Mapping[str, object], field: str, valid: tuple[str, ...]) -> str | None:
    """Return a field that is absent or one of a few values; raise ApiError 400."""
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or value not in valid:
        raise ApiError(400, f"Invalid {field} '{shown(value)}'. Valid: {', '.join(valid)}")
    return value


def _prompt(body: dict[str, object], kind: str) -> str:
    prompt = body.get("prompt")
    if kind == "layering":
        if prompt is not None and not isinstance(prompt, str):
            raise ApiError(400, "prompt must be a string")
        if len(prompt or "") > MAX_LAYERING_PROMPT:
            raise ApiError(400, f"Layering prompt must be at most {MAX_LAYERING_PROMPT} characters")
        return prompt or ""
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= MAX_PROMPT:
        raise ApiError(400, f"Prompt must be between 1 and {MAX_PROMPT} characters")
    return prompt


def _resolution(body: dict[str, object], kind: str) -> str:
    layering = body.get("layering")
    if body.get("video") is not None:
        raise ApiError(400, "video is only valid for video types")
    if layering is None:
        return "1k"
    if kind != "layering":
        raise ApiError(400, "layering is only valid for type 'layering'")
    if not isinstance(layering, dict):
        raise ApiError(400, "layering must be an object")
    resolution = layering.get("resolution", "1k")
    if resolution not in RESOLUTIONS:
        raise ApiError(400, f"Invalid layering.resolution '{shown(resolution)}'. Valid: {', '.join(RESOLUTIONS)}")
    return str(resolution)


def _source(body: dict[str, object], kind: str) -> Ref | None:
    source = body.get("source")
    if kind == "image":
        if source is not None:
            raise ApiError(400, "source is only valid for type 'image_edit'")
        return None
    if source is None:
        raise ApiError(400, f"source is required for type '{kind}'")
    return parse_ref(source, "source")


def _image_refs(body: dict[str, object], kind: str) -> tuple[Ref, ...]:
    refs = body.get("image_ref")
    if refs is None:
        return ()
    if not isinstance(refs, list):
        raise ApiError(400, "image_ref must be an array")
    if kind == "layering" and refs:
        raise ApiError(400, "image_ref is not supported for type 'layering'")
    if kind == "image_edit" and len(refs) > MAX_EDIT_REFS:
        raise ApiError(400, f"image_edit supports up to {MAX_EDIT_REFS} reference images (source occupies one slot)")
    if len(refs) > MAX_IMAGE_REFS:
        raise ApiError(400, f"image supports up to {MAX_IMAGE_REFS} reference images")
    return tuple(parse_ref(ref, f"image_ref[{index}]") for index, ref in enumerate(refs))


def parse_ref(value: object, place: str) -> Ref:
    """Read one ImageRef; raise ApiError 400."""
    if not isinstance(value, dict):
        raise ApiError(400, f"{place}: must be an object")
    given: list[RefKind] = [kind for kind in KINDS if value.get(kind) is not None]
    if len(given) != 1:
        excess = "both" if given else "neither"
        raise ApiError(400, f"{place}: provide either 'url' or 'data', not {excess}")
    kind = given[0]
    media_type = value.get("media_type")
    if not isinstance(value[kind], str):
        raise ApiError(400, f"{place}: '{kind}' must be a string")
    if media_type is not None and not isinstance(media_type, str):
        raise ApiError(400, f"{place}: 'media_type' must be a string")
    if kind == "data" and not media_type:
        raise ApiError(400, f"{place}: 'media_type' is required with 'data'")
    return Ref(place=place, kind=kind, value=cast("str", value[kind]), media_type=media_type)
