"""What the team reads in the place of what a picture was made of, where only its owner sees that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from studio.models.people import User
from studio.models.requests.input import Input

PRIVATE_PICTURE = "a private picture"
PRIVATE_LOOK = "a private look"


def made_of(*, source: bool, references: int) -> str:
    """Say that there was something private, and nothing more of it; "" where there was nothing."""
    if source:
        return f"Made of {PRIVATE_PICTURE}"
    if references:
        return f"Made with {PRIVATE_PICTURE if references == 1 else f'{references} private pictures'}"
    return ""


class HiddenInputs(models.Model):
    """The inputs and the look of a submission, as far as somebody may know of them."""

    # What `leave_out_hidden` has left out.
    has_hidden_source = False
    hidden_references = 0

    class Meta:
        abstract = True

    def leave_out_hidden(self, person: User) -> None:
        """Take the pictures that a person may not see out of its `used`; `made_of` says then that there were some."""
        me: Any = self
        if any(one.picture.is_hidden_from(person) for one in me.used):
            me.__dict__["used"] = self.seen_of(me.used, person)

    def seen_of(self, inputs: Iterable[Input], person: User) -> list[Input]:
        """Return those of its inputs that a person may see, and keep in mind that there were others."""
        seen: list[Input] = []
        hidden: list[Input] = []
        for one in inputs:
            (hidden if one.picture.is_hidden_from(person) else seen).append(one)
        self.has_hidden_source = any(one.role == Input.Role.SOURCE for one in hidden)
        self.hidden_references = len(hidden) - self.has_hidden_source
        return seen

    @property
    def made_of(self) -> str:
        return made_of(source=self.has_hidden_source, references=self.hidden_references)

    @property
    def input_number(self) -> int:
        """How many pictures it was made of, those that were left out among them."""
        me: Any = self
        return len(me.used) + self.has_hidden_source + self.hidden_references

    def hides_look_from(self, person: User) -> bool:
        """Whether it was made with somebody else's look that the team can't see; whoever asked for it knows it."""
        me: Any = self
        if me.look is None or me.look.look.is_team:
            return False
        return not person.owns(me.look.look.person_id) and not person.owns(me.person_id)
