"""What a command shows: answers on standard output, all that is meant for a person on standard error."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any

import typer

from studio.cli.calls import FAILED, REFUSED, UNKNOWN

WORDS = {"waiting": "waiting", "sending": "sending", "running": "making", "saving": "saving"}
BAR = 24  # characters


def say(sentence: str) -> None:
    """Tell the person, whatever the answer goes to."""
    typer.echo(sentence, err=True)


def tell(told: Any, words: str, as_json: bool) -> None:
    """Answer with JSON, or with words for people."""
    text = json.dumps(told, ensure_ascii=False, indent=2) if as_json else words
    if text:
        typer.echo(text)


def line(text: str) -> str:
    """Return a text as one line that no terminal takes for a command."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def end(told: Any) -> None:
    """Say what went wrong, and end with its code."""
    if told["state"] == "declined":
        say(f"An admin declined it: {told['sentence']}")
        raise typer.Exit(REFUSED)
    if not told["jobs"] and told["state"] == "cancelled":
        say("It was cancelled before an admin approved it.")
        raise typer.Exit(FAILED)
    wrong = [one for one in told["jobs"] if one["state"] != "done"]
    for one in wrong:
        say(f"{one['label']}: {one['sentence'] or one['state']}")
    if any(one["state"] == "unknown" for one in wrong):
        raise typer.Exit(UNKNOWN)
    if wrong:
        raise typer.Exit(FAILED)


def progress(told: Any, seconds: int, shown: str) -> str:
    """Draw how far it is: a bar that moves in a terminal, else a line for each change."""
    jobs = told["jobs"]
    if not jobs:
        words = "waiting for an admin's approval" if told["state"] == "needs_approval" else str(told["state"])
        if words != shown:
            say(words)
        return words
    over = sum(one["is_over"] for one in jobs)
    states = dict.fromkeys(WORDS[one["state"]] for one in jobs if one["state"] in WORDS)
    words = f"{over} of {len(jobs)} {', '.join(states) or told['state']}"
    if sys.stderr.isatty():
        full = BAR * over // len(jobs)
        bar = f"[{'█' * full}{'░' * (BAR - full)}] {words} · {seconds} s"
        typer.echo(f"\r\x1b[2K{bar[: shutil.get_terminal_size().columns - 1]}", nl=False, err=True)
    elif words != shown:
        say(words)
    return words
