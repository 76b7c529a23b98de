"""A person's own past prompts and uploads: found, paged by key, theirs alone, and used again."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import User
from studio.views import searching
from studio.views.create import asked_before
from tests.people import HTMX, make_job, make_picture, make_submission

NOW = timezone.now()


def ask(person: User, words: str, age: int, **more: Any) -> Any:
    return make_submission(person, prompt=words, now=NOW - timedelta(minutes=age), **more)


def words(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'class="asked__words"[^>]*>(.*?)</p>', html)]


def names(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'class="asked__name">(.*?)</bdi>', html)]


def read(client: Client, path: str, *, htmx: bool = False) -> str:
    answer = client.get(path, headers=HTMX if htmx else {})
    assert answer.status_code == 200
    return answer.content.decode()


def older(html: str) -> str:
    found = re.search(r'hx-get="([^"]+)"[^>]*hx-target="#\w+-more"', html)
    return unescape(found[1]) if found else ""


def test_prompts_are_shown_newest_first_each_once(as_alice: Client, alice: User, bob: User) -> None:
    for age, prompt in enumerate(("Boats", "Hills", "Boats", "", "Doors")):
        ask(alice, prompt, age, **({} if prompt else {"type": "layering", "source": make_picture(alice)}))
    ask(bob, "Secret", 1)
    assert words(read(as_alice, "/prompts/")) == ["Boats", "Hills", "Doors"]


def test_a_prompt_is_found_by_its_words_in_any_case(as_alice: Client, alice: User) -> None:
    ask(alice, "Ölmühle am Fluß, <b>Abend</b>", 1)
    ask(alice, "A river", 2)
    assert words(read(as_alice, "/prompts/?q=fluss+ÖLM")) == ["Ölmühle am Fluß, <b>Abend</b>"]
    assert words(read(as_alice, "/prompts/?q=100%25")) == []
    assert "Nothing matches “100%”." in read(as_alice, "/prompts/?q=100%25")


@pytest.mark.parametrize("listed", ["/prompts/", "/uploads/mine/"])
def test_a_long_search_says_how_much_of_it_is_searched_for(as_alice: Client, listed: str) -> None:
    # The field takes 2,000 characters, and what a browser cuts off is beyond what is searched for.
    for htmx in (False, True):
        page = read(as_alice, f"{listed}?q={'a' * 2000}", htmx=htmx)
        assert "Only the first 1,000 characters are searched for." in page
        assert "Only the first" not in read(as_alice, f"{listed}?q={'a' * 1000}", htmx=htmx)
    assert f'value="{"a" * 2000}"' in read(as_alice, f"{listed}?q={'a' * 2000}")


def test_pages_follow_each_other_by_key(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_before, "PROMPTS", 2)
    for age in range(5):
        ask(alice, f"Prompt {age}", 0)  # of one moment, so that the key alone tells them apart
    page, seen = read(as_alice, "/prompts/"), []
    while True:
        seen += words(page)
        if not (address := older(page)):
            break
        page = read(as_alice, address, htmx=True)
        assert "<html" not in page
    assert seen == [f"Prompt {age}" for age in reversed(range(5))]


def test_a_search_reads_so_many_and_offers_the_older_ones(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_READ", 4)
    monkeypatch.setattr(searching, "CHUNK", 2)
    for age in range(6):
        ask(alice, f"Prompt {age}", age)
    page = read(as_alice, "/prompts/?q=prompt+5")
    assert words(page) == []
    assert "Nothing matches in 4 requests" in re.sub(r"\s+", " ", page)
    assert words(read(as_alice, older(page), htmx=True)) == ["Prompt 5"]


def test_uploads_are_found_by_name_and_paged(
    as_alice: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_before, "UPLOADS", 2)
    for age, name in enumerate(("Äpfel.png", "boat.png", "OPFEL 2.png", "ÄPFEL.jpg")):
        make_picture(alice, original_name=name, shown_at=NOW - timedelta(minutes=age))
    make_picture(bob, original_name="Äpfel von Bob.png")
    make_job(alice, state="done", prompt="Äpfel")
    page = read(as_alice, "/uploads/mine/")
    assert names(page) == ["Äpfel.png", "boat.png"]
    assert names(read(as_alice, older(page), htmx=True)) == ["OPFEL 2.png", "ÄPFEL.jpg"]
    found = read(as_alice, "/uploads/mine/?q=apfel", htmx=True)
    assert names(found) == ["Äpfel.png", "ÄPFEL.jpg"]
    picture = alice.pictures.get(original_name="ÄPFEL.jpg")
    assert f'href="/?reference={picture.code}"' in found


@pytest.mark.parametrize("path", ["/prompts/", "/uploads/mine/"])
@pytest.mark.parametrize("after", ["x", "5a7c3a53-5b0c-4b0e-8c6e-0d0f6ab1a3f7"])
def test_a_page_after_nonsense_is_not_there(as_alice: Client, path: str, after: str) -> None:
    assert as_alice.get(path, {"after": after}).status_code == 404


def test_a_panel_is_a_part_of_the_page(as_alice: Client, alice: User) -> None:
    ask(alice, "Boats", 1)
    panel = read(as_alice, "/prompts/", htmx=True)
    assert "<html" not in panel
    assert 'name="q"' in panel
    assert words(panel) == ["Boats"]


def test_both_ways_of_using_a_prompt_say_what_they_bring(as_alice: Client, alice: User) -> None:
    source, reference = make_picture(alice), make_picture(alice)
    made = ask(alice, 'With "quotes"', 1, type="image_edit", source=source, references=[reference], count=3)
    html = read(as_alice, "/prompts/")
    begins = [json.loads(unescape(one)) for one in re.findall(r'data-begin="([^"]*)"', html)]
    assert begins[0] == {"prompt": 'With "quotes"'}
    assert begins[1]["source"] == str(source.code)
    assert begins[1]["references"] == [str(reference.code)]
    assert begins[1]["choices"]["image_edit"]["count"] == 3
    assert f"/?words={made.code}" in html
    assert f"/?reuse={made.code}" in html
