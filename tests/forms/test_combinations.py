from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.forms.create.many import Many
from studio.models.requests.request_spec import RequestSpec
from studio.text import combinations
from studio.text.combinations import Refused
from tests.forms.combination_cases import READ, REFUSED


@pytest.mark.parametrize(("prompt", "made"), READ, ids=lambda value: str(value)[:40])
def test_braces_make_these_prompts(prompt: str, made: tuple[str, ...]) -> None:
    assert [text for _, text in combinations.read(prompt).picks()] == list(made)


@pytest.mark.parametrize(("prompt", "why"), REFUSED, ids=lambda value: str(value)[:40])
def test_braces_that_cannot_be_read_are_refused_in_words(prompt: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        combinations.read(prompt)
    assert why in refused.value.sentence


@given(st.text(alphabet="ab {}|\\", max_size=30))
def test_a_prompt_that_was_sent_is_read_as_itself_when_it_is_used_again(prompt: str) -> None:
    assert combinations.read(combinations.escaped(prompt)).picks() == [((), prompt.strip())]


@pytest.mark.parametrize(
    ("hostile", "count"),
    [("{a|b}" * 4_000, 2**4_000), ("{" * 20_000, 1), ("{" * 10_000 + "}" * 10_000, 1), ("{a|b|c}" * 2_800, 3**2_800)],
    ids=["many", "open", "deep", "more"],
)
def test_hostile_braces_are_counted_and_never_written_out(hostile: str, count: int) -> None:
    """Written out, none of them would ever end."""
    assert combinations.read(hostile).count == count
    if count > 1:
        with pytest.raises(Refused, match="More than 1,000,000 combinations; the limit is 60"):
            many(hostile)


def many(prompt: str, **more: object) -> Many:
    fields = {"type": "image", "model": "uni-1", "aspect_ratio": "3:2", "count": more.pop("count", 1)}
    return Many(RequestSpec(prompt=prompt, **fields), **more)  # type: ignore[arg-type]


def test_words_and_ratios_multiply_and_the_total_is_exact() -> None:
    found = many("A {red|green|blue} kite {over the harbour|over the dunes}", ratios=["9:16"])
    assert (len(found.all), str(found.total), found.multiplied) == (12, "0.4848", "3 × 2 words × 2 ratios")
    assert found.all[1].spec.prompt == "A red kite over the harbour"
    assert [one.spec.aspect_ratio for one in found.all[:3]] == ["3:2", "9:16", "3:2"]
    assert [row.head for row in found.rows] == ["red", "green", "blue"]


def test_each_combination_is_made_as_often_as_asked() -> None:
    found = many("A {red|green} kite", count=3)
    assert (found.pictures, str(found.total)) == (6, "0.2424")


@pytest.mark.parametrize(
    ("prompt", "more", "sentence"),
    [
        ("{1|2|3|4|5|6|7} {1|2|3|4} {1|2|3}", {}, "84 combinations; the limit is 60."),
        ("{1|2|3|4|5|6|7} {1|2|3}", {"ratios": ["1:1", "9:16"]}, "63 combinations; the limit is 60."),
        ("{1|2|3|4|5|6|7}", {"count": 10}, "7 combinations × 10 are 70 pictures; the limit is 60."),
    ],
    ids=["words", "ratios", "count"],
)
def test_more_than_the_limit_is_refused_with_both_numbers(prompt: str, more: dict[str, object], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        many(prompt, **more)
    assert refused.value.sentence.startswith(sentence)


def test_sixty_are_allowed() -> None:
    assert len(many("{1|2|3|4|5} {1|2|3|4} {1|2|3}").all) == 60


def test_a_list_of_another_request_or_price_is_another_list() -> None:
    known = many("A {red|green} kite").digest
    assert many("A {red|green} kite", listed=known, checked=[1]).pictures == 1
    others = (
        many("A {red|blue} kite"),
        many("A {red|green} kite", count=2),
        many("A {red|green} kite", ratios=["1:1"]),
    )
    assert known not in {other.digest for other in others}


def test_the_prompt_of_layers_is_text() -> None:
    spec = RequestSpec(type="layering", prompt="{cat|dog}", model="uni-1")
    assert [one.spec.prompt for one in Many(spec).all] == ["{cat|dog}"]
