"""What the JSON API takes and answers."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

Dollars = Annotated[Decimal, Field(description="US dollars", examples=["0.0404"])]
Text = Annotated[str, Field(max_length=20_000)]
Word = Annotated[str, Field(max_length=200)]
Code = Annotated[uuid.UUID, Field(description="a code of Studio's")]
State = Literal["waiting", "sending", "running", "saving", "done", "failed", "unknown", "cancelled"]


class Asked(Schema):
    """Unknown fields are refused: a word that is spelled wrong must not be paid for."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """Why a call was not served (RFC 9457, application/problem+json)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="A sentence for a person: what is so, and what to do.")
    code: str = Field(description="A word for programs.")
    errors: list[FieldProblem] = []


class FieldProblem(Schema):
    field: str
    detail: str


class SubmissionIn(Asked):
    """What the dock of the Create page asks for. Only `prompt` is needed for a new picture."""

    type: Word = Field("image", description="image, image_edit (needs source) or layering (a split; needs source)")
    prompt: Text = Field("", description="Up to 6,000 characters; @1 means the first reference.")
    model: Word = Field("", description="uni-1 or uni-1-max; empty: the first that can.")
    aspect_ratio: Word = Field(
        "", description="Such as 16:9; empty: Luma chooses. Of a new picture only: an edit keeps its source's size."
    )
    style: Word = Field("auto", description="auto or manga")
    output_format: Word = Field("", description="png or jpeg; empty: Luma chooses.")
    web_search: bool = False
    layering_resolution: Word = Field("", description="1k or 2k, of a split only.")
    count: int = Field(1, ge=-9_999, le=9_999, description="1 to 20 pictures.")
    is_private: bool = Field(False, description="Only you see it.")
    source: Word | None = Field(None, description="The code of the picture to edit or split.")
    references: list[Word] = Field([], max_length=50, description="Codes of pictures to look at, in their order.")
    look: Word | None = Field(None, description="The code of a version of a look.")
    blanks: list[Text] = Field([], max_length=50, description="What fills the look's blanks.")
    board: Word | None = Field(None, description="The code of the board that the pictures go to.")
    asks_over_budget: bool = Field(
        False, description="Where a budget has no room for it: ask an admin, instead of being refused."
    )
    webhook: Annotated[str, Field(max_length=2_000)] | None = Field(
        None,
        description="A public address with TLS that is called when all of it has ended, or when it needs an approval.",
    )


class PictureRef(Schema):
    code: Code
    width: int
    height: int
    url: str = Field(description="Its page.")
    file: str = Field(description="Its file, for a call with a token.")


class JobOut(Schema):
    """One request to Luma and what became of it."""

    code: Code
    label: str = Field(examples=["J-12"])
    submission: Code
    state: State
    is_over: bool
    sentence: str = Field(description="Why it failed or waits, for a person.")
    cause: str
    price: Dollars | None
    charge: str
    created_at: datetime
    finished_at: datetime | None
    url: str
    pictures: list[PictureRef]


class SubmissionOut(Schema):
    code: Code
    state: Literal["active", "done", "failed", "unknown", "cancelled", "mixed", "needs_approval", "declined"]
    is_over: bool
    sentence: str = Field(description="Why it waits for an admin's approval, or was declined; it has no jobs then.")
    created_at: datetime
    person: str
    type: str
    prompt: str
    model: str
    aspect_ratio: str
    style: str
    count: int
    is_private: bool
    price: Dollars | None = Field(description="Of all its pictures; null where Luma publishes no price.")
    board: Code | None
    source: Code | None
    references: list[Code]
    made_of: str = Field(
        description='"Made of a private picture" and the like, where you don\'t see all it was made of.'
    )
    jobs: list[JobOut]


class SubmissionPage(Schema):
    items: list[SubmissionOut]
    next: str | None = Field(description="`after` of the next page.")


class PictureOut(PictureRef):
    origin: str
    format: str
    bytes: int
    created_at: datetime
    person: str
    title: str
    job: Code | None
    is_private: bool
    rating: int
    decision: str
    is_starred: bool
    tags: list[str]


class PicturePage(Schema):
    items: list[PictureOut]
    next: str | None


class BoardIn(Asked):
    name: Word
    purpose: Annotated[str, Field(max_length=2_000)] = ""
    client: Word = ""
    job_number: Word = ""
    visibility: Literal["team", "private"] = "team"


class BoardOut(Schema):
    code: Code
    name: str
    purpose: str
    client: str
    job_number: str
    visibility: str
    person: str
    number: int = Field(description="Pictures on it that you see.")
    may_change: bool
    changed_at: datetime
    url: str


class BoardPage(Schema):
    items: list[BoardOut]
    next: str | None


class PicturesIn(Asked):
    pictures: list[uuid.UUID] = Field(min_length=1, max_length=500)


class Changed(Schema):
    number: int = Field(description="How many that changed.")


class DecisionIn(Asked):
    verdict: Literal["", "candidate", "approved", "rejected"] = Field(description="Empty takes the decision back.")


class RatingIn(Asked):
    value: int = Field(ge=0, le=5, description="0 takes the rating back.")


class TagIn(Asked):
    tag: Word


class CommentIn(Asked):
    text: Text
    x: float | None = Field(None, description="Per cent of the width.")
    y: float | None = Field(None, description="Per cent of the height.")
    reply_to: uuid.UUID | None = None


class CommentOut(Schema):
    code: Code
    author: str
    text: str
    created_at: datetime
    x: float | None
    y: float | None
    thread: Code | None
    is_resolved: bool


class CommentPage(Schema):
    items: list[CommentOut]


class Spent(Schema):
    cap: Dollars | None
    spent: Dollars = Field(description="Spent or reserved.")


class WebhookIn(Asked):
    address: Annotated[str, Field(max_length=2_000)] = Field(description="Public, with TLS.")


class WebhookKey(Schema):
    signing_key: str = Field(description="Of Studio-Signature, for the webhooks of this token's requests.")


class DeliveryOut(Schema):
    """One event on its way to a webhook: eight tries over three and a half hours."""

    code: Code
    event: str
    state: Literal["waiting", "sent", "failed"]
    attempts: int
    result: str = Field(description="How the last try went.")
    due_at: datetime = Field(description="When the next try is, while it waits.")


class TokenOut(Schema):
    code: Code
    name: str
    beginning: str
    person: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_live: bool


class TokenPage(Schema):
    items: list[TokenOut]
    next: str | None


class Me(Schema):
    """Who this token is, what it may, and what it spent."""

    name: str
    role: str
    token: TokenOut
    may: list[str] = Field(description="The scopes that count now.")
    day: Spent
    month: Spent
    models_allowed: list[str] = Field(description="Empty: every model of the team.")
    may_search_web: bool
    may_split: bool


Problem.model_rebuild()
