"""What the compose dock shows, of a form that is bound or not: every value ready, so that the template only places it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import cached_property

from studio import combinations, look_text
from studio.forms import prices, rules
from studio.forms.asked import clean_text
from studio.forms.dock_board import BoardChoice, offered
from studio.forms.draft import blank_values
from studio.forms.many import Many
from studio.forms.rules import WORDS, mention_note
from studio.look_text import Additions
from studio.luma import capabilities, pricing
from studio.luma.capabilities import KINDS, RATIOS, STYLE_RATIOS, Kind
from studio.models import LookVersion, Picture, Submission, User, rights
from studio.models.submission import MOST_AT_ONCE

# From here on the dock counts the characters.
COUNTED_FROM = 5_500
# How many of the person's own prompts Alt+↑ walks through, and how much text they may add to the page (characters).
HISTORY, HISTORY_TEXT = 20, 12_000
CENT = Decimal("0.01")
# What the file dialog offers; the endings are for systems that do not know these types.
ACCEPT = (
    "image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,image/avif,image/tiff,.heic,.heif,.avif,.tif,.tiff"
)


class Choice(NamedTuple):
    value: str
    label: str
    is_on: bool
    hint: str = ""
    # Why the person may not choose it.
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look adds to the prompt, for the person to read before sending."""

    look: LookVersion
    prompt: str
    references: list[Picture]
    values: list[str]

    @property
    def additions(self) -> Additions:
        return self.look.additions(self.references, self.values)

    @property
    def full_prompt(self) -> str:
        return self.additions.around(look_text.without_tag(clean_text(self.prompt), self.look.look.tag))

    @property
    def brings(self) -> list[Picture]:
        return self.look.brings(self.references)

    @property
    def added(self) -> int:
        """How many characters it adds."""
        return len(self.full_prompt) - len(look_text.without_tag(clean_text(self.prompt), self.look.look.tag))


class Dock:
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
        # How the page begins: what each mode keeps, and whether it is the person's draft (static/js/form-draft.js).
        self.draft = draft
        self.page = page
        self.before = before
        self.begins_anew = begins_anew
        self.asks_again = asks_again
        # The combinations that it asks for, once the form was sent (studio.forms.many).
        self.many = many if many and many.is_list else None
        self.follows_source = follows_source

    most_at_once = MOST_AT_ONCE
    accept = ACCEPT

    # ---- What is chosen

    @property
    def token(self) -> uuid.UUID:
        """The form's own token as long as it can be read, so that a repeated request stays one request."""
        try:
            return uuid.UUID(str(self._form["token"].value()))
        except ValueError:
            return uuid.uuid4()

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]

    @property
    def prompt(self) -> str:
        return str(self._form["prompt"].value() or "")

    @property
    def placeholder(self) -> str:
        return WORDS["prompt" if self.kind.min_prompt else "prompt_for_layers"]

    @property
    def ratio(self) -> str:
        return self._value("aspect_ratio", self._ratios, "")

    @property
    def model(self) -> str:
        allowed: tuple[str, ...] = tuple(capabilities.models())
        if self.type != Submission.Type.LAYERS:
            allowed = tuple(rights.models_of(self._person, allowed))
        return self._value("model", allowed, allowed[0])

    @property
    def style(self) -> str:
        return self._value("style", STYLE_RATIOS, "auto")

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
        used += self.used_look.brings(self.references) if self.used_look else []
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

    # ---- What can be chosen

    @property
    def types(self) -> list[Choice]:
        refusals = {} if self._person.may_split else {Submission.Type.LAYERS.value: rights.NO_LAYERS}
        return [
            Choice(value, label, value == self.type, refusal=refusals.get(value, ""))
            for value, label in Submission.Type.choices
        ]

    @property
    def ratios(self) -> list[Choice]:
        auto = Choice("", "Auto", not self.ratio, "r-1x1 shape--any")
        return [auto, *(Choice(name, name, name == self.ratio, css) for name, css in self._ratios.items())]

    @property
    def ratio_label(self) -> str:
        if self.ratio:
            return self.ratio
        return "Auto" if self.type == Submission.Type.IMAGE else "As source"

    @property
    def ratio_shape(self) -> str:
        """The class of the little rectangle on the chip."""
        if self.ratio:
            return self._ratios[self.ratio]
        return self.used_source.ratio_class if self.used_source else "r-1x1 shape--any"

    @property
    def ratio_foot(self) -> str:
        made = next((ratio for ratio in RATIOS if ratio.slug == self.ratio), None)
        if made:
            return f"{made.slug} makes {made.width} × {made.height} pixels"
        return "Luma chooses a shape that suits the prompt" if self.type == "image" else "Keeps the shape of the source"

    @property
    def models(self) -> list[Choice]:
        refusals = {name: "ask an admin" for name in capabilities.models() if not rights.may_use(self._person, name)}
        if self.type == Submission.Type.LAYERS:
            refusals = {}
        return [
            Choice(name, name, name == self.model, refusal=refusals.get(name, "")) for name in capabilities.models()
        ]

    @property
    def may_search(self) -> bool:
        return self._person.may_search_web

    @property
    def styles(self) -> list[Choice]:
        return [Choice(name, name.capitalize(), name == self.style) for name in STYLE_RATIOS]

    @property
    def formats(self) -> list[Choice]:
        chosen = self._value("output_format", ("png", "jpeg"), "")
        named = (("", "Auto", "Luma chooses"), ("png", "PNG", "exact, larger"), ("jpeg", "JPEG", "smaller"))
        return [Choice(value, label, value == chosen, hint) for value, label, hint in named]

    @property
    def resolutions(self) -> list[Choice]:
        chosen = self._value("layering_resolution", ("1k", "2k"), "")
        named = (("", "Auto", "Luma chooses"), ("1k", "1k", "faster"), ("2k", "2k", "finer"))
        return [Choice(value, label, value == chosen, hint) for value, label, hint in named]

    @cached_property
    def boards(self) -> list[BoardChoice]:
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
    def used_source(self) -> Picture | None:
        """The source, unless it waits in the tray for a mode that takes it."""
        return self.source if self.kind.needs_source else None

    @property
    def used_references(self) -> list[Picture]:
        return self.references if self.kind.max_references else []

    @property
    def reference_count(self) -> int:
        """The person's references and those of the look."""
        return len(self.used_references) + (len(self.used_look.brings(self.references)) if self.used_look else 0)

    @property
    def used_look(self) -> LookVersion | None:
        return self.look if self.kind.max_references else None

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
        return Reading(self.look, _as_sent(self.prompt), self.used_references, [value for _, value in self.blanks])

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
    def more_ratios(self) -> list[Choice]:
        """The ratios that are to be made beside the chosen one."""
        chosen = self._form["ratios"].value() or []
        return [Choice(name, name, name in chosen, css) for name, css in self._ratios.items()]

    @property
    def _pictures(self) -> int:
        return self.many.pictures if self.many else self.count

    @property
    def prices(self) -> str:
        """Which prices the page shows (studio.forms.prices)."""
        return prices.stamp()

    @property
    def new_rules(self) -> str:
        """The rules as JSON, for a page that was drawn under other prices; else ""."""
        is_stale = self._form.is_bound and self._form["prices"].value() != self.prices
        return json.dumps(self.rules) if is_stale else ""

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
        if not self._form.is_bound:
            return []
        return list(dict.fromkeys(str(sentence) for sentences in self._form.errors.values() for sentence in sentences))

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

    @property
    def _ratios(self) -> dict[str, str]:
        return {ratio.slug: f"r-{ratio.slug.replace(':', 'x')}" for ratio in RATIOS}

    def _value(self, name: str, known: Any, default: str) -> str:
        value = self._form[name].value()
        return str(value) if value in known else default


def per_layer() -> str:
    """What a split into layers costs today, in words."""
    return pricing.layer_words(pricing.table().layer_on(pricing.day()))


def dollars(amount: Decimal) -> str:
    return f"${amount.quantize(CENT, ROUND_HALF_UP)}"


def _as_sent(prompt: str) -> str:
    """The prompt without its backslashes; as it is where braces leave something to choose."""
    try:
        return combinations.plain(prompt) or prompt
    except combinations.Refused:
        return prompt
