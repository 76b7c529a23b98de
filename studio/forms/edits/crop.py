"""Turn and cut a picture of the tray: what is asked for, and the new picture that comes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from studio import imaging
from studio.forms.files import uploads
from studio.forms.files.at_hand import Trouble, at_hand
from studio.forms.files.fields import problems
from studio.models import Picture, User

LEAST_SIDE = 16  # pixels: less is a slip of the hand
TURNS = ((0, "Not turned"), (1, "Right"), (2, "Upside down"), (3, "Left"))
WHOLE = "Write whole numbers of pixels."
GONE = "The file of this picture is missing, so it can't be cut. Tell an admin."


class CropForm(forms.Form):
    """The place of a cut, in pixels of the picture as it is turned; an empty field takes all there is."""

    turn = forms.ChoiceField(choices=TURNS, required=False, error_messages={"invalid_choice": "Turn it by quarters."})
    x = forms.IntegerField(required=False, error_messages={"invalid": WHOLE})
    y = forms.IntegerField(required=False, error_messages={"invalid": WHOLE})
    width = forms.IntegerField(required=False, error_messages={"invalid": WHOLE})
    height = forms.IntegerField(required=False, error_messages={"invalid": WHOLE})

    def __init__(self, *args: Any, picture: Picture, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.picture = picture

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors:
            return data
        across, down = self.turned_size
        data["x"], data["y"] = data["x"] or 0, data["y"] or 0
        data["width"] = across - data["x"] if data["width"] is None else data["width"]
        data["height"] = down - data["y"] if data["height"] is None else data["height"]
        x, y, width, height = (data[name] for name in ("x", "y", "width", "height"))
        if not (0 <= x < across and 0 <= y < down and x + width <= across and y + height <= down):
            self.add_error(None, f"The cut reaches beyond the picture, which has {across} × {down} pixels.")
        elif min(width, height) < min(LEAST_SIDE, across, down):
            self.add_error(None, f"Cut out at least {LEAST_SIDE} × {LEAST_SIDE} pixels.")
        return data

    @property
    def turn_now(self) -> int:
        return int(self.cleaned_data.get("turn") or 0) if self.is_bound and hasattr(self, "cleaned_data") else 0

    @property
    def turned_size(self) -> tuple[int, int]:
        """Width and height once it is turned, in pixels."""
        size = self.picture.width, self.picture.height
        return (size[1], size[0]) if self.turn_now % 2 else size

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of a valid form, in pixels of the turned picture."""
        data = self.cleaned_data
        return data["x"], data["y"], data["width"], data["height"]

    @property
    def is_whole(self) -> bool:
        """Whether nothing would change."""
        return not self.turn_now and self.box == (0, 0, *self.turned_size)

    def sentences(self) -> list[str]:
        return problems(self)

    def store(self, person: User, now: datetime) -> Picture | uploads.Refusal:
        """Make the cut in a child and keep it as an upload of the person; the picture itself stays as it is."""
        picture = self.picture
        name = uploads.shown_name(picture.title)
        try:
            with at_hand(picture, busy=uploads.BUSY, gone=GONE) as (folder, [source]):
                made = imaging.crop(source, folder, self.turn_now, self.box)
                return uploads.keep(
                    made, name, person, now, source_type=picture.marked_as, is_of_private=picture.makes_private
                )
        except Trouble as why:
            return uploads.Refusal(name, why.sentence, is_busy=why.sentence == uploads.BUSY)
