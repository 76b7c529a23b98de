"""The shipped pictures: which one answers a prompt, how it is varied, edited, lettered and split."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from studio.simulator import pictures
from studio.simulator.painter import SIZES
from studio.simulator.pictures import library
from studio.simulator.pictures.layering import PaintedLayer
from studio.simulator.pictures.lettering import lines_for
from studio.simulator.validate import PORTRAIT_RATIOS

SOURCE = pictures.paint("mountain lake at noon", width=450, height=300, style="auto", number=0)
CHANGES = (
    "make it night", "snow in winter", "at sunset", "heavy rain", "thick fog", "black-and-white", "autumn",
    "ink drawing", "", "something nicer", "teal", "add lanterns", "remove the colour", "dawn", 'write "HELLO"',
)  # fmt: skip


def chosen(prompt: str, *, style: str = "auto", ratio: float = 1.5, number: int = 0) -> library.Picture:
    return library.choose(prompt, style=style, ratio=ratio, number=number)


def gap(first: Image.Image, second: Image.Image) -> float:
    """Give the mean difference of two pictures in levels."""
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


def likeness(first: Image.Image, second: Image.Image) -> float:
    """Give the correlation of two pictures' brightness, seen small."""
    one, other = (
        ImageStat.Stat(image.convert("L").resize((1, 1), Image.Resampling.BOX)).mean[0] for image in (first, second)
    )
    pairs = zip(*(image.convert("L").resize((36, 24)).tobytes() for image in (first, second)), strict=True)
    deviations = [(a - one, b - other) for a, b in pairs]
    spread = sum(a * a for a, _ in deviations) * sum(b * b for _, b in deviations)
    return sum(a * b for a, b in deviations) / max(1.0, spread**0.5)


def stacked(found: list[PaintedLayer], size: tuple[int, int]) -> Image.Image:
    """Draw from last to first, as a viewer would."""
    canvas = Image.new("RGBA", size)
    for layer in reversed(found):
        over = Image.new("RGBA", size)
        over.paste(layer.image, (layer.x, layer.y))
        canvas = Image.alpha_composite(canvas, over)
    return canvas.convert("RGB")


def farthest(first: Image.Image, second: Image.Image) -> int:
    return int(max(high for _, high in ImageChops.difference(first, second).getextrema()))


def test_at_least_sixty_pictures_of_all_shapes_and_tones_ship_in_twelve_megabytes() -> None:
    shipped = library.library()
    assert len(shipped) >= 60
    assert {picture.file for picture in shipped} == {path.name for path in library.FOLDER.glob("*.webp")}
    assert sum(path.stat().st_size for path in library.FOLDER.iterdir()) <= 12_000_000
    assert {round(picture.ratio, 2) for picture in shipped} == {0.33, 0.5, 0.56, 0.67, 1.0, 1.5, 1.78, 2.0, 3.0}
    assert set(Counter(picture.tone for picture in shipped)) == {"dark", "mid", "light"}
    for picture in shipped:
        with Image.open(library.FOLDER / picture.file, formats=["WEBP"]) as image:
            assert max(image.size) == 2048
            assert abs(image.width / image.height - picture.ratio) < 0.01
        assert len(picture.words) >= 4


@pytest.mark.parametrize(
    ("prompt", "file"),
    [
        ("A fox in the snow", "animal-fox"),
        ("Clay teapot on a folded linen cloth", "still-teapot"),
        ("A whitewashed courtyard at noon, three arches", "courtyard-noon"),
        ("Concert poster, concentric red rings", "poster-"),
        ("Logo for a bakery", "logo-a"),
        ("Mountains in heavy fog", "ridges-"),
        ("portrait of an old sailor", "portrait-sailor"),
        ("MARBLED INK, TEAL", "ink-teal"),
        ("tulip fields from above", "field-tulip"),
    ],
)
def test_a_prompt_picks_by_its_words(prompt: str, file: str) -> None:
    assert chosen(prompt).file.startswith(file)


def test_pages_posters_and_faces_come_only_when_asked_for() -> None:
    prompts = [f"{word} {number}" for word in ("night", "red", "qwerty", "festival") for number in range(30)]
    assert not any(chosen(prompt).is_whole or "portrait" in chosen(prompt).words for prompt in prompts)


@pytest.mark.parametrize("ratio", PORTRAIT_RATIOS)
def test_manga_is_a_page_of_the_shape_asked_for(ratio: str) -> None:
    width, height = SIZES[ratio]
    picture = chosen("two samurai on a bridge", style="manga", ratio=width / height)
    assert "manga" in picture.words
    assert abs(picture.ratio / (width / height) - 1) < 0.12
    page = pictures.paint("two samurai", width=width // 4, height=height // 4, style="manga", number=0)
    assert ImageStat.Stat(page.convert("HSV")).mean[1] < 3


@pytest.mark.parametrize("prompt", ["golden dunes", "the sea", "qwerty uiop", "a cat", "poster", ""])
def test_the_same_prompt_and_number_give_the_same_picture_and_other_numbers_others(prompt: str) -> None:
    size = {"width": 120, "height": 80, "style": "auto"}
    made = [pictures.paint(prompt, **size, number=number) for number in (0, 1, 2, 3, 0)]  # type: ignore[arg-type]
    assert made[0].tobytes() == made[4].tobytes()
    assert len({image.tobytes() for image in made}) == 4


def test_repeats_show_other_pictures_of_the_same_thing_where_there_are_some() -> None:
    files = [chosen("the sea", number=number).file for number in range(4)]
    assert len(set(files)) == 4
    assert all(file.startswith("sea-") for file in files)


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize("prompt", ["the sea", "a poster", "a fox"])
def test_every_size_is_exact(prompt: str, ratio: str) -> None:
    width, height = (side // 8 for side in SIZES[ratio])
    image = pictures.paint(prompt, width=width, height=height, style="auto", number=1)
    assert (image.size, image.mode) == ((width, height), "RGB")


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ('A sign that says "Open late"', ["Open late"]),
        ("Ein Schild „Geöffnet“ und «Fermé»", ["Geöffnet", "Fermé"]),
        ("a poster 'Sea & Sun' for the king's dogs' party", ["Sea & Sun"]),
        ("the king's crown isn't 5' tall", []),
        ('"日本" and "" and "ok"', ["ok"]),
        ("no quotes", []),
    ],
)
def test_words_in_quotes_are_lettered(prompt: str, lines: list[str]) -> None:
    assert lines_for(prompt, None) == lines


def test_lettering_can_be_seen() -> None:
    bare = Image.new("RGB", (600, 400), (60, 60, 70))
    sources = [pictures.edit(bare, f"teal {words}", style="auto", number=0) for words in ("hello", '"hello"')]
    box = (100, 290, 500, 380)
    assert sources[1].crop(box).convert("L").getextrema()[1] > sources[0].crop(box).convert("L").getextrema()[1] + 40


def test_every_picture_says_that_it_is_simulated() -> None:
    plain = Image.new("RGB", (900, 600), (120, 120, 120))
    marked = pictures.edit(plain, "teal", style="auto", number=0)
    corner, middle = marked.crop((760, 560, 900, 600)), marked.crop((380, 280, 520, 320))
    assert ImageStat.Stat(corner.convert("L")).stddev[0] > 5 * ImageStat.Stat(middle.convert("L")).stddev[0]


@pytest.mark.parametrize("prompt", CHANGES)
def test_an_edit_comes_from_its_source_and_differs_from_it(prompt: str) -> None:
    result = pictures.edit(SOURCE, prompt, style="auto", number=0)
    assert (result.size, result.mode) == (SOURCE.size, "RGB")
    assert likeness(SOURCE, result) > 0.3
    assert gap(SOURCE, result) > 4


def test_lamps_that_are_hung_leave_the_rest() -> None:
    result = pictures.edit(SOURCE, "hang lanterns", style="auto", number=0)
    changed = ImageChops.difference(SOURCE, result).convert("L").point([255 * (value > 8) for value in range(256)])
    assert 0.005 < ImageStat.Stat(changed).mean[0] / 255 < 0.2


def test_night_darkens_sunset_warms_and_colour_can_be_taken_away() -> None:
    before, night, sunset, grey = (
        ImageStat.Stat(pictures.edit(SOURCE, prompt, style="auto", number=0) if prompt else SOURCE).mean
        for prompt in ("", "make it night", "golden sunset", "remove the colour")
    )
    assert sum(night) < 0.7 * sum(before)
    assert night[2] > night[0]
    assert sunset[0] - sunset[2] > before[0] - before[2] + 20
    assert max(grey) - min(grey) < 1


def test_a_manga_edit_is_black_white_and_dotted() -> None:
    image = pictures.edit(SOURCE, "as it is", style="manga", number=0).convert("L")
    counts = image.histogram()
    assert sum(counts[:40]) + sum(counts[215:]) > 0.7 * image.width * image.height


def test_edits_are_repeatable_numbered_and_leave_their_source_alone() -> None:
    before = SOURCE.tobytes()
    first, again, other = (pictures.edit(SOURCE, "snow", style="auto", number=number) for number in (0, 0, 1))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert SOURCE.tobytes() == before


def test_words_about_marks_change_the_places_of_the_marks_and_no_other() -> None:
    copy = SOURCE.copy()
    pen = ImageDraw.Draw(copy)
    for width, ink in ((5, "black"), (2, "white")):
        pen.rectangle((60, 60, 160, 140), outline=ink, width=width)
        pen.line((300, 200, 380, 240), ink, width)
    prompt = "@1 is the source with numbered marks. At mark 1: night. Change nothing else and draw no marks."
    result = pictures.edit(SOURCE, prompt, style="auto", number=0, references=[copy])
    changed = ImageChops.difference(SOURCE, result).convert("L").point([255 * (value > 12) for value in range(256)])
    for box, least, most in (
        ((70, 70, 150, 130), 0.9, 1),
        ((335, 212, 345, 228), 0.5, 1),
        ((200, 20, 280, 180), 0, 0.02),
        ((20, 200, 250, 290), 0, 0.02),
    ):
        assert least <= ImageStat.Stat(changed.crop(box)).mean[0] / 255 <= most, box
    # Other words with such a reference, and marks that nobody drew, are an edit like any other.
    for words, references in (("night", [copy]), (prompt, [SOURCE]), (prompt, [])):
        plain = pictures.edit(SOURCE, words, style="auto", number=0, references=references)
        assert gap(SOURCE, plain) > 4


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (17, 17), (1, 3000)])
def test_tiny_and_thin_pictures_are_edited_and_layered(size: tuple[int, int]) -> None:
    source = Image.linear_gradient("L").resize(size).convert("RGB")
    for prompt in ("night lanterns", "rain", "snow", "fog", "ink", '"word"', ""):
        assert pictures.edit(source, prompt, style="auto", number=0).size == size
    for other in (source, source.resize((1, 1)), source.resize((9, 3000))):
        assert pictures.edit(source, "at mark 1: rain", style="auto", number=0, references=[other]).size == size
    assert farthest(stacked(pictures.layers(source, ""), size), source) <= 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=st.text(max_size=60), number=st.integers(0, 9))
def test_no_words_are_too_strange(prompt: str, number: int) -> None:
    for style in ("auto", "manga"):
        made = pictures.paint(prompt, width=90, height=60, style=style, number=number)
        assert pictures.edit(made, prompt, style=style, number=number).size == (90, 60)
        assert len(pictures.layers(made, prompt)) >= 1


@pytest.mark.parametrize(
    "prompt", ["a cat", "podium", "mountain lake", "Concert poster, red rings", "marbled ink", "sea"]
)
def test_layers_recompose_their_source_to_one_level(prompt: str) -> None:
    source = pictures.paint(prompt, width=512, height=384, style="auto", number=0)
    found = pictures.layers(source, "")
    assert 2 <= len(found) <= 10
    assert farthest(stacked(found, source.size), source) <= 1
    background = found[-1]
    assert (background.label, background.alpha_hint, background.x, background.y) == ("background", "none", 0, 0)
    assert background.image.size == source.size
    assert background.image.getchannel("A").getextrema() == (255, 255)
    for layer in found:
        assert layer.image.mode == "RGBA"
        assert 1 <= len(layer.label.split()) <= 2
        assert layer.image.getchannel("A").getbbox() == (0, 0, *layer.image.size)
        assert layer.x + layer.image.width <= source.width
        assert layer.y + layer.image.height <= source.height


def test_noise_recomposes_too() -> None:
    source = Image.merge("RGB", [Image.effect_noise((120, 90), 90) for _ in range(3)])
    assert farthest(stacked(pictures.layers(source, ""), source.size), source) <= 1


def test_a_part_is_cut_out_with_soft_edges_and_filled_in_behind() -> None:
    source = Image.new("RGB", (400, 400), (40, 90, 160))
    source.paste((230, 60, 40), (140, 140, 260, 260))
    front, background = pictures.layers(source, "separate the box from its ground")
    assert front.label == "box"
    assert (front.x, front.y) == (138, 138) or abs(front.x - 139) <= 3
    counts = front.image.getchannel("A").histogram()
    assert counts[255] > 120 * 110
    assert sum(counts[1:255]) > 0
    behind = background.image.getpixel((200, 200))
    assert max(abs(a - b) for a, b in zip(behind, (40, 90, 160), strict=False)) < 40  # type: ignore[arg-type]


def test_the_pictures_need_nothing_but_pillow() -> None:
    sources = [path.read_text() for path in Path(pictures.__file__).parent.glob("*.py")]
    assert not any("numpy" in source for source in sources)
