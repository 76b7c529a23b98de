"""What search knows follows what the gallery has, in the gallery's order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.checks import parts_of_words_are_indexed
from studio.engine import integrity
from studio.models import Board, Decision, Picture, Rating, SearchDocument, SearchWord, User
from studio.models.search import query as search_query
from studio.models.search.clauses import Clause, Typed, Words, known_words
from studio.models.search.document import TRIES, may_find, place_of, shape_of
from studio.models.search.query import Beginning, SearchQuery
from studio.views.gallery.finder import Finder
from tests.people import make_job, make_picture

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_places_are_the_order_of_the_gallery(alice: User) -> None:
    for number in range(6):
        # Four at the same microsecond.
        make_job(alice, state="done", now=NOW + timedelta(microseconds=max(0, number - 3)))
    order = list(Picture.objects.made().newest_first().values_list("pk", flat=True))
    assert [key for _, key in SearchQuery().places(9)] == order
    assert [key for _, key in SearchQuery().places(9, newest_first=False)] == order[::-1]
    places = list(SearchDocument.objects.order_by("place").values_list("place", flat=True))
    assert places == [place_of(NOW) + number for number in range(6)]


def test_what_lies_between_two_places_is_found_without_a_word(alice: User) -> None:
    for number in range(4):
        make_job(alice, state="done", now=NOW + timedelta(microseconds=number))
    first, _, third, _ = SearchDocument.objects.order_by("place").values_list("place", flat=True)
    between = SearchQuery().above(first).below(third + 1)
    assert [place for place, _ in between.places(9)] == [third, third - 1]
    assert (between.count(1), SearchQuery(first=third, last=first).places(9)) == (1, [])


def test_a_document_has_the_facts_of_its_picture(alice: User) -> None:
    job = make_job(alice, state="done", prompt="Warm light", size=(2464, 1696))
    SearchWord.objects.all().delete()
    SearchDocument.write(job.pictures.get())
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"warm", "light"}
    for token in ("warm", "light", "=a", f"=p{alice.pk}", "=r3x2", "=timage", "=muni-1", "=sauto", f"=j{job.pk}"):
        assert SearchQuery((Clause.of(token),)).count(9) == 1
    for token in ("image", "uni", "3x2", "edit", "=p", "=t"):
        assert SearchQuery((Clause.of(token),)).count(9) == 0


def test_facts_are_one_word_each(alice: User) -> None:
    make_job(alice, state="done", type="image_edit", source=make_picture(alice))
    assert SearchQuery((Clause.of("=timage-edit"),)).count(9) == 1
    assert SearchQuery((Clause.of("=timage"),)).count(9) == SearchQuery((Clause.of("edit"),)).count(9) == 0


@pytest.mark.parametrize("nearest", [1, 2_000])
def test_only_what_a_person_may_find_is_found(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, nearest: int
) -> None:
    """Whether among the nearest pictures, as PostgreSQL looks first, or by the index of words."""
    monkeypatch.setattr(search_query, "NEAREST", nearest)
    keys = [make_job(alice, state="done", prompt="Boats", now=NOW).pictures.get().pk for _ in range(3)]
    hidden = Picture.objects.select_related("job__submission").get(pk=keys[1])
    Picture.objects.filter(pk=hidden.pk).update(is_private=True)
    hidden.is_private = True
    SearchDocument.write(hidden)
    team = {keys[0], keys[2]}
    for person, whole in ((alice, {*keys}), (bob, team)):
        seen = may_find(person)
        boats, none = Clause.of("boats"), Clause.of("train")
        for clauses in ((), (boats,), (boats, Clause.of("=timage", "=a")), (Clause(none.phrases, excluded=True),)):
            assert {key for _, key in SearchQuery(clauses, seen).places(9)} == whole, clauses
            assert SearchQuery(clauses, seen).count(1) == 1
        assert SearchQuery((none,), seen).places(9) == []
        ranged = SearchQuery((boats,), seen, first=place_of(NOW) + 1, last=place_of(NOW) + 2)
        assert {key for _, key in ranged.places(9)} == whole - {keys[0]}


@pytest.mark.parametrize("further", [0, 4, 16_000])
@pytest.mark.parametrize("nearest", [1, 3, 2_000])
def test_a_beginning_says_how_many_there_are_at_least(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, nearest: int, further: int
) -> None:
    """However far PostgreSQL reads the nearest pictures; SQLite counts all."""
    for name, number in (("NEAREST", nearest), ("FURTHER", further), ("FURTHER_EACH", 0)):
        monkeypatch.setattr(search_query, name, number)
    for number in range(6):
        make_job(alice, state="done", prompt="Boat" if number % 2 else "Train", now=NOW + timedelta(minutes=number))
    seen = may_find(bob)
    for clauses, most in (((), 9), ((Clause.of("boat"),), 9), ((Clause.of("boat"),), 2), ((Clause.of("zeppelin"),), 9)):
        query = SearchQuery(clauses, seen)
        whole = [key for _, key in query.places(most)]
        for wanted in range(1, min(most, 3) + 1):
            found = query.beginning(wanted, most)
            assert found.keys == whole[:wanted]
            assert wanted <= found.number <= len(whole) if not found.is_counted else found.number == len(whole)
    assert SearchQuery((), seen, first=2, last=1).beginning(1, 9) == Beginning([], 0, is_counted=True)
    if connection.vendor == "postgresql" and (nearest, further) == (3, 16_000):
        boats = SearchQuery((Clause.of("boat"),), seen)
        assert boats.beginning(1, 9) == Beginning([boats.places(1)[0][1]], 2, is_counted=False)


@pytest.mark.parametrize("few", [0, 1, 2, 40])
def test_the_same_is_found_where_facts_alone_leave_few_pictures(
    alice: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search_query, "FEW", few)
    for number, prompt in enumerate(("Warm boats", "Cold boats", "Warm light", "Warm boats")):
        make_job(alice, state="done", prompt=prompt, now=NOW + timedelta(microseconds=number))
    own, image, warm, cold = (Clause.of(one) for one in (f"=p{alice.pk}", "=timage", "warm", "cold"))
    places = [place_of(NOW) + number for number in range(4)]
    for clauses, query, found in (
        ((own, image, warm), {}, [3, 2, 0]),
        ((own, image, warm), {"last": places[2]}, [2, 0]),
        ((own, image, warm, Clause((("boats",),), excluded=True)), {}, [2]),
        ((own, image, Clause.of("warm", f"=p{alice.pk + 1}")), {}, [3, 2, 0]),
        ((own, Clause.of("=timage-edit"), cold), {}, []),
    ):
        assert [place for place, _ in SearchQuery(clauses, **query).places(9)] == [places[one] for one in found]


def test_no_fact_is_taken_for_another(alice: User) -> None:
    # PostgreSQL goes on counting from test to test: Alice may have this key herself.
    stars = 4 if alice.pk == 3 else 3
    third = User.objects.filter(pk=stars).first() or User.objects.create(pk=stars, name="Third Person")
    private = make_job(alice, state="done", is_private=True).pictures.get()
    Rating.give(private, third.pk, by=alice)
    decided = make_job(alice, state="done").pictures.get()
    Decision.make(decided, "approved", by=alice)
    board = Board.objects.create(pk=alice.pk, person=alice, name="Empty")
    # A rating is not whose eyes only, and who decided is no board.
    for query in (f"rating={stars}", f"board={board.code}"):
        assert Finder.parse(query, third).count() == 0, query
    mine = make_job(third, state="done", is_private=True)
    assert Finder.parse(f"rating={stars}", third).count() == 0
    assert Finder.parse(f"person={third.pk}", third).count() == mine.pictures.count() == 1


def test_a_document_that_is_written_anew_is_found_by_its_new_words_alone(alice: User) -> None:
    job = make_job(alice, state="done", prompt="Warm light")
    job.submission.prompt = "Cold wind"
    job.submission.save()
    SearchDocument.write_for(job)
    assert [SearchQuery((Clause.of(word),)).count(9) for word in ("warm", "cold")] == [0, 1]
    job.pictures.get().renditions.all().delete()
    job.pictures.get().delete()
    assert SearchQuery((Clause.of("cold"),)).count(9) == SearchDocument.objects.count() == 0


@pytest.mark.parametrize("rivals", [2, TRIES])
def test_a_place_that_another_writer_takes_meanwhile_is_looked_for_anew(alice: User, rivals: int) -> None:
    picture = make_job(alice, state="done", prompt="Boats").pictures.get()
    SearchDocument.objects.all().delete()
    refused = []

    def take(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "studio_searchdocument"') and len(refused) < rivals:
            refused.append(sql)
            raise IntegrityError("That place is taken.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(take):
        if rivals < TRIES:
            SearchDocument.write(picture)
        else:
            with pytest.raises(IntegrityError):
                SearchDocument.write(picture)
    assert (len(refused), SearchQuery((Clause.of("boats"),)).count(9)) == (rivals, int(rivals < TRIES))


def test_what_is_not_kept_is_not_found(alice: User) -> None:
    with transaction.atomic():
        make_job(alice, state="done", prompt="Warm light")
        transaction.set_rollback(True)
    assert SearchQuery((Clause.of("warm"),)).count(9) == 0


def test_integrity_finds_and_mends_what_search_does_not_know(alice: User) -> None:
    first = make_job(alice, state="done", prompt="Warm light").pictures.get()
    second = make_job(alice, state="done", prompt="Cold wind").pictures.get()
    SearchDocument.objects.filter(picture=first).delete()
    Picture.objects.filter(pk=second.pk).update(shown_at=None)
    findings = [one for one in integrity.check(timezone.now()) if one.invariant == "gallery-is-searchable"]
    assert [one.sentence for one in findings] == [
        "1 picture of the gallery can't be found by its search.",
        "1 picture that the gallery doesn't have can be found by its search.",
    ]
    assert all(integrity.repair(one, now=timezone.now()) for one in findings)
    assert [key for _, key in SearchQuery((Clause.of("warm"),)).places(9)] == [first.pk]
    assert SearchQuery((Clause.of("cold"),)).places(9) == []
    assert not [one for one in integrity.check(timezone.now()) if one.invariant == "gallery-is-searchable"]


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((2464, 1696), "3x2"),
        ((3000, 2000), "3x2"),
        ((1920, 1080), "16x9"),
        ((100, 101), "1x1"),
        ((800, 300), "3x1"),
        ((800, 600), "other"),
    ],
)
def test_a_picture_has_the_shape_that_is_nearest(size: tuple[int, int], shape: str) -> None:
    assert shape_of(*size) == shape


@pytest.mark.django_db
def test_parts_of_words_find_the_words_that_pictures_had_first() -> None:
    SearchWord.learn(["market", "supermarket", "marketing", "tomarkets", "mark", "zürich", "um"])
    assert set(known_words("market", inside=True)) == {"market", "marketing", "supermarket", "tomarkets"}
    assert set(known_words("market", inside=False)) == {"market", "marketing"}
    assert known_words("m", inside=True) == []
    assert known_words("_ar", inside=True) == known_words("%ar", inside=True) == []
    SearchWord.learn(["market", "new"])
    assert SearchWord.objects.count() == 8


@pytest.mark.parametrize(("most", "number", "asked"), [(3, 3, 1), (4, 4, 2), (9, 5, 2)])
def test_a_count_ends_with_the_first_words_where_these_are_enough(
    alice: User, most: int, number: int, asked: int
) -> None:
    for prompt in ["market0"] * 3 + ["market29"] * 2:
        make_job(alice, state="done", prompt=prompt)
    query = SearchQuery((Clause.of(*(f"market{place}" for place in range(30))),))
    with CaptureQueriesContext(connection) as captured:
        assert query.count(most) == number
    assert len(captured) == asked or connection.vendor == "postgresql"


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has trigrams of its own")
def test_a_server_without_trigrams_is_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_word_parts")
    SearchWord.learn(["supermarket"])
    assert known_words("market", inside=True) == ["supermarket"]
    assert [one.id for one in parts_of_words_are_indexed(None, databases=["default"])] == ["studio.W003"]


def test_a_single_character_beside_another_word_is_looked_for_by_itself(alice: User) -> None:
    make_job(alice, state="done", prompt="東京 x 3 月")
    make_job(alice, state="done", prompt="x y 月")
    assert [SearchQuery(Words((Typed(text),)).clauses()).count(9) for text in ("x東", "3月", "月y", "東z")] == [
        1,
        1,
        1,
        0,
    ]
