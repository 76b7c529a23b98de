"""Small source files, few requests: style sheets and script modules joined page by page as static files are found.

The sources under `static/css` and `static/js` are what people read and edit; `{% static "bundles/create.js" %}` is
what a browser fetches. Nothing is compiled or shortened: a bundle is its parts in order, under their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

BUNDLES = {
    "shell.css": ("tokens.css", "base.css", "icons.css", "controls.css"),
    "create.css": ("ratios.css", "grid.css", "feed.css", "dock.css"),
    "gallery.css": ("ratios.css", "grid.css", "gallery.css"),
    "picture.css": ("ratios.css", "picture.css"),
    "job.css": ("ratios.css", "grid.css", "picture.css", "feed.css"),
    "review.css": ("ratios.css", "review.css"),
    "people.css": ("people.css",),
    "door.css": ("ratios.css", "grid.css", "door.css"),
    "door.js": ("reveal-password.js",),
    "shell.js": ("menus.js", "foreign-answers.js", "connection-strip.js", "live.js", "pulse.js", "toasts.js"),
    "create.js": (
        *("elapsed.js", "group-spread.js", "grid-size.js", "tile-grid.js", "return-to-tile.js"),
        *("form-draft.js", "picture-tray.js", "dock-height.js"),
        *("compose-dock.js", "make-button.js", "prompt-field.js", "pick-menu.js", "drop-zone.js", "fold-on-scroll.js"),
    ),
    "gallery.js": ("grid-size.js", "tile-grid.js", "return-to-tile.js"),
    "picture.js": ("shortcut-keys.js", "picture-stage.js", "way-back.js", "copy-button.js"),
    "job.js": ("elapsed.js", "copy-button.js"),
    "copy.js": ("copy-button.js",),
}

PREFIX = "bundles/"
# `import { a, b } from "./keys.js";` is the only form in use; anything else is refused.
IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./([\w-]+\.js)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|class) (\w+))", re.MULTILINE)
FOREIGN = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class BundleFinder(BaseFinder):
    """Finds the bundles of BUNDLES, written anew whenever a part is newer."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.BUNDLE_ROOT)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        name = path.removeprefix(PREFIX)
        if not path.startswith(PREFIX) or name not in BUNDLES:
            return []
        found = str(_written(name))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in BUNDLES:
            _written(name)
            yield PREFIX + name, self.storage


def joined(name: str) -> str:
    """Return the text of a bundle. Raises ValueError for a script whose imports it does not understand."""
    folder = settings.BASE_DIR / "static"
    if name.endswith(".css"):
        return "\n".join((folder / "css" / part).read_text() for part in BUNDLES[name])
    ordered: list[str] = []
    for part in BUNDLES[name]:
        _add_with_imports(part, folder / "js", ordered)
    return "const modules = {};\n" + "\n".join(_module(part, folder / "js") for part in ordered)


def _written(name: str) -> Path:
    target = Path(settings.BUNDLE_ROOT) / PREFIX / name
    text = joined(name)
    if not target.exists() or target.read_text() != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return target


def _add_with_imports(part: str, folder: Path, ordered: list[str]) -> None:
    if part in ordered:
        return
    for _, needed in IMPORT.findall((folder / part).read_text()):
        _add_with_imports(needed, folder, ordered)
    ordered.append(part)


def _module(part: str, folder: Path) -> str:
    """A module as a block of its own: what it imports comes from `modules`, what it exports goes there."""
    source = (folder / part).read_text()
    exported = EXPORT.findall(source)
    body = EXPORT.sub("", IMPORT.sub(lambda found: f'const {found[1]} = modules["{found[2]}"];', source))
    if left := FOREIGN.search(body):
        raise ValueError(f"{part} has a line that cannot be bundled: {left[0]}")
    return f'// {part}\n{{\n{body}\nmodules["{part}"] = {{ {", ".join(exported)} }};\n}}'
