"""The elements and the text of a page, and what in it or in a table would run."""

from __future__ import annotations

import csv
import io
import re
from functools import cached_property
from html.parser import HTMLParser

# A program in an address that a click or the page itself follows.
PROGRAM = re.compile(r"[\x00-\x20]*(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
FOLLOWED = {"href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "hx-get", "hx-post"}
# What a table program takes for a formula; an amount may be negative.
FORMULA = re.compile(r"\s*[=+@＝＋－＠]|\s*-(?![\d.]+$)")


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[tuple[str, ...]] = set()
        self.words: list[str] = []
        self.harm: list[str] = []
        self.feed(page)
        self.close()

    @cached_property
    def text(self) -> str:
        return squeezed("".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, *sorted(name for name, _ in attrs)))
        for name, value in attrs:
            if name in FOLLOWED and PROGRAM.match(value or ""):
                self.harm.append(f"{name}={value}")
            if name in {"value", "aria-label", "title", "alt"}:
                self.words.append(f" {value} ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        self.harm.append(f"<?{data}")

    def unknown_decl(self, data: str) -> None:
        self.harm.append(f"<![{data}")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def check_csv(content: str) -> None:
    """Judge a CSV file: each row is one line, and no cell is a formula."""
    rows = list(csv.reader(io.StringIO(content)))
    assert len(content.splitlines()) == content.count("\r\n") == len(rows)
    assert [cell for row in rows for cell in row if FORMULA.match(cell)] == []
