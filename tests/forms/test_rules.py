"""The form and the table of what Luma takes must agree, in every combination and without a database."""

from __future__ import annotations

import itertools
import math

import pytest

from studio.forms.create.rules import WORDS, complaints, mention_note
from studio.luma import ImageRef, Request
from studio.luma.capabilities import KINDS, MODELS
from studio.luma.ratios import PUBLISHED, STYLES
from studio.models import Picture, Ratio
from studio.models.requests.request_spec import RequestSpec
from studio.simulator.errors import ApiError
from studio.simulator.validate import parse_request
from tests.forms.rule_cases import CASES, MENTIONS, RATIO_CASES, RATIOS, Case

PICTURE = Picture(width=10, height=10)
REF = ImageRef(url="https://example.com/a.png")
COMBINATIONS = itertools.product(
    KINDS,
    MODELS,
    ["", *(row.slug for row in PUBLISHED)],
    STYLES,
    ["", "A cat", "x" * 501, "x" * 6001],
    [0, 1, 8, 9, 10],
    [0, 1],
)


def spec(type: str = "image", **fields: object) -> RequestSpec:
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
        asked = spec(
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


@pytest.mark.parametrize("case", CASES)
def test_each_complaint_names_its_field_and_the_limit(case: Case) -> None:
    assert tuple(complaints(asked_in(case))) == case.said


@pytest.mark.parametrize("case", RATIO_CASES)
def test_ratios_are_those_of_the_day(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ratio.known, "_known", (math.inf, RATIOS))
    assert tuple(complaints(asked_in(case))) == case.said


def asked_in(case: Case) -> RequestSpec:
    return spec(
        case.type,
        prompt=case.prompt,
        model=case.model,
        aspect_ratio=case.aspect_ratio,
        style=case.style,
        count=case.count,
        references=(PICTURE,) * case.references,
        source=PICTURE if case.has_source else None,
    )


@pytest.mark.parametrize(("prompt", "references", "note"), MENTIONS)
def test_a_mention_without_a_picture_is_named(prompt: str, references: int, note: str) -> None:
    assert mention_note(prompt, references) == note


def test_every_sentence_says_something() -> None:
    assert all(words.strip() for words in WORDS.values())
