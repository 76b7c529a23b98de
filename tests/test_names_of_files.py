"""What code and documents call a file is the name of a file that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"(?<![\w./:*{}<>-])((?:[\w-]+/)*[\w-]+\.(?:py|md|html))\b(?![/(])")
FOREIGN = {"node_modules", "vendor"}
# Django's own template, and what a test makes for itself.
ELSEWHERE = {"admin/base.html", "9999_next.py", "item.html"}


def files() -> list[str]:
    folders = ("benchmarks", "docs", "static", "studio", "templates", "tests")
    inner = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    ours = (path.relative_to(ROOT) for path in (*ROOT.iterdir(), *inner))
    return sorted(str(path) for path in ours if not FOREIGN.intersection(path.parts))


def test_every_file_that_is_named_is_there() -> None:
    known = files()
    assert len(known) > 1_500
    ends = {file.split("/", start)[-1] for file in known for start in range(file.count("/") + 1)}
    missing = set()
    for file in known:
        # The changes tell of files that went.
        if not file.endswith((".py", ".md", ".html", ".css", ".js")) or file == "CHANGELOG.md":
            continue
        text = (ROOT / file).read_text()
        missing |= {(file, name) for name in NAMED.findall(text) if name not in ends and name not in ELSEWHERE}
    assert missing == set()
