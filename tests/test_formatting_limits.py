"""Files stay short and in shape: `make format` mends shape, a person mends length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.static_format import ROOT, formatted, written_by_hand

MOST_LINES = 300
STATIC = list(written_by_hand())
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Django writes the first migration.
PYTHON = [
    path
    for folder in ("benchmarks", "docs", "studio", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.name != "0001_initial.py"
]


@pytest.mark.parametrize("path", [*STATIC, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_its_lines_too(path: Path) -> None:
    lines = path.read_text().splitlines()
    most = 140 if path.suffix == ".html" else 120
    assert len(lines) <= MOST_LINES
    assert [number for number, line in enumerate(lines, start=1) if len(line) > most] == []


def test_a_file_of_python_is_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in PYTHON}
    assert len(lengths) > 900
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


@pytest.mark.parametrize("path", STATIC, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_style_sheet_or_script_is_in_shape(path: Path) -> None:
    assert formatted(path) == path.read_text()


def test_the_formatter_puts_a_declaration_on_a_line_of_its_own(tmp_path: Path) -> None:
    sheet = tmp_path / "x.css"
    sheet.write_text("a, b { color: red; margin: 0; > i { gap: 1px } }\n")
    assert formatted(sheet) == "a, b {\n  color: red;\n  margin: 0;\n  > i {\n    gap: 1px\n  }\n}\n"
    script = tmp_path / "x.js"
    script.write_text("if (a) {\nb(); c();\n}\n")
    assert formatted(script) == "if (a) {\n  b();\n  c();\n}\n"
