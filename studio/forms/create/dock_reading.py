"""What a look adds to the prompt, for the person to read before sending."""

from __future__ import annotations

from dataclasses import dataclass

from studio.forms.create.asked import clean_text
from studio.models import LookVersion, Picture
from studio.text import combinations, look_text
from studio.text.look_text import Additions


@dataclass(frozen=True, slots=True)
class Reading:
    """A look beside a prompt, with its references and what fills its blanks."""

    look: LookVersion
    prompt: str
    references: list[Picture]
    values: list[str]
    source: Picture | None = None

    @property
    def additions(self) -> Additions:
        return self.look.additions(self.references, self.values, source=self.source)

    @property
    def full_prompt(self) -> str:
        return self.additions.around(look_text.without_tag(clean_text(self.prompt), self.look.look.tag))

    @property
    def brings(self) -> list[Picture]:
        return self.look.brings(self.references, self.source)

    @property
    def added(self) -> int:
        """How many characters it adds."""
        return len(self.full_prompt) - len(look_text.without_tag(clean_text(self.prompt), self.look.look.tag))


def as_sent(prompt: str) -> str:
    """The prompt without its backslashes; as it is where braces leave something to choose."""
    try:
        return combinations.plain(prompt) or prompt
    except combinations.Refused:
        return prompt
