"""What each type, model and style allows (luma-api.md section 3): one table for the form and for the server."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache

from studio.luma import pricing, ratios
from studio.luma.ratios import STYLES

MAX_PROMPT = 6_000
MAX_LAYERING_PROMPT = 500
MAX_REFERENCES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one `type` takes."""

    slug: str
    first_models: tuple[str, ...]
    min_prompt: int
    max_prompt: int
    max_references: int
    needs_source: bool
    has_ratio: bool
    # Whether several may be asked for at once: a picture is split into layers once.
    has_count: bool
    styles: tuple[str, ...]
    output_formats: tuple[str, ...]
    has_web_search: bool
    resolutions: tuple[str, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The models that make it; a model that has a price by now makes pictures and edits like the others."""
        return models() if self.first_models == MODELS else self.first_models


MODELS = ("uni-1", "uni-1-max")

_IMAGE = Kind(
    slug="image",
    first_models=MODELS,
    min_prompt=1,
    max_prompt=MAX_PROMPT,
    max_references=MAX_REFERENCES,
    needs_source=False,
    has_ratio=True,
    has_count=True,
    styles=STYLES,
    output_formats=("png", "jpeg"),
    has_web_search=True,
    resolutions=(),
)
# The source takes one of the nine places. A ratio beside it is ignored, or not: it is never sent (section 3.3).
_EDIT = replace(_IMAGE, slug="image_edit", max_references=MAX_REFERENCES - 1, needs_source=True, has_ratio=False)
# Nobody knows which further fields layering refuses, so it gets none (section 3.7).
_LAYERING = Kind(
    slug="layering",
    first_models=("uni-1",),
    min_prompt=0,
    max_prompt=MAX_LAYERING_PROMPT,
    max_references=0,
    needs_source=True,
    has_ratio=False,
    has_count=False,
    styles=(),
    output_formats=(),
    has_web_search=False,
    resolutions=("1k", "2k"),
)
KINDS = {kind.slug: kind for kind in (_IMAGE, _EDIT, _LAYERING)}


def table() -> dict[str, object]:
    """Return everything above as JSON for the compose dock; prices in units of 0.0001 dollars.

    A type with `is_priced` false has no published price: the dock says so instead of a number.
    """
    return dict(_table(pricing.day(), pricing.table(), ratios.table()))


@lru_cache(maxsize=2)
def _table(day: date, prices: pricing.PriceTable, shapes: ratios.RatioTable) -> dict[str, object]:
    """The same as long as prices and ratios are."""
    tariffs, offer = prices.tariffs_on(day), shapes.offer_on(day)
    return {
        "types": {slug: _described(kind) for slug, kind in KINDS.items()},
        "models": list(models()),
        "ratios": [asdict(ratio) for ratio in offer.ratios],
        "style_ratios": {style: list(offer.of_style(style)) for style in STYLES},
        "ratios_of": {model: {style: list(offer.of(model, style)) for style in STYLES} for model in models()},
        "prices": {model: asdict(tariff) for model, tariff in tariffs.items()},
        "per_layer": pricing.layer_words(prices.layer_on(day)),
    }


def _described(kind: Kind) -> dict[str, object]:
    facts = asdict(kind)
    del facts["first_models"]
    return facts | {"models": list(kind.models), "is_priced": kind.slug in pricing.PRICED_TYPES}


def models() -> tuple[str, ...]:
    """Return the models that can be asked for today: those known at the release, and those that have a price since."""
    return (*MODELS, *sorted(pricing.tariffs().keys() - set(MODELS)))


def model_choices() -> list[tuple[str, str]]:
    """The same, for the field of a form."""
    return [(name, name) for name in models()]


def ratio_choices() -> list[tuple[str, str]]:
    """The ratios that can be asked for today, for the field of a form."""
    return [(slug, slug) for slug in ratios.slugs()]


def auto_or_ratio_choices() -> list[tuple[str, str]]:
    """The same, where the choice may be left to Luma."""
    return [("", "Auto"), *ratio_choices()]
