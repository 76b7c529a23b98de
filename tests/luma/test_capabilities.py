from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from studio.luma import ImageRef, Request, capabilities, pricing, ratios
from studio.luma.pricing import PriceRow

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
SOURCE = ImageRef.from_generation(ID)
RATIOS = ["3:1", "2:1", "16:9", "3:2", "1:1", "2:3", "9:16", "1:2", "1:3"]


def edit(**fields: object) -> Request:
    return Request(**({"type": "image_edit", "prompt": "Snow", "source": SOURCE} | fields))  # type: ignore[arg-type]


def layers(**fields: object) -> Request:
    return Request(**({"type": "layering", "prompt": "", "source": SOURCE} | fields))  # type: ignore[arg-type]


def test_the_table_is_what_the_form_needs() -> None:
    table = json.loads(json.dumps(capabilities.table()))
    assert [ratio["slug"] for ratio in table["ratios"]] == RATIOS
    assert {"slug": "3:2", "width": 2464, "height": 1696} in table["ratios"]
    assert table["style_ratios"] == {"auto": RATIOS, "manga": ["2:3", "9:16", "1:2", "1:3"]}
    assert table["prices"] == {
        "uni-1": {"base": 404, "each_input": 30},
        "uni-1-max": {"base": 1000, "each_input": 30},
    }
    types = table["types"]
    assert [types[slug]["max_references"] for slug in ("image", "image_edit", "layering")] == [9, 8, 0]
    assert [types[slug]["max_prompt"] for slug in ("image", "image_edit", "layering")] == [6000, 6000, 500]
    assert [types[slug]["is_priced"] for slug in ("image", "image_edit", "layering")] == [True, True, False]
    assert types["layering"]["models"] == ["uni-1"]
    assert types["layering"]["resolutions"] == ["1k", "2k"]


def test_the_pixels_are_lumas_own() -> None:
    for ratio in ratios.ratios():
        assert ratio.width % 32 == ratio.height % 32 == 0
        assert abs(ratio.width * ratio.height / 2048**2 - 1) < 0.01


@pytest.mark.parametrize(
    ("type_", "model", "inputs", "dollars"),
    [
        ("image", "uni-1", 0, "0.0404"),
        ("image", "uni-1", 1, "0.0434"),
        ("image", "uni-1", 9, "0.0674"),
        ("image_edit", "uni-1", 1, "0.0434"),
        ("image_edit", "uni-1", 9, "0.0674"),
        ("image", "uni-1-max", 0, "0.1000"),
        ("image_edit", "uni-1-max", 1, "0.1030"),
        ("image", "uni-1-max", 9, "0.1270"),
    ],
)
def test_a_price_is_exact(type_: str, model: str, inputs: int, dollars: str) -> None:
    price = pricing.price(type_, model, inputs)
    assert price == Decimal(dollars)
    assert str(price) == dollars


@pytest.mark.parametrize(
    ("type_", "model", "inputs"),
    [("layering", "uni-1", 1), ("image", "uni-2", 0), ("video", "uni-1", 0), ("image", "uni-1", 10)],
)
def test_an_unknown_price_is_none(type_: str, model: str, inputs: int) -> None:
    assert pricing.price(type_, model, inputs) is None


@pytest.mark.parametrize("inputs", [-1, 0])
def test_an_edit_has_at_least_its_source(inputs: int) -> None:
    assert pricing.price("image_edit", "uni-1", inputs) is None


def test_a_price_belongs_to_a_day() -> None:
    begins = date(2030, 1, 1)
    dearer = [PriceRow(begins, "uni-1", pricing.PICTURE, 500), PriceRow(begins, "", pricing.INPUT, 40)]
    fresh = [PriceRow(begins, "uni-2", pricing.PICTURE, 700), PriceRow(begins, "uni-2", pricing.INPUT, 0)]
    prices = pricing.with_published([*dearer, *fresh, PriceRow(begins, "", pricing.LAYER, 1000)], version=5)
    assert prices.price_on(date(2026, 4, 30), "image", "uni-1", 0) is None
    assert prices.price_on(date(2029, 12, 31), "image", "uni-1", 2) == Decimal("0.0464")
    assert prices.price_on(begins, "image", "uni-1", 2) == Decimal("0.0580")
    assert prices.price_on(begins, "image", "uni-1-max", 2) == Decimal("0.1080")
    assert [prices.price_on(day, "image", "uni-2", 2) for day in (date(2029, 1, 1), begins)] == [None, Decimal("0.07")]
    assert [prices.layer_on(day) for day in (date(2029, 1, 1), begins)] == [None, Decimal("0.1")]


def test_of_two_prices_of_a_day_the_later_row_holds() -> None:
    day = date(2030, 1, 1)
    rows = [PriceRow(day, "uni-1", pricing.PICTURE, units) for units in (500, 450)]
    assert pricing.with_published(rows, version=2).tariffs_on(day)["uni-1"].base == 450


def test_a_request_leaves_out_what_is_unset() -> None:
    assert Request(prompt="x").body() == {"prompt": "x", "type": "image", "model": "uni-1"}
    assert layers().body() == {"type": "layering", "model": "uni-1", "source": {"generation_id": ID}}


def test_a_full_request_has_the_documented_shape() -> None:
    request = Request(
        prompt="x",
        model="uni-1-max",
        aspect_ratio="2:3",
        style="manga",
        output_format="png",
        web_search=False,
        image_refs=(ImageRef(url="https://x.example/a"), ImageRef.from_file("f-1")),
        user_id="u_7f3a",
    )
    assert request.body() == {
        "type": "image",
        "model": "uni-1-max",
        "prompt": "x",
        "aspect_ratio": "2:3",
        "style": "manga",
        "output_format": "png",
        "web_search": False,
        "image_ref": [{"url": "https://x.example/a"}, {"file_id": "f-1"}],
        "user_id": "u_7f3a",
    }
    assert layers(layering_resolution="1k").body()["layering"] == {"resolution": "1k"}
    assert (request.inputs, edit(image_refs=(SOURCE,)).inputs) == (2, 2)


def test_a_picture_is_named_in_exactly_one_way() -> None:
    for wrong in ({}, {"url": "https://x.example", "file_id": "f-1"}):
        with pytest.raises(ValueError, match="exactly one"):
            ImageRef(**wrong)
    with pytest.raises(ValueError, match="media type"):
        ImageRef(data=b"x")
    assert "secret" not in repr(ImageRef.from_bytes(b"secret pixels", "image/png"))


def test_todays_prices_are_the_ones_shown() -> None:
    tariffs = dict(pricing.tariffs())
    assert tariffs == {"uni-1": pricing.Tariff(404, 30), "uni-1-max": pricing.Tariff(1000, 30)}
    assert pricing.day() == datetime.now(UTC).date()


def test_without_a_studio_around_it_the_prices_are_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_table", "_today"):
        monkeypatch.setattr(pricing, name, getattr(pricing, name))  # put back at the end
    pricing.use(lambda: pricing.with_published([], version=7), today=lambda: date(2020, 1, 1))
    assert (pricing.table().version, dict(pricing.tariffs())) == (7, {})
    pricing.use()
    assert (pricing.table(), pricing.day()) == (pricing.PriceTable(), datetime.now(UTC).date())
