"""The filters of the gallery, one row for each: its name in the address, what it offers, and the fact it stands for.

Comments become rows here, with a fact in `models/search/document.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from studio.codes import read_code
from studio.luma import capabilities, ratios
from studio.luma.ratios import STYLES
from studio.models import Board, Look, Submission, Tag, User
from studio.models.opinions.opinion import BEST
from studio.models.search.document import ARCHIVED, COMMENTS, LAYERS, UNEXPORTED
from studio.models.search.folded import says
from studio.text.search_text import LONGEST_WORD, fact

MOST_OFFERED = 200
MOST_TAGS_OFFERED = 50
MOST_BOARDS_OFFERED = 60
MOST_CHOSEN = 20  # values of one filter
GONE = "no longer there"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter as the address has it, as people read it, and as search knows it."""

    value: str
    label: str
    fact: str
    # What it names is deleted, or this person may not see it; nobody can tell which. No picture has its fact.
    is_gone: bool = False
    # Facts of which a picture has to have one too.
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A row of the filters.

    `icon` is on a chip without a menu. `offered`: what its menu lists for a person, or of it what these words find; None:
    nobody chooses it from a list. `read`: those of some values that mean anything, in their order. `most`: as many are
    listed, and the rest is searched; 0: all are.
    """

    name: str
    label: str
    icon: str
    offered: Callable[[User, str], list[Choice]] | None
    read: Callable[[Sequence[str], User], list[Choice]]
    # It is on or off: a chip without a menu.
    is_switch: bool = False
    most: int = 0


def _gone(kind: str, value: object, label: str = GONE) -> Choice:
    """A value that an older address names: left out, its address would mean everything."""
    return Choice(str(value), label, fact(kind, 0), is_gone=True)


def _fixed(name: str, label: str, icon: str, *choices: Choice, is_switch: bool = False) -> Filter:
    known = {choice.value: choice for choice in choices}
    return Filter(
        name,
        label,
        icon,
        lambda person, words: list(choices),
        lambda values, person: [known[value] for value in values if value in known],
        is_switch,
    )


def _models(person: User, words: str) -> list[Choice]:
    """Those of the release, and those that have a price since."""
    return [_model(name) for name in capabilities.models()]


def _some_models(values: Sequence[str], person: User) -> list[Choice]:
    return [_model(name) for name in values if name in capabilities.models()]


def _model(name: str) -> Choice:
    return Choice(name, name, fact("m", name))


def _ratios(person: User, words: str) -> list[Choice]:
    """Those that pictures may have: also what Luma does not make any more."""
    known = [Choice(slug, slug, fact("r", slug.replace(":", "x"))) for slug in ratios.offer().known]
    return [*known, Choice("other", "Other", fact("r", "other"))]


def _some_ratios(values: Sequence[str], person: User) -> list[Choice]:
    known = {one.value: one for one in _ratios(person, "")}
    return [known[value] for value in values if value in known]


def _people(person: User, words: str) -> list[Choice]:
    rows = User.objects.filter(says(words, "name")) if words else User.objects.all()
    return [_person(*row) for row in rows.order_by("name", "pk").values_list("pk", "name")[:MOST_OFFERED]]


def _some_people(values: Sequence[str], person: User) -> list[Choice]:
    keys = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 10]
    keys = [key for key in keys if key]
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return [_person(key, names[key]) if key in names else _gone("p", key) for key in keys]


def _person(pk: int, name: str) -> Choice:
    return Choice(str(pk), name, fact("p", pk))


def _looks(person: User, words: str) -> list[Choice]:
    seen = Look.objects.visible_to(person)
    rows = (seen.filter(says(words, "name")) if words else seen).newest_first()
    return [_look(*row) for row in rows.values_list("code", "name", "pk")[:MOST_OFFERED]]


def _some_looks(values: Sequence[str], person: User) -> list[Choice]:
    """Looks that the person sees, and those of jobs that the person sees.

    Of one that somebody keeps for themselves by now a person finds what is their own, and nobody else's.
    """
    codes = [code for value in values if (code := read_code(value))]
    if not codes:
        return []
    rows = Look.objects.known_to(person).filter(code__in=codes).values_list("code", "name", "pk", "is_team", "person")
    own = tuple(fact("p", key) for key in person.owner_keys)
    known = {
        code: replace(_look(code, name, pk), among=() if is_team or person.owns(owner) else own)
        for code, name, pk, is_team, owner in rows
    }
    return [known.get(code) or _gone("k", code) for code in codes]


def _look(code: uuid.UUID, name: str, pk: int) -> Choice:
    return Choice(str(code), name, fact("k", pk))


def _boards(person: User, words: str) -> list[Choice]:
    rows = Board.objects.visible_to(person).current().named(words).last_changed_first()
    return [_board(*row) for row in rows.values_list("code", "name", "pk")[:MOST_BOARDS_OFFERED]]


def _some_boards(values: Sequence[str], person: User) -> list[Choice]:
    codes = [code for value in values if (code := read_code(value))]
    rows = Board.objects.visible_to(person).filter(code__in=codes).values_list("code", "name", "pk") if codes else ()
    known = {row[0]: _board(*row) for row in rows}
    return [known.get(code) or _gone("b", code) for code in codes]


def _board(code: uuid.UUID, name: str, pk: int) -> Choice:
    return Choice(str(code), name, fact("b", pk))


def _some_jobs(values: Sequence[str], person: User) -> list[Choice]:
    """Jobs by their number: 12 or J-12."""
    numbers = [value.upper().removeprefix("J-") for value in values]
    known = [int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) <= 18]
    return [Choice(str(number), f"J-{number}", fact("j", number)) for number in known]


def _my_star(person: User, words: str = "") -> list[Choice]:
    """The reader's own stars, whoever saved the view."""
    return [Choice("mine", "Starred by me", fact("f", person.pk))]


def _tags(person: User, words: str) -> list[Choice]:
    return [_tag(tag) for tag in Tag.offered(person, Tag.key_of(words)[:LONGEST_WORD], MOST_TAGS_OFFERED)]


def _some_tags(values: Sequence[str], person: User) -> list[Choice]:
    keys = [key for value in values if (key := Tag.key_of(value))]
    rows = Tag.objects.seen_by(person).spelled_for(person).filter(key__in=keys) if keys else ()
    known = {tag.key: _tag(tag) for tag in rows}
    return [known.get(key) or _gone("g", key, key) for key in keys]


def _tag(tag: Tag) -> Choice:
    return Choice(tag.key, tag.written, fact("g", tag.pk))


DECISIONS = {"candidate": "Candidate", "approved": "Approved", "rejected": "Rejected", "none": "Undecided"}
TYPES = {Submission.Type.IMAGE: "Generated", Submission.Type.EDIT: "Edits", Submission.Type.LAYERS: "Layers"}

FILTERS = (
    Filter("person", "Person", "", _people, _some_people, most=MOST_OFFERED),
    Filter("ratio", "Ratio", "", _ratios, _some_ratios),
    Filter("model", "Model", "", _models, _some_models),
    _fixed(
        "type",
        "Type",
        "",
        *(Choice(one.value, label, fact("t", one.value)) for one, label in TYPES.items()),
        Choice("kept", "Kept versions and crops", fact("t", "kept")),
    ),
    _fixed("style", "Style", "", *(Choice(one, one.capitalize(), fact("s", one)) for one in STYLES)),
    Filter("look", "Look", "", _looks, _some_looks, most=MOST_OFFERED),
    Filter("board", "Board", "", _boards, _some_boards, most=MOST_BOARDS_OFFERED),
    _fixed("layers", "Has layers", "layers", Choice("on", "Has layers", LAYERS), is_switch=True),
    Filter(
        "star",
        "Starred by me",
        "star",
        _my_star,
        lambda values, me: _my_star(me) if "mine" in values else [],
        is_switch=True,
    ),
    _fixed(
        "rating", "Rating", "", *(Choice(str(one), f"{one} of {BEST}", fact("n", one)) for one in range(BEST, 0, -1))
    ),
    _fixed("decision", "Decision", "", *(Choice(one, label, fact("d", one)) for one, label in DECISIONS.items())),
    _fixed(
        "exported",
        "To export",
        "download",
        Choice("no", "Approved, not exported yet", UNEXPORTED),
        is_switch=True,
    ),
    Filter("tag", "Tag", "", _tags, _some_tags, most=MOST_TAGS_OFFERED),
    _fixed("comments", "Has comments", "message-square", Choice("on", "Has comments", COMMENTS), is_switch=True),
    _fixed("archived", "Archived", "archive", Choice("on", "Archived", ARCHIVED), is_switch=True),
    # A link or what is typed (J-12) brings it.
    Filter("job", "Job", "", None, _some_jobs),
)
BY_NAME = {one.name: one for one in FILTERS}
