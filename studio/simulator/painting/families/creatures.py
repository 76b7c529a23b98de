"""A sitting animal, drawn in flat shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.simulator.painting.colour import Colour, blend, lighter, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, spline


@dataclass(frozen=True)
class Coat:
    """Colours of an animal."""

    fur: Colour
    pale: Colour
    eye: Colour
    dark: Colour


class Creature:
    """Draw a sitting animal facing us; 1 is its height."""

    def __init__(self, x: float, foot: float, size: float, coat: Coat, hand: float, kind: str) -> None:
        self.x, self.foot, self.size, self.coat, self.hand, self.kind = x, foot, size, coat, hand, kind

    def at(self, x: float, y: float) -> Point:
        return self.x + x * self.hand * self.size, self.foot - y * self.size

    def shape(self, *points: Point) -> list[Point]:
        return spline([self.at(x, y) for x, y in points], steps=9)

    def both(self, *points: Point) -> list[Point]:
        return self.shape(*points, *((-x, y) for x, y in reversed(points) if abs(x) > 1e-6))

    def draw(self, pen: Pen, rng: Random) -> None:
        if self.kind == "owl":
            self._owl(pen)
            return
        self._tail(pen)
        self._body(pen, rng)
        self._ears(pen)
        self._head(pen, rng)

    def _tail(self, pen: Pen) -> None:
        fur, s = self.coat.fur, self.size
        if self.kind in ("cat", "fox", "dog"):
            bushy = {"cat": 1.0, "fox": 1.9, "dog": 1.1}[self.kind]
            curve = spline(
                [
                    self.at(0.16, 0.06),
                    self.at(0.33, 0.045),
                    self.at(0.41, 0.12),
                    self.at(0.4, 0.25),
                    self.at(0.34, 0.33),
                ],
                closed=False,
                steps=14,
            )
            for index, (x, y) in enumerate(curve):
                t = index / len(curve)
                thick = s * 0.042 * bushy * (0.75 + 0.5 * math.sin(math.pi * min(1.0, t * 1.15)))
                tone = self.coat.pale if t > 0.82 and self.kind != "dog" else lighter(fur, -0.05)
                if self.kind == "cat" and int(t * 11) % 2 and t < 0.82:
                    tone = lighter(fur, -0.12)
                pen.circle(x, y, thick, tone)
        else:
            pen.circle(*self.at(0.25, 0.08), s * 0.075, self.coat.pale)

    def _body(self, pen: Pen, rng: Random) -> None:
        fur, pale, s = self.coat.fur, self.coat.pale, self.size
        body = self.both((0, 0.6), (0.11, 0.57), (0.165, 0.45), (0.225, 0.29), (0.25, 0.13), (0.2, 0.015), (0, 0.0))
        pen.polygon(body, fur)
        pen.polygon(
            self.shape(
                (0.06, 0.58),
                (0.15, 0.47),
                (0.225, 0.29),
                (0.25, 0.13),
                (0.2, 0.015),
                (0.1, 0.01),
                (0.14, 0.2),
                (0.1, 0.42),
            ),
            lighter(fur, -0.055),
        )
        if self.kind == "cat":
            for side in (-1, 1):
                for row in range(4):
                    y = 0.2 + row * 0.075
                    edge = 0.245 - 0.09 * max(0.0, y - 0.2) / 0.3 * 1.2
                    stripe = [(side * edge, y + 0.014), (side * (edge - 0.085), y + 0.03), (side * edge, y - 0.014)]
                    pen.polygon([self.at(px, py) for px, py in stripe], lighter(fur, -0.12))
        for side in (-1, 1):
            pen.polygon(
                self.shape(
                    (side * 0.13, 0.2),
                    (side * 0.235, 0.15),
                    (side * 0.255, 0.045),
                    (side * 0.19, 0.0),
                    (side * 0.12, 0.0),
                ),
                lighter(fur, 0.02 if side < 0 else -0.03),
            )
        pen.polygon(self.both((0, 0.55), (0.1, 0.5), (0.105, 0.38), (0.055, 0.25), (0, 0.22)), pale)
        for side in (-1, 1):
            x = side * 0.065
            tone = fur if side < 0 else lighter(fur, -0.03)
            pen.polygon(
                self.shape(
                    (x - 0.05, 0.34),
                    (x + 0.05, 0.34),
                    (x + 0.053, 0.04),
                    (x + 0.04, 0.0),
                    (x - 0.04, 0.0),
                    (x - 0.053, 0.04),
                ),
                tone,
            )
            pen.ellipse(*self.at(x, 0.02), s * 0.06, s * 0.03, pale)
            for toe in (-0.018, 0.018):
                pen.line([self.at(x + toe, 0.012), self.at(x + toe, 0.032)], lighter(pale, -0.2), s * 0.005)
        pen.line([self.at(0, 0.3), self.at(0, 0.02)], lighter(fur, -0.16), s * 0.006)

    def _ears(self, pen: Pen) -> None:
        fur, s = self.coat.fur, self.size
        pink = blend(rgb("#d98a85"), fur, 0.3)
        for side in (-1, 1):
            tone = fur if side < 0 else lighter(fur, -0.05)
            if self.kind in ("cat", "fox"):
                tall = 0.955 if self.kind == "cat" else 1.0
                pen.polygon([self.at(side * 0.175, 0.7), self.at(side * 0.165, tall), self.at(side * 0.03, 0.83)], tone)
                pen.polygon(
                    [self.at(side * 0.15, 0.76), self.at(side * 0.148, tall - 0.05), self.at(side * 0.065, 0.835)],
                    pink if self.kind == "cat" else self.coat.dark,
                )
            elif self.kind == "rabbit":
                pen.polygon(
                    self.shape(
                        (side * 0.03, 0.8),
                        (side * 0.05, 1.1),
                        (side * 0.11, 1.2),
                        (side * 0.15, 1.08),
                        (side * 0.12, 0.8),
                    ),
                    tone,
                )
                pen.polygon(
                    self.shape(
                        (side * 0.06, 0.84),
                        (side * 0.075, 1.06),
                        (side * 0.11, 1.13),
                        (side * 0.125, 1.04),
                        (side * 0.1, 0.84),
                    ),
                    pink,
                )
            elif self.kind == "bear":
                pen.circle(*self.at(side * 0.125, 0.83), s * 0.062, tone)
                pen.circle(*self.at(side * 0.122, 0.825), s * 0.034, self.coat.pale)
            else:
                pen.polygon(
                    self.shape(
                        (side * 0.1, 0.83),
                        (side * 0.2, 0.82),
                        (side * 0.245, 0.66),
                        (side * 0.2, 0.54),
                        (side * 0.14, 0.62),
                    ),
                    self.coat.dark if luminous(fur) > 0.3 else lighter(fur, -0.05),
                )

    def _head(self, pen: Pen, rng: Random) -> None:
        fur, pale, s = self.coat.fur, self.coat.pale, self.size
        cheek = 0.2 if self.kind in ("cat", "fox") else 0.175
        head = self.both((0, 0.855), (0.095, 0.84), (0.165, 0.765), (cheek, 0.655), (0.12, 0.565), (0, 0.535))
        pen.polygon(head, fur)
        pen.polygon(
            self.shape((0.06, 0.85), (0.165, 0.765), (cheek, 0.655), (0.12, 0.565), (0.05, 0.545), (0.1, 0.66)),
            lighter(fur, -0.045),
        )
        if self.kind == "fox":
            for side in (-1, 1):
                pen.polygon(
                    self.shape(
                        (side * 0.02, 0.63),
                        (side * 0.11, 0.68),
                        (side * 0.195, 0.655),
                        (side * 0.12, 0.565),
                        (0, 0.535),
                    ),
                    pale,
                )
        pen.polygon(self.both((0, 0.655), (0.05, 0.645), (0.085, 0.6), (0.05, 0.553), (0, 0.543)), pale)
        if self.kind == "cat":
            for shift in (-0.035, 0.0, 0.035):
                pen.polygon(
                    [
                        self.at(shift - 0.009, 0.85 - abs(shift) * 0.4),
                        self.at(shift + 0.009, 0.85 - abs(shift) * 0.4),
                        self.at(shift * 0.8, 0.77),
                    ],
                    lighter(fur, -0.14),
                )
        round_eyed = self.kind != "cat"
        for side in (-1, 1):
            x, y = side * 0.083, 0.69
            if round_eyed:
                pen.circle(*self.at(x, y), s * 0.023, (22, 16, 16))
                pen.circle(*self.at(x - 0.007, y + 0.009), s * 0.007, (255, 255, 255))
                continue
            pen.polygon(
                self.shape((x - 0.044, y - 0.004), (x, y + 0.033), (x + 0.044, y + 0.004), (x, y - 0.03)),
                self.coat.dark,
            )
            pen.polygon(
                self.shape((x - 0.036, y - 0.003), (x, y + 0.026), (x + 0.036, y + 0.003), (x, y - 0.024)),
                self.coat.eye,
            )
            pen.ellipse(*self.at(x, y), s * 0.0085, s * 0.022, (16, 14, 16))
            pen.circle(*self.at(x - 0.01, y + 0.011), s * 0.0062, (255, 255, 255))
        nose = rgb("#c9706b") if self.kind in ("cat", "rabbit") else (30, 24, 26)
        pen.polygon(self.shape((-0.02, 0.632), (0.02, 0.632), (0.0, 0.61)), nose)
        line = lighter(pale, -0.42) if luminous(pale) > 0.25 else self.coat.dark
        for side in (-1, 1):
            pen.line(
                spline([self.at(0, 0.612), self.at(side * 0.006, 0.593), self.at(side * 0.035, 0.587)], closed=False),
                line,
                s * 0.0055,
            )
            if self.kind in ("cat", "rabbit", "fox"):
                for row in range(3):
                    pen.line(
                        spline(
                            [
                                self.at(side * 0.065, 0.612 - 0.011 * row),
                                self.at(side * 0.16, 0.628 - 0.024 * row),
                                self.at(side * 0.25, 0.63 - 0.04 * row),
                            ],
                            closed=False,
                        ),
                        blend((255, 255, 255), fur, 0.15),
                        s * 0.003,
                    )

    def _owl(self, pen: Pen) -> None:
        fur, pale, s = self.coat.fur, self.coat.pale, self.size
        pen.polygon(self.both((0, 0.84), (0.16, 0.88), (0.225, 0.7), (0.25, 0.4), (0.2, 0.1), (0, 0.02)), fur)
        pen.polygon(self.both((0, 0.52), (0.12, 0.5), (0.15, 0.32), (0.1, 0.1), (0, 0.06)), pale)
        for row in range(6):
            for column in range(-row % 2 - 2, 3):
                x = (column + 0.5 * (row % 2)) * 0.05
                if abs(x) < 0.12 - 0.012 * abs(row - 2):
                    pen.polygon(
                        [
                            self.at(x - 0.014, 0.44 - row * 0.058),
                            self.at(x + 0.014, 0.44 - row * 0.058),
                            self.at(x, 0.41 - row * 0.058),
                        ],
                        lighter(fur, -0.03),
                    )
        for side in (-1, 1):
            pen.polygon(
                self.shape(
                    (side * 0.17, 0.56),
                    (side * 0.255, 0.42),
                    (side * 0.24, 0.14),
                    (side * 0.16, 0.04),
                    (side * 0.13, 0.3),
                ),
                lighter(fur, -0.08 if side < 0 else -0.13),
            )
            pen.circle(*self.at(side * 0.09, 0.68), s * 0.1, pale)
            pen.circle(*self.at(side * 0.085, 0.68), s * 0.066, self.coat.eye)
            pen.circle(*self.at(side * 0.082, 0.68), s * 0.036, (18, 14, 14))
            pen.circle(*self.at(side * 0.082 - 0.014, 0.695), s * 0.012, (255, 255, 255))
            for toe in range(3):
                pen.ellipse(*self.at(side * 0.07 + (toe - 1) * 0.026, 0.012), s * 0.013, s * 0.02, rgb("#d99a3a"))
        pen.polygon([self.at(-0.024, 0.635), self.at(0.024, 0.635), self.at(0, 0.565)], rgb("#e0a03a"))


def luminous(colour: Colour) -> float:
    """Give a quick brightness 0..1."""
    return (0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]) / 255
