"""What a link fills into the dock, and what the dock shows of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from studio.forms.create.asked import settings_of
from studio.forms.create.compose import ComposeForm
from studio.models import Draft, Submission, User
from studio.models.requests.request_spec import CHOICES
from tests.forms.composing import ANOTHER_CODE, asked, posted
from tests.people import make_job, make_look, make_picture, make_submission

# ---- What a link fills in


def test_the_first_form_of_a_person(alice: User) -> None:
    dock = asked(alice, "").dock
    assert (dock.type, dock.model, dock.ratio, dock.style, dock.count) == ("image", "uni-1", "3:2", "auto", 1)
    assert (dock.verb, dock.price, dock.draft) == ("Make 1", "$0.04", "all")


def test_each_rendering_has_its_own_token(alice: User) -> None:
    assert asked(alice, "").dock.token != asked(alice, "").dock.token


def test_the_last_settings_of_a_person_come_back(alice: User, bob: User) -> None:
    make_submission(alice, model="uni-1-max", aspect_ratio="9:16", style="manga", count=4)
    make_submission(alice, type="image_edit", source=make_picture(alice), model="uni-1")
    make_submission(bob, aspect_ratio="1:1")
    dock = asked(alice, "").dock
    assert (dock.model, dock.ratio, dock.style, dock.count) == ("uni-1-max", "9:16", "manga", 1)


def test_a_link_brings_pictures_on_top_of_the_draft(alice: User, bob: User) -> None:
    source, first, second = make_picture(bob), make_picture(alice), make_picture(alice)
    form = asked(alice, f"source={source.code}&reference={second.code}&reference={first.code}&reference=x")
    dock = form.dock
    assert (dock.source, dock.references, dock.draft) == (source, [second, first], "merge")
    assert (dock.type, dock.ratio_label, dock.price) == ("image_edit", "As source", "$0.05")
    assert dock.note == "Switched to Edit because you added a source. Remove it to make a new picture."


def test_another_like_this_brings_all_its_settings_and_makes_one(alice: User, bob: User) -> None:
    source, reference = make_picture(bob), make_picture(bob)
    theirs = make_submission(
        bob,
        prompt="Deep snow",
        type="image_edit",
        model="uni-1-max",
        source=source,
        references=[reference],
        count=4,
        output_format="png",
        web_search=True,
    )
    form = asked(alice, f"like={theirs.code}")
    dock = form.dock
    assert (dock.prompt, dock.type, dock.model, dock.count) == ("Deep snow", "image_edit", "uni-1-max", 1)
    assert (dock.source, dock.references, dock.more_label, dock.draft) == (source, [reference], "PNG · Web", "off")
    assert dock.note == ""  # nothing was switched


def test_edit_prompt_brings_the_settings_of_the_job(alice: User) -> None:
    job = make_job(alice, state="failed", prompt="Portrait of the mayor", aspect_ratio="1:1", count=4)
    dock = asked(alice, f"edit={job.code}").dock
    assert (dock.prompt, dock.ratio, dock.count, dock.draft) == ("Portrait of the mayor", "1:1", 4, "off")


def test_the_ratio_of_an_old_edit_is_not_offered_again(alice: User) -> None:
    source = make_picture(alice)
    old = make_submission(alice, type="image_edit", source=source)
    Submission.objects.update(aspect_ratio="4:3")  # not even made any more
    old.refresh_from_db()
    assert settings_of(old, alice)["choices"]["image_edit"]["aspect_ratio"] == ""
    for query in (f"reuse={old.code}", f"like={old.code}", f"source={source.code}&ratio=1:1"):
        form = asked(alice, query)
        assert (form.dock.type, form.dock.ratio_label, form.dock.ratio, form.gone_note) == (
            "image_edit",
            "As source",
            "",
            "",
        )
        assert form.dock.ratio_shape == source.ratio_class


def test_the_ratio_of_a_look_is_for_new_pictures(alice: User) -> None:
    look = make_look(alice, aspect_ratio="16:9")
    for type, ratio in (("image", "16:9"), ("image_edit", "")):
        Draft.objects.update_or_create(person=alice, defaults={"content": {"type": type}, "edited_at": timezone.now()})
        assert asked(alice, f"look={look.code}").dock.ratio == ratio


def test_a_first_prompt_to_try_fills_prompt_and_ratio(alice: User) -> None:
    dock = asked(alice, "prompt=Dahlia%0D%0Afrom above&ratio=1:1").dock
    assert (dock.prompt, dock.ratio, dock.draft) == ("Dahlia\nfrom above", "1:1", "off")


@pytest.mark.parametrize(
    "query", ["like=x", "edit=x", f"like={ANOTHER_CODE}", f"edit={ANOTHER_CODE}", "source=x", "ratio=4:3"]
)
def test_a_link_to_what_is_not_there_opens_the_usual_form(alice: User, query: str) -> None:
    dock = asked(alice, query).dock
    assert (dock.type, dock.ratio, dock.source, dock.draft) == ("image", "3:2", None, "all")


def test_a_form_belongs_to_somebody() -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(TypeError):
        ComposeForm.from_query(request)


# ---- What the dock shows


@pytest.mark.parametrize(
    ("fields", "references", "verb", "price"),
    [
        ({"count": 4}, 2, "Make 4", "$0.19"),
        ({"count": 1}, 9, "Make 1", "$0.07"),
        ({"count": 8, "model": "uni-1-max"}, 0, "Make 8", "$0.80"),
        ({"type": "image_edit", "count": 2}, 1, "Make 2", "$0.09"),
        ({"type": "layering", "count": 4}, 0, "Split into layers", "price per layer"),
        ({"count": 99}, 0, "Make 20", "$0.81"),
        ({"count": "many"}, 0, "Make 1", "$0.04"),
    ],
)
def test_the_button_tells_count_and_price(
    alice: User, fields: dict[str, Any], references: int, verb: str, price: str
) -> None:
    form = posted(alice, **fields, reference=[make_picture(alice).code for _ in range(references)])
    form.full_clean()
    assert (form.dock.verb, form.dock.price) == (verb, price)


def test_the_tooltip_tells_how_the_price_comes_about(alice: User) -> None:
    form = posted(alice, count=4, reference=[make_picture(alice).code, make_picture(alice).code])
    assert form.is_valid()
    assert form.dock.breakdown == "4 × $0.0464: $0.0404 each, 2 input pictures +$0.003 each"
    assert posted(alice, type="layering").dock.breakdown == "Luma charges for each layer."


@pytest.mark.parametrize(
    ("type", "ratio", "label", "foot"),
    [
        ("image", "3:2", "3:2", "3:2 makes 2464 × 1696 pixels"),
        ("image", "", "Auto", "Luma chooses a shape that suits the prompt"),
        ("image_edit", "", "As source", "An edit keeps its source's size."),
        ("layering", "", "As source", "Layers keep the shape of their source."),
    ],
)
def test_the_ratio_chip_tells_what_it_makes(alice: User, type: str, ratio: str, label: str, foot: str) -> None:
    dock = posted(alice, type=type, aspect_ratio=ratio).dock
    assert (dock.ratio_label, dock.ratio_foot) == (label, foot)
    assert [choice.value for choice in dock.ratios if choice.is_on] == [ratio]


def test_a_mention_without_a_picture_is_a_note_and_no_mistake(alice: User) -> None:
    form = posted(alice, prompt="like @2", reference=[make_picture(alice).code])
    assert form.is_valid()
    assert form.dock.mention_note == "There's no picture @2"


def test_past_prompts_come_once_each_and_newest_first(alice: User, bob: User) -> None:
    for prompt in ("one", "two", "one"):
        make_submission(alice, prompt=prompt)
    make_submission(bob, prompt="not mine")
    assert asked(alice, "").dock.history == ["one", "two"]


def test_past_prompts_do_not_flood_the_page(alice: User) -> None:
    for number in range(30):
        make_submission(alice, prompt=f"{number} " + "x" * 1000)
    assert sum(map(len, asked(alice, "").dock.history)) <= 12_000


def test_the_page_gets_the_same_table_and_the_same_words(alice: User) -> None:
    rules: Any = asked(alice, "").dock.rules
    assert rules["types"]["image_edit"]["max_references"] == 8
    assert rules["prices"]["uni-1"] == {"base": 404, "each_input": 30}
    assert rules["words"]["prompt_missing"] == "Write what you want to see."
    assert rules["most_at_once"] == 20


def test_every_setting_of_a_request_has_a_control_and_a_column() -> None:
    assert set(CHOICES) <= ComposeForm.base_fields.keys()
    assert set(CHOICES) <= {field.name for field in Submission._meta.get_fields()}
