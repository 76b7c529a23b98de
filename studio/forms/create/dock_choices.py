"""What is chosen in the compose dock, and what else can be."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import cached_property

from studio.codes import read_code
from studio.forms.create.dock_board import BoardChoice, offered
from studio.forms.create.rules import WORDS
from studio.forms.create.shapes import foot_of, left_to_luma, ratio_classes
from studio.luma import capabilities, ratios
from studio.luma.capabilities import KINDS, Kind
from studio.luma.ratios import STYLES
from studio.models import LookVersion, Picture, Submission, User
from studio.models.account import rights
from studio.models.submission import MOST_AT_ONCE

ANY_SHAPE = "r-1x1 shape--any"


class Choice(NamedTuple):
    value: str
    label: str
    is_on: bool
    hint: str = ""
    # Why the person may not choose it.
    refusal: str = ""


def ratio_menu() -> dict[str, Sequence[Choice]]:
    """The ratios of now, for an open page; what is chosen there stays."""
    every = [Choice(name, name, is_on=False, hint=css) for name, css in ratio_classes().items()]
    return {"ratios": [Choice("", "Auto", is_on=False, hint=ANY_SHAPE), *every], "more_ratios": every}


class RatioMenu(NamedTuple):
    """What stands on the chip of the ratio and behind it."""

    ratio_label: str
    ratio_shape: str
    ratios: tuple[Choice, ...]
    more_ratios: tuple[Choice, ...]
    ratio_foot: str


class MoreMenu(NamedTuple):
    """What stands on the last chip and behind it."""

    more_label: str
    formats: tuple[Choice, ...]
    may_search: bool
    web_search: bool
    resolutions: tuple[Choice, ...]
    is_private: bool


class DockChoices:
    """Reads a form, bound or not: every value that it shows is one that can be chosen."""

    _form: forms.Form
    _person: User
    source: Picture | None
    references: list[Picture]
    look: LookVersion | None
    type: str

    # ---- What is chosen

    @property
    def token(self) -> uuid.UUID:
        """The form's own token as long as it can be read, so that a repeated request stays one request."""
        return read_code(self._form["token"].value()) or uuid.uuid4()

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def prompt(self) -> str:
        return str(self._form["prompt"].value() or "")

    @property
    def placeholder(self) -> str:
        return WORDS["prompt" if self.kind.min_prompt else "prompt_for_layers"]

    @cached_property
    def ratio(self) -> str:
        return self._value("aspect_ratio", self._ratios, "") if self.kind.has_ratio else ""

    @cached_property
    def model(self) -> str:
        allowed: tuple[str, ...] = tuple(capabilities.models())
        if self.type != Submission.Type.LAYERS:
            allowed = tuple(rights.models_of(self._person, allowed))
        return self._value("model", allowed, allowed[0])

    @property
    def style(self) -> str:
        return self._value("style", STYLES, "auto")

    @property
    def web_search(self) -> bool:
        return bool(self._form["web_search"].value())

    @property
    def is_private(self) -> bool:
        return bool(self._form["is_private"].value())

    @property
    def private_note(self) -> str:
        """Why what is made is its owner's alone although nobody chose that."""
        used = [*([self.used_source] if self.used_source else []), *self.used_references]
        used += self.used_look.brings(self.references, self.used_source) if self.used_look else []
        return WORDS["private_because"] if any(one.makes_private for one in used) and not self.is_private else ""

    @property
    def count(self) -> int:
        """A number that can be shown; what was really sent is judged by the form."""
        if self.type == Submission.Type.LAYERS:
            return 1
        try:
            return max(1, min(MOST_AT_ONCE, int(self._form["count"].value() or 1)))
        except (TypeError, ValueError):
            return 1

    # ---- What is used of it

    @property
    def used_source(self) -> Picture | None:
        """The source, unless it waits in the tray for a mode that takes it."""
        return self.source if self.kind.needs_source else None

    @property
    def used_references(self) -> list[Picture]:
        return self.references if self.kind.max_references else []

    @property
    def used_look(self) -> LookVersion | None:
        return self.look if self.kind.max_references else None

    # ---- What can be chosen

    @property
    def types(self) -> tuple[Choice, ...]:
        refusals = {} if self._person.may_split else {Submission.Type.LAYERS.value: rights.NO_LAYERS}
        return tuple(
            Choice(value, label, value == self.type, refusal=refusals.get(value, ""))
            for value, label in Submission.Type.choices
        )

    @property
    def ratio_menu(self) -> RatioMenu:
        return RatioMenu(self.ratio_label, self.ratio_shape, self.ratios, self.more_ratios, self.ratio_foot)

    @property
    def ratios(self) -> tuple[Choice, ...]:
        auto = Choice("", "Auto", not self.ratio, ANY_SHAPE)
        return (auto, *(Choice(name, name, name == self.ratio, css) for name, css in self._ratios.items()))

    @property
    def more_ratios(self) -> tuple[Choice, ...]:
        """The ratios that are to be made beside the chosen one."""
        chosen = self._form["ratios"].value() or []
        return tuple(Choice(name, name, name in chosen, css) for name, css in self._ratios.items())

    @property
    def ratio_label(self) -> str:
        if self.ratio:
            return self.ratio
        return left_to_luma(self.type)

    @property
    def ratio_shape(self) -> str:
        """The class of the little rectangle on the chip."""
        if self.ratio:
            return self._ratios[self.ratio]
        return self.used_source.ratio_class if self.used_source else ANY_SHAPE

    @property
    def ratio_foot(self) -> str:
        made = next((ratio for ratio in ratios.ratios() if ratio.slug == self.ratio), None)
        return foot_of(made) if made else WORDS[f"ratio_of_{self.type}"]

    @property
    def models(self) -> tuple[Choice, ...]:
        refusals = {name: "ask an admin" for name in capabilities.models() if not rights.may_use(self._person, name)}
        if self.type == Submission.Type.LAYERS:
            refusals = {}
        return tuple(
            Choice(name, name, name == self.model, refusal=refusals.get(name, "")) for name in capabilities.models()
        )

    @property
    def may_search(self) -> bool:
        return self._person.may_search_web

    @property
    def styles(self) -> tuple[Choice, ...]:
        return tuple(Choice(name, name.capitalize(), name == self.style) for name in STYLES)

    @cached_property
    def formats(self) -> tuple[Choice, ...]:
        return self._or_auto("output_format", ("png", "PNG", "exact, larger"), ("jpeg", "JPEG", "smaller"))

    @cached_property
    def resolutions(self) -> tuple[Choice, ...]:
        return self._or_auto("layering_resolution", ("1k", "1k", "faster"), ("2k", "2k", "finer"))

    def _or_auto(self, field: str, *named: tuple[str, str, str]) -> tuple[Choice, ...]:
        chosen = self._value(field, tuple(value for value, *_ in named), "")
        every = (("", "Auto", "Luma chooses"), *named)
        return tuple(Choice(value, label, value == chosen, hint) for value, label, hint in every)

    @property
    def more_menu(self) -> MoreMenu:
        return MoreMenu(
            self.more_label, self.formats, self.may_search, self.web_search, self.resolutions, self.is_private
        )

    @cached_property
    def boards(self) -> tuple[BoardChoice, ...]:
        """The boards that the pictures can go to; nothing where the person has none."""
        return offered(self._person, str(self._form["board"].value() or ""))

    @property
    def more_label(self) -> str:
        """What differs from the usual behind the last chip."""
        labels = [choice.label for choice in self.formats[1:] if choice.is_on and self.kind.output_formats]
        labels += ["Web"] if self.web_search and self.kind.has_web_search else []
        labels += [choice.label for choice in self.resolutions[1:] if choice.is_on and self.kind.resolutions]
        labels += ["Only me"] if self.is_private else []
        return " · ".join(labels)

    @cached_property
    def _ratios(self) -> dict[str, str]:
        return ratio_classes()

    def _value(self, name: str, known: Any, default: str) -> str:
        value = self._form[name].value()
        return str(value) if value in known else default
