"""One instruction for many pictures: each of them is the source of one edit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms

from studio.forms.create.asked import find
from studio.forms.create.group import AsksForMany
from studio.forms.create.one_prompt import one_prompt, refused_inputs
from studio.forms.create.rules import complaints
from studio.forms.files.fields import Codes, problems
from studio.luma import pricing
from studio.luma.capabilities import KINDS, model_choices
from studio.models import Batch, Picture, Submission, User
from studio.models.account import rights
from studio.models.requests.batch import MOST_EDITED
from studio.models.requests.request_spec import RequestSpec
from studio.text.combinations import Refused

TYPE = Submission.Type.EDIT
NONE_CHOSEN = "Choose the pictures to edit first."
TOO_MANY = "{count} pictures are chosen; one edit takes up to {most}. Clear some."
GONE = "Some of these pictures aren't there any more. They were left out."
FLAGGED = "An admin has flagged {count} of them, so they are left out."
REFUSED = "Luma has lately refused {count} of these pictures, so they were left out."
SPLITS = "A split into layers can't be edited as one picture, so it was left out."
OUT_OF_DATE = "This page was out of date and has been renewed. Press Make again."


class Model(NamedTuple):
    """A model, and what all the pictures cost with it."""

    name: str
    is_on: bool
    each: Decimal | None
    total: Decimal | None


class BulkEditForm(AsksForMany):
    """The pictures come from the gallery; the instruction and the model from the page that names the price."""

    token = forms.UUIDField(error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE})
    picture = Codes(required=False)
    prompt = forms.CharField(required=False)
    is_private = forms.BooleanField(required=False)
    model = forms.ChoiceField(choices=model_choices, required=False)

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        self.person = person
        self.notes: list[str] = []
        self.pictures: list[Picture] = []
        self.is_new = data is None or "prompt" not in data
        if data is not None:
            self._find(data)

    def _find(self, data: Any) -> None:
        codes = list(dict.fromkeys(code.strip().lower() for code in data.getlist("picture")))
        self.asked = len(codes)
        # No more are read than can be taken, however many are sent.
        found = find(codes[: MOST_EDITED + 1], self.person)
        pictures = [found[code] for code in codes if code in found]
        self.pictures = [picture for picture in pictures if not picture.is_split]
        if len(pictures) < min(len(codes), MOST_EDITED + 1):
            self.notes.append(GONE)
        if len(self.pictures) < len(pictures):
            self.notes.append(SPLITS)
        if flagged := [picture for picture in self.pictures if picture.flagged_at]:
            self.pictures = [picture for picture in self.pictures if not picture.flagged_at]
            self.notes.append(FLAGGED.format(count=len(flagged)))
        if refused := refused_inputs(self.pictures):
            self.pictures = [picture for picture in self.pictures if picture.pk not in refused]
            self.notes.append(REFUSED.format(count=len(refused)))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.pictures:
            self.add_error(None, NONE_CHOSEN)
        elif self.asked > MOST_EDITED:
            self.add_error(None, TOO_MANY.format(count=self.asked, most=MOST_EDITED))
        elif "prompt" in data and "model" in data:
            self._judge(data)
        return data

    def _judge(self, data: dict[str, Any]) -> None:
        try:
            self._prompt = one_prompt(data["prompt"], self.person)
        except Refused as why:
            self.add_error("prompt", why.sentence)
            return
        for field, sentence in complaints(self._spec(self.pictures[0])):
            self.add_error(field if field in self.fields else None, sentence)

    def _spec(self, picture: Picture) -> RequestSpec:
        model = self.cleaned_data["model"] or self.chosen_model
        is_private = self.cleaned_data["is_private"]
        return RequestSpec(type=TYPE, prompt=self._prompt, model=model, source=picture, is_private=is_private)

    def place(self, now: datetime) -> tuple[Batch, bool]:
        """Store one edit of each picture, and say whether it is new. Raises NotPlaced, which the errors tell too."""
        specs = [self._spec(picture) for picture in self.pictures]
        title = self.cleaned_data["prompt"]
        return self.place_all(specs, kind=Batch.Kind.EDIT, title=title, now=now)

    # ---- What the page shows

    @property
    def chosen_model(self) -> str:
        value = self["model"].value()
        allowed = rights.models_of(self.person, KINDS[TYPE].models)
        return value if value in allowed else allowed[0]

    @property
    def models(self) -> list[Model]:
        found = []
        for name in rights.models_of(self.person, KINDS[TYPE].models):
            each = pricing.price(TYPE, name, 1)
            total = None if each is None else each * len(self.pictures)
            found.append(Model(name, name == self.chosen_model, each, total))
        return found

    @property
    def sentences(self) -> list[str]:
        return [] if self.is_new else problems(self)
