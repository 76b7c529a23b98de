from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from studio.forms.compose import ComposeForm
from studio.models import Job, Picture, RemoteFile, Submission, User
from studio.models.request_spec import CHOICES
from tests.people import image_bytes, make_job, make_person, make_picture, make_submission

ANOTHER_CODE = "00000000-0000-4000-8000-000000000000"


def posted(person: User, *, files: dict[str, list[SimpleUploadedFile]] | None = None, **fields: Any) -> ComposeForm:
    """The form as a page without script would send it: every control, whatever its mode takes."""
    usual = {
        "token": str(uuid.uuid4()),
        "type": "image",
        "prompt": "A cat",
        "model": "uni-1",
        "style": "auto",
        "count": "1",
    }
    data = QueryDict(mutable=True)
    for name, value in {**usual, "aspect_ratio": "3:2", "output_format": "", **fields}.items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return ComposeForm(data, MultiValueDict(files or {}), person=person)


def asked(person: User, query: str) -> ComposeForm:
    request = RequestFactory().get(f"/?{query}")
    request.user = person
    return ComposeForm.from_query(request)


# ---- What is asked for


def test_a_spec_carries_what_was_chosen(alice: User) -> None:
    first, second = make_picture(alice), make_picture(alice)
    form = posted(
        alice,
        prompt="  Two lines\r\nof it \x07",
        model="uni-1-max",
        aspect_ratio="2:3",
        style="manga",
        output_format="png",
        web_search="on",
        count=4,
        reference=[second.code, first.code],
    )
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert spec.prompt == "Two lines\nof it"
    assert (spec.type, spec.model, spec.aspect_ratio, spec.style) == ("image", "uni-1-max", "2:3", "manga")
    assert (spec.output_format, spec.web_search, spec.count) == ("png", True, 4)
    assert list(spec.references) == [second, first]


def test_what_the_chosen_mode_does_not_take_waits_in_the_tray(alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    form = posted(alice, type="image", source=source.code)
    assert form.is_valid()
    assert (form.spec().type, form.spec().source, form.dock.source) == ("image", None, source)
    assert form.dock.note == "Generate doesn't use a source. It's kept for Edit and Layers."
    form = posted(alice, type="layering", source=source.code, reference=[reference.code])
    assert form.is_valid()
    assert (form.spec().source, form.spec().references, form.dock.references) == (source, (), [reference])
    assert form.dock.note == "Layers take no references. They're kept for Generate and Edit."


def test_layers_leave_out_what_they_do_not_take(alice: User) -> None:
    form = posted(
        alice,
        type="layering",
        source=make_picture(alice).code,
        style="manga",
        output_format="png",
        web_search="on",
        layering_resolution="2k",
    )
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert (spec.aspect_ratio, spec.style, spec.output_format, spec.web_search) == ("", "auto", "", False)
    assert (spec.layering_resolution, spec.count) == ("2k", 1)


def test_what_a_disabled_control_does_not_send_has_its_usual_value(alice: User) -> None:
    form = ComposeForm(QueryDict(f"token={uuid.uuid4()}&prompt=A+cat"), person=alice)
    assert form.is_valid()
    spec = form.spec()
    assert (spec.type, spec.model, spec.aspect_ratio, spec.style, spec.count) == ("image", "uni-1", "", "auto", 1)


def test_a_new_line_counts_once(alice: User) -> None:
    assert posted(alice, prompt="a" + "\r\n" * 5998 + "b").is_valid()


# ---- What is wrong


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("type", "video", "Choose Generate, Edit or Layers."),
        ("model", "uni-9", "Luma draws with uni-1 or uni-1-max; choose one of them."),
        ("aspect_ratio", "4:3", "Luma makes these ratios: 3:1, 2:1, 16:9, 3:2, 1:1, 2:3, 9:16, 1:2, 1:3."),
        ("style", "noir", "Choose the style Auto or Manga."),
        ("output_format", "webp", "Choose the format PNG or JPEG, or leave it to Luma."),
        ("layering_resolution", "4k", "Choose 1k or 2k for the layers, or leave it to Luma."),
        ("count", "many", "Choose 1 to 20 pictures."),
        ("count", "21", "Choose 1 to 20 pictures."),
        ("prompt", "", "Write what you want to see."),
        ("reference", "nonsense", "A picture in the tray is gone. Remove it and choose another."),
        ("reference", ANOTHER_CODE, "A picture in the tray is gone. Remove it and choose another."),
        ("source", ANOTHER_CODE, "A picture in the tray is gone. Remove it and choose another."),
        ("token", "", "This form was out of date and has been renewed. Press Make again."),
        ("token", "7", "This form was out of date and has been renewed. Press Make again."),
    ],
)
def test_a_wrong_field_is_told_by_its_name(alice: User, field: str, value: str, sentence: str) -> None:
    form = posted(alice, **{field: value})
    assert not form.is_valid()
    assert form.errors == {field: [sentence]}
    assert form.dock.problems == [sentence]
    with pytest.raises(ValueError, match="no spec"):
        form.place()


def test_a_picture_that_luma_refused_lately_is_named_before_anything_is_paid(alice: User, settings: Any) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    now = timezone.now()
    for picture, purpose in ((source, "input"), (reference, "reference")):
        file = RemoteFile.wanted(picture, provider=settings.LUMA_BASE_URL, purpose=purpose, now=now)
        file.refuse("Content was moderated.", now=now)
    form = posted(alice, source=source.code, reference=reference.code)
    assert form.errors == {
        "source": ["Luma refused the source: Content was moderated. Choose another picture."],
        "reference": ["Luma refused @1: Content was moderated. Choose another picture."],
    }
    RemoteFile.objects.update(checked_at=now - timedelta(days=2))
    assert posted(alice, source=source.code, reference=reference.code).is_valid()


def test_nothing_is_lost_when_something_is_wrong(alice: User) -> None:
    source, first, second = make_picture(alice), make_picture(alice), make_picture(alice)
    token = uuid.uuid4()
    form = posted(
        alice,
        token=token,
        type="image_edit",
        prompt="",
        model="uni-1-max",
        aspect_ratio="9:16",
        style="manga",
        output_format="jpeg",
        web_search="on",
        count=3,
        source=source.code,
        reference=[second.code, ANOTHER_CODE, first.code],
    )
    assert set(form.errors) == {"prompt", "reference"}
    dock = form.dock
    assert (dock.token, dock.type, dock.model, dock.ratio, dock.style) == (
        token,
        "image_edit",
        "uni-1-max",
        "9:16",
        "manga",
    )
    assert (dock.count, dock.web_search, dock.more_label) == (3, True, "JPEG · Web")
    assert (dock.source, dock.references) == (source, [second, first])


def test_a_token_that_cannot_be_read_is_replaced_by_a_fresh_one(alice: User) -> None:
    assert posted(alice, token="7").dock.token.version == 4


def test_somebody_who_may_not_come_in_sees_no_picture(alice: User) -> None:
    picture = make_picture(alice)
    gone = make_person("Gone")
    gone.is_active = False
    assert "reference" in posted(gone, reference=[picture.code]).errors


# ---- Files that come with the form


def png(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or image_bytes(), "image/png")


def test_files_of_a_page_without_script_enter_the_tray(alice: User) -> None:
    known = make_picture(alice)
    files = {"source_file": [png("a.png")], "reference_files": [png("b.png"), png("c.png")]}
    form = posted(alice, reference=[known.code], files=files)
    assert form.is_valid(), form.errors
    spec = form.spec()
    assert spec.type == "image_edit"
    assert spec.source is not None
    assert [p.original_name for p in (spec.source, *spec.references)] == ["a.png", "harbour.png", "b.png", "c.png"]


def test_a_good_file_stays_in_the_tray_beside_a_refused_one(alice: User) -> None:
    form = posted(alice, files={"reference_files": [png("notes.png", b"no picture at all"), png("b.png")]})
    assert list(form.errors) == ["reference"]
    assert form.errors["reference"][0].startswith("notes.png: This file is not a picture")
    assert [p.original_name for p in form.dock.references] == ["b.png"]


def test_surplus_files_are_named_and_not_looked_at(alice: User) -> None:
    eight = [make_picture(alice).code for _ in range(8)]
    files = {"source_file": [png("a.png"), png("b.png")], "reference_files": [png("c.png")]}
    form = posted(alice, reference=eight, files=files)
    assert form.errors == {
        "source": ["b.png: Only one source can be used, so it was left out."],
        "reference": ["c.png: The tray is full, so it was left out."],
    }
    assert Picture.objects.filter(original_name__in=["b.png", "c.png"]).count() == 0


def test_a_picture_is_in_the_tray_once(alice: User) -> None:
    content = image_bytes()
    form = posted(alice, files={"reference_files": [png("b.png", content), png("c.png", content)]})
    assert form.errors == {"reference": ["c.png: Already added as @1."]}
    known = form.dock.references[0]
    form = posted(alice, reference=[known.code, known.code], files={"source_file": [png("d.png", content)]})
    assert form.is_valid()
    assert (form.spec().source, form.spec().references) == (known, ())


def test_what_was_changed_on_the_way_in_is_told(alice: User) -> None:
    form = posted(alice, files={"reference_files": [png("scan.gif", image_bytes(format="GIF"))]})
    assert form.is_valid()
    assert [picture.changes for picture in form.dock.changed] == [["converted from GIF"]]


def test_a_picture_can_be_taken_out_without_script(alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    form = posted(alice, source=source.code, reference=[reference.code], remove=[source.code])
    assert form.is_valid()
    assert (form.spec().type, form.spec().source, list(form.spec().references)) == ("image", None, [reference])


# ---- Once


def test_the_same_token_places_once(alice: User, bob: User) -> None:
    token = uuid.uuid4()
    first, fresh = posted(alice, token=token, count=2).place()
    again, second_fresh = posted(alice, token=token, prompt="Something else").place(timezone.now())
    theirs, _ = posted(bob, token=token).place()
    assert (fresh, second_fresh, again) == (True, False, first)
    assert theirs != first
    assert Job.objects.of(alice).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_moment_place_once() -> None:
    person, token = make_person(), uuid.uuid4()
    start = threading.Barrier(2)
    placed: list[tuple[Submission, bool]] = []

    def send() -> None:
        try:
            form = posted(person, token=token, count=3)
            assert form.is_valid()
            start.wait(10)
            placed.append(form.place())
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(fresh for _, fresh in placed) == [False, True]
    assert placed[0][0] == placed[1][0]
    assert Job.objects.count() == 3


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
        ("image_edit", "", "As source", "Keeps the shape of the source"),
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
