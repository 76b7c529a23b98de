"""What an admin sets for a person: the role, what they may use, and their caps."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from studio.forms import amounts
from studio.luma.capabilities import models
from studio.luma.pricing import price
from studio.models import User
from studio.models.account import access
from studio.text.names import isolated

NO_MODEL = "Leave at least one model on, or make {name} a viewer."
NOT_WHOLE = "{label}: write a whole number from {least} to {most}, or leave it empty for the team's."
NOT_MONEY = "{label}: write an amount in dollars, such as 10 or 2.50, or leave it empty for the team's."
TOO_EXACT = "{label}: write at most four decimals, such as 0.0404."
MOST_DOLLARS = Decimal(999_999)
LONGEST = 20  # characters of the mark of what was seen


class Cap(NamedTuple):
    """A field for one cap: its bounds where it counts, or dollars."""

    name: str
    label: str
    unit: str = ""
    least: int = 0
    most: int = 0

    @property
    def is_money(self) -> bool:
        return not self.most


CAPS = (
    Cap("cap_running", "Running", "at once", 1, 1_000),
    Cap("cap_waiting", "Waiting", "jobs", 0, 100_000),
    Cap("cap_per_hour", "Pictures", "an hour", 0, 100_000),
    Cap("cap_per_day", "Per day"),
    Cap("cap_per_month", "Per month"),
    Cap("asks_above", "Approval above"),
)


class Switch(NamedTuple):
    name: str
    value: str
    label: str
    hint: str
    is_on: bool


class RightsForm:
    """The fields as they are shown, from the person or as they were sent, and the sentences of what is wrong."""

    def __init__(self, person: User, data: Any = None) -> None:
        self.person = person
        self.is_bound = data is not None
        self.data = data
        self.errors: list[str] = []
        self.seen = data.get("seen", "")[:LONGEST] if data is not None else access.seen_of(person)

    @property
    def role(self) -> str:
        sent = self.data.get("role", "") if self.is_bound else self.person.role
        return sent if sent in User.Role else self.person.role

    @property
    def roles(self) -> list[tuple[str, str, bool]]:
        order = (User.Role.ADMIN, User.Role.DESIGNER, User.Role.VIEWER)
        return [(one.value, str(one.label), one == self.role) for one in order]

    @property
    def models(self) -> list[str]:
        if self.is_bound:
            return [name for name in models() if name in self.data.getlist("models")]
        return [name for name in models() if name in (self.person.models_allowed or models())]

    @property
    def switches(self) -> list[Switch]:
        every = [
            Switch("models", name, name, f"{_dollars(price('image', name, 0))} a picture", name in self.models)
            for name in models()
        ]
        others = (
            ("may_split", "Layers", "priced per layer"),
            ("may_search_web", "Web search", ""),
        )
        return [*every, *(Switch(name, "on", label, hint, self.is_on(name)) for name, label, hint in others)]

    @property
    def may_decide(self) -> bool:
        return self.is_on("may_decide")

    def is_on(self, name: str) -> bool:
        return self.data.get(name) == "on" if self.is_bound else bool(getattr(self.person, name))

    @property
    def caps(self) -> list[tuple[Cap, str]]:
        return [(cap, self._typed(cap.name) if self.is_bound else _shown(self.person, cap)) for cap in CAPS]

    def rights(self) -> Mapping[str, Any]:
        """What was sent, as the fields of a person; with `errors` where something of it is wrong."""
        found: dict[str, Any] = {"role": self.role, "may_split": self.is_on("may_split")}
        found["may_search_web"] = self.is_on("may_search_web")
        # Of somebody who makes pictures the page has no such switch.
        found["may_decide"] = self.is_on("may_decide") if "shows_decide" in self.data else self.person.may_decide
        found["models_allowed"] = [] if len(self.models) == len(models()) else self.models
        if not self.models and self.role != User.Role.VIEWER:
            self.errors.append(NO_MODEL.format(name=isolated(self.person.name)))
        for cap in CAPS:
            found[cap.name] = self._money(cap) if cap.is_money else self._whole(cap)
        return found

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, "")).replace("\0", "\ufffd").strip()

    def _whole(self, cap: Cap) -> int | None:
        typed = self._typed(cap.name)
        if not typed:
            return None
        try:
            return amounts.whole(typed, least=cap.least, most=cap.most)
        except ValueError:
            self.errors.append(NOT_WHOLE.format(label=cap.label, least=cap.least, most=f"{cap.most:,}"))
            return None

    def _money(self, cap: Cap) -> Decimal | None:
        typed = self._typed(cap.name)
        if not typed:
            return None
        try:
            return amounts.dollars(typed, most=MOST_DOLLARS)
        except amounts.TooManyPlaces:
            self.errors.append(TOO_EXACT.format(label=cap.label))
        except ValueError:
            self.errors.append(NOT_MONEY.format(label=cap.label))
        return None


def _shown(person: User, cap: Cap) -> str:
    value = getattr(person, cap.name)
    return amounts.plain(value) if cap.is_money else "" if value is None else str(value)


def _dollars(amount: Decimal | None) -> str:
    return "no price" if amount is None else f"${amount:.2f}"
