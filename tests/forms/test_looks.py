"""A look in the dock: what blocks, what is said, and what the draft keeps of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from studio.forms.create import draft
from studio.models import Look, LookVersion, User
from studio.models.looks.spec import LookSpec
from tests.forms.composing import ANOTHER_CODE, asked, posted
from tests.people import make_look, make_picture, make_submission


def chosen(person: User, **fields: Any) -> str:
    look = make_look(person, **fields)
    assert look.current
    return str(look.current.code)


def problems(person: User, **fields: Any) -> list[str]:
    form = posted(person, **fields)
    form.is_valid()
    return form.dock.problems


def test_a_look_is_part_of_what_is_asked_for(alice: User) -> None:
    pictures = [make_picture(alice) for _ in range(2)]
    code = chosen(alice, references=[(one, "style") for one in pictures], words="[product] on stone")
    form = posted(alice, look=code, blank=["  Red\nshoes "], prompt="#harbour-dusk", count=2)
    spec = form.spec()
    assert spec.full_prompt == "Red shoes on stone\nUse the style of @1 and @2."
    assert form.dock.used_of_limit == "2 of 9"
    assert form.dock.price == "$0.09"
    assert form.dock.reading
    assert form.dock.reading.full_prompt == spec.full_prompt


def test_what_is_read_is_what_is_sent(alice: User) -> None:
    code = chosen(alice, words="grain")
    form = posted(alice, look=code, prompt="Braces \\{like|these\\}")
    assert form.is_valid()
    assert form.dock.reading
    assert form.dock.reading.full_prompt == form.spec().full_prompt == "Braces {like|these}\ngrain"


def test_layers_take_no_look(alice: User) -> None:
    form = posted(alice, type="layering", source=make_picture(alice).code, look=chosen(alice, words="grain"), prompt="")
    assert form.spec().look is None
    assert form.dock.note == "Layers take no look. It's kept for Generate and Edit."


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["red shoes", "wet stone"], None),
        (["red shoes"], "Fill in ground."),
        (["", " "], "Fill in product and ground."),
        ([], "Fill in product and ground."),
    ],
)
def test_an_empty_blank_blocks(alice: User, values: list[str], sentence: str | None) -> None:
    code = chosen(alice, words="[product] on [ground]")
    assert problems(alice, look=code, blank=values, prompt="") == ([sentence] if sentence else [])


def test_without_blanks_the_prompt_is_still_missing(alice: User) -> None:
    assert problems(alice, look=chosen(alice, words="grain"), prompt="#harbour-dusk") == ["Write what you want to see."]


def test_what_a_look_adds_counts_into_the_limit(alice: User) -> None:
    code = chosen(alice, words="x" * 100)
    assert problems(alice, look=code, prompt="a" * 5_899) == []
    sentence = "Shorten the prompt by 1 character: Harbour dusk adds 101, and the limit is 6,000."
    assert problems(alice, look=code, prompt="a" * 5_900) == [sentence]


def test_references_that_do_not_fit_are_told_truly(alice: User) -> None:
    pictures = [make_picture(alice) for _ in range(9)]
    own = [make_picture(alice).code for _ in range(2)]
    code = chosen(alice, references=[(one, "style") for one in pictures])
    assert problems(alice, look=code) == []
    assert problems(alice, look=code, reference=own) == [
        "With the 9 of Harbour dusk there are 11 references; 9 are allowed. Remove some of yours, or the look."
    ]
    assert problems(alice, look=code, type="image_edit", source=make_picture(alice).code) == [
        "Harbour dusk brings 9 references; 8 are allowed beside a source. Remove one from the look, or choose another."
    ]
    # What both have is one reference.
    assert problems(alice, look=code, reference=[one.code for one in pictures]) == []


def test_a_tag_chooses_its_look_and_is_read_before_it_is_paid(alice: User) -> None:
    code = chosen(alice, words="grain")
    form = posted(alice, prompt="A boat #Harbour-Dusk, #1 in the row, #unknown")
    assert not form.is_valid()
    assert form.dock.problems == [
        "#harbour-dusk is a look, and it's chosen now. Read what it adds, then press Make again."
    ]
    assert str(form.dock.look and form.dock.look.code) == code
    assert posted(alice, look=code, prompt="A boat #harbour-dusk").is_valid()
    assert posted(alice, prompt="Two boats, #1 in the row #fff").is_valid()


def test_one_look_at_a_time(alice: User) -> None:
    code = chosen(alice)
    make_look(alice, name="Paper cut")
    one = "Only one look can be used at a time"
    assert problems(alice, look=code, prompt="A boat #paper-cut") == [
        f"{one}: remove #paper-cut from the prompt, or the look Harbour dusk."
    ]
    assert problems(alice, prompt="A boat #paper-cut #harbour-dusk") == [
        f"{one}: keep one of #paper-cut and #harbour-dusk in the prompt."
    ]


def test_a_look_that_is_gone_or_somebody_elses_is_refused(alice: User, bob: User) -> None:
    gone = ["The look is gone. Remove it or choose another."]
    assert problems(alice, look=ANOTHER_CODE) == gone
    assert problems(alice, look="harbour") == gone
    assert problems(alice, look=chosen(bob)) == gone
    assert problems(alice, look=ANOTHER_CODE, no_look="on") == []


# ---- Draft and links


def test_each_mode_keeps_its_look_in_the_draft(alice: User) -> None:
    code = chosen(alice, words="[product]")
    sent = posted(alice, look=code, blank=["shoes"])
    assert sent.is_valid()
    sent.keep_draft(timezone.now())
    form = asked(alice, "")
    assert form.dock.blanks == [("product", "shoes")]
    assert str(form.look_version and form.look_version.code) == code
    assert form.dock.page["choices"]["image"]["look"] == code
    # An edit that opens for the first time takes it along; layers never do.
    assert draft.first_choices("image_edit", form.choices, {})["look"] == code
    assert draft.choices_of("layering", {"look": code})["look"] == ""


@pytest.mark.parametrize("raw", [5, "x", {"a": 1}, [1, None], ["a"] * 50, ["\ud800a\x00"]])
def test_blanks_of_a_draft_are_texts(raw: Any) -> None:
    values = draft.choices_of("image", {"look": ANOTHER_CODE, "blanks": raw})["blanks"]
    assert len(values) <= 9
    assert all(isinstance(value, str) and value.isprintable() for value in values)


def test_a_link_brings_a_look_with_what_it_starts_with(alice: User, bob: User) -> None:
    look = make_look(alice, aspect_ratio="16:9", model="uni-1-max")
    form = asked(alice, f"look={look.code}")
    assert (form.dock.ratio, form.dock.model, form.look_version) == ("16:9", "uni-1-max", look.current)
    assert asked(bob, f"look={look.code}").look_version is None
    assert asked(alice, "look=nonsense").look_version is None


def test_another_like_this_uses_the_version_of_the_job(alice: User, bob: User) -> None:
    own, other = make_picture(alice), make_picture(alice)
    look = make_look(alice, words="[product]", references=[(other, "style")])
    first = LookVersion.objects.get()
    submission = make_submission(alice, look=first, blanks=["shoes"], references=[own])
    look.change(by=alice, seen=1, name="N", tag="n", is_team=False, spec=LookSpec(words="x"), now=timezone.now())
    look.delete_for_now(now=timezone.now())
    form = asked(alice, f"like={submission.code}")
    assert (form.look_version, form.dock.blanks, form.reference_pictures) == (first, [("product", "shoes")], [own])
    # Somebody else's private look is left out; of the team's it comes along.
    form = asked(bob, f"like={submission.code}")
    assert (form.look_version, form.dock.blanks, form.reference_pictures) == (None, [], [own])
    Look.objects.update(is_team=True)
    assert asked(bob, f"like={submission.code}").look_version == first


def test_looks_in_braces_give_each_picture_its_own_at_its_own_price(alice: User) -> None:
    styles = [(make_picture(alice), "style") for _ in range(2)]
    make_look(alice, name="Harbour dusk", references=styles, words="grain")
    make_look(alice, name="Pastel", words="soft light")
    form = posted(alice, prompt="A boat {#harbour-dusk|#pastel|}", count=2)
    assert form.is_valid()
    assert form.many
    assert [(spec.full_prompt, len(spec.all_references)) for spec in form.many.specs] == [
        ("A boat\ngrain\nUse the style of @1 and @2.", 2),
        ("A boat\nsoft light", 0),
        ("A boat", 0),
    ]
    assert [(count, str(price)) for count, price in form.many.sums] == [(2, "0.0464"), (4, "0.0404")]
    assert str(form.many.total) == "0.2544"
    assert form.dock.price == "$0.25"


def test_a_tag_whose_name_is_chosen_is_a_look_too(alice: User) -> None:
    look = make_look(alice, name="Pastel", words="soft light")
    form = posted(alice, prompt="A boat #{pastel|no-look}")
    assert form.is_valid()
    assert form.many
    assert [spec.look for spec in form.many.specs] == [look.current, None]
    other = posted(alice, prompt="A boat {#no-look|#none-either}")
    assert other.is_valid()


def test_a_list_of_looks_is_made_anew_when_one_of_them_changed(alice: User) -> None:
    look = make_look(alice, name="Pastel", words="soft light")
    form = posted(alice, prompt="A boat {#pastel|}")
    form.is_valid()
    assert form.many
    listed = form.many.digest
    spec = LookSpec(words="hard light")
    look.change(by=alice, seen=1, name="Pastel", tag="pastel", is_team=False, spec=spec, now=timezone.now())
    again = posted(alice, prompt="A boat {#pastel|}", listed=listed, combination=["0", "1"])
    assert again.is_valid()
    assert again.needs_list


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (
            "{#pastel|#grain} #pastel",
            "Only one look can be used at a time: remove #grain from the prompt, or the look Pastel.",
        ),
        ("{#pastel #grain|x}", "Only one look can be used at a time: keep one of #pastel and #grain in the prompt."),
        ("{#recipe|x}", "#recipe has blanks to fill in, so it can't stand in braces. Choose it for all."),
    ],
)
def test_what_braces_cannot_choose_is_said(alice: User, prompt: str, sentence: str) -> None:
    for name, words in (("Pastel", "soft"), ("Grain", "film"), ("Recipe", "[product] on stone")):
        make_look(alice, name=name, words=words)
    assert sentence in problems(alice, prompt=prompt)


def test_a_look_chosen_for_all_stands_beside_none_in_braces(alice: User) -> None:
    make_look(alice, name="Pastel", words="soft")
    code = chosen(alice, words="grain")
    words = ["Only one look can be used at a time: remove #pastel from the prompt, or the look Harbour dusk."]
    assert problems(alice, prompt="A boat {#pastel|}", look=code) == words
