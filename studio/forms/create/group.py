"""What forms have in common that ask for many pictures at once, placed as one group."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django import forms

from studio.codes import read_code
from studio.forms.spend import prices
from studio.models import Batch, User
from studio.models.budget import OverBudget
from studio.models.requests.request_spec import RequestSpec
from studio.models.submission import NotPlaced


class AsksForMany(forms.Form):
    """A form with a `token` of its page, under which the same group is placed once."""

    prices = forms.CharField(required=False, max_length=40)
    # Pressed where it passes a budget: an admin is asked.
    ask = forms.BooleanField(required=False)

    person: User
    is_over_budget = False

    def place_all(self, specs: Sequence[RequestSpec], *, kind: str, title: str, now: datetime) -> tuple[Batch, bool]:
        """Store the group, and say whether it is new. Raises NotPlaced, which the errors tell too."""
        token, asks_over = self.cleaned_data["token"], self.cleaned_data["ask"]
        try:
            if Batch.known(self.person, token) is None:
                prices.check(self.cleaned_data["prices"], specs)
            return Batch.place(self.person, token, specs, kind=kind, title=title, now=now, asks_over=asks_over)
        except NotPlaced as full:
            self.is_over_budget = isinstance(full, OverBudget)
            self.add_error(None, full.sentence)
            raise

    @property
    def shown_token(self) -> uuid.UUID:
        return read_code(self["token"].value()) or uuid.uuid4()
