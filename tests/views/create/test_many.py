"""Combinations: listed with their total price before anything is sent, then made once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django_q.models import OrmQ
from pytest_django import Settings

from studio.models import Batch, Job, Submission, User
from tests.people import HTMX, make_picture, make_submission
from tests.views.create.test_submit import asked

KITES = "A {red|green|blue} kite {over the harbour|over the dunes}"


def listed(client: Client, spec: dict[str, object]) -> str:
    """Ask, and return what names the list that is shown."""
    answer = client.post("/submissions/", spec, headers=HTMX)
    found = re.search(r'name="listed" value="(\w+)"', answer.content.decode())
    assert found
    return found[1]


def test_combinations_are_listed_with_their_price_and_nothing_is_made(as_alice: Client) -> None:
    answer = as_alice.post("/submissions/", asked(prompt=KITES, ratios="9:16"), headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "12 pictures · $0.48" in body
    assert body.count('name="combination"') == body.count(" checked>") == 12
    assert (Submission.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_what_is_checked_is_made_as_one_group_with_one_request_each(as_alice: Client) -> None:
    spec = asked(prompt=KITES, ratios="9:16")
    spec |= {"listed": listed(as_alice, spec), "combination": ["0", "1", "11"]}
    answer = as_alice.post("/submissions/", spec, headers=HTMX)
    batch = Batch.objects.get()
    assert answer.headers["HX-Redirect"] == f"/groups/{batch.code}/"
    made = batch.submissions.order_by("batch_number").values_list("prompt", "aspect_ratio", "count")
    assert list(made) == [
        ("A red kite over the harbour", "3:2", 1),
        ("A red kite over the harbour", "9:16", 1),
        ("A blue kite over the dunes", "9:16", 1),
    ]
    assert [str(price) for price in Job.objects.values_list("price", flat=True)] == ["0.0404"] * 3
    assert OrmQ.objects.filter(key="io").count() == 1


def test_the_same_token_twice_makes_one_group(as_alice: Client) -> None:
    spec = asked(prompt="A {red|green} kite")
    spec |= {"listed": listed(as_alice, spec), "combination": ["0", "1"]}
    places = [as_alice.post("/submissions/", spec).headers["Location"] for _ in range(2)]
    changed = as_alice.post("/submissions/", spec | {"combination": ["0"], "listed": "x"})
    assert {*places, changed.headers["Location"]} == {f"/groups/{Batch.objects.get().code}/"}
    assert Job.objects.count() == 2


def test_a_list_that_does_not_fit_any_more_is_shown_again(as_alice: Client) -> None:
    spec = asked(prompt="A {red|green} kite")
    spec |= {"listed": listed(as_alice, spec), "combination": ["0", "1"], "model": "uni-1-max"}
    answer = as_alice.post("/submissions/", spec, headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Something changed since this list was made." in body
    assert "2 pictures · $0.20" in body
    assert not Job.objects.exists()


@pytest.mark.parametrize("boxes", [["60"], ["-1"], ["x"], ["0", "999999999999"]], ids=str)
def test_a_box_that_no_list_has_is_refused_in_words(as_alice: Client, boxes: list[str]) -> None:
    spec = asked(prompt="A {red|green} kite")
    spec |= {"listed": listed(as_alice, spec), "combination": boxes}
    answer = as_alice.post("/submissions/", spec, headers=HTMX)
    assert answer.status_code == 422
    assert "Something changed since this list was made." in answer.content.decode()
    assert not Job.objects.exists()


def test_a_list_without_a_checked_box_asks_for_one(as_alice: Client) -> None:
    spec = asked(prompt="A {red|green} kite")
    answer = as_alice.post("/submissions/", spec | {"listed": listed(as_alice, spec)}, headers=HTMX)
    assert answer.status_code == 422
    assert "Check at least one picture." in answer.content.decode()
    assert not Job.objects.exists()


def test_without_script_the_page_has_the_list_and_keeps_the_boxes(as_alice: Client) -> None:
    spec = asked(prompt=KITES, ratios=["9:16"])
    page = as_alice.post("/submissions/", spec).content.decode()
    assert page.count('name="combination"') == 12
    assert "Make 12" in page
    assert "· $0.48" in page
    assert re.search(r'name="ratios" value="9:16" checked', page)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("{1|2|3|4|5|6|7} {1|2|3|4} {1|2|3}", "84 combinations; the limit is 60."),
        ("{a|{b|c}}", "Braces can&#x27;t stand inside"),
        ("{a|b", "Close the brace of “{a|b”"),
        ("{|a}", "Write what you want to see."),
    ],
)
def test_braces_that_cannot_be_made_are_told_in_words(as_alice: Client, prompt: str, sentence: str) -> None:
    answer = as_alice.post("/submissions/", asked(prompt=prompt), headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Submission.objects.exists()


def test_a_ratio_beside_one_that_is_left_to_luma_makes_two(as_alice: Client) -> None:
    token = asked(prompt="A lamp", ratios="9:16", aspect_ratio="")
    name = listed(as_alice, token)
    as_alice.post("/submissions/", {**token, "listed": name, "combination": ["0", "1"]}, headers=HTMX)
    assert sorted(Submission.objects.values_list("aspect_ratio", flat=True)) == ["", "9:16"]


def test_only_the_checked_combinations_are_judged(as_alice: Client) -> None:
    spec = asked(prompt="{|A cat}")
    name = listed(as_alice, spec)
    as_alice.post("/submissions/", {**spec, "listed": name, "combination": ["1"]}, headers=HTMX)
    assert list(Submission.objects.values_list("prompt", flat=True)) == ["A cat"]


def test_a_single_choice_is_made_at_once_without_its_braces(as_alice: Client) -> None:
    as_alice.post("/submissions/", asked(prompt=r"A {red|red} kite \{a|b\}"), headers=HTMX)
    assert Submission.objects.get().prompt == "A red kite {a|b}"


def test_settings_used_again_bring_back_the_text_and_no_choices(as_alice: Client, alice: User) -> None:
    made = make_submission(alice, prompt="Print {a|b} on it")
    page = as_alice.get(f"/?edit={made.jobs.get().code}").content.decode()
    assert r"Print \{a|b\} on it" in page


def test_a_full_line_is_told_with_all_that_was_asked_and_nothing_is_made(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    settings.WAITING_PER_PERSON = 8
    make_submission(alice, count=7)
    spec = asked(prompt="A {red|green} kite")
    spec |= {"listed": listed(as_alice, spec), "combination": ["0", "1"]}
    answer = as_alice.post("/submissions/", spec, headers=HTMX)
    assert answer.status_code == 422
    assert "You have 7 pictures waiting. With these 2 it would be more than 8" in answer.content.decode()
    assert (Batch.objects.count(), Submission.objects.count()) == (0, 1)


def test_an_edit_with_references_is_priced_with_them(as_alice: Client, alice: User) -> None:
    source, style = make_picture(alice), make_picture(alice)
    spec = asked(type="image_edit", prompt="Make it {dusk|night}", source=source.code, reference=style.code)
    body = as_alice.post("/submissions/", spec, headers=HTMX).content.decode()
    assert "2 pictures · $0.09" in body  # 2 × (0.0404 + 2 × 0.003)
