"""Queries that are compiled once: each call has its own values, people, lists and objects, as the plain query has them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, DataError, ProgrammingError, connection, connections, models, transaction
from django.db.models import Exists, F
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import Job, Picture, Submission, User
from studio.models.sql import prepared_statements
from studio.models.sql.compiled_query import (
    CODE,
    KEY,
    KEYS,
    MOMENT,
    PERSON,
    TEXT,
    Anyone,
    CompiledQuery,
    CompiledUpdate,
    Slot,
)
from tests.people import make_job, make_person, make_picture

NAMED: CompiledQuery[Picture] = CompiledQuery(
    lambda person, code: Picture.objects.visible_to(person).filter(code=code).values_list("original_name"), PERSON, CODE
)
OF_KEYS: CompiledQuery[Picture] = CompiledQuery(
    lambda keys: Picture.objects.filter(pk__in=keys).order_by("-pk").values_list("pk", flat=True), KEYS
)
JOBS = CompiledQuery(
    lambda person: Job.objects.filter(person=person).select_related("submission").prefetch_related("pictures"), KEY
)


def test_the_values_of_each_call_take_the_places_of_the_stand_ins(alice: User, bob: User) -> None:
    mine = make_picture(alice, original_name="mine.png", is_private=True)
    theirs = make_picture(bob, original_name="theirs.png", is_private=True)
    for _ in range(2):  # compiled now, and compiled already
        assert NAMED(alice, mine.code) == [("mine.png",)]
        assert NAMED(bob, theirs.code) == [("theirs.png",)]
        assert NAMED.first(alice, theirs.code) is None


def test_who_has_left_or_looks_after_the_work_of_another_is_asked_of_as_they_are(alice: User, bob: User) -> None:
    theirs = make_picture(bob, original_name="theirs.png", is_private=True)
    assert NAMED(alice, theirs.code) == []
    alice.inherited = [bob.pk]
    assert NAMED(alice, theirs.code) == [("theirs.png",)]
    bob.is_active = False
    assert NAMED(bob, theirs.code) == []


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8])
def test_a_list_may_have_any_length(alice: User, number: int) -> None:
    keys = [make_picture(alice).pk for _ in range(8)][:number]
    assert OF_KEYS(keys) == sorted(keys, reverse=True)
    assert OF_KEYS(keys * 100) == sorted(keys, reverse=True)  # longer than what is kept


def test_objects_come_with_what_is_joined_and_fetched_beside_them(alice: User) -> None:
    job = make_job(alice, state="done", prompt="A paper boat")
    JOBS(alice.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        [found] = JOBS(alice.pk)
        assert (found, found.submission.prompt) == (job, "A paper boat")
        assert list(found.pictures.all()) == list(job.pictures.all()[:1])
        assert found.created_at == job.created_at  # a time, not what the database writes
    assert len(asked) == 3  # the jobs, their pictures, and those asked of the other object


def test_the_database_counts(alice: User) -> None:
    made = [make_picture(alice, created_at=timezone.now() - timedelta(days=day)) for day in range(4)]
    since: CompiledQuery[Picture] = CompiledQuery(
        lambda at: Picture.objects.filter(created_at__gte=at).order_by("pk").values_list("pk")[:3], MOMENT
    )
    assert [since.count(made[day].created_at) for day in range(4)] == [1, 2, 3, 3]


def test_a_query_that_never_has_rows_asks_nothing(db: None) -> None:
    never: CompiledQuery[Picture] = CompiledQuery(lambda key: Picture.objects.filter(pk=key).none(), KEY)
    with CaptureQueriesContext(connection) as asked:
        assert (never(1), never.first(1), never.count(1)) == ([], None, 0)
    assert not asked.captured_queries


def test_an_update_changes_the_rows_of_its_own_key_by_what_they_are(alice: User) -> None:
    cancelled = make_job(alice, state="cancelled", prompt="A paper boat")
    waiting = make_job(alice, state="waiting", prompt="A paper hat")
    marked = CompiledUpdate(
        lambda key: Submission.objects.filter(pk=key),
        lambda: {
            "prompt": Concat(F("prompt"), models.Value(", 100 % folded")),
            "has_active": Exists(Job.objects.in_progress().filter(submission=models.OuterRef("pk"))),
        },
        KEY,
    )
    for job in (cancelled, waiting):
        assert marked(job.submission_id) == 1
    assert marked(waiting.submission_id + 1) == 0
    found = Submission.objects.order_by("pk").values_list("prompt", "has_active")
    assert list(found) == [("A paper boat, 100 % folded", False), ("A paper hat, 100 % folded", True)]


def test_what_is_not_filtered_by_is_not_compiled_for_everybody() -> None:
    """The rights of the first who asks would be everybody's."""

    def by_role(person: User) -> models.QuerySet[Job]:
        return Job.objects.all() if person.is_admin else Job.objects.none()

    with pytest.raises(AttributeError):
        by_role(Anyone(Slot(0, KEY)))  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_each_connection_compiles_its_own() -> None:
    named: CompiledQuery[User] = CompiledQuery(
        lambda name: User.objects.filter(name=name).values_list("pk", "joined_at"), TEXT
    )
    people = [User.objects.create_user(f"Person {n}", None) for n in range(4)]

    def ask(person: User) -> Any:
        try:
            return [named.first(person.name) for _ in range(20)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for person, found in zip(people, pool.map(ask, people), strict=True):
            assert found == [(person.pk, person.joined_at)] * 20


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL prepares statements")
WHOLE: CompiledQuery[Picture] = CompiledQuery(
    lambda key: Picture.objects.filter(person=key, original_name="100 % 'whole'", trashed_at=None).values_list("pk"),
    KEY,
)


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%whole%%'")
        return [statement for (statement,) in cursor.fetchall()]


def lose_what_is_prepared() -> None:
    """As a pooler does that hands the next transaction another connection of the server."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")


@pytest.fixture
def as_before() -> Iterator[None]:
    yield
    vars(connections[DEFAULT_DB_ALIAS]).pop(prepared_statements.REFUSED, None)


def test_what_is_no_value_of_a_call_is_written_as_it_is(alice: User) -> None:
    whole = make_picture(alice, original_name="100 % 'whole'")
    make_picture(alice, original_name="100 % 'half'")
    assert WHOLE(alice.pk) == [(whole.pk,)]


@on_postgresql
def test_a_statement_is_prepared_once_with_its_constants_in_it(alice: User) -> None:
    for _ in range(2):
        WHOLE(alice.pk)
    [statement] = prepared()
    assert "'100 % ''whole'''" in statement
    assert statement.count("$") == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("as_before")
def test_behind_a_pooler_that_loses_statements_nothing_is_prepared_any_more() -> None:
    alice = make_person("Alice")
    whole = make_picture(alice, original_name="100 % 'whole'")
    for _ in range(2):
        assert WHOLE(alice.pk) == [(whole.pk,)]
        assert WHOLE.count(alice.pk) == 1
        lose_what_is_prepared()
    assert prepared() == []


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_closed_is_opened_again() -> None:
    alice = make_person("Alice")
    assert WHOLE(alice.pk) == []
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    other = wrapper.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    other.close()
    wrapper.health_check_enabled, wrapper.health_check_done = True, False  # as at the beginning of a request
    assert WHOLE(alice.pk) == []


@on_postgresql
@pytest.mark.usefixtures("as_before")
def test_a_transaction_that_a_lost_statement_has_ended_is_told_so(alice: User) -> None:
    WHOLE(alice.pk)
    lose_what_is_prepared()
    with pytest.raises(ProgrammingError), transaction.atomic():
        WHOLE(alice.pk)
    assert WHOLE(alice.pk) == []


@on_postgresql
def test_what_is_wrong_with_a_statement_itself_is_told_as_it_is(alice: User) -> None:
    with pytest.raises(DataError), transaction.atomic():
        prepared_statements.rows(connections[DEFAULT_DB_ALIAS], "SELECT 1 / %s::int", [0])
    assert WHOLE(alice.pk) == []
    assert len(prepared()) == 1


@pytest.mark.parametrize(
    ("query", "is_prepared"),
    [
        (lambda key: Picture.objects.filter(person=key, original_name="whole"), True),
        (lambda key: Picture.objects.filter(person=key, original_name="whole").order_by("pk"), True),
        (lambda key: Picture.objects.filter(person=key, original_name="whole").order_by("pk")[:9], False),
        (lambda key: Picture.objects.filter(pk__gt=key, original_name="whole"), False),
    ],
)
@on_postgresql
def test_first_rows_and_ranges_are_planned_for_their_values(alice: User, query: Any, is_prepared: bool) -> None:
    compiled: CompiledQuery[Picture] = CompiledQuery(query, KEY)
    assert compiled(alice.pk) == []
    assert bool(prepared()) is is_prepared


def test_what_is_only_ordered_by_is_no_part_of_a_row(alice: User) -> None:
    rows: CompiledQuery[Picture] = CompiledQuery(
        lambda key: Picture.objects.filter(person=key).order_by("-original_name").values_list("person").distinct(), KEY
    )
    for name in ("a", "b"):
        make_picture(alice, original_name=name)
    assert rows(alice.pk) == [(alice.pk,)] * 2


def test_a_percent_sign_of_the_statement_stays_one(alice: User) -> None:
    pictures = [make_picture(alice) for _ in range(2)]
    odd: CompiledQuery[Picture] = CompiledQuery(
        lambda key: Picture.objects.annotate(rest=models.F("pk") % 2).filter(person=key, rest=1).values_list("pk"), KEY
    )
    assert odd(alice.pk) == [(one.pk,) for one in pictures if one.pk % 2]
