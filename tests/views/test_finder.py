"""Search and filters of the gallery: the same verdicts whatever the database, in an address that can be shared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from PIL import Image

from studio.models import Picture, SavedView, Split, User
from studio.models.search_document import place_of
from studio.views.finder import Finder
from studio.views.gallery import Cursor
from studio.views.picture_lists import Found
from tests.people import HTMX, make_job, make_look, make_picture, make_split, signed_in

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def shown(person: User, prompt: str, *, now: datetime = NOW, **spec: object) -> Picture:
    return make_job(person, state="done", prompt=prompt, now=now, **spec).pictures.get()  # type: ignore[arg-type]


def found(person: User, address: str, most: int = 50) -> list[str]:
    """The prompts that an address of the gallery finds, newest first."""
    keys = Finder.read(QueryDict(address), person).page(None, most)
    by_key = {one.pk: one for one in Picture.objects.filter(pk__in=keys).select_related("job__submission")}
    return [by_key[key].title for key in keys]


# ---- Words

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


@pytest.mark.parametrize(
    ("q", "places"),
    [
        ("warm", [0, 1, 10]),
        ("WARM", [0, 1, 10]),
        ("warm light", [0, 10]),
        ('"warm light"', [0]),
        ('"light warm"', [10]),
        ('"warm', [0, 10]),
        ("warm -light", [1]),
        ('warm -"warm light"', [1, 10]),
        ("-warm fire", [8]),
        ("market", [1]),
        ("cafe lodz", [2]),
        ("CAFÉ", [2]),
        ("it's", [2]),
        ("it’s", [2]),
        ("東", [3, 4]),
        ("夜", [3]),
        ("東京", [3]),
        ("東京駅", [3]),
        ("東京駅の", [3]),
        ("東京都", []),
        ("駅京", []),
        ("京 傘", [3]),
        ("สวย", [5]),
        ("ภาพ", [5]),
        ("한국", [6]),
        ("full", [7]),
        ("ｆｕｌｌ", [7]),
        ("🔥", [8]),
        ("🔥 dusk", [8]),
        ("x" * 200, [9]),
        ("x" * 70, [9]),
        ("x" * 12, [9]),
        ("10", [11]),
        ("1", []),
        ("nothing of this", []),
        ("!!! ( ) \" -- ' * ^ :", list(range(12))),
        ("warm AND light", []),
        ("warm NEAR light", []),
        ("=p1", []),
        ("tokens:warm", []),
        ("warm*", [0, 1, 10]),
        ("'warm' & light | !", [0, 10]),
    ],
)
def test_words_find(alice: User, library: None, q: str, places: list[int]) -> None:
    wanted = [PROMPTS[place] for place in places]
    assert found(alice, _address(q=q)) == wanted


def _address(**fields: str | Sequence[str]) -> str:
    query = QueryDict(mutable=True)
    for name, value in fields.items():
        query.setlist(name.rstrip("_"), [value] if isinstance(value, str) else list(value))
    return query.urlencode()


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
    assert found(alice, "q=cyanotype") == ["A boat"]
    assert found(alice, f"look={look.code}") == ["A boat"]
    # A link shows the same to a colleague, although the look is private; one that no job has is nobody's business.
    assert found(bob, f"look={look.code}") == ["A boat"]
    assert Finder.read(QueryDict(f"look={other.code}"), bob).address == ""


# ---- Filters


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("type=image", ["Square", "Manga", "Wide"]),
        ("type=image_edit", ["Edit"]),
        ("type=image&type=image_edit", ["Square", "Manga", "Wide", "Edit"]),
        ("model=uni-1-max", ["Wide"]),
        ("ratio=1:1", ["Square"]),
        ("ratio=16:9", ["Wide"]),
        ("ratio=16:9&ratio=1:1", ["Square", "Wide"]),
        ("ratio=1:1&model=uni-1-max", []),
        ("style=manga", ["Manga"]),
        ("from=2026-11-20", ["Square", "Manga"]),
        ("to=2026-11-19", ["Wide", "Edit"]),
        ("from=2026-11-19&to=2026-11-19", ["Wide"]),
        ("from=2026-10&to=2026-10", ["Edit"]),
        ("from=2025&to=2025", []),
        ("from=2026-12&to=2026-01", []),
        ("from=2026-11-20&ratio=1:1&q=square", ["Square"]),
    ],
)
def test_filters_find(alice: User, address: str, wanted: list[str]) -> None:
    source = make_picture(alice)
    shown(alice, "Square", aspect_ratio="1:1", size=(2048, 2048))
    shown(alice, "Manga", aspect_ratio="2:3", style="manga", now=NOW - timedelta(minutes=1))
    shown(alice, "Wide", model="uni-1-max", size=(2784, 1504), now=NOW - timedelta(days=1))
    shown(alice, "Edit", type="image_edit", source=source, now=NOW - timedelta(days=30), size=(800, 300))
    assert found(alice, address) == wanted


def test_people_are_filtered_by_who_made_it(alice: User, bob: User) -> None:
    shown(alice, "A boat")
    shown(bob, "A train", now=NOW - timedelta(minutes=1))
    assert found(alice, f"person={bob.pk}") == ["A train"]
    assert found(alice, f"person={bob.pk}&person={alice.pk}") == ["A boat", "A train"]


@pytest.mark.parametrize(
    "address",
    [
        "person=0&person=x&person=-1&person=99999999999999999999&person=%00",
        "type=nothing&model=&ratio=3x2&style=%F0%9F%94%A5&look=1&look=00000000-0000-0000-0000-000000000000",
        "from=2026-13&to=2026-02-30",
        "from=0000&to=9999-12-31&from=%D9%A1%D9%A9%D9%A9%D9%A0",
        "layers=off&job=x&job=%C2%B2",
        "q=" + "%00%E2%80%AE" * 50,
        "unknown=1&page=2&q=",
    ],
)
def test_nonsense_is_left_out(alice: User, as_alice: Client, address: str) -> None:
    shown(alice, "A boat")
    assert not Finder.read(QueryDict(address), alice).is_on
    assert as_alice.get(f"/gallery/?{address}").status_code == 200


def test_the_address_is_canonical(alice: User, bob: User) -> None:
    asked = f"to=2026-11-30&q=++warm++light&ratio=3:2&ratio=1:1&ratio=3:2&person={bob.pk}&from=2026-09-01&select=on&after=1-1"
    finder = Finder.read(QueryDict(asked), alice)
    assert finder.address == f"from=2026-09&person={bob.pk}&q=warm+light&ratio=1%3A1&ratio=3%3A2&to=2026-11"
    assert Finder.parse(finder.address, bob).address == finder.address
    assert Finder.parse("&".join("a=1" for _ in range(5000)), alice).address == ""


def test_a_long_search_is_cut_between_words(alice: User) -> None:
    finder = Finder.read(QueryDict(_address(q="boat " * 100)), alice)
    assert len(finder.q) <= 200
    assert set(finder.q.split()) == {"boat"}


# ---- Order, pages, counts


def test_pages_follow_the_gallerys_order(alice: User) -> None:
    for number in range(7):
        # Three were shown in the same microsecond.
        shown(alice, f"Boat {number}", now=NOW if number < 3 else NOW - timedelta(seconds=number))
    whole = list(Picture.objects.made().newest_first())
    finder, keys, after = Finder.parse("q=boat", alice), [], None
    while page := finder.page(after, 2):
        keys += page
        after = Cursor.at(next(one for one in whole if one.pk == page[-1]))
    assert keys == [one.pk for one in whole]
    assert [finder.query.count(most) for most in (3, 7, 100)] == [3, 7, 7]
    rows = Picture.objects.made().newest_first()
    assert finder.count() == 7
    assert finder.counted_newest(rows, 3) == whole[:3]
    for one in (finder, Finder.parse("", alice)):
        assert one.count_newer(rows, Cursor.at(whole[2]), 100) == 2
        assert one.count_newer(rows, None, 4) == 4
        assert one.older(rows, Cursor.at(whole[4]), 9) == whole[5:]
        assert one.newer(rows, Cursor.at(whole[4]), 3) == whole[1:4][::-1]


def test_a_word_with_a_hyphen_is_found_while_it_is_typed(alice: User) -> None:
    shown(alice, "An art-deco lamp, foo`bar in 東京")
    shown(alice, "A deco art lamp")
    for q in ("art-dec", "art-deco", "foo`bar", "foo`ba"):
        assert len(found(alice, f"q={q}")) == 1, q
    assert found(alice, 'q="art dec"') == []


def test_all_of_a_search_but_some_is_meant_by_a_selection(alice: User, as_alice: Client) -> None:
    boats = [shown(alice, f"boat {number}", now=NOW - timedelta(minutes=number)) for number in range(4)]
    shown(alice, "train")
    chosen = {"all": "on", "address": "q=boat", "except": [str(boats[1].code)], "script": "on"}
    html = as_alice.post("/edits/", chosen).content.decode()
    assert "<h1>Edit 3 pictures</h1>" in html
    assert [str(one.code) in html for one in boats] == [True, False, True, True]
    whole = as_alice.post("/edits/", chosen | {"address": "", "except": []}).content.decode()
    assert "<h1>Edit 5 pictures</h1>" in whole
    zipped = as_alice.post("/archives/", chosen, follow=True).content.decode()
    assert "3 pictures" in zipped


def test_an_unfiltered_finder_is_off(alice: User) -> None:
    shown(alice, "A boat")
    finder = Finder.parse("", alice)
    assert (finder.is_on, finder.address, finder.count(), len(finder.page(None, 9))) == (False, "", 1, 1)


# ---- The page


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_shows_what_is_on_and_how_to_take_it_away(alice: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    html = as_alice.get(f"/gallery/?q=boat&person={alice.pk}&ratio=3:2").content.decode()
    assert f'href="/gallery/?q=boat&amp;ratio=3%3A2" aria-label="Remove filter: Person {alice.name}"' in html
    assert f'href="/gallery/?person={alice.pk}&amp;q=boat" aria-label="Remove filter: Ratio 3:2"' in html
    assert 'value="boat"' in html
    assert f'<input type="hidden" name="person" value="{alice.pk}" form="finder">' in html
    assert html.count('<article class="tile') == 1


def test_a_search_from_the_page_brings_only_what_changes(alice: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    headers = {**HTMX, "HX-Target": "results", "HX-Current-URL": "http://testserver/gallery/"}
    answer = as_alice.get("/gallery/?q=BOAT", headers=headers)
    html = answer.content.decode()
    assert "<html" not in html
    assert html.count('hx-swap-oob="true"') == 5
    assert re.search(r'id="pulse" hx-get="[^"]+&amp;q=BOAT"', html)
    assert "1 picture found" in text_of(html)
    assert answer["HX-Push-Url"] == "/gallery/?q=BOAT"
    headers["HX-Current-URL"] = "http://testserver/gallery/?q=BOA"
    assert as_alice.get("/gallery/?q=BOAT", headers=headers)["HX-Replace-Url"] == "/gallery/?q=BOAT"


def test_nothing_found_says_what_each_filter_holds_back(alice: User, as_alice: Client) -> None:
    for number in range(3):
        shown(alice, f"A boat {number}", size=(2464, 1696))
    html = text_of(as_alice.get("/gallery/?q=boat&ratio=1:1&model=uni-1").content.decode())
    assert "Nothing matches" in html
    assert "3 results without 1:1" in html
    assert "without uni-1" not in html
    assert "without “boat”" not in html
    assert "No picture has “zeppelin”" in text_of(as_alice.get("/gallery/?q=zeppelin").content.decode())


def test_the_next_page_keeps_to_the_search(alice: User, as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.gallery.PAGE", 2)
    for number in range(5):
        shown(alice, f"{'boat' if number % 2 == 0 else 'train'} {number}", now=NOW - timedelta(minutes=number))
    html = as_alice.get("/gallery/?q=boat").content.decode()
    following = re.search(r'hx-get="([^"]+after=[^"]+)"', html)
    assert following
    rest = as_alice.get(following[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert (html.count('<article class="tile'), rest.count('<article class="tile')) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "\"' onfocus=alert(1) x=",
        "{{ 7*7 }}",
        "%s %(x)s",
        "'; DROP TABLE studio_picture; --",
        "🏴‍☠️\u202e",
        "a" * 5000,
        "\\",
        "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
)
def test_hostile_words_are_words(alice: User, as_alice: Client, text: str) -> None:
    shown(alice, f"hostile {text[:3000]}")
    answer = as_alice.get("/gallery/", {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert found(alice, "q=hostile")


# ---- Saved views


def test_a_view_is_saved_shown_and_removed(alice: User, bob: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    answer = as_alice.post("/gallery/views/", {"name": " Boats  & co ", "query": "ratio=3:2&q=boat", "is_team": "on"})
    assert answer.url == "/gallery/?q=boat&ratio=3%3A2"  # type: ignore[attr-defined]
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_team) == ("Boats & co", "q=boat&ratio=3%3A2", True)
    for client in (as_alice, signed_in(bob)):
        assert "Boats &amp; co" in client.get("/gallery/").content.decode()
    # The same name again is the same view.
    as_alice.post("/gallery/views/", {"name": "Boats & co", "query": "q=train"})
    view.refresh_from_db()
    assert (view.query, view.is_team, SavedView.objects.count()) == ("q=train", False, 1)
    assert "Boats" not in signed_in(bob).get("/gallery/").content.decode()
    as_alice.post(f"/gallery/views/{view.code}/removal/")
    assert not SavedView.objects.exists()


def test_only_its_maker_or_an_admin_removes_a_view_of_the_team(alice: User, as_bob: Client, as_ada: Client) -> None:
    own = SavedView.save_as(alice, name="Mine", query="q=a", is_team=False)
    team = SavedView.save_as(alice, name="Ours", query="q=a", is_team=True)
    assert as_bob.post(f"/gallery/views/{own.code}/removal/").status_code == 404
    assert as_ada.post(f"/gallery/views/{own.code}/removal/").status_code == 404
    assert as_bob.post(f"/gallery/views/{team.code}/removal/").status_code == 403
    assert as_ada.post(f"/gallery/views/{team.code}/removal/").status_code == 302
    assert SavedView.objects.get() == own


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " ", "query": "q=a"}, "Give the view a name."),
        ({"name": "\u202e", "query": "q=a"}, "Give the view a name."),
        ({"name": "All", "query": "ratio=x"}, "Search for something or choose a filter first, then save the view."),
        ({"name": "All", "query": "&".join(["q=a"] * 5000)}, "Search for something or choose a filter first"),
    ],
)
def test_a_view_that_says_nothing_is_not_saved(as_alice: Client, fields: dict[str, str], sentence: str) -> None:
    html = as_alice.post("/gallery/views/", fields, follow=True).content.decode()
    assert sentence in html
    assert not SavedView.objects.exists()


def test_a_person_saves_so_many_views(alice: User, as_alice: Client) -> None:
    SavedView.objects.bulk_create(SavedView(person=alice, name=f"V{n}", query="q=a") for n in range(100))
    as_alice.post("/gallery/views/", {"name": "One more", "query": "q=a"})
    as_alice.post("/gallery/views/", {"name": "V5", "query": "q=b"})
    assert SavedView.objects.count() == 100
    assert SavedView.objects.get(name="V5").query == "q=b"


def test_a_cut_of_today_is_of_today(alice: User) -> None:
    shown(alice, "A boat", now=timezone.now())
    assert found(alice, f"from={timezone.localdate()}") == ["A boat"]


# ---- From a picture to its neighbours


def arrows(client: Client, address: str, **headers: str) -> tuple[str, str, str]:
    html = client.get(address, headers=headers).content.decode()
    newer = re.search(r'href="([^"]*)"\s+aria-label="Newer picture"', html)
    older = re.search(r'href="([^"]*)"\s+aria-label="Older picture"', html)
    words = re.search(r">([\d,]+ of [\d,+]+)<", html)
    return (newer[1] if newer else "", older[1] if older else "", words[1] if words else "")


def test_the_arrows_of_a_picture_follow_the_search_it_was_opened_from(alice: User, as_alice: Client) -> None:
    made = [
        shown(alice, f"{'boat' if number % 2 == 0 else 'train'} {number}", now=NOW - timedelta(minutes=number))
        for number in range(7)
    ]
    urls = [one.get_absolute_url() for one in made]
    of = "?of=gallery%3Fq%3Dboat%26ratio%3D3%253A2"
    following = (f"{urls[2]}{of}", f"{urls[6]}{of}", "3 of 4")
    referer = "http://testserver/gallery/?ratio=3:2&q=boat&select=on"
    assert arrows(as_alice, urls[4], Referer=referer) == following
    assert arrows(as_alice, f"{urls[4]}{of}") == following
    assert arrows(as_alice, urls[6], Referer=f"http://testserver{urls[4]}{of}") == (f"{urls[4]}{of}", "", "4 of 4")
    # A picture outside the days of a search is none of it.
    days = f"?of=gallery%3Ffrom%3D{NOW - timedelta(days=9):%Y-%m-%d}%26to%3D{NOW - timedelta(days=8):%Y-%m-%d}"
    assert arrows(as_alice, f"{urls[3]}{days}") == (urls[2], urls[4], "4 of 7")
    # What the search does not find, a search for nothing, and a hostile one: the whole gallery.
    whole = (urls[2], urls[4], "4 of 7")
    for beside in (of, "?of=gallery?", "?of=gallery?ratio=x", "?of=gallery?%00" + "q=a%26" * 900):
        assert arrows(as_alice, f"{urls[3]}{beside}") == whole
    # The filmstrip shows the same list.
    strip = as_alice.get(f"{urls[4]}filmstrip/{of}").content.decode()
    assert [strip.find(url) for url in urls[::2]] == sorted(strip.index(url) for url in urls[::2])
    assert not any(url in strip for url in urls[1::2])
    html = as_alice.get(f"{urls[4]}{of}").content.decode()
    assert f'href="/gallery/?q=boat&amp;ratio=3%3A2#picture-{made[4].code}"' in html


def test_the_place_in_a_search_is_counted_so_far(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.finder.MOST_COUNTED", 3)
    monkeypatch.setattr("studio.views.picture_lists.MOST_COUNTED", 3)
    made = [shown(alice, "boat", now=NOW - timedelta(minutes=number)) for number in range(6)]
    finder = Finder.parse("q=boat", alice)
    assert [Found(finder, one).place(one).words for one in made] == ["1 of 3+", "2 of 3+", "3 of 3+", "", "", ""]


def test_every_step_is_bounded(alice: User, library: None, django_assert_max_num_queries: Any) -> None:
    picture = Picture.objects.made()[0]
    finder = Finder.parse(_address(q="warm light café supermarket 東京 boat train rain"), alice)
    with django_assert_max_num_queries(30):
        Found(finder, picture).place(picture)


def test_what_is_new_in_a_search_is_told_by_the_pulse(alice: User, as_alice: Client) -> None:
    first = shown(alice, "boat")
    page = as_alice.get("/gallery/?q=boat").content.decode()
    pulse = re.search(r'id="pulse" hx-get="([^"]+)"', page)
    assert pulse
    shown(alice, "train", now=NOW + timedelta(minutes=1))
    shown(alice, "boat", now=NOW + timedelta(minutes=2))
    html = as_alice.get(pulse[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert re.search(r'id="new-pictures" href="/gallery/\?q=boat"[^>]*>\s*<[^>]+></span>1 new', html)
    assert f"top={place_of(first.shown_at or NOW)}" in html
    assert "&amp;q=boat" in html


def test_a_whole_prompt_may_be_pasted(alice: User, django_assert_max_num_queries: Any) -> None:
    prompt = " ".join(f"boat{number}" for number in range(25))
    shown(alice, prompt)
    with django_assert_max_num_queries(4):
        assert found(alice, _address(q=prompt)) == [prompt]
    assert found(alice, _address(q="boat1 boat")) == [prompt]
    assert found(alice, _address(q=f"{' '.join(prompt.split()[:9])} oat")) == []
