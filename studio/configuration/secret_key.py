"""The signing key of an installation that was not given one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret_key(folder: Path) -> str:
    """Return the key kept in `folder`, made on the first start. Two processes that start at once agree on one."""
    file = folder / "secret_key"
    if not file.exists():
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(60))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            draft.unlink()
    return file.read_text().strip()
