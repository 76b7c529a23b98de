"""Head and shoulders in flat shapes."""

from __future__ import annotations

from dataclasses import dataclass

from studio.simulator.painting.colour import Colour, blend, lighter, luminance, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, Sheet, spline


@dataclass(frozen=True)
class Sitter:
    """Who is portrayed."""

    skin: Colour
    hair: Colour
    cloth: Colour
    female: bool
    old: bool
    bearded: bool
    glasses: bool
    hat: str
    turn: float


class Face:
    """Draw a sitter; coordinates are in heads: 1 is half the height of the face."""

    def __init__(self, sheet: Sheet, centre: Point, size: float, sitter: Sitter) -> None:
        self.sheet, self.centre, self.size, self.who = sheet, centre, size, sitter

    def at(self, x: float, y: float) -> Point:
        return self.centre[0] + x * self.who.turn * self.size, self.centre[1] + y * self.size

    def shape(self, *points: Point) -> list[Point]:
        return spline([self.at(x, y) for x, y in points], steps=9)

    def both(self, *points: Point) -> list[Point]:
        """Close a shape by mirroring its points."""
        return self.shape(*points, *((-x, y) for x, y in reversed(points) if abs(x) > 1e-6))

    def paint(self, rng: Random) -> None:
        who = self.who
        head = self._head()
        with self.sheet.pen() as pen:
            if who.female and who.hat != "watch":
                self._long_hair(pen)
            self._shoulders(pen, rng)
            self._neck(pen)
            for side in (-1, 1):
                pen.polygon(
                    self.shape((side * 0.7, -0.12), (side * 0.84, -0.14), (side * 0.83, 0.12), (side * 0.72, 0.24)),
                    lighter(who.skin, -0.05 if side < 0 else -0.14),
                )
            pen.polygon(head, who.skin)
        self._half_shadow(head)
        with self.sheet.pen() as pen:
            self._features(pen)
            if who.bearded:
                self._beard(pen, rng)
            self._mouth(pen)
            self._hair(pen)
            self._hat(pen)
            if who.glasses:
                self._glasses(pen)

    def _head(self) -> list[Point]:
        if self.who.female:
            return self.both((0, -0.98), (0.46, -0.88), (0.71, -0.45), (0.7, 0.05), (0.6, 0.5), (0.34, 0.84), (0, 0.97))
        return self.both((0, -0.98), (0.48, -0.9), (0.73, -0.45), (0.73, 0.1), (0.67, 0.5), (0.44, 0.86), (0, 0.99))

    def _half_shadow(self, head: list[Point]) -> None:
        """Shade the side away from the light, within the face."""
        mask = Sheet(*self.sheet.size, (0, 0, 0))
        with mask.stencil((255, 255, 255)) as pen:
            pen.polygon(head, 255)
        with mask.stencil((0, 0, 0), soften=0.006) as pen:
            pen.polygon(
                self.shape(
                    (-0.95, -1.1),
                    (0.28, -1.1),
                    (0.2, -0.4),
                    (0.12, -0.18),
                    (0.27, 0.24),
                    (0.16, 0.36),
                    (0.2, 0.62),
                    (0.05, 1.2),
                    (-0.95, 1.2),
                ),
                255,
            )
        shade = mask.image.getchannel(0)
        self.sheet.lay(blend(lighter(self.who.skin, -0.13), rgb("#6b2f2a"), 0.18), shade, opacity=0.72)
        with self.sheet.stencil(rgb("#d4574a"), opacity=0.24, soften=0.02) as pen:
            for side in (-1, 1):
                pen.circle(*self.at(side * 0.43, 0.22), self.size * 0.15, 255)

    def _neck(self, pen: Pen) -> None:
        skin = lighter(self.who.skin, -0.12)
        pen.polygon(self.both((0.3, 0.6), (0.34, 1.1), (0.5, 1.36), (0, 1.6)), skin)
        pen.polygon(self.shape((-0.34, 0.78), (0.34, 0.7), (0.36, 1.02), (0, 1.2), (-0.34, 1.0)), lighter(skin, -0.09))

    def _shoulders(self, pen: Pen, rng: Random) -> None:
        cloth, foot = self.who.cloth, 3.4
        body = self.both((0, 1.12), (0.42, 1.14), (0.9, 1.36), (1.5, 1.62), (1.82, 2.2), (1.9, foot))
        pen.polygon(body, cloth)
        shade = lighter(cloth, -0.07)
        pen.polygon(
            self.shape(
                (0.3, 1.4), (0.9, 1.38), (1.5, 1.62), (1.82, 2.2), (1.9, foot), (0.75, foot), (0.9, 2.4), (0.6, 1.8)
            ),
            shade,
        )
        if self.who.hat in ("cap", "watch") or rng.random() < 0.45:
            pen.polygon(self.both((0, 0.98), (0.46, 0.94), (0.56, 1.2), (0.52, 1.42), (0, 1.5)), lighter(cloth, 0.035))
            for rib in range(-6, 7):
                x = rib * 0.08
                pen.line(
                    [self.at(x, 1.02 - 0.03 * abs(rib) / 6), self.at(x * 1.06, 1.45 - 0.06 * abs(rib) / 6)],
                    lighter(cloth, -0.05),
                    self.size * 0.018,
                )
            for row in range(5):
                y = 1.78 + row * 0.24
                pen.line(
                    spline(
                        [self.at(-1.4 - row * 0.07, y + 0.12), self.at(0, y), self.at(1.4 + row * 0.07, y + 0.12)],
                        closed=False,
                    ),
                    lighter(cloth, 0.045),
                    self.size * 0.022,
                )
        else:
            pen.polygon(
                self.shape((-0.42, 1.12), (0, 1.72), (0.42, 1.12), (0.6, 1.3), (0, 2.1), (-0.6, 1.3)),
                blend(cloth, (245, 240, 230), 0.82),
            )

    def _features(self, pen: Pen) -> None:
        who, s = self.who, self.size
        dark = blend(who.skin, rgb("#2a1512"), 0.82)
        brow = lighter(who.hair, -0.12) if luminance(who.hair) > 0.4 else who.hair
        for side in (-1, 1):
            x = side * 0.3
            white = blend((250, 246, 238), who.skin, 0.12)
            pen.polygon(self.shape((x - 0.15, -0.05), (x, -0.125), (x + 0.15, -0.05), (x, 0.015)), white)
            pen.circle(*self.at(x + 0.02, -0.06), s * 0.07, rgb("#3f5f6b") if not who.female else rgb("#5a4030"))
            pen.circle(*self.at(x + 0.02, -0.06), s * 0.036, (18, 16, 18))
            pen.circle(*self.at(x, -0.085), s * 0.016, (255, 255, 255))
            lid = spline([self.at(x - 0.17, -0.045), self.at(x, -0.14), self.at(x + 0.17, -0.045)], closed=False)
            pen.line(lid, dark, s * (0.036 if who.female else 0.028), round_ends=True)
            thick = 0.045 if who.female else 0.078
            arch = spline(
                [self.at(x - side * 0.18, -0.24), self.at(x + side * 0.02, -0.33), self.at(x + side * 0.2, -0.25)],
                closed=False,
            )
            pen.line(arch, brow, s * thick, round_ends=True)
            if who.old:
                for step in range(3):
                    pen.line(
                        [
                            self.at(side * (0.52 + 0.015 * step), -0.05 + 0.03 * step),
                            self.at(side * 0.62, -0.13 + 0.085 * step),
                        ],
                        lighter(who.skin, -0.15),
                        s * 0.012,
                    )
                pen.line(
                    spline([self.at(x - 0.12, 0.06), self.at(x, 0.095), self.at(x + 0.12, 0.06)], closed=False),
                    lighter(who.skin, -0.14),
                    s * 0.014,
                )
        if who.old:
            for row in range(2):
                y = -0.5 - row * 0.11
                pen.line(
                    spline([self.at(-0.3, y), self.at(0, y - 0.03), self.at(0.28, y)], closed=False),
                    lighter(who.skin, -0.11),
                    s * 0.014,
                )
        nose = lighter(who.skin, -0.16)
        pen.polygon(
            self.shape((0.02, -0.16), (0.1, 0.12), (0.17, 0.26), (0.08, 0.34), (-0.06, 0.33), (0.02, 0.22)), nose
        )
        pen.line(
            spline(
                [self.at(-0.13, 0.29), self.at(-0.05, 0.345), self.at(0.1, 0.345), self.at(0.17, 0.28)], closed=False
            ),
            lighter(who.skin, -0.26),
            s * 0.022,
            round_ends=True,
        )

    def _mouth(self, pen: Pen) -> None:
        who, s = self.who, self.size
        lip = blend(who.skin, rgb("#a32f35"), 0.62 if who.female else 0.42)
        wide = 0.22
        if who.bearded:
            pen.polygon(self.shape((-0.15, 0.565), (0, 0.54), (0.15, 0.565), (0, 0.63)), lip)
            return
        pen.polygon(
            self.shape(
                (-wide, 0.56), (-0.07, 0.52), (0, 0.535), (0.07, 0.52), (wide, 0.56), (0.08, 0.645), (-0.08, 0.645)
            ),
            lip,
        )
        pen.line(
            spline([self.at(-wide, 0.56), self.at(0, 0.575), self.at(wide, 0.555)], closed=False),
            lighter(lip, -0.17),
            s * 0.018,
        )

    def _beard(self, pen: Pen, rng: Random) -> None:
        hair = self.who.hair
        long = 1.42 if self.who.old else 1.16
        pen.polygon(
            self.both(
                (0, 0.46),
                (0.24, 0.44),
                (0.44, 0.36),
                (0.62, 0.02),
                (0.735, -0.1),
                (0.72, 0.5),
                (0.55, 0.98),
                (0.3, long - 0.08),
                (0, long),
            ),
            hair,
        )
        for strand in range(34):
            x = -0.56 + 1.12 * strand / 33 + float(rng.normal(0, 0.012))
            top = 0.62 + 0.2 * (1 - abs(x) / 0.56) - 0.3 * max(0.0, abs(x) - 0.3)
            reach = (long - top) * (1 - 0.55 * abs(x)) * float(rng.uniform(0.6, 0.92))
            tone = lighter(hair, float(rng.choice([-0.09, -0.05, 0.05])) - (0.05 if x > 0.1 else 0))
            pen.line(
                spline(
                    [self.at(x, top), self.at(x * 0.98 + 0.012, top + reach * 0.5), self.at(x * 0.86, top + reach)],
                    closed=False,
                ),
                tone,
                self.size * 0.017,
                round_ends=True,
            )
        for side in (-1, 1):
            pen.polygon(
                self.shape(
                    (0, 0.4),
                    (side * 0.2, 0.39),
                    (side * 0.42, 0.56),
                    (side * 0.34, 0.62),
                    (side * 0.14, 0.53),
                    (0, 0.5),
                ),
                lighter(hair, 0.03 if side < 0 else -0.05),
            )

    def _long_hair(self, pen: Pen) -> None:
        hair = lighter(self.who.hair, -0.06)
        if self.who.old:
            pen.circle(*self.at(0, -1.12), self.size * 0.36, hair)
            pen.polygon(self.both((0, -1.12), (0.6, -0.98), (0.84, -0.4), (0.8, 0.2), (0.5, 0.4), (0, 0.4)), hair)
            return
        pen.polygon(
            self.both((0, -1.16), (0.6, -1.02), (0.9, -0.4), (0.92, 0.5), (1.02, 1.2), (0.7, 1.5), (0, 1.3)), hair
        )

    def _hair(self, pen: Pen) -> None:
        who = self.who
        if who.hat in ("cap", "watch"):
            for side in (-1, 1):
                pen.polygon(
                    self.shape((side * 0.66, -0.5), (side * 0.79, -0.45), (side * 0.76, 0.08), (side * 0.67, 0.02)),
                    lighter(who.hair, 0.0 if side < 0 else -0.08),
                )
            return
        if who.female:
            pen.polygon(
                self.shape(
                    (-0.1, -1.15),
                    (0.5, -1.06),
                    (0.84, -0.5),
                    (0.8, 0.1),
                    (0.68, -0.22),
                    (0.46, -0.6),
                    (-0.05, -0.82),
                    (-0.42, -0.62),
                    (-0.66, -0.2),
                    (-0.79, 0.12),
                    (-0.85, -0.5),
                    (-0.55, -1.05),
                ),
                who.hair,
            )
            pen.line(
                spline([self.at(-0.1, -1.1), self.at(-0.5, -0.85), self.at(-0.74, -0.3)], closed=False),
                lighter(who.hair, 0.07),
                self.size * 0.03,
            )
            return
        pen.polygon(
            self.shape(
                (-0.78, -0.12),
                (-0.82, -0.7),
                (-0.5, -1.12),
                (0.1, -1.2),
                (0.6, -1.05),
                (0.84, -0.6),
                (0.77, -0.1),
                (0.67, -0.4),
                (0.5, -0.66),
                (0.0, -0.72),
                (-0.45, -0.6),
                (-0.66, -0.4),
            ),
            who.hair,
        )
        pen.line(
            spline([self.at(-0.5, -0.8), self.at(0.0, -0.98), self.at(0.5, -0.88)], closed=False),
            lighter(who.hair, 0.07),
            self.size * 0.035,
        )

    def _hat(self, pen: Pen) -> None:
        cloth = lighter(self.who.cloth, -0.03)
        if self.who.hat == "watch":
            pen.polygon(self.both((0, -1.34), (0.48, -1.27), (0.78, -0.92), (0.84, -0.56), (0, -0.62)), cloth)
            pen.polygon(
                self.both((0, -0.78), (0.6, -0.76), (0.86, -0.68), (0.86, -0.42), (0.5, -0.45), (0, -0.47)),
                lighter(cloth, 0.05),
            )
            for rib in range(-9, 10):
                x = rib * 0.09
                pen.line([self.at(x, -0.75), self.at(x * 1.01, -0.47)], lighter(cloth, -0.04), self.size * 0.016)
        elif self.who.hat == "cap":
            pen.polygon(
                self.shape(
                    (-1.05, -1.05), (-0.5, -1.42), (0.3, -1.5), (1.0, -1.2), (1.1, -0.98), (0.76, -0.78), (-0.78, -0.78)
                ),
                lighter(cloth, 0.05),
            )
            pen.polygon(
                self.shape((0.1, -1.44), (0.6, -1.42), (1.08, -1.1), (1.0, -0.92), (0.5, -0.84)), lighter(cloth, -0.01)
            )
            pen.polygon(
                [self.at(-0.79, -0.86), self.at(0.79, -0.86), self.at(0.81, -0.6), self.at(-0.81, -0.6)],
                lighter(cloth, -0.09),
            )
            pen.polygon(self.both((0, -0.64), (0.6, -0.66), (0.84, -0.6), (0.62, -0.4), (0, -0.34)), rgb("#12151d"))
            pen.line(
                spline([self.at(-0.6, -0.45), self.at(0, -0.38), self.at(0.6, -0.45)], closed=False),
                rgb("#4a5266"),
                self.size * 0.02,
            )
            pen.circle(*self.at(0, -0.76), self.size * 0.095, rgb("#d9a93f"))
            pen.ring(*self.at(0, -0.745), self.size * 0.045, self.size * 0.02, rgb("#8a6420"))
        elif self.who.hat == "crown":
            gold = rgb("#e2b23f")
            points = [self.at(-0.66, -0.8)]
            for spike in range(5):
                x = -0.66 + spike * 0.33
                points += [self.at(x, -1.42), self.at(x + 0.165, -1.08)] if spike < 4 else [self.at(x, -1.42)]
            pen.polygon([*points, self.at(0.66, -0.8)], gold)
            pen.polygon(
                [self.at(-0.68, -0.98), self.at(0.68, -0.98), self.at(0.68, -0.76), self.at(-0.68, -0.76)],
                lighter(gold, -0.09),
            )
            for jewel in range(5):
                pen.circle(
                    *self.at(-0.5 + jewel * 0.25, -0.87),
                    self.size * 0.05,
                    rgb("#b3202f") if jewel % 2 == 0 else rgb("#2a6fa8"),
                )
        elif self.who.hat == "brim":
            felt = lighter(self.who.cloth, 0.04)
            pen.polygon(self.both((0, -1.62), (0.42, -1.6), (0.6, -1.2), (0.66, -0.74), (0, -0.78)), felt)
            pen.polygon(self.both((0, -0.96), (0.64, -0.92), (0.66, -0.74), (0, -0.76)), lighter(felt, -0.14))
            pen.polygon(self.both((0, -0.82), (0.7, -0.8), (1.3, -0.68), (0.8, -0.58), (0, -0.6)), lighter(felt, -0.04))

    def _glasses(self, pen: Pen) -> None:
        frame = rgb("#1f1b1c")
        for side in (-1, 1):
            pen.ring(*self.at(side * 0.31, -0.05), self.size * 0.225, self.size * 0.034, frame)
            pen.line([self.at(side * 0.53, -0.08), self.at(side * 0.76, -0.1)], frame, self.size * 0.032)
        pen.line([self.at(-0.09, -0.08), self.at(0.09, -0.08)], frame, self.size * 0.032)
