"""Words of a search: the same verdicts whatever the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from studio.models import Look, Picture, SearchWord, Split, User
from studio.models.account.hand_over import hand_over
from studio.views.gallery.finder import Finder
from studio.views.pictures.picture_lists import Found
from tests.people import make_look, make_split
from tests.views.searching import NOW, address_of, found, shown

PROMPTS = (
    "Warm light in a harbour",
    "The warmth of a supermarket at night",
    "Café in Łódź, it's raining",
    "東京駅の夜、赤い傘",
    "京都の東",
    "ภาพสวยมาก",
    "한국어 문장",
    "ＦＵＬＬ width",
    "A fire 🔥 at dusk",
    f"long {'x' * 200}",
    "light warm",
    "100 dogs, 10 cats",
)


@pytest.fixture
def library(alice: User) -> None:
    for number, prompt in enumerate(PROMPTS):
        shown(alice, prompt, now=NOW - timedelta(minutes=number))


# What is asked, and the places of the prompts that it finds.
WORDS = {
    "warm": [0, 1, 10],
    "WARM": [0, 1, 10],
    "warm light": [0, 10],
    '"warm light"': [0],
    '"light warm"': [10],
    '"warm': [0, 10],
    "warm -light": [1],
    'warm -"warm light"': [1, 10],
    "-warm fire": [8],
    "market": [1],
    "cafe lodz": [2],
    "CAFÉ": [2],
    "it's": [2],
    "it’s": [2],
    "東": [3, 4],
    "夜": [3],
    "東京": [3],
    "東京駅": [3],
    "東京駅の": [3],
    "東京都": [],
    "駅京": [],
    "京 傘": [3],
    "สวย": [5],
    "ภาพ": [5],
    "한국": [6],
    "full": [7],
    "ｆｕｌｌ": [7],
    "🔥": [8],
    "🔥 dusk": [8],
    "x" * 200: [9],
    "x" * 70: [9],
    "x" * 12: [9],
    "10": [11],
    "1": [],
    "nothing of this": [],
    "!!! ( ) \" -- ' * ^ :": list(range(12)),
    "warm AND light": [],
    "warm NEAR light": [],
    "=p1": [],
    "tokens:warm": [],
    "warm*": [0, 1, 10],
    "'warm' & light | !": [0, 10],
}


def test_words_find(alice: User, library: None) -> None:
    wanted = {q: [PROMPTS[place] for place in places] for q, places in WORDS.items()}
    assert {q: found(alice, address_of(q=q)) for q in WORDS} == wanted


def test_a_persons_name_finds_what_they_made_under_their_new_name_too(alice: User, bob: User) -> None:
    shown(alice, "A boat")
    shown(bob, "A train")
    assert found(alice, "q=moreau") == ["A boat"]
    assert found(alice, "q=stranger+train") == ["A train"]
    bob.name = "Zoë Lindqvist"
    bob.save()
    assert found(alice, "q=zoe") == ["A train"]
    assert found(alice, "q=stranger") == []


def test_a_job_is_found_by_its_number(alice: User) -> None:
    picture = shown(alice, "A boat")
    shown(alice, "A train")
    assert picture.job
    for address in (
        f"q=J-{picture.job.pk}",
        f"q=j-{picture.job.pk}",
        f"job={picture.job.pk}",
        f"job=J-{picture.job.pk}",
    ):
        assert found(alice, address) == ["A boat"]


def test_layers_are_found_by_their_names_and_descriptions(alice: User) -> None:
    pixels = Image.new("RGBA", (20, 20))
    layers = [(pixels, {"label": "Lantern"}), (pixels, {"label": "Sky", "description": "Violet dusk"})]
    job = make_split(alice, layers)
    for q in ("lantern", "sky", "violet"):
        assert found(alice, f"q={q}") == ["Layers"]
    assert found(alice, "layers=on") == ["Layers"]
    Split.of(job).rename(1, "Zeppelin", by=alice)
    assert found(alice, "q=zeppelin") == ["Layers"]


def test_a_look_is_found_by_its_words_and_by_itself(alice: User, bob: User) -> None:
    look = make_look(alice, words="grainy cyanotype")
    other = make_look(alice, name="Never used")
    shown(alice, "A boat", look=look.current)
    shown(alice, "A train")
    assert found(alice, f"look={look.code}") == ["A boat"]
    # Colleagues read of a private look that it is one: neither its words nor a link lead them to what was made with it.
    assert [found(bob, asked) for asked in ("q=cyanotype", f"look={look.code}", f"look={other.code}")] == [[], [], []]
    Look.objects.update(is_team=True)
    shown(alice, "A plane", look=look.current)
    assert found(bob, "q=cyanotype") == ["A plane"]
    assert found(bob, f"look={look.code}") == ["A plane", "A boat"]
    # A private picture is found by the words of a private look as well.
    Look.objects.update(is_team=False)
    shown(alice, "A kite", look=look.current, is_private=True)
    assert "A kite" in found(alice, "q=cyanotype")


def test_the_words_of_a_private_look_find_its_pictures_for_whoever_may_read_them(alice: User, bob: User) -> None:
    carol = User.objects.create_user("Carol", "harbour-at-dusk")
    look = make_look(alice, words="grainy art-deco cyanotype of 東京駅").current
    shown(alice, "A boat", look=look)
    shown(bob, "A train", look=look)  # while it was the team's
    shown(alice, "A plane")
    for q in ("cyanotype", "cyan", "art-dec", '"art deco"', "東京駅", "京", "grainy cyanotype", '"grainy art" 東京'):
        asked = address_of(q=q)
        assert [found(one, asked) for one in (alice, bob, carol)] == [["A train", "A boat"], ["A train"], []], q
    # Where it is left out, or half of a quoted word is typed, nothing else is taken for it.
    assert found(alice, "q=-cyanotype") == ["A plane"]
    assert found(carol, "q=-cyanotype") == ["A plane", "A train", "A boat"]
    assert found(alice, 'q="cyan"') == found(alice, "q=train+cyanotypes") == []
    # What was handed over is found by whom it was handed to.
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)
    hand_over(bob.pk, to=carol.pk, by=User.objects.get(pk=alice.pk), also_private=False, now=NOW)
    assert found(User.objects.get(pk=carol.pk), "q=cyanotype") == ["A train"]
    # Of whoever has none no search asks for them.
    assert set(SearchWord.owners([alice.pk, bob.pk, carol.pk])) == {alice.pk, bob.pk}
    # No vocabulary learns these words, so that no other search grows to one of them.
    assert not SearchWord.objects.filter(word__contains="cyan").exists()


def test_a_word_with_a_hyphen_is_found_while_it_is_typed(alice: User) -> None:
    shown(alice, "An art-deco lamp, foo`bar in 東京")
    shown(alice, "A deco art lamp")
    for q in ("art-dec", "art-deco", "foo`bar", "foo`ba"):
        assert len(found(alice, f"q={q}")) == 1, q
    assert found(alice, 'q="art dec"') == []


def test_every_step_is_bounded(alice: User, library: None, django_assert_max_num_queries: Any) -> None:
    picture = Picture.objects.made()[0]
    finder = Finder.parse(address_of(q="warm light café supermarket 東京 boat train rain"), alice)
    with django_assert_max_num_queries(30):
        Found(finder, picture).place(picture)


def test_a_whole_prompt_may_be_pasted(alice: User, django_assert_max_num_queries: Any) -> None:
    prompt = " ".join(f"boat{number}" for number in range(25))
    shown(alice, prompt)
    with django_assert_max_num_queries(5):
        assert found(alice, address_of(q=prompt)) == [prompt]
    assert found(alice, address_of(q="boat1 boat")) == [prompt]
    assert found(alice, address_of(q=f"{' '.join(prompt.split()[:9])} oat")) == []


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        *((one, [0, 1]) for one in ("dont", "don't", "DON’T", "donʼt", '"dont"', '"don\'t"')),
        *((one, [2, 3]) for one in ("l'ete", "l’été", "lete", "LÉTÉ")),
        *((one, [4, 5]) for one in ("obrien", "O'Brien", "obri", "o’bri")),
        *((one, [0, 1]) for one in ('"i dont know"', '"i don\'t know"', '"dont know"', "dont-know", '"i dont"')),
        ('"know dont"', []),
        ("-dont", [2, 3, 4, 5]),
        ("-don't", [2, 3, 4, 5]),
        ("brien", [4, 5]),
    ],
)
def test_a_word_is_found_with_its_apostrophe_or_without(alice: User, asked: str, places: list[int]) -> None:
    prompts = ["I don't know", "I dont know", "L’été", "lete", "O'Brien", "Obrien"]
    for number, prompt in enumerate(prompts):
        shown(alice, prompt, now=NOW - timedelta(minutes=number))
    assert found(alice, address_of(q=asked)) == [prompts[place] for place in places]


@pytest.mark.parametrize(
    "word", ["می\u200cخواهم", "co\u00adoperate", "zero\u200bwidth", "👩\u200d🚀", "\u2066one\u2069", "x\u2060y"]
)
def test_what_nobody_sees_in_a_word_does_not_part_it(alice: User, word: str) -> None:
    """As a page or a keyboard gives it: with a soft hyphen, marks of direction, joiners."""
    prompt = f"A boat {word} at dusk"
    shown(alice, prompt)
    shown(alice, "A boat at dusk")
    for asked in (word, f'"{word}"', f'"boat {word} at"', word.replace("\u00ad", ""), f"{word} -nothing"):
        assert found(alice, address_of(q=asked)) == [prompt]
    assert found(alice, address_of(q=f"-{word}")) == ["A boat at dusk"]


def test_the_words_of_a_private_look_are_found_by_its_owner_without_their_apostrophe(alice: User, bob: User) -> None:
    look = make_look(alice, words="l'heure bleue", is_team=False)
    shown(alice, "A boat", look=look.current)
    for asked in ("lheure", "l'heure", "l’heu", '"lheure bleue"', '"l\'heure bleue"'):
        assert [found(one, address_of(q=asked)) for one in (alice, bob)] == [["A boat"], []]
