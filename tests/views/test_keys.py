from __future__ import annotations

import re
from itertools import chain

from django.conf import settings
from django.test import Client

from studio.keys import COLUMNS
from tests.people import HTMX

LETTER = re.compile(r'aria-keyshortcuts="((?:Shift\+)?[A-Za-z])"')


def test_without_a_script_all_keys_are_a_page_and_with_one_a_sheet(as_alice: Client) -> None:
    page = as_alice.get("/keys/").content.decode()
    assert "<html" in page
    assert "<dt>Go to a date</dt>" in page
    assert 'href="/keys/"' in as_alice.get("/gallery/").content.decode()
    sheet = as_alice.get("/keys/", headers=HTMX).content.decode()
    assert sheet.startswith("<dialog")
    assert "<dt>Go to a date</dt>" in sheet


def test_the_sheet_has_every_letter_that_a_control_of_a_page_names() -> None:
    listed = {
        "+".join(press) if len(press) > 1 else press[0]
        for group in chain(*COLUMNS)
        for key in group.keys
        for press in key.presses
    }
    named = {
        letter: path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for letter in LETTER.findall(path.read_text())
        if not path.is_relative_to(settings.BASE_DIR / "templates" / "looks")
    }
    assert {letter: where for letter, where in named.items() if letter not in listed} == {}
