"""The static files as browsers fetch them: collected and compressed once, before the first page."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command


def collect() -> None:
    """Collect the static files when one of them changed, or when less is there than was collected.

    They are not synced, so a power cut may leave empty files; one of these, the manifest, would keep Studio from starting.
    """
    root = Path(settings.STATIC_ROOT)
    stamp, current = root / ".stamp", _fingerprint([Path(folder) for folder in settings.STATICFILES_DIRS])
    kept = stamp.read_text().split() if stamp.exists() else []
    is_whole = kept[1:] == [_collected(root)]
    if settings.DEBUG or (is_whole and kept[0] == current):
        return
    if not is_whole:
        # What is there with its time would be kept as it is.
        shutil.rmtree(root, ignore_errors=True)
    # Else files of before stay, for pages that are open.
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(f"{current} {_collected(root)}")


def _collected(root: Path) -> str:
    """Return a digest of the names and sizes of what was collected."""
    files = sorted(file for file in root.rglob("*") if file.is_file() and file.name != ".stamp")
    told = "".join(f"{file.relative_to(root)}:{file.stat().st_size}\n" for file in files)
    return hashlib.sha256(told.encode()).hexdigest()


def _fingerprint(folders: list[Path]) -> str:
    from importlib.metadata import version

    digest = hashlib.sha256(f"{version('django')} {version('django-htmx')}".encode())
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            facts = file.stat()
            digest.update(f"{file}:{facts.st_size}:{facts.st_mtime_ns}".encode())
    return digest.hexdigest()
