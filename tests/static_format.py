"""`python -m tests.static_format [--check]`: put style sheets and scripts in shape, or say which are not.

The formatters are cssbeautifier and jsbeautifier, which djlint needs too; their own command lines cannot check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cssbeautifier
import jsbeautifier

ROOT = Path(__file__).resolve().parent.parent
# Written by studio/ratios.py.
GENERATED = ROOT / "static" / "css" / "ratios.css"


def written_by_hand() -> Iterator[Path]:
    """Yield the style sheets and scripts that people edit; what is vendored or generated stays as it came."""
    for folder, ending in (("css", "*.css"), ("js", "*.js")):
        yield from (path for path in sorted((ROOT / "static" / folder).rglob(ending)) if path != GENERATED)


def formatted(path: Path) -> str:
    """Return the text of a file in shape: one declaration a line, one statement a line."""
    text = path.read_text()
    if path.suffix == ".css":
        options = cssbeautifier.default_options()
        options.newline_between_rules = False
        options.selector_separator_newline = False
        options.space_around_combinator = True
        beautify = cssbeautifier.beautify
    else:
        options = jsbeautifier.default_options()
        options.brace_style = "collapse,preserve-inline"
        options.operator_position = "preserve-newline"
        options.break_chained_methods = False
        beautify = jsbeautifier.beautify
    options.indent_size = 2
    options.end_with_newline = True
    options.max_preserve_newlines = 2
    return str(beautify(text, options))


def main(*, check: bool) -> int:
    wrong = [path for path in written_by_hand() if formatted(path) != path.read_text()]
    for path in wrong:
        print(f"{'would reformat' if check else 'reformatted'} {path.relative_to(ROOT)}")  # noqa: T201
        if not check:
            path.write_text(formatted(path))
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
