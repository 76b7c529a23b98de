"""The one way a request is refused: a status, a sentence in `detail`, and sometimes headers."""

from __future__ import annotations

from collections.abc import Mapping


class ApiError(Exception):
    """Refuse a request with `{"detail": detail}` (luma-api.md section 6.1)."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
