"""Which ratios hold on which day, for which model and style."""

from __future__ import annotations

from datetime import date, timedelta

from studio.luma import ratios
from studio.luma.ratios import Ratio, RatioRow, RatioTable, with_published

DAY = date(2030, 1, 1)
BEFORE = DAY - timedelta(days=1)
PORTRAITS = ("2:3", "9:16", "1:2", "1:3")


def new(slug: str = "4:3", width: int = 2368, height: int = 1792, **fields: object) -> RatioRow:
    return RatioRow(**({"first_day": DAY, "slug": slug, "width": width, "height": height} | fields))  # type: ignore[arg-type]


def table(*rows: RatioRow) -> RatioTable:
    return with_published(rows, version=len(rows))


def test_without_rows_they_are_those_of_the_release_on_every_day() -> None:
    for day in (date(2020, 1, 1), DAY):
        offer = RatioTable().offer_on(day)
        assert [one.slug for one in offer.ratios] == ["3:1", "2:1", "16:9", "3:2", "1:1", *PORTRAITS]
        assert offer.of("uni-1", "manga") == offer.of_style("manga") == PORTRAITS
        assert offer.of("uni-1", "oil") == ()
    assert ratios.slugs() == RatioTable().offer_on(DAY).of("uni-9", "auto")


def test_a_row_holds_from_its_day_on_and_stands_in_its_place() -> None:
    found = table(new(), new("3:4", 1792, 2368))
    assert "4:3" not in found.offer_on(BEFORE).known
    offer = found.offer_on(DAY)
    assert offer.of("uni-1", "auto")[3:8] == ("3:2", "4:3", "1:1", "3:4", "2:3")
    assert offer.of("uni-1", "manga") == ("3:4", *PORTRAITS)
    assert offer.known["4:3"] == Ratio("4:3", 2368, 1792)


def test_what_is_withdrawn_is_known_and_can_come_back_in_another_size() -> None:
    later = DAY + timedelta(days=9)
    found = table(
        new(), new(first_day=later, is_offered=False), new(first_day=later + timedelta(days=1), width=2304, height=1728)
    )
    assert "4:3" in found.offer_on(later - timedelta(days=1)).of("uni-1", "auto")
    assert "4:3" not in found.offer_on(later).of("uni-1", "auto")
    assert found.offer_on(later).known["4:3"].width == 2368
    assert found.offer_on(later + timedelta(days=1)).known["4:3"].width == 2304


def test_of_two_rows_of_a_day_the_later_one_holds() -> None:
    assert "4:3" not in table(new(), new(is_offered=False)).offer_on(DAY).of("uni-1", "auto")
    assert "4:3" in table(new(is_offered=False), new()).offer_on(DAY).of("uni-1", "auto")


def test_a_row_may_be_about_one_model_or_one_style() -> None:
    offer = table(new(model="uni-2"), new("3:4", 1792, 2368, style="manga")).offer_on(DAY)
    assert "4:3" in offer.of("uni-2", "auto")
    assert "4:3" not in offer.of("uni-1", "auto")
    assert "3:4" in offer.of("uni-1", "manga")
    assert "3:4" not in offer.of("uni-2", "auto")
    assert {"4:3", "3:4"} <= {one.slug for one in offer.ratios}
    assert "4:3" in offer.of_style("auto")
    # What is withdrawn for all is withdrawn for each.
    gone = table(new(model="uni-2"), new(first_day=DAY + timedelta(days=1), is_offered=False))
    assert "4:3" not in gone.offer_on(DAY + timedelta(days=1)).of("uni-2", "auto")


def test_manga_is_never_wide() -> None:
    assert table(new(style="manga")).offer_on(DAY).of("uni-1", "manga") == PORTRAITS
