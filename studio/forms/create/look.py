"""The editor of a look: one form with a row for each reference, which also works without script.

A button of the form may change the rows (`act`) without saving: the form is then shown again as it would be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from studio.codes import read_code
from studio.forms.create.asked import clean_text, find
from studio.forms.files.uploads import Refusal, store_upload
from studio.luma import ratios
from studio.luma.capabilities import MAX_PROMPT, MAX_REFERENCES, models
from studio.models import Look, LookReference, LookVersion, Picture, User
from studio.models.looks.spec import LookChanged, LookSpec, TagTaken
from studio.text import look_text, mentions, names
from studio.text.names import isolated

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

# Half of what a prompt may have: the other half is the person's.
LONGEST_WORDS = MAX_PROMPT // 2  # characters
MOST_AVOIDED, LONGEST_AVOIDED = 20, 60
MOST_DIGITS = 10
LONGEST_TAG = 88  # characters, with room for the number that a tag gets when it is brought back
# In the form, the code of a picture that is gone.
MISSING = "missing"
_ACT = re.compile(r"(up|down|remove)-([1-9])")
SENTENCES = {
    "full": "A look holds 9 references, so {name} was left out.",
    "again": "{name} is in the look already.",
    "private": "A look of the team can't use a private picture: take it out, show it to the team, or keep the look to yourself.",
    "gone": "A picture that was chosen is gone.",
    "untypable": "Use a letter in the name: people type it after #.",
    "tag_long": "Shorten the name: people type it after #.",
    "taken": "There is a look #{tag} already. Choose another name.",
    "words_long": "Shorten the words to {most:,} characters.",
    "avoid_many": "List at most {most} words to avoid.",
    "avoid_long": "Shorten “{word}…” to {most} characters.",
    "mention": "There is no reference @{number} in this look.",
    "blanks_many": "A recipe has at most {most} blanks.",
    "empty": "Add a reference or some words: the look is still empty.",
    "changed": "Another version was saved meanwhile. Yours is not lost: open the newest, or save yours as your own.",
    "renamed": "You named it {name} meanwhile, in another tab. Save again to have this name instead.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A reference in the editor; without a picture it is one that is gone."""

    picture: Picture | None
    role: str

    @property
    def value(self) -> str:
        return str(self.picture.code) if self.picture else MISSING


class LookForm:
    """What the editor shows: of a look, of a new one, or as it was sent."""

    roles = LookReference.Role.choices
    most = MAX_REFERENCES

    @property
    def models(self) -> tuple[str, ...]:
        return models()

    @property
    def ratios(self) -> tuple[str, ...]:
        return ratios.slugs()

    def __init__(self, person: User, *, look: Look | None = None, version: LookVersion | None = None) -> None:
        self.person = person
        self.look = look
        self.errors: list[str] = []
        self.name = look.name if look else ""
        self.is_team = look.is_team if look else False
        self.seen = look.current.number if look and look.current else 0
        # What the editor showed: both change without a version.
        self.was_name, self.was_team = self.name, self.is_team
        self.rows = [Row(one.picture, one.role) for one in version.places] if version else []
        self.words = version.words if version else ""
        self.avoid = ", ".join(version.avoid) if version else ""
        self.model = version.model if version else ""
        self.aspect_ratio = version.aspect_ratio if version else ""
        self.example = version.example if version else None

    @classmethod
    def begun_with(cls, person: User, codes: Sequence[str]) -> LookForm:
        """A new look that begins with these pictures: the first is the example, and how it was made is taken along."""
        form = cls(person)
        found = find(codes[:MAX_REFERENCES], person)
        pictures = [found[code] for code in dict.fromkeys(codes) if code in found]
        form.rows = [Row(picture, LookReference.Role.STYLE) for picture in pictures]
        if pictures:
            form.example = pictures[0]
            submission = pictures[0].job.submission if pictures[0].job else None
            if submission and submission.type == submission.Type.IMAGE:
                form.model, form.aspect_ratio = submission.model, submission.aspect_ratio
        return form

    @classmethod
    def sent(
        cls,
        person: User,
        data: QueryDict,
        files: MultiValueDict[str, UploadedFile[bytes]],
        *,
        look: Look | None,
        now: datetime,
    ) -> LookForm:
        """Read what was sent, take its files into the rows, and do what its button asks for."""
        form = cls(person, look=look)
        form.name = data.get("name", "")
        form.is_team = data.get("whose") == "team"
        form.seen = whole_number(str(data.get("seen", "")), otherwise=form.seen)
        form.words, form.avoid = clean_text(data.get("words", "")), clean_text(data.get("avoid", ""))
        form.model = data.get("model", "") if data.get("model") in models() else ""
        form.aspect_ratio = data.get("aspect_ratio", "") if data.get("aspect_ratio") in ratios.slugs() else ""
        if look:
            form._settle(look, data.get("was_name", look.name), data.get("was_whose", ""))
        form._read_rows(data)
        form._act(data.get("act", ""))
        form._take(files.getlist("files"), now)
        return form

    def _settle(self, look: Look, was_name: str, was_whose: str) -> None:
        """Keep the name and the people that another tab has saved since the editor was shown, where this one left them."""
        if self.name == was_name:
            self.name = look.name
        elif look.name not in {was_name, self.name}:
            self.errors.append(SENTENCES["renamed"].format(name=isolated(look.name)))
        if was_whose and self.is_team == (was_whose == "team"):
            self.is_team = look.is_team

    def _read_rows(self, data: QueryDict) -> None:
        codes, roles = data.getlist("reference")[: MAX_REFERENCES + 1], data.getlist("role")
        found = find([*codes, data.get("example", "")], self.person)
        for place, code in enumerate(codes):
            asked = roles[place] if place < len(roles) else ""
            role = asked if asked in LookReference.Role.values else LookReference.Role.STYLE.value
            key = str(read_code(code))
            if key in found:
                self.rows.append(Row(found[key], role))
            elif code == MISSING:
                self.rows.append(Row(None, role))
            else:
                self.rows.append(Row(None, role))
                self.errors.append(SENTENCES["gone"])
        self.example = found.get(str(read_code(data.get("example", ""))))

    def _act(self, act: str) -> None:
        asked = _ACT.fullmatch(act)
        if not asked or int(asked[2]) > len(self.rows):
            return
        place = int(asked[2]) - 1
        if asked[1] == "remove":
            del self.rows[place]
            gone = place + 1
            kept = {number: f"@{number - (number > gone)}" for number in range(1, 100)}
            # A mention of it is behind the last one now, and the person is told.
            self.words = look_text.renamed(self.words, {**kept, gone: f"@{len(self.rows) + 1}"})
        elif 0 <= (there := place + (1 if asked[1] == "down" else -1)) < len(self.rows):
            self.rows[place], self.rows[there] = self.rows[there], self.rows[place]
            self.words = look_text.renamed(self.words, self._swapped(place + 1, there + 1))

    def _swapped(self, one: int, other: int) -> Mapping[int, str]:
        """The names after a move: the mentions in the words follow it."""
        return {**{number: f"@{number}" for number in range(1, 100)}, one: f"@{other}", other: f"@{one}"}

    def _take(self, files: Sequence[UploadedFile[bytes]], now: datetime) -> None:
        for file in files:
            stored = store_upload(file, self.person, now)
            if isinstance(stored, Refusal):
                self.errors.append(str(stored))
            elif any(row.picture == stored for row in self.rows):
                self.errors.append(SENTENCES["again"].format(name=names.isolated(stored.title)))
            elif len(self.rows) >= MAX_REFERENCES:
                self.errors.append(SENTENCES["full"].format(name=names.isolated(stored.title)))
            else:
                self.rows.append(Row(stored, LookReference.Role.STYLE.value))

    # ---- Saving

    @property
    def tag(self) -> str:
        return look_text.tag_of(self.name)

    @property
    def avoided(self) -> list[str]:
        words = (" ".join(word.split()) for word in re.split(r"[,\n;]", self.avoid))
        return list(dict.fromkeys(word for word in words if word))

    @property
    def spec(self) -> LookSpec:
        return LookSpec(
            references=[(row.picture, row.role) for row in self.rows],
            words=self.words,
            avoid=self.avoided,
            model=self.model,
            aspect_ratio=self.aspect_ratio,
            example=self.example,
        )

    @property
    def next_number(self) -> int:
        return self.seen + 1

    def save(self, *, now: datetime) -> Look | None:
        """Store a new look, or the next version of the one that is edited; None with `errors` when it cannot be."""
        self._judge()
        if self.errors:
            return None
        facts: dict[str, Any] = {"name": self.name, "tag": self.tag, "is_team": self.is_team, "spec": self.spec}
        try:
            if self.look is None:
                return Look.make(self.person, **facts, now=now)
            self.look.change(by=self.person, seen=self.seen, **facts, now=now)
        except TagTaken:
            self.errors.append(SENTENCES["taken"].format(tag=self.tag))
            return None
        except LookChanged:
            self.errors.append(SENTENCES["changed"])
            return None
        return self.look

    def _judge(self) -> None:
        try:
            self.name = names.clean(self.name)
        except ValidationError as wrong:
            self.errors.extend(wrong.messages)
        else:
            if not self.tag:
                self.errors.append(SENTENCES["untypable"])
            elif len(self.tag) > LONGEST_TAG:
                self.errors.append(SENTENCES["tag_long"])
        pictures = [*(row.picture for row in self.rows), self.example]
        if self.is_team and any(one.makes_private for one in pictures if one):
            self.errors.append(SENTENCES["private"])
        if not self.rows and not self.words and not self.avoided:
            self.errors.append(SENTENCES["empty"])
        if len(self.rows) > MAX_REFERENCES:
            self.errors.append(SENTENCES["full"].format(name=f"@{MAX_REFERENCES + 1}"))
        if len(self.words) > LONGEST_WORDS:
            self.errors.append(SENTENCES["words_long"].format(most=LONGEST_WORDS))
        if len(self.avoided) > MOST_AVOIDED:
            self.errors.append(SENTENCES["avoid_many"].format(most=MOST_AVOIDED))
        if long := next((word for word in self.avoided if len(word) > LONGEST_AVOIDED), None):
            self.errors.append(SENTENCES["avoid_long"].format(word=long[:20], most=LONGEST_AVOIDED))
        if lost := mentions.missing(self.words, len(self.rows)):
            self.errors.append(SENTENCES["mention"].format(number=lost[0]))
        if len(look_text.blanks(self.words)) > look_text.MOST_BLANKS:
            self.errors.append(SENTENCES["blanks_many"].format(most=look_text.MOST_BLANKS))


def whole_number(raw: str, *, otherwise: int) -> int:
    """Read a number that an address or a form carries; what is longer than any of ours is none."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < MOST_DIGITS else otherwise
