"""Tags, blanks and what a look adds, as tables."""

from __future__ import annotations

import pytest

from studio.text import look_text


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Harbour dusk", "harbour-dusk"),
        ("  Paper -- cut  ", "paper-cut"),
        ("BMW_Winter 24", "bmw-winter-24"),
        ("夕暮れ", "夕暮れ"),
        ("हिंदी", "हिंदी"),
        ("Ｆｕｌｌ", "full"),
        ("1960s", "look-1960s"),
        ("Cafe", "cafe-look"),
        ("ff6600", "ff6600-look"),
        ("<b>x</b>", "b-x-b"),
        ("!!", ""),
    ],
)
def test_a_name_becomes_what_can_be_typed_after_the_hash(name: str, tag: str) -> None:
    assert look_text.tag_of(name) == tag
    assert not tag or look_text.tags(f"A boat #{tag}, at night") == [tag]


@pytest.mark.parametrize(
    ("prompt", "tags"),
    [
        ("A boat #Harbour-Dusk.", ["harbour-dusk"]),
        ("#harbour_dusk and #paper-cut #harbour-dusk", ["harbour-dusk", "paper-cut"]),
        ("#1 in the row, #2", []),
        ("C#harbour, &#harbour; ##harbour a/#harbour", []),
        ("(#harbour-dusk)", ["harbour-dusk"]),
        ("#-harbour # harbour #", []),
        ("#harbour-", ["harbour"]),
    ],
)
def test_tags_of_a_prompt(prompt: str, tags: list[str]) -> None:
    assert look_text.tags(prompt) == tags


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("A boat #harbour-dusk", "A boat"),
        ("A boat #harbour-dusk, gulls", "A boat, gulls"),
        ("#harbour-dusk", ""),
        ("#harbour-dusk-2 stays #1", "#harbour-dusk-2 stays #1"),
        ("#Harbour_Dusk\nA boat #harbour-dusk", "A boat"),
    ],
)
def test_the_tag_of_the_look_is_not_sent(prompt: str, left: str) -> None:
    assert look_text.without_tag(prompt, "harbour-dusk") == left


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("[product] on [ground]", ["product", "ground"]),
        ("[Product] and [product], [ the  ground ]", ["Product", "the ground"]),
        ("no blanks [] [ ] [1] [a", []),
        ("[[a]] and a]b[c", ["a"]),
        ("[a\nb]", []),
        (f"[{'x' * 41}]", []),
        ("[製品] on [sol]", ["製品", "sol"]),
    ],
)
def test_blanks_of_a_recipe(words: str, names: list[str]) -> None:
    assert look_text.blanks(words) == names


def test_blanks_are_filled_in_one_pass() -> None:
    values = {"product": "[ground]", "ground": r"wet \1 stone"}
    assert look_text.fill("[Product] on [ground], [] [1]", values) == r"[ground] on wet \1 stone, [] [1]"
    assert look_text.fill("[product]", {}) == "[product]"


def test_what_a_look_adds_counts_as_the_request_does() -> None:
    names = {1: "@3", 2: "@1", 4: "@4"}
    roles = ["colour", "style", "layout", "colour"]
    assert look_text.role_sentence(roles, names) == "Use the colours of @3 and @4 and the style of @1."
    assert look_text.role_sentence([], {}) == ""
    assert look_text.renamed("Light as in @2, not @3 or @9", names) == "Light as in @1, not or"
    assert look_text.avoid_sentence(["people", "lettering", "lens flare"]) == "No people, lettering or lens flare."
