"""Refuse a request: a status, a sentence in `detail`, sometimes headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class ApiError(Exception):
    """Refuse a request with `{"detail": detail}` (luma-api.md section 6.1)."""

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


def shown(value: object) -> str:
    """Return a value of a JSON body as a refusal quotes it: strings bare, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
