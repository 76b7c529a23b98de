"""The description of a file that comes before or with its bytes (luma-api.md section 11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from studio import imaging
from studio.api.luma_words import Said
from studio.models import ApiFile
from studio.models.files.api_file import LONGEST_FILENAME

PURPOSES = tuple(ApiFile.Purpose.values)


def described(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a file, judged. Raises Said."""
    mime_type, size = body.get("mime_type"), body.get("size_bytes")
    if (
        not isinstance(mime_type, str)
        or "/" not in mime_type
        or not (_is_plain(mime_type, 255) and mime_type.isascii())
    ):
        raise Said(400, "mime_type is required")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= imaging.MAX_BYTES:
        raise Said(400, f"size_bytes must be between 1 and {imaging.MAX_BYTES}")
    for name, most in (("filename", LONGEST_FILENAME), ("user_id", 256)):
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and _is_plain(value, most)):
            raise Said(400, f"{name} must be a string of at most {most} characters")
    purpose = body.get("purpose") or PURPOSES[0]
    if purpose not in PURPOSES:
        raise Said(400, f"purpose must be one of: {', '.join(PURPOSES)}")
    named = {name: body.get(name) for name in ("filename", "user_id")}
    return {"mime_type": mime_type, "size_bytes": size, "purpose": purpose, "expires_at": _expiry(body), **named}


def _is_plain(text: str, most: int) -> bool:
    return 0 < len(text) <= most and text.isprintable()


def _expiry(body: Mapping[str, Any]) -> datetime | None:
    value = body.get("expires_at")
    if value is None or value == "":
        return None
    try:
        moment = parse_datetime(str(value)[:40])
    except ValueError:
        moment = None
    if moment is None:
        raise Said(400, "expires_at must be an ISO 8601 time")
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise Said(400, "expires_at must be an ISO 8601 time") from None
    if moment <= timezone.now():
        raise Said(400, "expires_at must be in the future")
    return moment
