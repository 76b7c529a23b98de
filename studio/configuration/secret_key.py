"""The signing key of an installation that was not given one."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from studio import durable


def kept_secret_key(folder: Path) -> str:
    """Return the key kept in `folder`, made on the first start. Two processes that start at once agree on one.

    Raises ImproperlyConfigured for a file that can't be read, or has no key, as a disk may leave it: nobody else can make
    the same.
    """
    file = folder / "secret_key"
    if not file.exists():
        durable.write_once(file, secrets.token_urlsafe(60))
    try:
        key = file.read_text().strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{file} can't be read ({problem.strerror}). Let the user who runs Studio read and write all that is in its folder."
        ) from None
    if key:
        return key
    raise ImproperlyConfigured(
        f"{file} is empty. Put it back from a backup. Without one, delete it and start Studio again: "
        "it makes another key, everybody signs in again, and links of invites and proofs stop."
    )
