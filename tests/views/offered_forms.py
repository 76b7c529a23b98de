"""The forms that a page offers, read as a browser reads them, and filled in at random."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random

Attributes = dict[str, str | None]
WORDS = ("harbour", "Café", "l'été", "東京", "quay", "don't", "mood77", "<b>x</b>", "@Alice", "\u202e-1", "")
PLACES = {"x", "y"}  # of a pin, where somebody pressed


@dataclass
class Offered:
    """A form. Of each field its tag, its attributes and, of a list, what it offers."""

    action: str
    method: str
    fields: list[tuple[str, Attributes, list[str]]] = field(default_factory=list)
    buttons: list[Attributes] = field(default_factory=list)

    def filled(self, random: Random) -> tuple[str, dict[str, list[str]]]:
        """Return where one of its buttons sends it, and what it sends."""
        sent: dict[str, list[str]] = {}
        for tag, known, options in self.fields:
            name, kind, value = known.get("name"), known.get("type") or "text", known.get("value") or ""
            if not name:
                continue
            if kind in {"checkbox", "radio"}:
                if random.random() < (0.8 if "checked" in known else 0.3):
                    sent.setdefault(name, []).append(value or "on")
                continue
            if name in PLACES:
                value = random.choice(["", "0.5"])
            elif tag == "select":
                value = random.choice(options or [""])
            elif (tag == "textarea" or kind in {"text", "search"}) and random.random() < 0.8:
                value = random.choice(WORDS)
            sent.setdefault(name, []).append(value)
        pressed = random.choice(self.buttons) if self.buttons else {}
        if name := pressed.get("name"):
            sent.setdefault(name, []).append(pressed.get("value") or "")
        return pressed.get("formaction") or self.action, sent


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Offered] = []
        self.named: dict[str, Offered] = {}
        self.apart: list[tuple[str, str, Attributes, list[str]]] = []
        self.open: Offered | None = None
        self.options: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self.open = Offered(known.get("action") or "", (known.get("method") or "get").lower())
            self.forms.append(self.open)
            self.named[known.get("id") or ""] = self.open
        elif tag == "option":
            self.options.append(known.get("value") or "")
        elif tag in {"input", "select", "textarea", "button"} and "disabled" not in known:
            self.options = []
            if owner := known.get("form"):
                self.apart.append((owner, tag, known, self.options))
            elif self.open:
                put(self.open, tag, known, self.options)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def put(form: Offered, tag: str, known: Attributes, options: list[str]) -> None:
    kind = known.get("type") or ("submit" if tag == "button" else "")
    if kind == "submit":
        form.buttons.append(known)
    elif kind != "button":
        form.fields.append((tag, known, options))


def offered(page: str) -> list[Offered]:
    """Return the forms of a page that change something."""
    read = _Page()
    read.feed(page)
    for owner, tag, known, options in read.apart:
        if owner in read.named:
            put(read.named[owner], tag, known, options)
    return [form for form in read.forms if form.method == "post"]
