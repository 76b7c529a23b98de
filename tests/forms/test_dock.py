"""The dock as HTML: what a page without script shows and sends."""

from __future__ import annotations

import re
import uuid
from html import unescape

from django.http import QueryDict
from django.template.loader import render_to_string

from studio.forms.create.compose import ComposeForm
from studio.models import Picture, User
from tests.people import make_picture, make_submission


def shown(form: ComposeForm) -> str:
    return unescape(render_to_string("create/_dock.html", {"form": form}))


def filled(person: User, **initial: object) -> str:
    return shown(ComposeForm(person=person, initial=initial))


def checked(html: str) -> dict[str, str]:
    """The radios that are on, by name."""
    radios = re.findall(r'<input class="sr-only" type="radio" name="(\w+)" value="([^"]*)"( checked)?>', html)
    return {name: value for name, value, on in radios if on}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_empty_dock_offers_everything(alice: User) -> None:
    html = filled(alice)
    assert checked(html) == {"type": "image", "aspect_ratio": "3:2", "output_format": "", "layering_resolution": ""}
    assert '<option value="uni-1" selected>' in html
    assert '<option value="auto" selected>' in html
    assert "0 of 9 references" in words(html)
    assert "Make 1 · $0.04" in words(html)
    assert 'placeholder="Describe the picture"' in html


def test_a_filled_dock_shows_its_pictures_and_notes(alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    html = filled(alice, source=source, reference=[reference], prompt="like @2", count=2, web_search=True)
    assert checked(html)["type"] == "image_edit"
    assert f'name="source" value="{source.code}"' in html
    assert f'name="reference" value="{reference.code}"' in html
    assert "Remove reference @1" in html
    assert "1 of 8 references" in words(html)
    assert "Switched to Edit because you added a source." in words(html)
    assert "There's no picture @2" in words(html)
    assert "Make 2 · $0.09" in words(html)


def test_one_reference_too_many_is_told_in_danger(alice: User) -> None:
    html = filled(alice, source=make_picture(alice), reference=[make_picture(alice) for _ in range(9)])
    assert '<span class="dock__count tone tone--danger" id="dock-count">9 of 8' in html


def test_layers_have_no_price_in_advance(alice: User) -> None:
    html = filled(alice, type="layering", source=make_picture(alice), layering_resolution="2k", count=4)
    assert "Split into layers · price per layer" in words(html)
    assert 'name="count" value="1"' in html
    assert checked(html)["layering_resolution"] == "2k"
    assert 'placeholder="What to separate (optional)"' in html


def test_past_prompts_are_on_the_page(alice: User) -> None:
    make_submission(alice, prompt="Paper boats")
    assert '<option value="Paper boats">' in filled(alice)


def test_a_prompt_keeps_its_first_line_break(alice: User) -> None:
    assert '">\n\nA cat</textarea>' in filled(alice, prompt="\nA cat")


def test_nothing_a_person_wrote_is_markup(alice: User) -> None:
    picture = make_picture(alice, original_name="<i>.png")
    form = ComposeForm(person=alice, initial={"prompt": "</textarea><i>", "reference": [picture]})
    assert "<i>" not in render_to_string("create/_dock.html", {"form": form})


def test_a_refused_form_is_answered_with_its_sentences_alone(alice: User) -> None:
    form = ComposeForm(QueryDict(f"token={uuid.uuid4()}&prompt="), person=alice)
    assert not form.is_valid()
    html = render_to_string("create/_dock.html#errors", {"form": form})
    assert 'hx-swap-oob="true"' in html
    assert words(html) == "Write what you want to see."


def test_the_page_carries_no_inline_script_or_style(alice: User) -> None:
    html = filled(alice, reference=[make_picture(alice)])
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]* (?:src=|type=.application/json))", html)
    assert Picture.objects.count() == 1
