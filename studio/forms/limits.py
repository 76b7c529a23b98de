"""What an admin types as a limit of the API account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from django.http import QueryDict

from studio.luma.capabilities import KINDS
from studio.models import ApiAccount, Submission
from studio.text.names import isolated

# The highest numbers that the settings take too (studio/settings.py).
MOST = {"slots": 1000, "per_minute": 10_000, "weights": 100}
NAMES = {"slots": "Running at once", "per_minute": "Requests a minute", "weights": "Weights"}
MOST_DIGITS = 6
FASTER = "{who} changed this meanwhile: it is {now}. Save again to have yours instead."
FREED = "Somebody took this back to what was learnt meanwhile. Save again to have yours instead."
FASTER_FREED = "{who} changed this meanwhile: it is {now}. Press again to go back to what was learnt."


def kinds() -> list[tuple[str, str]]:
    """Return what has a weight of its own, `type:model`, each with its name."""
    types = dict(Submission.Type.choices)
    return [
        (f"{kind.slug}:{model}", f"{types[kind.slug]}, {model}") for kind in KINDS.values() for model in kind.models
    ]


@dataclass(frozen=True, slots=True)
class LimitForm:
    """One limit as it was sent; `error` says what to do where it can't be taken."""

    name: str
    value: Any = None
    error: str = ""
    # As typed, by field.
    typed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, name: str, given: QueryDict) -> Self:
        if name != "weights":
            typed = given.get("value", "").strip()
            number = _whole(typed, MOST[name])
            return cls(name, number, "" if number else _sentence(NAMES[name], MOST[name]), {name: typed})
        typed_all = {kind: given.get(kind, "").strip() for kind, _ in kinds()}
        weights: dict[str, int] = {}
        for kind, label in kinds():
            number = _whole(typed_all[kind] or "1", MOST[name])
            if not number:
                return cls(name, None, _sentence(label, MOST[name]), typed_all)
            weights[kind] = number
        # One is what everything weighs that is not listed.
        return cls(name, {kind: number for kind, number in weights.items() if number > 1}, "", typed_all)


def said(name: str, value: Any) -> str:
    """Write a limit for a sentence."""
    if name != "weights":
        return f"{value:,}"
    names = dict(kinds())
    return ", ".join(f"{names.get(kind, kind)}: {number}" for kind, number in sorted(value.items())) or "1 each"


def seen_of(account: ApiAccount, name: str) -> str:
    """Return what an admin fixed, as a form carries it, to notice that another tab was faster; "" for nothing."""
    return said(name, getattr(account, name)) if name in account.fixed else ""


def changed_meanwhile(account: ApiAccount, name: str, wanted: Any, given: QueryDict, *, by: str) -> str:
    """Say that a limit was fixed or freed since its form was shown; "" where it wasn't, or is as `wanted` by now.

    `wanted`: None to go back to what was learnt.
    """
    fixed = account.fixed.get(name)
    if given.get("seen", seen_of(account, name)) == seen_of(account, name):
        return ""
    if not fixed:
        return FREED if wanted is not None else ""
    if wanted == getattr(account, name):
        return ""
    who = "You" if fixed.get("by") == by else isolated(str(fixed.get("by", "")))
    return (FASTER_FREED if wanted is None else FASTER).format(who=who, now=seen_of(account, name))


def source(account: ApiAccount, name: str) -> str:
    """Say where a limit in force comes from, in a word."""
    if name in account.fixed:
        return "fixed"
    learnt_at = {
        "slots": account.slots_learnt_at,
        "per_minute": account.per_minute_learnt_at,
        "weights": account.weights_learnt_at,
    }[name]
    if learnt_at is None:
        return "setting"
    return "felt" if name == "slots" and not account.slots_are_named else "named"


def _whole(text: str, most: int) -> int:
    """Return a whole number from 1 to `most`, or 0."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        return 0
    number = int(text)
    return number if number <= most else 0


def _sentence(what: str, most: int) -> str:
    return f"{what}: write a whole number from 1 to {most:,}."
