"""What the compose dock shows, of a form that is bound or not: every value ready, so that the template only places it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property

from studio.forms.create import rules
from studio.forms.create.dock_choices import DockChoices
from studio.forms.create.dock_reading import Reading, as_sent
from studio.forms.create.draft import blank_values
from studio.forms.create.many import Many
from studio.forms.create.rules import WORDS, mention_note
from studio.forms.files.fields import problems
from studio.forms.spend import prices
from studio.luma import capabilities, pricing
from studio.models import LookVersion, Picture, Submission, User
from studio.models.submission import MOST_AT_ONCE
from studio.text import combinations

# From here on the dock counts the characters.
COUNTED_FROM = 5_500
# How many of the person's own prompts Alt+↑ walks through, and how much text they may add to the page (characters).
HISTORY, HISTORY_TEXT = 20, 12_000
CENT = Decimal("0.01")
# What the file dialog offers; the endings are for systems that do not know these types.
ACCEPT = (
    "image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,image/avif,image/tiff,.heic,.heif,.avif,.tif,.tiff"
)


class Dock(DockChoices):
    """Reads a form; asks the database only for the person's latest submissions, where the form has not."""

    def __init__(
        self,
        form: forms.Form,
        *,
        person: User,
        recent: Callable[[], list[dict[str, Any]]],
        source: Picture | None,
        references: list[Picture],
        changed: list[Picture],
        type: str,
        look: LookVersion | None = None,
        draft: str,
        page: dict[str, Any],
        before: dict[str, Any] | None = None,
        begins_anew: bool = False,
        asks_again: bool = False,
        many: Many | None = None,
        follows_source: bool = False,
        gone_note: str = "",
    ) -> None:
        self._form = form
        self._recent = recent
        self.person_id = person.pk
        self._person = person
        self.source = source
        self.references = references
        self.changed = changed
        self.look = look
        self.type = type
        # How the page begins: what each mode keeps, and whether it is the person's draft (static/js/create/create.js).
        self.draft = draft
        self.page = page
        self.before = before
        self.begins_anew = begins_anew
        self.asks_again = asks_again
        # The combinations that it asks for, once the form was sent (studio.forms.create.many).
        self.many = many if many and many.is_list else None
        self.follows_source = follows_source
        # What of the settings that a link brings can't be had any more.
        self.gone_note = gone_note

    most_at_once = MOST_AT_ONCE
    accept = ACCEPT

    # ---- What it says

    @property
    def limit(self) -> int:
        """How many references fit beside the source that is used."""
        return min(self.kind.max_references, capabilities.MAX_REFERENCES - bool(self.used_source))

    @property
    def used_of_limit(self) -> str:
        return f"{self.reference_count} {f'of {self.limit}' if self.limit else 'too many'}"

    @property
    def is_over(self) -> bool:
        return self.reference_count > self.limit

    @property
    def reference_count(self) -> int:
        """The person's references and those of the look."""
        brought = self.used_look.brings(self.references, self.used_source) if self.used_look else []
        return len(self.used_references) + len(brought)

    @property
    def blanks(self) -> list[tuple[str, str]]:
        """Each blank of the look, and what fills it."""
        values = blank_values(self._form["blank"].value())
        names = self.look.blanks if self.look else []
        return [(name, values[place] if place < len(values) else "") for place, name in enumerate(names)]

    @property
    def reading(self) -> Reading | None:
        """What the look adds, for the person to read before sending."""
        if not self.look:
            return None
        values = [value for _, value in self.blanks]
        return Reading(self.look, as_sent(self.prompt), self.used_references, values, self.used_source)

    @property
    def verb(self) -> str:
        return "Split into layers" if self.type == Submission.Type.LAYERS else f"Make {self._pictures}"

    @property
    def price(self) -> str:
        if self.many and self.many.total is not None:
            return dollars(self.many.total)
        unit = self._unit_price
        return per_layer() if unit is None else dollars(unit * self._pictures)

    @property
    def _pictures(self) -> int:
        return self.many.pictures if self.many else self.count

    @property
    def prices(self) -> str:
        """Which prices the page shows (studio.forms.spend.prices)."""
        return prices.stamp()

    @property
    def new_rules(self) -> str:
        """The rules as JSON, for a page that was drawn under other prices; else ""."""
        return json.dumps(self.rules) if self._is_stale else ""

    @property
    def has_old_ratios(self) -> bool:
        """Whether a page that is still open may show other ratios than those of now."""
        return self._is_stale and bool(self._form["prices"].value())

    @property
    def _is_stale(self) -> bool:
        return self._form.is_bound and self._form["prices"].value() != self.prices

    @property
    def breakdown(self) -> str:
        """How the price comes about, for the tooltip."""
        unit, tariff = self._unit_price, pricing.tariffs().get(self.model)
        if unit is None or tariff is None:
            return "Luma charges for each layer."
        inputs = self._inputs
        each = f"${tariff.base * pricing.UNIT} each"
        added = (
            f", {inputs} input picture{'s' * (inputs != 1)} +${tariff.each_input * pricing.UNIT:.3f} each"
            if inputs
            else ""
        )
        return f"{self.count} × ${unit}: {each}{added}"

    @property
    def note(self) -> str:
        if self.source and not self.used_source:
            return WORDS["source_waits"]
        if self.references and not self.kind.max_references:
            return WORDS["references_wait"]
        if self.look and not self.used_look:
            return WORDS["look_waits"]
        return WORDS["edit_because"] if self.follows_source else ""

    @property
    def mention_note(self) -> str:
        return mention_note(self.prompt, self.reference_count)

    @property
    def problems(self) -> list[str]:
        """Every sentence of a form that is not valid, once, in the order of the fields."""
        return problems(self._form)

    @property
    def history(self) -> list[str]:
        """The person's latest different prompts, newest first."""
        prompts: dict[str, None] = {}
        room = HISTORY_TEXT
        for prompt in (combinations.escaped(asked["prompt"]) for asked in self._recent()):
            if prompt and prompt not in prompts:
                room -= len(prompt)
                if room < 0 or len(prompts) == HISTORY:
                    break
                prompts[prompt] = None
        return list(prompts)

    @cached_property
    def rules(self) -> dict[str, object]:
        """All that the page needs to decide as the server does."""
        return rules.table_for(self._person) | {"counted_from": COUNTED_FROM}

    @property
    def _inputs(self) -> int:
        """Count what is paid for; an edit is priced with the source it still needs."""
        return min(self.reference_count + self.kind.needs_source, capabilities.MAX_REFERENCES)

    @property
    def _unit_price(self) -> Decimal | None:
        return pricing.price(self.type, self.model, self._inputs)


def per_layer() -> str:
    """What a split into layers costs today, in words."""
    return pricing.layer_words(pricing.table().layer_on(pricing.day()))


def dollars(amount: Decimal) -> str:
    return f"${amount.quantize(CENT, ROUND_HALF_UP)}"
