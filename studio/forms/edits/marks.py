"""Marks on a source, each with its words: read with care, put into one prompt, drawn on a copy and sent beside the source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from studio import imaging
from studio.forms.create.asked import clean_text
from studio.forms.create.compose import ComposeForm
from studio.forms.files import uploads
from studio.forms.files.at_hand import Trouble, at_hand
from studio.models import Picture, User
from studio.text import combinations

MOST_MARKS = 20
MOST_POINTS = 400  # of a line drawn by hand; the page leaves out what nobody sees
MOST_WORDS = 1_000  # characters for each mark
MOST_JSON = 400_000  # characters: all marks with all points
# How many points a mark of each kind has.
KINDS = {"arrow": (2, 2), "box": (2, 2), "free": (2, MOST_POINTS), "number": (1, 1)}
# How many points a page without script offers.
POINTS_OFFERED = 6

WORDS = {
    "none": "Draw a mark, then say what should change there.",
    "none_here": "Say where the first point is and what should change there.",
    "needs_words": "Mark {number} needs a sentence.",
    "needs_place": "Say where mark {number} is, in percent from the left and from the top.",
    "bad_place": "Mark {number}: give its place in percent, from 0 to 100.",
    "long_words": "Shorten the sentence at mark {number} to 1,000 characters.",
    "long_whole": "Shorten the sentence for the whole picture to 1,000 characters.",
    "many": "{count} marks are too many: 20 are allowed.",
    "intro": "@1 is the source with numbered marks.",
    "at": "At mark {number}: {words}",
    "end": "Change nothing else and draw no marks.",
}
UNREADABLE = "The marks can't be read. Reload the page and try again; what you drew is kept in this tab."
BUSY = "Studio is busy with other pictures. Try again in a moment; your marks are kept."
GONE = "The file of this picture is missing, so it can't be marked. Tell an admin."
COPY_NAME = "Marked copy"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: its kind, its points (x and y in turn, in pixels of the source) and what should change there."""

    kind: str
    points: tuple[int, ...]
    words: str

    def as_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "points": list(self.points), "words": self.words}


@dataclass(slots=True)
class Marked:
    """What a form says: the marks, words for the whole picture, and every reason why it cannot be sent."""

    marks: list[Mark] = field(default_factory=list)
    whole: str = ""
    problems: list[str] = field(default_factory=list)
    # What a page without script shows again: x and y in percent, and the words.
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, form: QueryDict, source: Picture) -> Marked:
        """Read a form, with script (`marks`, JSON) or without (`x-1`, `y-1`, `words-1` …). Raises `Trouble` for nonsense."""
        asked = cls(whole=_sentence(form.get("whole", "")))
        raw = form.get("marks")
        if raw:
            asked.marks = marks_of(raw, source)
        else:
            asked._read_rows(form, source)
        if not asked.marks and not asked.problems:
            asked.problems.append(WORDS["none" if raw else "none_here"])
        for number, mark in enumerate(asked.marks, 1):
            if not mark.words:
                asked.problems.append(WORDS["needs_words"].format(number=number))
            if len(mark.words) > MOST_WORDS:
                asked.problems.append(WORDS["long_words"].format(number=number))
        if len(asked.whole) > MOST_WORDS:
            asked.problems.append(WORDS["long_whole"])
        return asked

    @classmethod
    def again(cls, copy: Picture, source: Picture) -> Marked:
        """Return the marks of a copy, to be changed; none where they do not fit the source."""
        kept = copy.marks if isinstance(copy.marks, dict) else {}
        try:
            return cls(marks_of(json.dumps(kept.get("marks")), source), str(kept.get("whole") or ""))
        except Trouble:
            return cls()

    @property
    def prompt(self) -> str:
        """What Luma reads: the marks in their order, each with its words."""
        lines = [
            WORDS["at"].format(number=number, words=_ended(mark.words)) for number, mark in enumerate(self.marks, 1)
        ]
        whole = [_ended(self.whole)] if self.whole else []
        return " ".join([WORDS["intro"], *lines, *whole, WORDS["end"]]) if lines else ""

    @property
    def data(self) -> dict[str, Any]:
        return {"marks": [mark.as_data() for mark in self.marks], "whole": self.whole}

    def shown_rows(self) -> list[tuple[int, tuple[str, str, str]]]:
        """The rows of a page without script, numbered from 1."""
        rows = [*self.rows, *[("", "", "")] * POINTS_OFFERED][: max(POINTS_OFFERED, len(self.rows))]
        return list(enumerate(rows, 1))

    def _read_rows(self, form: QueryDict, source: Picture) -> None:
        for number in range(1, MOST_MARKS + 1):
            x, y, words = (form.get(f"{name}-{number}", "").strip() for name in ("x", "y", "words"))
            self.rows.append((x, y, words))
            if not (x or y or words):
                continue
            at = len(self.marks) + 1
            across, down = _percent(x), _percent(y)
            if not x or not y:
                self.problems.append(WORDS["needs_place"].format(number=at))
            elif across is None or down is None:
                self.problems.append(WORDS["bad_place"].format(number=at))
            place = round((across or 0) * source.width / 100), round((down or 0) * source.height / 100)
            self.marks.append(Mark("number", place, _sentence(words)))
        while self.rows and self.rows[-1] == ("", "", ""):
            self.rows.pop()


def marks_of(raw: str, source: Picture) -> list[Mark]:
    """Read marks from JSON that anybody may have written. Raises `Trouble`."""
    if len(raw) > MOST_JSON:
        raise Trouble(UNREADABLE, 400)
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise Trouble(UNREADABLE, 400) from problem
    if not isinstance(found, list):
        raise Trouble(UNREADABLE, 400)
    if len(found) > MOST_MARKS:
        raise Trouble(WORDS["many"].format(count=len(found)), 422)
    return [_mark(one, source) for one in found]


def _mark(raw: Any, source: Picture) -> Mark:
    if not isinstance(raw, dict):
        raise Trouble(UNREADABLE, 400)
    kind, points, words = raw.get("kind"), raw.get("points"), raw.get("words", "")
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(points, list) or not isinstance(words, str):
        raise Trouble(UNREADABLE, 400)
    least, most = KINDS[kind]
    # True is a number for Python.
    if len(points) % 2 or not least <= len(points) // 2 <= most or any(type(one) is not int for one in points):
        raise Trouble(UNREADABLE, 400)
    if any(not 0 <= x <= source.width for x in points[::2]) or any(not 0 <= y <= source.height for y in points[1::2]):
        raise Trouble(UNREADABLE, 400)
    return Mark(kind, tuple(points), _sentence(words))


def compose_form(
    marked: Marked, fields: Mapping[str, str], source: Picture, person: User, references: Sequence[Picture] = ()
) -> ComposeForm:
    """Return the request as the dock would send it: the clean source, and the marked copy as @1."""
    data = QueryDict(mutable=True)
    for name in ("token", "model", "count", "again", "ask", "prices"):
        if fields.get(name):
            data[name] = fields[name]
    data.update(
        {
            "type": "image_edit",
            "style": "auto",
            "prompt": combinations.escaped(marked.prompt),
            "source": str(source.code),
        }
    )
    data.setlist("reference", [str(one.code) for one in references])
    form = ComposeForm(data, person=person)
    form.takes_looks = False  # what follows a # is text here
    return form


def draw(marked: Marked, source: Picture, person: User, now: datetime) -> Picture:
    """Store a copy of the source with the marks on it; the same marks find the first one. Raises `Trouble`."""
    with at_hand(source, busy=BUSY, gone=GONE) as (folder, [path]):
        drawn = imaging.mark(path, folder, [mark.as_data() for mark in marked.marks])
        return uploads.keep(
            drawn,
            COPY_NAME,
            person,
            now,
            origin=Picture.Origin.MARKED,
            marks=marked.data | {"of": str(source.code)},
            source_type=source.marked_as,
            is_of_private=source.makes_private,
        )


def _sentence(raw: str) -> str:
    return " ".join(clean_text(raw.encode(errors="ignore").decode()).split())


def _ended(words: str) -> str:
    return words if words[-1:] in {".", "!", "?", "…", "。", "！", "？"} else f"{words}."


def _percent(text: str) -> float | None:
    """Read "12.5", "12,5" or "12 %"."""
    try:
        value = float(text.removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 100 else None
