"""JSON as every door reads it: what two readers could take for two requests is refused, because it may be paid for."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser


def loads(raw: bytes | str) -> Any:
    """Read JSON. Raises ValueError (or RecursionError) where a name comes twice, and for NaN and infinite numbers."""
    return json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


class StrictParser(Parser):
    """The same for the JSON API."""

    def parse_body(self, request: HttpRequest) -> Any:
        return loads(request.body)
