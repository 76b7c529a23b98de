"""The form and the table of what Luma takes must agree, in every combination and without a database."""

from __future__ import annotations

import itertools

import pytest

from studio.forms.rules import WORDS, complaints, mention_note
from studio.luma import ImageRef, Request
from studio.luma.capabilities import KINDS, MODELS, RATIOS, STYLE_RATIOS
from studio.models import Picture
from studio.models.submission import RequestSpec
from studio.simulator.errors import ApiError
from studio.simulator.validate import parse_request

PICTURE = Picture(width=10, height=10)
REF = ImageRef(url="https://example.com/a.png")
COMBINATIONS = itertools.product(
    KINDS,
    MODELS,
    ["", *(r.slug for r in RATIOS)],
    STYLE_RATIOS,
    ["", "A cat", "x" * 501, "x" * 6001],
    [0, 1, 8, 9, 10],
    [0, 1],
)


def wish(type: str = "image", **fields: object) -> RequestSpec:
    return RequestSpec(**{"type": type, "prompt": "A cat", "model": "uni-1", **fields})  # type: ignore[arg-type]


def said(asked: RequestSpec) -> dict[str, str]:
    return dict(complaints(asked))


def is_refused(request: Request) -> bool:
    try:
        parse_request(request.body())
    except ApiError:
        return True
    return False


def test_the_form_complains_exactly_where_luma_would() -> None:
    for type, model, ratio, style, prompt, references, source in COMBINATIONS:
        kind = KINDS[type]
        if type == "image" and source:
            continue  # the form makes an edit of it
        asked = wish(
            type,
            model=model,
            prompt=prompt,
            aspect_ratio=ratio if kind.has_ratio else "",
            style=style if kind.styles else "auto",
            source=PICTURE if source else None,
            references=(PICTURE,) * references,
        )
        request = Request(
            prompt=prompt,
            type=type,
            model=model,
            aspect_ratio=asked.aspect_ratio or None,
            style=asked.style if kind.styles else None,
            source=REF if source else None,
            image_refs=(REF,) * references,
        )
        assert bool(said(asked)) == is_refused(request), asked


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        (wish(prompt=" "), "prompt", "Write what you want to see."),
        (wish(prompt="x" * 6001), "prompt", "Shorten the prompt by 1 character (limit 6,000)."),
        (wish("image_edit"), "source", "Choose the picture to edit."),
        (wish("layering"), "source", "Choose the picture to split."),
        (
            wish(references=(PICTURE,) * 11),
            "reference",
            "11 references are too many: 9 are allowed. Remove @10 and @11.",
        ),
        (
            wish("image_edit", source=PICTURE, references=(PICTURE,) * 9),
            "reference",
            "9 references are too many beside a source, which takes a place: 8 are allowed. Remove @9.",
        ),
        (
            wish("layering", source=PICTURE, references=(PICTURE,)),
            "reference",
            "Layers take no references. Remove those in the tray.",
        ),
        (wish("layering", source=PICTURE, model="uni-1-max"), "model", "Layers can only be made by uni-1."),
        (
            wish("layering", source=PICTURE, prompt="x" * 501),
            "prompt",
            "Shorten the prompt by 1 character (limit 500).",
        ),
        (wish("layering", source=PICTURE, count=2), "count", "A picture is split once: choose 1."),
        (
            wish(style="manga", aspect_ratio="3:2"),
            "aspect_ratio",
            "Manga is portrait only: choose 2:3, 9:16, 1:2, 1:3, or leave the ratio to Luma.",
        ),
        (wish(count=9), "count", "Choose 1 to 8 pictures."),
        (wish(count=0), "count", "Choose 1 to 8 pictures."),
    ],
)
def test_a_complaint_names_its_field_and_the_limit(asked: RequestSpec, field: str, sentence: str) -> None:
    assert said(asked) == {field: sentence}


@pytest.mark.parametrize(
    ("prompt", "references", "note"),
    [
        ("the blues of @1", 1, ""),
        ("@1 and @3", 2, "There's no picture @3"),
        ("@4, @2 and @3", 1, "There are no pictures @2, @3 and @4"),
        ("@0 counts from one", 3, "There's no picture @0"),
        ("mail anna@2.example or @12th", 0, ""),
    ],
)
def test_a_mention_without_a_picture_is_named(prompt: str, references: int, note: str) -> None:
    assert mention_note(prompt, references) == note


def test_every_sentence_says_something() -> None:
    assert all(words.strip() for words in WORDS.values())
