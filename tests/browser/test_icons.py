"""The signs of the icon font stand where they are drawn in their square."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# Of each sign: the room on its left and on its right, in hundredths of its square.
ROOM = """async (names) => {
  await document.fonts.load('100px "Studio Icons"');
  const paper = document.createElement("canvas").getContext("2d");
  paper.font = '100px "Studio Icons"';
  return Object.fromEntries(names.map((name) => {
    const icon = document.createElement("span");
    icon.className = `icon icon--${name}`;
    document.body.append(icon);
    const sign = getComputedStyle(icon, "::before").content.replaceAll('"', "");
    icon.remove();
    const { actualBoundingBoxLeft, actualBoundingBoxRight, width } = paper.measureText(sign);
    return [name, [Math.round(-actualBoundingBoxLeft), Math.round(width - actualBoundingBoxRight)]];
  }));
}"""


def test_a_sign_has_the_room_of_its_drawing_on_both_sides(ada: Page) -> None:
    room = ada.evaluate(ROOM, ["x", "star", "chevron-down", "chevron-left", "chevron-right"])
    for name in ("x", "star", "chevron-down"):
        assert abs(room[name][0] - room[name][1]) <= 1, (name, room[name])
    assert room["chevron-left"][0] == pytest.approx(34, abs=2)
    assert room["chevron-right"][1] == pytest.approx(34, abs=2)
