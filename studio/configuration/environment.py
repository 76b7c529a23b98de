"""Read the environment, each kind of value by one reader; what is wrong is refused with one form of sentence.

`STUDIO_X is <value>, which is <problem>. Write <what would do>.` A value of blanks counts as not given. Every fault is
noted and its default returned, so that `finish` can name them all at once; none shows a secret.
"""

from __future__ import annotations

import difflib
import os
import re
import zoneinfo
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from environs import Env, EnvError

from studio.configuration import values
from studio.logs import redact
from studio.text import plurals

T = TypeVar("T")
LONGEST_SECRET = 10_000  # characters
LONGEST_SHOWN = 100
FLAGS = {
    **dict.fromkeys(("1", "on", "true", "t", "yes", "y"), True),
    **dict.fromkeys(("0", "off", "false", "f", "no", "n"), False),
}
# Every name that was asked for; these are read elsewhere: before the settings, and by the tests.
known = {"STUDIO_DOTENV", "STUDIO_TEST_BROWSER", "STUDIO_TEST_POSTGRES", "STUDIO_TEST_S3"}
# What a `.env` says. The environment comes first, and gets none of it: programs that are started need no secrets.
_from_file: dict[str, str] = {}
_faults: dict[str, None] = {}
# The names of those whose value is wrong, so that nothing is said of what would follow from the default in its place.
_refused: set[str] = set()


def wants_file() -> bool:
    return flag("STUDIO_DOTENV", True)


def file(path: Path) -> None:
    """Read a `.env`, if it is there."""
    try:
        _from_file.update({name: value or "" for name, value in dotenv_values(path).items()})
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ImproperlyConfigured(f"{path} cannot be read ({why}). Mend or remove the file.") from None


def refuse(name: str, value: str, problem: str, mend: str) -> None:
    """Note a fault; `finish` raises it with the others."""
    _refused.add(name.removesuffix("_FILE"))
    _faults[f"{name} is {value}, which is {problem}. {mend}"] = None


def is_sound(*names: str) -> bool:
    """Whether none of these was refused."""
    return _refused.isdisjoint(names)


def finish() -> None:
    """Raise ImproperlyConfigured with one line for each fault, if there is any."""
    found = "\n".join(_faults)
    _faults.clear()
    _refused.clear()
    if found:
        raise ImproperlyConfigured(found)


def hidden(value: str) -> str:
    """Say of a value only how long it is."""
    return f"a text of {plurals.counted(len(value), 'character')} (not shown)"


def _shown(value: str) -> str:
    """Quote a value for a sentence, unless it may hold a password or be a secret in the wrong place."""
    if "@" in value or redact(value) != value:
        return hidden(value)
    return repr(value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…")


def text(name: str, default: str = "") -> str:
    known.add(name)
    found = os.environ.get(name, _from_file.get(name, "")).strip()
    # Bytes of the environment that are no UTF-8 arrive as halves of characters, which nothing can store or send.
    if any("\ud800" <= one <= "\udfff" for one in found):
        refuse(name, hidden(found), "not text in UTF-8", "Write it in UTF-8, a random one with `openssl rand -hex 32`.")
        return default
    return found or default


def _read(name: str, default: T, read: Callable[[str], T], problem: str, mend: str) -> T:
    """Return what `read` makes of the value; its ValueError or KeyError means that the value has this problem."""
    value = text(name)
    if not value:
        return default
    try:
        return read(value)
    except (ValueError, KeyError, OverflowError, OSError):
        refuse(name, _shown(value), problem, mend)
        return default


def flag(name: str, default: bool) -> bool:
    return _read(name, default, lambda value: FLAGS[value.lower()], "neither on nor off", "Write on or off.")


def whole(name: str, default: int, low: int, high: int) -> int:
    numbers = f"a whole number from {low} to {high}"
    return _read(
        name,
        default,
        lambda value: values.within(values.digits(value), low, high),
        f"not {numbers}",
        f"Write {numbers}.",
    )


def number(name: str, default: float, low: float, high: float) -> float:
    numbers = f"a number from {low:g} to {high:g}"
    return _read(
        name,
        default,
        lambda value: values.within(values.decimal(value), low, high),
        f"not {numbers}",
        f"Write {numbers}.",
    )


def choice(name: str, default: str, choices: Iterable[str]) -> str:
    table = {one.lower(): one for one in choices}
    mend = f"Write {' or '.join(', '.join(table.values()).rsplit(', ', 1))}."
    return _read(name, default, lambda value: table[value.lower()], "not one of its values", mend)


def address(
    name: str,
    default: str = "",
    example: str = "https://studio.example",
    judge: Callable[[str], object] | None = None,
    problem: str = "not a whole address",
) -> str:
    """A base address; `judge` raises ValueError when whoever will use it would refuse it, for this `problem`."""
    mend = f"Write one such as {example}."
    found = _read(name, default, values.address, "not a whole address", mend)
    if judge and found != default:
        try:
            judge(found)
        except ValueError:
            refuse(name, _shown(found), problem, mend)
    return found


def addresses(name: str) -> list[str]:
    """Origins as browsers write them, with commas between them."""
    mend = "Write whole addresses such as https://studio.example, without a path, with commas between them."
    return _read(
        name, [], lambda value: [values.origin(one) for one in values.parts(value)], "not all whole addresses", mend
    )


def hosts(name: str, default: list[str]) -> list[str]:
    """Names as Django compares them: small letters, no dot at the end, IPv6 in brackets, a dot before a whole domain."""
    mend = "Write names such as studio.example, without https:// and port, with commas between them."
    return _read(
        name,
        default,
        lambda value: [values.pattern(one) for one in values.parts(value)],
        "not all names of hosts",
        mend,
    )


def host(name: str, default: str) -> str:
    mend = "Write an address of this machine such as 127.0.0.1, or 0.0.0.0 for all of them."
    return _read(name, default, lambda value: values.host(value).strip("[]"), "not an address to listen at", mend)


def networks(name: str, default: list[str]) -> list[IPv4Network | IPv6Network]:
    mend = "Write addresses or networks such as 10.0.0.5 or 10.0.0.0/24, with commas between them."
    return _read(name, [ip_network(one) for one in default], values.networks, "not all addresses or networks", mend)


def matching(name: str, pattern: str, problem: str, mend: str) -> str:
    """A text of a form that others prescribe."""
    return _read(name, "", lambda value: values.whole(re.fullmatch(pattern, value)), problem, mend)


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
        refuse(name, _shown(str(path)), problem, "Write the path of a folder that Studio may write to.")
    else:
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            problem = "a folder that this account may not write to"
            refuse(name, _shown(str(path)), problem, "Write the path of a folder that Studio may write to.")
    return path


def secret(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to. No sentence shows it."""
    given, path = text(name), text(f"{name}_FILE")
    if not path:
        return given
    # Whoever gives the secret itself where its file is asked for must not read it in a log.
    shown = repr(path) if path.startswith(("/", "./", "../", "~")) else hidden(path)
    try:
        with Path(path).expanduser().open() as content:
            found = content.read(LONGEST_SECRET).strip()
    except (OSError, ValueError, RuntimeError) as error:
        problem = f"no file that can be read ({getattr(error, 'strerror', None) or 'it is not text'})"
        refuse(f"{name}_FILE", shown, problem, "Write the path of a readable file.")
        return ""
    if not found:
        refuse(f"{name}_FILE", shown, "an empty file", "Write the path of a file that holds the secret.")
    return found


def bearer(name: str, *, shortest: int) -> str:
    """A secret that callers show in a header."""
    found, example = secret(name), "such as those of `openssl rand -hex 16`."
    if found and len(found) < shortest:
        refuse(name, hidden(found), "too short", f"Write at least {shortest} characters, {example}")
    if not re.fullmatch(r"[\x21-\x7e]*", found):
        refuse(name, hidden(found), "not what a header can hold", f"Write ASCII without blanks, {example}")
    return found


def postgres(name: str) -> dict[str, Any]:
    """Django's settings of the database at an address; nothing when none is given."""
    url = secret(name)
    if not url:
        return {}
    try:
        found: dict[str, Any] = Env().dj_db_url(name, default=url)
    except (EnvError, ValueError, KeyError):
        found = {}
    if found.get("ENGINE") != "django.db.backends.postgresql" or not found.get("NAME"):
        mend = "Write postgres://user:password@host:5432/name, or leave it out for SQLite."
        refuse(name, "a text (not shown)", "no address of a PostgreSQL database", mend)
    return found


def smtp(name: str) -> dict[str, Any]:
    """Django's settings of the mail server at an address; nothing when none is given."""
    url = secret(name)
    if not url:
        return {}
    try:
        return values.smtp(url)
    except ValueError:
        mend = "Write smtp+tls://user:password@mail.example:587, with smtps:// or smtp:// where the server wants it."
        refuse(name, "a text (not shown)", "no address of a mail server", mend)
        return {}


def redis(name: str) -> str:
    """The address of a Redis, which may hold a password; nothing when none is given."""
    url = secret(name)
    try:
        if url:
            values.judge_redis(url)
    except ValueError:
        mend = "Write redis://:password@host:6379/0, with rediss:// for TLS, or leave it out."
        refuse(name, "a text (not shown)", "no address of a Redis", mend)
        return ""
    return url


def sender(name: str, default: str) -> str:
    """The address that emails come from, alone or as `Studio <studio@mail.example>`."""
    mend = "Write an address such as studio@mail.example."
    return _read(name, default, values.sender, "not an email address", mend)


def mistyped() -> list[tuple[str, str]]:
    """Return the names of ours in the environment that nothing reads, each with the known one it resembles, or ""."""
    ours = ("STUDIO_", "LUMA_")
    strange = sorted(name for name in {*os.environ, *_from_file} if name.startswith(ours) and name not in known)
    return [(name, next(iter(difflib.get_close_matches(name, known, 1)), "")) for name in strange]
