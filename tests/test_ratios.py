from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ratios import GENERATED, STYLESHEET, ratio_class, share_class, stylesheet

RATIOS = {name: float(value) for name, value in re.findall(r"\.(r-\w+)\{--r:([\d.]+)\}", stylesheet())}
SHARES = {name: int(value) for name, value in re.findall(r"\.(at-\d+)\{--at:(\d+)%\}", stylesheet())}

sides = st.integers(min_value=1, max_value=20_000)


def test_the_stylesheet_on_disk_is_the_one_the_generator_writes() -> None:
    assert STYLESHEET.read_text(encoding="utf-8") == stylesheet()


def test_no_two_steps_share_a_class() -> None:
    named = re.findall(r"\.((?:r|at)-\w+)\{", stylesheet())
    assert len(named) == len(set(named)) == len(RATIOS) + len(SHARES)


@pytest.mark.parametrize(("size", "name"), GENERATED.items())
def test_a_generated_size_has_a_class_of_its_own_real_ratio(size: tuple[int, int], name: str) -> None:
    assert ratio_class(*size) == name
    assert RATIOS[name] == pytest.approx(size[0] / size[1], abs=0.0001)


@given(sides, sides)
def test_every_picture_has_a_class_in_the_stylesheet(width: int, height: int) -> None:
    assert ratio_class(width, height) in RATIOS


@given(st.integers(min_value=1_000, max_value=20_000), st.floats(min_value=0.2, max_value=5.0))
def test_between_one_to_five_and_five_to_one_the_class_is_less_than_one_per_cent_off(
    height: int, wanted: float
) -> None:
    width = round(height * wanted)
    ratio = max(0.2, min(5.0, width / height))
    assert RATIOS[ratio_class(width, height)] == pytest.approx(ratio, rel=0.01)


def test_a_panorama_gets_the_last_step() -> None:
    assert RATIOS[ratio_class(20_000, 100)] == max(RATIOS.values())
    assert RATIOS[ratio_class(100, 20_000)] == min(RATIOS.values())


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-1, 10)])
def test_a_size_without_area_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no ratio"):
        ratio_class(*size)


@pytest.mark.parametrize(
    ("share", "name"), [(0, "at-0"), (0.4516, "at-45"), (1, "at-100"), (-3, "at-0"), (7.5, "at-100")]
)
def test_a_share_is_named_by_its_nearest_per_cent(share: float, name: str) -> None:
    assert share_class(share) == name
    assert name in SHARES
