"""Read a child's reply as if a stranger had written it: a decoder that was taken over could say anything."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from studio.imaging.limits import MAX_SIDE


class Garbled(Exception):
    """The reply is not what our child writes."""


class Fields:
    """A JSON object whose values are handed out only when they are of the expected kind and size."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @classmethod
    def parse(cls, answer: bytes) -> Fields:
        try:
            values = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise Garbled("not JSON") from error
        return cls._of(values)

    def has(self, key: str) -> bool:
        return key in self._values

    def whole(self, key: str, least: int, most: int) -> int:
        value = self._values.get(key)
        if type(value) is not int or not least <= value <= most:
            raise Garbled(f"{key} {value!r}")
        return value

    def side(self, key: str) -> int:
        """A width or height in pixels."""
        return self.whole(key, 1, MAX_SIDE)

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if type(value) is not bool:
            raise Garbled(f"{key} {value!r}")
        return value

    def text(self, key: str, most: int) -> str:
        return self._short(key, self._values.get(key), most)

    def matching(self, key: str, pattern: str, most: int) -> str:
        value = self.text(key, most)
        if not re.fullmatch(pattern, value):
            raise Garbled(f"{key} {value[:80]!r}")
        return value

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        return tuple(self._short(key, value, most) for value in self._list(key))

    def each(self, key: str) -> tuple[Fields, ...]:
        return tuple(self._of(value) for value in self._list(key))

    def file(self, into: Path, prefix: str) -> tuple[Path, int]:
        """The named file, which must be one the child was allowed to make, and its size in bytes."""
        name = self.matching("file", re.escape(prefix) + r"[a-z0-9]+\.(jpeg|png|webp)", 80)
        path = into / name
        size = self.whole("bytes", 1, 2**31)
        if path.is_symlink() or not path.is_file() or path.stat().st_size != size:
            raise Garbled(f"file {name}")
        return path, size

    def _list(self, key: str) -> list[Any]:
        values = self._values.get(key)
        if not isinstance(values, list) or len(values) > 16:
            raise Garbled(f"{key} is not a short list")
        return values

    @staticmethod
    def _of(values: Any) -> Fields:
        if not isinstance(values, dict):
            raise Garbled("not an object")
        return Fields(values)

    @staticmethod
    def _short(key: str, value: Any, most: int) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise Garbled(f"{key} is not a short text")
        return value
