"""What an admin sends from the Spend page about ratios: a new one, or one that Luma does not make any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.utils import timezone

from studio.forms.amounts import whole
from studio.forms.spend.spend import LONGEST_MODEL, SHORTER, FirstDayField
from studio.luma import capabilities, pricing, ratios
from studio.luma.ratios import PORTRAIT_STYLES, STYLES, Offer, RatioRow, RatioTable
from studio.models import Ratio, TrailEntry, User, ratio
from studio.models.ratio import SHAPE
from studio.models.revision import Revision
from studio.models.spend.price import SLUG

LEAST_SIDE, MOST_SIDE = 64, 8_000  # pixels
# What Luma makes is not quite the shape it is called by: 3:1 is really 2.69.
NEAR = 1.15
# The same again within this time is a second click, and not another wish.
SECOND_CLICK = timedelta(minutes=1)
SIZE = f"Write the width and the height in whole pixels, from {LEAST_SIDE} to {MOST_SIDE:,}."
SENTENCES = {
    "model": "There is no model {model} here: add its price first.",
    "portrait": "Manga is portrait only: choose a ratio that is taller than wide.",
    "unlike": "{width:,} × {height:,} pixels are not near {ratio}: write the size that Luma makes of it, width first.",
    "exists": "{ratio} is offered already for {whose} on that day.",
    "same": "{ratio} is the same shape as {other}, which is offered already.",
    "size": "{ratio} is {width:,} × {height:,} pixels for the other models, and has one size: write that, or withdraw it first.",
    "missing": "{ratio} isn't offered for {whose} on that day.",
    "last": "Keep at least one ratio: {model} in {style} would have none left.",
}


def _field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(
        error_messages=dict.fromkeys(("required", "null_characters_not_allowed"), SHAPE.message), **kwargs
    )


class RatioForm(forms.Form):
    """What both say: which ratio, for whom, and from which day. Rows are added, and none is ever changed."""

    is_offered: bool

    ratio = _field(validators=[SHAPE])
    model = forms.CharField(
        required=False,
        validators=[SLUG, MaxLengthValidator(LONGEST_MODEL, SHORTER)],
        error_messages={"null_characters_not_allowed": SLUG.message},
    )
    style = forms.ChoiceField(
        choices=[("", "All styles"), *((name, name.capitalize()) for name in STYLES)],
        required=False,
        error_messages={"invalid_choice": "Choose the style Auto or Manga, or all styles."},
    )
    first_day = FirstDayField(past="A ratio changes today or later: what is made already keeps its own.")

    def clean_model(self) -> str:
        model: str = self.cleaned_data["model"]
        known = {*capabilities.MODELS, *(row.model for row in pricing.table().rows)}
        if model and model not in known:
            raise forms.ValidationError(SENTENCES["model"].format(model=model))
        return model

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not self._second_click():
            ratio.look_again()  # another process may have added one a moment ago
            for field, name, values in self.complaints():
                self.add_error(field, SENTENCES[name].format(**{**data, "whose": self.row.whose, **values}))
        return data

    def complaints(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield the field, the name of the sentence and its values, of what cannot be."""
        raise NotImplementedError

    @property
    def row(self) -> Ratio:
        return Ratio(**self.cleaned_data, is_offered=self.is_offered)

    def add(self, by: User) -> Ratio:
        """Add the row, and say so in the trail; a second click adds nothing. Raises ValueError when it is not valid."""
        if not self.is_valid():
            raise ValueError("a form that is not valid adds nothing")
        with transaction.atomic():
            Revision.bump()  # one after another, so that a second click finds what the first one added
            if same := self._second_click():
                return same
            row = self.row
            row.added_by = by
            row.save()
            TrailEntry.log(TrailEntry.Verb.RATIO, by=by, thing=row.ratio, address="/spend/", text=f"{row.words}.")
        return row

    def _second_click(self) -> Ratio | None:
        newest = Ratio.objects.filter(ratio=self.cleaned_data["ratio"], added_at__gte=timezone.now() - SECOND_CLICK)
        row, asked = newest.order_by("-pk").first(), self.row
        names = ("model", "style", "width", "height", "first_day", "is_offered")
        return row if row and all(getattr(row, name) == getattr(asked, name) for name in names) else None

    # ---- What holds on the day

    @property
    def offer(self) -> Offer:
        return ratios.table().offer_on(self.cleaned_data["first_day"])

    @property
    def models(self) -> tuple[str, ...]:
        """Those it is about: with a price on the day, and "" for those that may come."""
        model = self.cleaned_data["model"]
        priced = pricing.table().tariffs_on(self.cleaned_data["first_day"])
        return (model,) if model else ("", *capabilities.MODELS, *priced)

    @property
    def styles(self) -> tuple[str, ...]:
        style = self.cleaned_data["style"]
        return (style,) if style else STYLES


class AddRatioForm(RatioForm):
    """A ratio that Luma makes, and of how many pixels."""

    is_offered = True

    width = forms.CharField(error_messages=dict.fromkeys(("required", "null_characters_not_allowed"), SIZE))
    height = forms.CharField(error_messages=dict.fromkeys(("required", "null_characters_not_allowed"), SIZE))

    def clean_width(self) -> int:
        return _side(self.cleaned_data["width"])

    def clean_height(self) -> int:
        return _side(self.cleaned_data["height"])

    def complaints(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        data, offer = self.cleaned_data, self.offer
        slug, size = data["ratio"], (data["width"], data["height"])
        off = Fraction(*size) / shape(slug)
        if not 1 / NEAR <= off <= NEAR:
            yield "width", "unlike", {}
        if data["style"] in PORTRAIT_STYLES and size[0] >= size[1]:
            yield "ratio", "portrait", {}
            return
        known = {one.slug: one for one in offer.ratios}
        same = next((other for other in known if other != slug and shape(other) == shape(slug)), "")
        if same:
            yield "ratio", "same", {"other": same}
        # What is no portrait is not missing in a style that has no others.
        styles = [style for style in self.styles if style not in PORTRAIT_STYLES or size[1] > size[0]]
        if slug in known and all(slug in offer.of(model, style) for model in self.models for style in styles):
            yield "ratio", "exists", {}
        elif slug in known and (known[slug].width, known[slug].height) != size:
            yield "width", "size", {"width": known[slug].width, "height": known[slug].height}


class WithdrawRatioForm(RatioForm):
    """A ratio that Luma does not make any more; what was made with it stays as it is."""

    is_offered = False

    def clean(self) -> dict[str, Any]:
        known = ratios.table().rows
        sizes = {row.slug: (row.width, row.height) for row in known}
        slug = self.cleaned_data.get("ratio", "")
        self.cleaned_data["width"], self.cleaned_data["height"] = sizes.get(slug, (1, 1))
        return super().clean()

    def complaints(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        data, offer = self.cleaned_data, self.offer
        slug, day = data["ratio"], data["first_day"]
        if not any(slug in offer.of(model, style) for model in self.models for style in self.styles):
            yield "ratio", "missing", {}
            return
        size = (data["width"], data["height"])
        row = RatioRow(day, slug, *size, data["model"], data["style"], is_offered=False)
        after = RatioTable((*ratios.table().rows, row))
        for begins in sorted({day, *(one.first_day for one in after.rows if one.first_day > day)}):
            for model in self.models:
                for style in self.styles:
                    if not after.offer_on(begins).of(model, style):
                        yield "ratio", "last", {"model": model or "another model", "style": style.capitalize()}
                        return


def shape(slug: str) -> Fraction:
    """Return width by height, as a ratio is called."""
    across, down = slug.split(":")
    return Fraction(int(across), int(down))


def _side(typed: str) -> int:
    try:
        return whole(typed, least=LEAST_SIDE, most=MOST_SIDE)
    except ValueError:
        raise forms.ValidationError(SIZE) from None
