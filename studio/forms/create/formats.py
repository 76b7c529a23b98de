"""One picture in several ratios: new pictures that Luma makes by reference (paid), or cuts of it (free, local)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms

from studio import imaging
from studio.forms.create.group import AsksForMany
from studio.forms.create.one_prompt import one_prompt, refused_inputs
from studio.forms.create.rules import complaints
from studio.forms.edits.keep import keep_beside
from studio.forms.files.at_hand import Trouble, at_hand
from studio.forms.files.fields import problems
from studio.luma import pricing, ratios
from studio.luma.capabilities import KINDS, model_choices, ratio_choices
from studio.models import Batch, Picture, Submission, User
from studio.models.account import rights
from studio.models.files.remote_file import refused_sentence
from studio.models.requests.request_spec import RequestSpec
from studio.text.combinations import Refused

TYPE = Submission.Type.IMAGE
# Where a cut lies in what is too long: the share of the rest that stands before it.
FOCUS = {
    "centre": ("Centre", 0.5, 0.5),
    "start": ("Top or left", 0.0, 0.0),
    "end": ("Bottom or right", 1.0, 1.0),
}
# A cut of a large PNG takes up to two seconds of a core, and the page waits for all of them.
MOST_CUTS = 4
NONE_CHOSEN = "Check at least one ratio."
MANY_CUTS = f"Cut up to {MOST_CUTS} ratios at a time; then cut the others."
OUT_OF_DATE = "This page was out of date and has been renewed. Press the button again."
BUSY = "Studio is busy with other pictures. Try again in a moment."
GONE = "The file of this picture is missing, so it can't be cut. Tell an admin."
TOO_SMALL = "This picture is too small to be cut to {ratio}."


class Box(NamedTuple):
    """Pixels of a picture."""

    left: int
    top: int
    width: int
    height: int


class FormatsForm(AsksForMany):
    """The ratios, and what is made of them: `make` new pictures, or `cut` this one."""

    token = forms.UUIDField(error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE})
    way = forms.ChoiceField(choices=[("make", ""), ("cut", "")], error_messages={"invalid_choice": OUT_OF_DATE})
    ratios = forms.MultipleChoiceField(
        choices=ratio_choices,
        error_messages={"required": NONE_CHOSEN},
    )
    prompt = forms.CharField(required=False)
    model = forms.ChoiceField(choices=model_choices, required=False)
    focus = forms.ChoiceField(choices=[(name, words[0]) for name, words in FOCUS.items()], required=False)

    def __init__(self, data: Any = None, *, picture: Picture, person: User, initial: dict[str, Any]) -> None:
        super().__init__(data, initial={"token": uuid.uuid4(), "focus": "centre", **initial})
        self.picture = picture
        self.person = person
        choose = f"Choose of these ratios: {', '.join(ratios.slugs())}."
        self.fields["ratios"].error_messages["invalid_choice"] = choose

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("way") == "cut" and len(set(data.get("ratios", ()))) > MOST_CUTS:
            self.add_error("ratios", MANY_CUTS)
        if data.get("way") == "make" and {"prompt", "ratios", "model"} <= data.keys():
            try:
                self._prompt = one_prompt(data["prompt"], self.person)
            except Refused as why:
                self.add_error("prompt", why.sentence)
                return data
            refused = refused_inputs([self.picture])
            if refused:
                self.add_error(None, refused_sentence("this picture", refused[self.picture.pk]))
            found = (complaint for spec in self.specs for complaint in complaints(spec))
            for field, sentence in dict.fromkeys(found):
                self.add_error(field if field in self.fields else None, sentence)
        return data

    @property
    def specs(self) -> list[RequestSpec]:
        """One new picture of each ratio, with this one as its reference."""
        model = self.cleaned_data["model"] or rights.models_of(self.person, KINDS[TYPE].models)[0]
        return [
            RequestSpec(type=TYPE, prompt=self._prompt, model=model, aspect_ratio=ratio, references=(self.picture,))
            for ratio in dict.fromkeys(self.cleaned_data["ratios"])
        ]

    def place(self, now: datetime) -> tuple[Batch, bool]:
        """Store the new pictures as one group. Raises NotPlaced, which the errors tell too."""
        return self.place_all(self.specs, kind=Batch.Kind.FORMATS, title=self._prompt, now=now)

    # ---- What the page shows

    @property
    def chosen(self) -> list[str]:
        wanted = self["ratios"].value() or []
        return [name for name in ratios.slugs() if name in wanted]

    @property
    def models(self) -> list[tuple[str, bool, Decimal | None]]:
        allowed = rights.models_of(self.person, KINDS[TYPE].models)
        value = self["model"].value() or allowed[0]
        return [(name, name == value, pricing.price(TYPE, name, 1)) for name in allowed]

    @property
    def foci(self) -> list[tuple[str, str, bool]]:
        return [(name, words[0], name == self["focus"].value()) for name, words in FOCUS.items()]

    @property
    def sentences(self) -> list[str]:
        return problems(self)


def box(width: int, height: int, ratio: str, focus: str) -> Box:
    """Return the largest part of this ratio, where `focus` puts it. Raises Trouble where nothing is left."""
    across, down = (int(part) for part in ratio.split(":"))
    wide = width * down > height * across
    cut_width, cut_height = (height * across // down, height) if wide else (width, width * down // across)
    if not cut_width or not cut_height:
        raise Trouble(TOO_SMALL.format(ratio=ratio), 422)
    _, x, y = FOCUS.get(focus, FOCUS["centre"])
    return Box(round((width - cut_width) * x), round((height - cut_height) * y), cut_width, cut_height)


def cut(picture: Picture, ratios: Iterable[str], focus: str, person: User, now: datetime) -> list[Picture]:
    """Cut a picture to each ratio and store what is new; the same cut finds the first one. Raises Trouble."""
    boxes = {ratio: box(picture.width, picture.height, ratio, focus) for ratio in dict.fromkeys(ratios)}
    source_type = picture.marked_as
    kept = []
    with at_hand(picture, busy=BUSY, gone=GONE) as (folder, [source]):
        for ratio, part in boxes.items():
            made, name = imaging.crop(source, folder, 0, part), f"Cut {ratio}"
            kept.append(
                keep_beside(picture, made, name=name, source_type=source_type, person=person, now=now, busy=BUSY)
            )
    return kept
