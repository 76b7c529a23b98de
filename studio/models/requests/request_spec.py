from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from studio.models.account.token import ApiToken
from studio.models.alerts.webhook import Webhook
from studio.models.board import Board
from studio.models.looks.look import LookVersion
from studio.models.picture import Picture
from studio.text import look_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSpec:
    """What a person asks for, checked and not yet stored."""

    type: str
    prompt: str
    model: str
    aspect_ratio: str = ""
    style: str = "auto"
    output_format: str = ""
    web_search: bool = False
    layering_resolution: str = ""
    count: int = 1
    # Only its owner sees it.
    is_private: bool = False
    source: Picture | None = None
    references: Sequence[Picture] = ()
    # A look brings references of its own, which follow the person's, and words around the prompt.
    look: LookVersion | None = None
    blanks: Sequence[str] = ()
    # Where its pictures go as they come.
    board: Board | None = None
    # What asks for it, where it is no person at a page.
    api_token: ApiToken | None = None
    # What hears how it ends, beside the webhooks of the person.
    webhook: Webhook | None = None

    @property
    def all_references(self) -> list[Picture]:
        return [*self.references, *(self.look.brings(self.references, self.source) if self.look else ())]

    @property
    def will_be_private(self) -> bool:
        """Whether only its owner will see it: chosen so, or because it uses a private picture."""
        used = [*([self.source] if self.source else []), *self.all_references]
        return self.is_private or any(picture.makes_private for picture in used)

    @property
    def full_prompt(self) -> str:
        """The prompt with all that the look adds, its mentions still as @n."""
        if self.look is None:
            return self.prompt
        prompt = look_text.without_tag(self.prompt, self.look.look.tag)
        return self.look.additions(self.references, self.blanks, source=self.source).around(prompt)


_PICTURES_AND_LOOK = {"source", "references", "look", "blanks", "board", "api_token", "webhook"}
# The fields that a submission keeps as they are, in their order: what a page shows again when settings are used once more.
CHOICES = tuple(field.name for field in fields(RequestSpec) if field.name not in _PICTURES_AND_LOOK)
