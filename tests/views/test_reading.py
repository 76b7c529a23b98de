"""What somebody who listens to a page, or reads another script, is told."""

from __future__ import annotations

import re

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import Client

from studio.models import User
from studio.views.create.page import EXAMPLES
from tests import people


def html_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/", "/gallery/", "/review/", "/people/", "/jobs/{job}/", "/pictures/{picture}/"])
def test_every_page_says_what_it_is(as_ada: Client, alice: User, path: str) -> None:
    job = people.make_job(alice, state="done")
    html = html_of(as_ada, path.format(job=job.code, picture=job.pictures.get().code))
    assert len(re.findall(r'<meta name="description" content="[^"]{20,}">', html)) == 1


@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/"])
def test_a_page_for_strangers_says_what_it_is(client: Client, db: None, path: str) -> None:
    assert len(re.findall(r'<meta name="description" content="[^"]+">', html_of(client, path))) == 1


def test_a_second_skip_link_leads_to_the_prompt(as_alice: Client) -> None:
    html = html_of(as_alice, "/")
    assert re.findall(r'<a class="skip" href="#(\w+)">', html) == ["main", "prompt"]
    assert 'id="prompt"' in html


def test_each_menu_of_a_card_names_its_job(as_alice: Client, alice: User) -> None:
    for prompt in ("An owl", "A harbour"):
        people.make_job(alice, state="failed", prompt=prompt)
    names = re.findall(r'aria-label="(More about [^"]+)"', html_of(as_alice, "/?show=failed"))
    assert sorted(names) == ["More about Refused: A harbour", "More about Refused: An owl"]


def test_the_groups_behind_the_chips_have_names(as_alice: Client) -> None:
    html = html_of(as_alice, "/")
    assert all("aria-label=" in one for one in re.findall(r'<details class="pick[^>]*>', html))
    assert [one for one in re.findall(r"<fieldset[^>]*>\s*(<\w+)", html) if one != "<legend"] == []


def test_words_of_people_run_in_their_own_direction(as_alice: Client, alice: User) -> None:
    job = people.make_job(alice, state="done", prompt="مرفأ عند الغروب")
    people.make_job(alice, state="failed", prompt="ميناء")
    picture = job.pictures.get()
    assert '<p class="panel__prompt" dir="auto">' in html_of(as_alice, picture.get_absolute_url())
    assert '<p class="life__prompt" dir="auto">' in html_of(as_alice, job.get_absolute_url())
    create = html_of(as_alice, "/")
    assert re.search(r'<textarea[^>]*dir="auto"', create)
    assert '<p class="job__prompt" dir="auto">' in create
    assert '<p class="tools__prompt" dir="auto">' in create


def test_a_time_tells_its_zone(as_alice: Client, alice: User) -> None:
    job = people.make_job(alice, state="failed")
    for path in (job.get_absolute_url(), "/?show=failed"):
        assert re.search(r'title="\w+day \d+ \w+ \d{4}, [\d:]{8} \S+[^"]*"', html_of(as_alice, path))


def test_access_is_taken_away_only_after_a_question(as_ada: Client, alice: User) -> None:
    html = html_of(as_ada, f"/people/{alice.pk}/")
    button = re.search(r'<button[^>]*aria-label="Disable the account of Alice Moreau"[^>]*>', html)
    assert button
    assert 'type="button"' in button[0]
    asks = re.search(r'id="disable" popover.*?</form>', html, re.DOTALL)
    assert asks
    assert "They can no longer sign in." in asks[0]
    assert 'value="none"' in asks[0]


@pytest.mark.parametrize(("simulated", "words"), [(True, "Free in demo mode"), (False, "$0.04 to try")])
def test_a_first_prompt_has_one_price(simulated: bool, words: str) -> None:
    template = get_template("create/create.html").template
    block = template.source.partition('<span class="example__foot">')[2].partition("</span>")[0]
    shown = engines["django"].from_string(block).render({"simulated": simulated, "example": EXAMPLES[0]})
    assert shown.removeprefix("<span>").strip() == words


def test_a_group_of_which_nothing_came_says_that_it_failed(as_alice: Client, alice: User) -> None:
    asked = people.make_submission(alice, count=2)
    people.make_job(alice, state="failed", submission=asked)
    people.make_job(alice, state="unknown", submission=asked)
    html = html_of(as_alice, "/?show=failed")
    assert f'<span id="count-{asked.code}">2 failed<' in html
