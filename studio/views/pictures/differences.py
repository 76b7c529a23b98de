"""Which settings of some pictures differ, each with its values, and which are the same: the strip under a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studio.models import Picture, Submission, User
from studio.models.lineage.hidden_inputs import PRIVATE_LOOK, PRIVATE_PICTURE
from studio.ratios import ratio_words
from studio.text import word_diff
from studio.text.word_diff import Part
from studio.views import formatting

LETTERS = "ABCD"
NONE, OFF = "none", "off"
NOTHING = {NONE, OFF}  # that all pictures lack a thing is no news
# What a picture is called by the type of its request.
MADE_BY = {"image": "Generated", "image_edit": "Edit", "layering": "Layers"}
TYPES = {Submission.Type.IMAGE: "Generate", Submission.Type.EDIT: "Edit", Submission.Type.LAYERS: "Layers"}


@dataclass(frozen=True, slots=True)
class Value:
    """What a setting is for one picture; `parts` in place of `text` for words that are compared."""

    letter: str
    text: str
    parts: Sequence[Part] = ()

    @property
    def is_none(self) -> bool:
        return self.text == NONE


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Differences:
    differing: Sequence[Setting]
    same: str

    @classmethod
    def of(cls, pictures: Sequence[Picture], person: User) -> Differences:
        """Compare pictures that came with their person, job and submission, and these with their inputs (`used`)."""
        prompt = _prompts(pictures)
        found = [prompt] if prompt.values else []
        same = [] if prompt.values or not any(_prompt(one) for one in pictures) else [prompt.name]
        for name, read in _readers(pictures, person).items():
            texts = [read(one) for one in pictures]
            known = [text for text in texts if text]
            if len(known) < 2:
                continue
            if len(set(known)) == 1:
                same += [name] if known[0] not in NOTHING else []
            else:
                values = [Value(letter, text or NONE) for letter, text in zip(LETTERS, texts, strict=False)]
                found.append(Setting(name, values))
        return cls(found, ", ".join(same[:1] + [_lowered(name) for name in same[1:]]))


def _lowered(name: str) -> str:
    return name[0].lower() + name[1:]


def _prompt(picture: Picture) -> str:
    return picture.job.submission.prompt if picture.job else ""


def _prompts(pictures: Sequence[Picture]) -> Setting:
    """Compare the prompts word by word; of more than two, each with the first, and the first with all."""
    texts = [_prompt(one) for one in pictures]
    if len(set(texts)) == 1:
        return Setting("Prompt", ())
    if len(texts) == 2:
        parts: list[list[Part]] = list(word_diff.diff(*texts))
    else:
        parts = [
            word_diff.differing_from_all(texts[0], texts[1:]),
            *(word_diff.diff(texts[0], text)[1] for text in texts[1:]),
        ]
    values = [Value(letter, text or NONE, part) for letter, text, part in zip(LETTERS, texts, parts, strict=False)]
    return Setting("Prompt", values)


def _readers(pictures: Sequence[Picture], person: User) -> Mapping[str, Callable[[Picture], str]]:
    """What to call each setting and how to read it from a picture; "" where it has none, and so can't differ."""
    letters = {one.pk: letter for letter, one in zip(LETTERS, pictures, strict=False)}
    has_one_ratio = len({_ratio(one) for one in pictures}) == 1

    def asked(read: Callable[[Submission], str]) -> Callable[[Picture], str]:
        return lambda picture: read(picture.job.submission) if picture.job else ""

    return {
        "Type": lambda picture: type_of(picture, letters),
        "References": lambda picture: _references(picture),
        "Ratio": _ratio,
        "Size": (lambda one: f"{one.width} × {one.height}") if has_one_ratio else (lambda _: ""),
        "Look": asked(lambda submission: _look(submission, person)),
        "Model": asked(lambda submission: submission.model),
        "Style": asked(lambda submission: submission.style.capitalize()),
        "Web search": asked(lambda submission: "on" if submission.web_search else OFF),
        "Layer size": asked(lambda submission: submission.layering_resolution),
        "Format": lambda picture: picture.get_format_display(),
        "Person": lambda picture: picture.person.name,
        "Cost": _cost,
    }


def type_of(picture: Picture, letters: Mapping[int, str]) -> str:
    """Say how a picture came to be: "Edit of A" where its source is compared too; an upload has no settings."""
    if picture.origin == Picture.Origin.MARKED:
        return "Marked copy, no settings"
    if picture.job is None:
        return "Content of a layer" if picture.origin == Picture.Origin.LAYER else "Upload, no settings"
    if picture.is_kept:
        letter = letters.get(picture.kept_from_id or 0)
        return f"Kept from {letter}" if letter else "Kept version"
    submission = picture.job.submission
    source = submission.source
    word = "Layer" if is_layer(picture) else TYPES[Submission.Type(submission.type)]
    letter = letters.get(source.pk) if source else None
    if submission.has_hidden_source:
        return f"{word} of {PRIVATE_PICTURE}"
    return f"{word} of {letter}" if letter else word


def kind_of(picture: Picture, *, in_layer: str) -> str:
    """Say in a word what a picture is; `in_layer`: the word for what was put in the place of a layer."""
    if picture.job is None or picture.is_kept:
        words = {"kept": "Kept", "marked": "Marked", "layer": in_layer}
        return words.get(picture.origin, "Upload")
    return "Layer" if is_layer(picture) else MADE_BY[picture.job.submission.type]


def is_layer(picture: Picture) -> bool:
    """Whether it is one layer of a split, behind the front one, which stands for all."""
    return bool(picture.job and picture.position and picture.job.submission.type == Submission.Type.LAYERS)


def _references(picture: Picture) -> str:
    asked = picture.job.submission if picture.job else None
    count = len(asked.references) + asked.hidden_references if asked else 0
    return formatting.counted(count, "picture") if count else NONE


def _look(submission: Submission, person: User) -> str:
    if submission.look is None:
        return NONE
    return PRIVATE_LOOK if submission.hides_look_from(person) else str(submission.look)


def _ratio(picture: Picture) -> str:
    return ratio_words(picture.width, picture.height)


def _cost(picture: Picture) -> str:
    return "free" if picture.job is None or picture.is_kept else formatting.price(picture.job.price)
