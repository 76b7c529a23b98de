"""What a request may be: one list of cases for the server's rules and for the page's (tests/browser/test_rules.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from studio.luma.ratios import RatioRow, with_published


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request as the dock would send it, and the sentence that each field gets."""

    type: str = "image"
    prompt: str = "A cat"
    model: str = "uni-1"
    aspect_ratio: str = ""
    style: str = "auto"
    count: int = 1
    references: int = 0
    has_source: bool = False
    said: tuple[tuple[str, str], ...] = ()


CASES = (
    Case(),
    Case(prompt="x" * 6000, references=9, count=8, aspect_ratio="3:2", model="uni-1-max"),
    Case(prompt=" ", said=(("prompt", "Write what you want to see."),)),
    Case(prompt="\u200b\u2060 \u3164\ufe0f", said=(("prompt", "Write what you want to see."),)),
    Case(prompt="\u200b🐈\u200d"),
    Case(prompt="x" * 6001, said=(("prompt", "Shorten the prompt by 1 character (limit 6,000)."),)),
    # Characters are counted as people see code points, not as UTF-16 does.
    Case(prompt="🐈" * 6000),
    Case(prompt="🐈" * 6002, said=(("prompt", "Shorten the prompt by 2 characters (limit 6,000)."),)),
    Case(type="image_edit", said=(("source", "Choose the picture to edit."),)),
    Case(type="image_edit", has_source=True, references=8),
    Case(type="layering", said=(("source", "Choose the picture to split."),)),
    Case(type="layering", has_source=True, prompt=""),
    Case(
        references=11,
        said=(("reference", "11 references are too many: 9 are allowed. Remove @10 and @11."),),
    ),
    Case(
        type="image_edit",
        has_source=True,
        references=9,
        said=(
            (
                "reference",
                "9 references are too many beside a source, which takes a place: 8 are allowed. Remove @9.",
            ),
        ),
    ),
    Case(
        type="layering",
        has_source=True,
        references=1,
        said=(("reference", "Layers take no references. Remove those in the tray."),),
    ),
    Case(
        type="layering",
        has_source=True,
        model="uni-1-max",
        said=(("model", "Layers can only be made by uni-1."),),
    ),
    Case(
        type="layering",
        has_source=True,
        prompt="x" * 501,
        said=(("prompt", "Shorten the prompt by 1 character (limit 500)."),),
    ),
    Case(type="layering", has_source=True, count=2, said=(("count", "A picture is split once: choose 1."),)),
    Case(style="manga", aspect_ratio="2:3"),
    Case(
        style="manga",
        aspect_ratio="3:2",
        said=(("aspect_ratio", "Manga is portrait only: choose 2:3, 9:16, 1:2, 1:3, or leave the ratio to Luma."),),
    ),
    Case(count=21, said=(("count", "Choose 1 to 20 pictures."),)),
    Case(count=0, said=(("count", "Choose 1 to 20 pictures."),)),
    Case(
        type="image_edit",
        prompt="",
        references=9,
        said=(
            ("prompt", "Write what you want to see."),
            ("source", "Choose the picture to edit."),
            (
                "reference",
                "9 references are too many beside a source, which takes a place: 8 are allowed. Remove @9.",
            ),
        ),
    ),
)
# With the rows of RATIOS: 4:3 is made by uni-1-max alone, and 3:4 in Manga alone.
DAY = date(2026, 1, 1)
RATIOS = with_published(
    (
        RatioRow(DAY, "4:3", 2368, 1792, model="uni-1-max"),
        RatioRow(DAY, "3:4", 1792, 2368, style="manga"),
        RatioRow(DAY, "3:1", 3360, 1248, is_offered=False),
        RatioRow(DAY, "1:3", 1248, 3360, is_offered=False),
    ),
    version=4,
)
EVERY = "2:1, 16:9, 3:2, 1:1, 2:3, 9:16, 1:2"
RATIO_CASES = (
    Case(model="uni-1-max", aspect_ratio="4:3"),
    Case(
        aspect_ratio="4:3",
        said=(("aspect_ratio", f"uni-1 doesn't make 4:3: choose {EVERY}, or leave the ratio to Luma."),),
    ),
    Case(style="manga", aspect_ratio="3:4"),
    Case(
        aspect_ratio="3:4",
        said=(("aspect_ratio", f"uni-1 doesn't make 3:4: choose {EVERY}, or leave the ratio to Luma."),),
    ),
    Case(
        style="manga",
        aspect_ratio="3:2",
        said=(("aspect_ratio", "Manga is portrait only: choose 3:4, 2:3, 9:16, 1:2, or leave the ratio to Luma."),),
    ),
)
# prompt, references, what the page says of mentions without a picture.
MENTIONS = (
    ("the blues of @1", 1, ""),
    ("@1 and @3", 2, "There's no picture @3"),
    ("@4, @2 and @3", 1, "There are no pictures @2, @3 and @4"),
    ("@0 counts from one", 3, "There's no picture @0"),
    ("mail anna@2.example or @12th", 0, ""),
    ("@1の色", 0, "There's no picture @1"),
    ("色@2", 1, "There's no picture @2"),
    ("＠1, @１ and @@1", 0, ""),
    ("café@1", 0, "There's no picture @1"),
)
