"""What is stored and what is asked become the same words, in every script."""

from __future__ import annotations

import unicodedata

import pytest

from studio.text import search_text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Warm LIGHT", [["warm"], ["light"]]),
        ("Café Ångström señor", [["cafe"], ["angstrom"], ["senor"]]),
        ("cafe\u0301", [["cafe"]]),
        ("smørrebrød, Łódź, Straße, İstanbul", [["smorrebrod"], ["lodz"], ["strasse"], ["istanbul"]]),
        ("ＷＡＲＭ ｌｉｇｈｔ", [["warm"], ["light"]]),
        ("it's half-tone", [["it", "s"], ["half", "tone"]]),
        ("it’s", [["it", "s"]]),
        ("co\u00adoperate zero\u200bwidth", [["cooperate"], ["zerowidth"]]),
        ("東京駅", [["東京駅"]]),
        ("ｶﾞﾗｽの瓶", [["ガラスの瓶"]]),
        ("한국어 문장", [["한국어"], ["문장"]]),
        ("ภาพสวย", [["ภาพสวย"]]),
        ("東京tower2", [["東京", "tower2"]]),
        ("हिन्दी", [["हिनदी"]]),
        ("fire🔥🔥 👍🏽", [["fire", "🔥", "🔥"], ["👍"]]),
        ("❤️", [["❤"]]),
        ('!!! "-" ()', [[], [], []]),
        ("=p12", [["p12"]]),
        ("", []),
    ],
)
def test_a_text_becomes_words(text: str, found: list[list[str]]) -> None:
    assert search_text.pieces(text) == found


def test_scripts_without_spaces_become_pairs_that_overlap() -> None:
    assert search_text.parts("東京駅前") == ["東京", "京駅", "駅前"]
    assert search_text.parts("東") == ["東"]
    assert search_text.parts("tower") == ["tower"]


def test_a_document_keeps_the_order_and_parts_its_texts() -> None:
    assert (
        search_text.document(["Warm light", "", "東京駅"], ["=a", "=p1"])
        == "warm light = 東京 京駅 = =a =p1 = 東 京 駅"
    )


def test_a_word_of_two_hundred_letters_is_cut_alike_everywhere() -> None:
    long = "x" * 200
    assert search_text.document([long], ["=a"]) == f"{'x' * search_text.LONGEST_WORD} = =a"
    assert search_text.parts(long) == ["x" * search_text.LONGEST_WORD]


def test_numbers_facts_and_pairs_teach_the_vocabulary_nothing() -> None:
    assert search_text.learnable(search_text.document(["warm 2024 東京 a x1"], ["=a"])) == {"warm", "x1"}


def test_no_character_makes_a_word_that_an_index_would_part_or_take_for_a_fact() -> None:
    for code in (*range(0x3000), *range(0xFE00, 0x10000), *range(0x1F300, 0x1FB00), *range(0xE0000, 0xE0200)):
        if unicodedata.category(chr(code)) == "Cs":
            continue
        for token in search_text.document([f"a{chr(code)}b"], []).split():
            assert token == "=" or not set(token) & set("='\"\\ \t\r\n\x00*()|&!<>:"), hex(code)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know, DON’T ask", "i dont know dont ask"),
        ("I don't say dont", "i dont say dont"),
        ("l'e\u0301te\u0301 d'O'Brien’s", "lete dobriens"),
        ("rock'n'roll, can't-stop", "rocknroll cant stop"),
        ("the dogs' 'quoted' 90's 5'8 'tis", ""),
        ("東京'駅", "東京 京駅"),
    ],
)
def test_a_text_is_known_without_its_apostrophes_too(text: str, words: str) -> None:
    assert [part for word in search_text.joined(text) for part in search_text.parts(word)] == words.split()
    document = search_text.document([text, text, "A boat"], ["=a"], [(7, text)])
    assert document.partition(" = =a")[2].removeprefix(" = 東 京 駅") == (f" = {words}" if words else "")
    assert document.count("=w7-dont =w7-know") == ("don't know" in text)


def test_a_text_without_an_apostrophe_is_stored_once() -> None:
    assert search_text.document(["I know"], ["=a"], [(7, "I know")]) == "i know = =w7-i =w7-know = =a"
