"""Read the environment, each kind of value by one reader; what is wrong is refused with one form of sentence.

`STUDIO_X is <value>, which is <problem>. Write <what would do>.` A value of blanks counts as not given.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import zoneinfo
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from environs import Env, EnvError

T = TypeVar("T")
HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]|[0-9a-f:.]+", re.IGNORECASE)
FLAGS = {
    **dict.fromkeys(("1", "on", "true", "t", "yes", "y"), True),
    **dict.fromkeys(("0", "off", "false", "f", "no", "n"), False),
}
# Every name that was asked for; these are read elsewhere: before the settings, and by the tests.
known = {"STUDIO_DOTENV", "STUDIO_TEST_BROWSER"}
# What a `.env` says. The environment comes first, and gets none of it: programs that are started need no secrets.
_from_file: dict[str, str] = {}


def file(path: Path) -> None:
    """Read a `.env`, if it is there."""
    _from_file.update({name: value or "" for name, value in dotenv_values(path).items()})


def refuse(name: str, value: str, problem: str, mend: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} is {value}, which is {problem}. {mend}") from None


def text(name: str, default: str = "") -> str:
    known.add(name)
    return os.environ.get(name, _from_file.get(name, "")).strip() or default


def _read(name: str, default: T, read: Callable[[str], T], problem: str, mend: str) -> T:
    """Return what `read` makes of the value; its ValueError or KeyError means that the value has this problem."""
    value = text(name)
    if not value:
        return default
    try:
        return read(value)
    except (ValueError, KeyError, OverflowError):
        refuse(name, repr(value), problem, mend)


def flag(name: str, default: bool) -> bool:
    return _read(name, default, lambda value: FLAGS[value.lower()], "neither on nor off", "Write on or off.")


def whole(name: str, default: int, low: int, high: int) -> int:
    numbers = f"a whole number from {low} to {high}"
    return _read(name, default, lambda value: _within(int(value), low, high), f"not {numbers}", f"Write {numbers}.")


def number(name: str, default: float, low: float, high: float) -> float:
    numbers = f"a number from {low:g} to {high:g}"
    return _read(name, default, lambda value: _within(float(value), low, high), f"not {numbers}", f"Write {numbers}.")


def choice(name: str, default: str, choices: Iterable[str]) -> str:
    table = {one.lower(): one for one in choices}
    mend = f"Write {' or '.join(', '.join(table.values()).rsplit(', ', 1))}."
    return _read(name, default, lambda value: table[value.lower()], "not one of its values", mend)


def address(name: str, default: str = "", example: str = "https://studio.example") -> str:
    return _read(name, default, _address, "not a whole address", f"Write one such as {example}.")


def addresses(name: str) -> list[str]:
    """Origins, with commas between them."""
    mend = "Write whole addresses such as https://studio.example, with commas between them."
    return _read(name, [], lambda value: [_address(one) for one in _parts(value)], "not all whole addresses", mend)


def hosts(name: str, default: list[str]) -> list[str]:
    mend = "Write names such as studio.example, without https:// and port, with commas between them."
    return _read(name, default, lambda value: [_host(one) for one in _parts(value)], "not all names of hosts", mend)


def host(name: str, default: str) -> str:
    mend = "Write an address of this machine such as 127.0.0.1, or 0.0.0.0 for all of them."
    return _read(name, default, lambda value: _host(value.lstrip("*")), "not an address to listen at", mend)


def time_zone(name: str, default: str) -> str:
    return _read(
        name, default, lambda value: zoneinfo.ZoneInfo(value).key, "not a time zone", "Write one such as Europe/Berlin."
    )


def folder(name: str, default: Path) -> Path:
    """An absolute path; the folder is made when it is not there, for this account alone."""
    path = Path(text(name, str(default)))
    try:
        path = path.expanduser().resolve()
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError, ValueError) as error:
        problem = f"no folder that can be made ({getattr(error, 'strerror', None) or error})"
        refuse(name, repr(str(path)), problem, "Write the path of a folder that Studio may write to.")
    return path


def secret(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to. No sentence shows it."""
    given, path = text(name), text(f"{name}_FILE")
    if not path:
        return given
    try:
        return Path(path).read_text().strip()
    except (OSError, ValueError) as error:
        problem = f"no file that can be read ({getattr(error, 'strerror', None) or 'it is not text'})"
        refuse(f"{name}_FILE", repr(path), problem, "Write the path of a readable file.")


def postgres(name: str) -> dict[str, Any]:
    """Django's settings of the database at an address; nothing when none is given."""
    url = secret(name)
    if not url:
        return {}
    try:
        found: dict[str, Any] = Env().dj_db_url(name, default=url)
    except (EnvError, ValueError, KeyError):
        found = {}
    if found.get("ENGINE") != "django.db.backends.postgresql":
        mend = "Write postgres://user:password@host:5432/name, or leave it out for SQLite."
        refuse(name, "a text (not shown)", "no address of a PostgreSQL database", mend)
    return found


def mistyped() -> list[tuple[str, str]]:
    """Return the STUDIO_ names of the environment that nothing reads, each with the known one it resembles, or ""."""
    strange = sorted(name for name in {*os.environ, *_from_file} if name.startswith("STUDIO_") and name not in known)
    return [(name, next(iter(difflib.get_close_matches(name, known, 1)), "")) for name in strange]


def _within(value: T, low: T, high: T) -> T:
    # Not a number is within nothing.
    if not low <= value <= high or (isinstance(value, float) and math.isnan(value)):  # type: ignore[operator]
        raise ValueError
    return value


def _parts(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _address(value: str) -> str:
    parts = urlsplit(value.rstrip("/"))
    if parts.scheme not in {"http", "https"} or not HOST.fullmatch(parts.hostname or "") or parts.port == 0:
        raise ValueError
    return value.rstrip("/")


def _host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError
    return value
