"""What the pages of a proof link show: a picture, how far the client is, and the pins of what was said."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.template.defaultfilters import truncatechars

from studio.engine.pictures.watermarks import SIZES, size_for
from studio.models import Comment, Decision, Picture
from studio.models.proof import answers
from studio.models.proof.link import Place
from studio.ratios import ratio_class
from studio.views.formatting import counted, price
from studio.views.proof.door import Visit
from studio.views.stencil import Row

TILE = 512
# So many on a page; with more, ticks would be too small to count.
PAGE = 24
# The rest of a page is fetched when it comes near.
SEEN_AT_ONCE = 6
LONGEST_PROMPT = 300  # characters, in the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A picture as the client's pages show it."""

    number: int
    code: uuid.UUID
    width: int
    height: int
    src: str
    srcset: str
    verdict: str
    # Where it is shown alone, and where a decision on it is sent.
    page: str
    answer: str
    # As far as its page tells who decided, and when.
    decision: Decision | None = None
    comments: int = 0
    prompt: str = ""
    price: str = ""
    # Its small sizes, seen until a larger one is here; "" where there is none.
    preview: str = ""
    has_alpha: bool = False
    # Its blur, seen in the list until it comes.
    placeholder: str = ""

    @property
    def ratio_class(self) -> str:
        return ratio_class(self.width, self.height)

    @property
    def is_approved(self) -> bool:
        return self.verdict == Decision.Verdict.APPROVED

    @property
    def is_rejected(self) -> bool:
        return self.verdict == Decision.Verdict.REJECTED

    @property
    def row(self) -> Row:
        """As the list shows it."""
        return {
            "number": str(self.number),
            "code": str(self.code),
            "ratio_class": self.ratio_class,
            "width": str(self.width),
            "height": str(self.height),
            "src": self.src,
            "srcset": self.srcset,
            "placeholder": self.placeholder,
            "is_late": self.number > SEEN_AT_ONCE,
            "verdict": self.verdict,
            "is_approved": self.is_approved,
            "is_rejected": self.is_rejected,
            "page": self.page,
            "answer": self.answer,
            "comments": str(self.comments or ""),
            "said": counted(self.comments, "comment"),
            "prompt": truncatechars(self.prompt, LONGEST_PROMPT),
            "price": self.price,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the client is with all of a link."""

    approved: int
    changes: int
    total: int
    undecided: uuid.UUID | None
    ticks: list[bool]
    # The words of what is decided, by the keys of the pictures.
    verdicts: dict[int, str]

    @property
    def decided(self) -> int:
        return self.approved + self.changes

    @property
    def share(self) -> int:
        """Per cent."""
        return round(100 * self.decided / self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class Pin:
    """A comment with its number where it marks a spot."""

    comment: Comment
    number: int | None
    name: str
    initials: str


def progress_of(visit: Visit, at: int) -> Progress:
    """Count what is decided, and find the next picture after number `at` that is not, from the first on after the last."""
    places = visit.link.places
    decided = answers.decided(visit.link, [place.pk for place in places]) if visit.link.may_decide else {}
    words = list(decided.values())
    rest = [*places[at:], *places[: max(0, at - 1)]]
    left = next((place.code for place in rest if place.pk not in decided), None)
    ticks = [place.pk in decided for place in places] if len(places) <= PAGE else []
    approved = words.count(Decision.Verdict.APPROVED)
    return Progress(approved, len(words) - approved, len(places), left, ticks, decided)


def item_of(
    visit: Visit,
    place: Place,
    picture: Picture,
    *,
    verdict: str = "",
    decision: Decision | None = None,
    comments: int = 0,
) -> Item:
    """`decision`, with its word, or the word alone."""
    sizes = [one.size for one in picture.sizes]
    if visit.link.watermark:
        sizes = sorted({size_for(picture, size) for size in SIZES})
    wide = {size: min(size, size * picture.width // max(picture.width, picture.height)) or 1 for size in sizes}
    address = {size: visit.address("proof_file", place.code, size) for size in sizes}
    named = [f"{address[size]} {wide[size]}w" for size in sizes]
    small = [name for size, name in zip(sizes, named, strict=True) if size <= TILE]
    return Item(
        number=place.number,
        code=place.code,
        width=picture.width,
        height=picture.height,
        src=next((address[size] for size in sizes if size >= TILE), address[sizes[-1]] if sizes else ""),
        srcset=", ".join(named),
        preview=", ".join(small) if len(small) < len(named) else "",
        has_alpha=picture.has_alpha,
        placeholder="" if picture.has_alpha else picture.placeholder,
        verdict=decision.verdict if decision else verdict,
        page=visit.address("proof_picture", place.code),
        answer=visit.address("proof_decision", place.code),
        decision=decision,
        comments=comments,
        prompt=picture.title if visit.link.shows_prompts else "",
        price=price(picture.job.price) if visit.link.shows_prices and picture.job and not picture.is_kept else "",
    )


def pins_of(said: list[Comment]) -> list[Pin]:
    pins, number = [], 0
    for one in said:
        number += one.x is not None
        author = one.client or one.person
        pins.append(
            Pin(
                one,
                number if one.x is not None else None,
                author.name if author else "",
                author.initials if author else "",
            )
        )
    return pins
