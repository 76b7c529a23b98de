"""A template rendered once for each combination of its conditions and then only filled in: a page has dozens of tiles.

The template stays the one place of the markup. Rendering it sixty times costs more than all the rest of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from html import escape
from types import SimpleNamespace
from typing import Any, TypeAlias

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

# Stands for a value while the template is rendered: nothing in it is changed by escaping.
MARK = re.compile(r"@@(\w+)@@")
# Stands between values that are escaped together: no text of a page has it.
BETWEEN = "\0"


def mark(name: str) -> str:
    return f"@@{name}@@"


def fields(prefix: str, names: tuple[str, ...], **fixed: Any) -> SimpleNamespace:
    """An object whose attributes are marks, named prefix_name, beside others that decide what is rendered."""
    return SimpleNamespace(**{name: mark(f"{prefix}_{name}") for name in names}, **fixed)


def cut(template: str, context: Mapping[str, Any]) -> tuple[str, ...]:
    """Render the template over marks and cut it there: text, name, text, name, ... text."""
    return tuple(MARK.split(get_template(template).render(dict(context))))


def fill(parts: tuple[str, ...], values: Mapping[str, Any]) -> SafeString:
    """Put the values, escaped, where their marks were."""
    filled = list(parts)
    filled[1::2] = escaped([str(values[name]) for name in parts[1::2]])
    return mark_safe("".join(filled))  # noqa: S308 - every value was escaped just now


def escaped(values: list[str]) -> list[str]:
    """Escape all of them at once: what a call costs is paid once and not for each of a tile's thirty values."""
    together = escape(BETWEEN.join(values)).split(BETWEEN)
    return together if len(together) == len(values) else [escape(value) for value in values]


def join(rows: Iterable[tuple[tuple[str, ...], Mapping[str, Any]]]) -> SafeString:
    """Fill in a template for each row, one after the other, and escape everything at once."""
    kept = list(rows)
    done = escaped([str(values[name]) for parts, values in kept for name in parts[1::2]])
    filled, at = [], 0
    for parts, _ in kept:
        row, number = list(parts), len(parts) // 2
        row[1::2] = done[at : at + number]
        filled.append("".join(row))
        at += number
    return mark_safe("\n".join(filled))  # noqa: S308 - every value was escaped just now


# ---- What is the same for many pages

# A page has a dozen of these; what of them is the same for everybody is kept, and some of what is each one's own.
MOST_KEPT = 500


def kept(template: str, values: Mapping[str, Any]) -> SafeString:
    """Render a template that reads nothing but these values; they can be hashed, and the same are rendered once."""
    rendered = _rendered.__wrapped__ if settings.DEBUG else _rendered
    return mark_safe(rendered(template, tuple(values.items())))  # noqa: S308 - a template's own output


@lru_cache(maxsize=MOST_KEPT)
def _rendered(template: str, values: tuple[tuple[str, Any], ...]) -> str:
    return str(get_template(template).render(dict(values)))


# ---- The rows of a list

# A text is put in its place; a truth decides what is rendered.
Row: TypeAlias = Mapping[str, str | bool]


def each(template: str, name: str, rows: Iterable[Row], **shared: str | bool) -> SafeString:
    """Render a template once for each kind of row and fill it in for each row, which it calls `name`, one after the other.

    Beside the row it knows what all of them share. Texts are marks while it is rendered: it may show them and ask whether
    they are there, nothing more. A text that is HTML already is not escaped. No two values have one name.
    """
    cut_for = _cut_for.__wrapped__ if settings.DEBUG else _cut_for
    same, kinds = tuple(shared), tuple(map(_kind, shared.values()))
    filled = [(cut_for(template, name, tuple(row), tuple(map(_kind, row.values())), same, kinds), row) for row in rows]
    values = [row[one] if one in row else shared[one] for parts, row in filled for one in parts[1::2]]
    done, text = iter(_escaped_unless_safe(values)), []
    for parts, _ in filled:
        row = list(parts)
        row[1::2] = [next(done) for _ in parts[1::2]]
        text += row
    return mark_safe("".join(text))  # noqa: S308 - every value was escaped just now, or is HTML


def _kind(value: str | bool) -> str | bool:
    """Return what a template is rendered with in place of the value: a word for any text that is not ""."""
    return "text" if isinstance(value, str) and value else value


@lru_cache(maxsize=MOST_KEPT)
def _cut_for(
    template: str,
    name: str,
    names: tuple[str, ...],
    kinds: tuple[str | bool, ...],
    shared: tuple[str, ...],
    shared_kinds: tuple[str | bool, ...],
) -> tuple[str, ...]:
    row, same = _marked(names, kinds), _marked(shared, shared_kinds)
    return cut(template, {name: row, **same})


def _marked(names: tuple[str, ...], kinds: tuple[str | bool, ...]) -> dict[str, str | bool]:
    return {name: mark(name) if kind == "text" else kind for name, kind in zip(names, kinds, strict=True)}


def _escaped_unless_safe(values: list[Any]) -> list[str]:
    plain = iter(escaped([one for one in values if not isinstance(one, SafeString)]))
    return [one if isinstance(one, SafeString) else next(plain) for one in values]


# ---- The tile of a picture

TILE = "_shared.html#tile"
PRINT = ("alt", "src", "srcset", "url", "source", "reference", "download", "original", "reuse", "story")
# The menu has a row for each that is not "".
OPTIONAL = (
    *("like", "words", "keep", "who", "decided", "decided_icon", "starred", "archived", "star"),
    *("stacked", "stacked_codes"),  # of a picture that stands for a stack
)
PICTURE = ("code", "ratio_class", "width", "height")


@cache
def _kept(
    optional: frozenset[str], has_placeholder: bool, has_card: bool, arriving: bool, first: bool
) -> tuple[str, ...]:
    """`optional`: which of OPTIONAL the picture has."""
    card = fields("card", ("id", "ratio_class", "rev"), arriving=arriving) if has_card else None
    if card:
        card.job = SimpleNamespace(rev=card.rev)
    return cut(
        TILE,
        {
            "print": fields(
                "print",
                PRINT,
                **{name: mark(f"print_{name}") if name in optional else "" for name in OPTIONAL},
            ),
            "picture": fields(
                "picture", PICTURE, placeholder=mark("picture_placeholder") if has_placeholder else "", has_alpha=False
            ),
            "card": card,
            "first": mark("first") if first else "",
        },
    )


def widths(picture: Any) -> str:
    """How wide the picture's tile is, as the `sizes` of an image that is fetched before the style sheet is here.

    A row is 8.25rem high on a phone, where a picture has it to itself if two do not fit beside each other, and up to
    15.5rem on a desk.
    """
    ratio = picture.width / picture.height
    two = ratio * 16.5 + 1.75  # with what is between and beside them
    return f"(width < {min(two, 48):.1f}rem) 100vw, (width < 48rem) {ratio * 8.5:.1f}rem, {ratio * 16:.1f}rem"


def tile(picture: Any, print: Any, card: Any, *, first: bool = False) -> SafeString:
    """The tile of a picture, as its template says."""
    stack = card.stack if card else getattr(picture, "stack", None)
    if settings.DEBUG or not print.src or stack:
        context = {"picture": picture, "print": print, "card": card, "stack": stack, "first": first and widths(picture)}
        return mark_safe(get_template(TILE).render(context))  # noqa: S308 - a template's own output
    blurred = bool(picture.placeholder) and not picture.has_alpha
    values = {f"print_{name}": getattr(print, name) for name in (*PRINT, *OPTIONAL)}
    values |= {f"picture_{name}": getattr(picture, name) for name in ("code", "width", "height", "placeholder")}
    if first:
        values["first"] = widths(picture)
    if card:
        values |= {"card_id": card.id, "card_ratio_class": card.ratio_class, "card_rev": card.job.rev}
    else:
        values["picture_ratio_class"] = picture.ratio_class
    optional = frozenset(name for name in OPTIONAL if getattr(print, name))
    return fill(_kept(optional, blurred, bool(card), bool(card and card.arriving), first), values)
