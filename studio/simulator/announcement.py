"""What a caller says about a file before or along with its bytes (luma-api.md section 11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from studio.simulator.errors import ApiError
from studio.simulator.storage import LARGEST_OBJECT
from studio.simulator.validate import check_user_id

PURPOSES = ("input", "reference")
LONGEST_FILENAME = 1024


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A described file; `expires_at` is Unix seconds."""

    mime_type: str
    size_bytes: int
    purpose: str
    filename: str | None
    user_id: str | None
    expires_at: float | None


def parse_announcement(body: object) -> Announcement:
    """Check a JSON object or the fields of a form; raise ApiError 400."""
    if not isinstance(body, dict):
        raise ApiError(400, "Request body must be a JSON object")
    mime_type, size = body.get("mime_type"), body.get("size_bytes")
    if not isinstance(mime_type, str) or "/" not in mime_type or not mime_type.isprintable():
        raise ApiError(400, "mime_type is required")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_OBJECT:
        raise ApiError(400, f"size_bytes must be between 1 and {LARGEST_OBJECT}")
    filename = body.get("filename")
    if filename is not None and not (isinstance(filename, str) and len(filename) <= LONGEST_FILENAME):
        raise ApiError(400, f"filename must be a string of at most {LONGEST_FILENAME} characters")
    check_user_id(body.get("user_id"))
    return Announcement(
        mime_type=mime_type,
        size_bytes=size,
        purpose=one_of("purpose", body.get("purpose"), PURPOSES) or PURPOSES[0],
        filename=filename,
        user_id=body.get("user_id"),
        expires_at=_expiry(body.get("expires_at")),
    )


def _expiry(value: object) -> float | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ApiError(400, "expires_at must be an ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def one_of(name: str, value: object, valid: tuple[str, ...]) -> str | None:
    """Return a value that is absent or one of a few; raise ApiError 400."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in valid:
        raise ApiError(400, f"Invalid {name} '{value}'. Valid: {', '.join(valid)}")
    return value
