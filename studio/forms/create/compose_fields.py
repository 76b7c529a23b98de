"""What the compose dock sends, field by field, and what is said of a value that no field takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from studio.forms.create.many import LIST_CHANGED
from studio.forms.files.inputs import InputsForm
from studio.luma.capabilities import auto_or_ratio_choices, model_choices, ratio_choices
from studio.luma.ratios import STYLES
from studio.models import Submission
from studio.models.requests.batch import MOST_COMBINATIONS
from studio.models.submission import MOST_AT_ONCE

if TYPE_CHECKING:
    pass

FORMATS = ("png", "jpeg")
RESOLUTIONS = ("1k", "2k")
_SETTINGS = ("output_format", "web_search", "layering_resolution", "is_private")
_OUT_OF_DATE = "This form was out of date and has been renewed. Press Make again."


class ComposeFields(InputsForm):
    """The fields of the dock; ComposeForm judges them together."""

    # What is asked for is judged before what it starts from.
    takes_looks = True
    field_order = ("token", "type", "prompt", "model", "aspect_ratio", "style", *_SETTINGS, "count")

    token = forms.UUIDField(error_messages={"required": _OUT_OF_DATE, "invalid": _OUT_OF_DATE})
    type = forms.ChoiceField(
        choices=Submission.Type.choices,
        required=False,
        error_messages={"invalid_choice": "Choose Generate, Edit or Layers."},
    )
    prompt = forms.CharField(required=False)
    model = forms.ChoiceField(choices=model_choices, required=False)
    aspect_ratio = forms.ChoiceField(choices=auto_or_ratio_choices, required=False)
    style = forms.ChoiceField(
        choices=[(name, name.capitalize()) for name in STYLES],
        required=False,
        error_messages={"invalid_choice": "Choose the style Auto or Manga."},
    )
    output_format = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name.upper()) for name in FORMATS)],
        required=False,
        error_messages={"invalid_choice": "Choose the format PNG or JPEG, or leave it to Luma."},
    )
    web_search = forms.BooleanField(required=False)
    is_private = forms.BooleanField(required=False)
    layering_resolution = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name) for name in RESOLUTIONS)],
        required=False,
        error_messages={"invalid_choice": "Choose 1k or 2k for the layers, or leave it to Luma."},
    )
    count = forms.IntegerField(
        required=False,
        max_value=9_999,  # beyond it is no number that a sentence says
        error_messages=dict.fromkeys(("invalid", "max_value"), f"Choose 1 to {MOST_AT_ONCE} pictures."),
    )
    # More ratios beside the one that is chosen; which list of combinations was shown, and the boxes checked in it.
    ratios = forms.MultipleChoiceField(choices=ratio_choices, required=False)
    listed = forms.CharField(required=False)
    combination = forms.TypedMultipleChoiceField(
        choices=[(str(number), "") for number in range(MOST_COMBINATIONS)],
        coerce=int,
        required=False,
        error_messages={"invalid_choice": LIST_CHANGED},
    )
    # The prices that the page showed (studio.forms.spend.prices).
    prices = forms.CharField(required=False, max_length=40)
    # Where the pictures go (studio.forms.create.dock_board).
    board = forms.CharField(required=False)
    # Pressed after the question whether the same is meant twice.
    again = forms.BooleanField(required=False)
    # Pressed where it passes a budget: an admin is asked.
    ask = forms.BooleanField(required=False)
